"""The fault table of streams: what tracks and their clocks can be, and must come to."""

from collections.abc import Callable

from aniworld_core.errors import BadMediaError
from providers.faults.hls_case import Row, case_of
from providers.faults.hls_faults import COUNT, Change, apart, edited, of, segment, together
from support.media import ts_edit
from support.sites.hls import HlsSite

_CODECS = (
    "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000,RESOLUTION=160x90,"
    'CODECS="avc1.42c00a,mp4a.40.2"\n{}/media.m3u8\n'
)


def thinned(
    track: int, is_gone: Callable[[float], bool], *, name: str = "ts", only: int | None = None
) -> Change:
    """Leave samples of a track out, without a trace in the packets that are left."""

    def change(site: HlsSite) -> None:
        numbers = range(COUNT) if only is None else [only]
        edited_segments = ts_edit.without([of(name, n) for n in numbers], track, is_gone)
        for number, data in zip(numbers, edited_segments, strict=True):
            site.files[segment(number, name)] = data

    return change


def shortened(path: str, number: int, count: int) -> Change:
    """Leave segments out of a list."""

    def change(site: HlsSite) -> None:
        lines = site.files[path].decode().splitlines()
        first = next(i for i, line in enumerate(lines) if f"-{number:03d}." in line) - 1
        site.files[path] = "\n".join(lines[:first] + lines[first + 2 * count :]).encode()

    return change


def listed_with_codecs(name: str) -> Change:
    """Announce picture and sound in a list of variants."""
    return lambda site: site.files.update({"m.m3u8": _CODECS.format(name).encode()})


ROWS: dict[str, Row] = {
    "sound-pauses": Row(
        row="F15",
        fault=thinned(ts_edit.AUDIO, lambda at: 1.5 < at < 3.2),
        error=BadMediaError,
    ),
    "picture-pauses": Row(
        row="F15",
        fault=thinned(ts_edit.VIDEO, lambda at: 1.5 < at < 3.2),
        error=BadMediaError,
    ),
    "sound-of-a-list-pauses": Row(
        row="F15",
        fault=together(apart(), thinned(ts_edit.VIDEO, lambda at: 1.5 < at < 3.2, name="sound")),
        path="m.m3u8",
        error=BadMediaError,
    ),
    "sound-list-without-a-segment": Row(
        row="F15",
        fault=together(apart(), shortened("sound/media.m3u8", 2, 1)),
        path="m.m3u8",
        error=BadMediaError,
    ),
    "picture-list-without-a-segment": Row(
        row="F15",
        fault=together(apart(), shortened("picture/media.m3u8", 2, 1)),
        path="m.m3u8",
        error=BadMediaError,
    ),
    "fmp4-list-without-a-segment": Row(
        row="F15",
        fault=shortened("fmp4/media.m3u8", 2, 1),
        path="fmp4/media.m3u8",
        error=BadMediaError,
    ),
    "sound-ends-early-inside": Row(
        row="F15", fault=thinned(ts_edit.AUDIO, lambda at: at > 3.5), error=BadMediaError
    ),
    "sound-is-announced-and-empty": Row(
        row="F15", fault=thinned(ts_edit.AUDIO, lambda _: True), error=BadMediaError
    ),
    "codecs-name-sound-that-is-not-there": Row(
        row="F15", fault=listed_with_codecs("picture"), path="m.m3u8", error=BadMediaError
    ),
    "codecs-name-what-is-there": Row(row="F15", fault=listed_with_codecs("ts"), path="m.m3u8"),
    "sound-list-with-a-date": Row(
        row="F15",
        fault=together(
            apart(),
            edited(
                ("#EXTINF", "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00Z\n#EXTINF"),
                path="sound/media.m3u8",
            ),
        ),
        path="m.m3u8",
        film="picture+sound",
    ),
}

CASES = [case_of(name, row) for name, row in ROWS.items()]
