"""The fault table of DASH: further addresses, and periods that describe one film in pieces."""

import re
from typing import Final

from aniworld_core.errors import (
    AniworldError,
    BadMediaError,
    BadPlaylistError,
    LinkRefusedError,
    ProtectedError,
    SourceGoneError,
    UnsupportedSourceError,
)
from providers.faults.dash_rows import dash
from providers.faults.hls_case import Row, case_of
from providers.faults.hls_faults import Change, answers, made, together
from support.sites.hls import Fault, HlsSite, silent_after, status

_MANIFEST: Final = "dash/m.mpd"
_GONE: Final = "<BaseURL>gone/</BaseURL>"
_HERE: Final = "<BaseURL>./</BaseURL>"
_TIMELINE: Final = re.compile(r"\s*<SegmentTimeline>.*?</SegmentTimeline>\s*", re.S)


def _write(site: HlsSite, text: str) -> None:
    site.files[_MANIFEST] = text.encode()


def _text() -> str:
    return made()[_MANIFEST].decode()


def addressed(bases: str, fault: Fault | None = None, *, only: str = "") -> Change:
    """Give the film several base URLs; those below `gone/` answer as given or do not exist."""

    def change(site: HlsSite) -> None:
        _write(site, _text().replace("<Period", f"{bases}<Period", 1))
        for path, data in made().items():
            name = path.removeprefix("dash/")
            if name == path or path == _MANIFEST:
                continue
            if only and only not in name:
                site.files[f"dash/gone/{name}"] = data
            elif fault is not None:
                site.faults[f"dash/gone/{name}"] = fault

    return change


def second_address(fault: Fault | None = None, *, only: str = "") -> Row:
    """Fetch a film whose first address fails."""
    return dash("F15", addressed(_GONE + _HERE, fault, only=only))


def counted(duration: str, *, more: str = "") -> Change:
    """Let the segments be counted by the duration of the film instead of being listed."""

    def change(site: HlsSite) -> None:
        text = _TIMELINE.sub("", _text()).replace('"PT6.0S"', f'"{duration}"')
        for scale in ("12800", "48000"):
            text = text.replace(f'timescale="{scale}"', f'timescale="{scale}" duration="{scale}"')
        _write(site, text.replace('startNumber="1"', f'startNumber="1" {more}'))
        # What is in the last piece of sound is in the one before it.
        last = site.files.pop("dash/chunk-stream1-00007.m4s")
        site.files["dash/chunk-stream1-00006.m4s"] += last

    return change


def encode(number: int, name: str, first: int, count: int, *, codecs: str, height: int) -> str:
    scale = (12_800, 48_000)[number]
    lengths = [[12_800] * 6, [45_056, 47_104, *[48_128] * 4, 3_072]][number]
    begin = sum(lengths[: first - 1])
    times = "".join(f'<S d="{length}"/>' for length in lengths[first - 1 : first - 1 + count])
    times = times.replace("<S", f'<S t="{begin}"', 1)
    return (
        f'<Representation id="{name}" codecs="{codecs}" bandwidth="{first}5000" height="{height}">'
        f'<SegmentTemplate timescale="{scale}" startNumber="{first}" '
        f'presentationTimeOffset="{(first - 1) * scale}" '
        f'initialization="init-stream{number}.m4s" '
        f'media="chunk-stream{number}-$Number%05d$.m4s">'
        f"<SegmentTimeline>{times}</SegmentTimeline></SegmentTemplate></Representation>"
    )


def period(attributes: str, sets: str) -> str:
    return f"<Period {attributes}>{sets}</Period>"


def _sets(names: tuple[str, str], first: int, counts: tuple[int, int], more: str = "") -> str:
    picture = encode(0, names[0], first, counts[0], codecs="avc1.64000b", height=90)
    sound = encode(1, names[1], first, counts[1], codecs="mp4a.40.2", height=0)
    return (
        f'<AdaptationSet mimeType="video/mp4">{more}{picture}</AdaptationSet>'
        f'<AdaptationSet mimeType="audio/mp4" lang="de">{sound}</AdaptationSet>'
    )


FIRST: Final = _sets(("v-hd", "a-de"), 1, (3, 3))
SECOND: Final = _sets(("17", "18"), 4, (3, 4))
#: An advert in another format, with nothing behind its links.
ADVERT: Final = (
    '<AdaptationSet mimeType="video/mp4"><Representation id="ad" codecs="hvc1.1" bandwidth="9" '
    'height="720"><BaseURL>nowhere/</BaseURL><SegmentTemplate media="$Number$" duration="1"/>'
    "</Representation></AdaptationSet>"
)


def periods(*found: str, whole: str = "PT6S", more: str = "") -> Change:
    """Let the manifest be made of these periods."""
    text = (
        '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'type="static" mediaPresentationDuration="{whole}" {more}>{"".join(found)}</MPD>'
    )
    return lambda site: _write(site, text)


def _refused(row: str, change: Change, error: type[AniworldError]) -> Row:
    return dash(row, change, error=error)


ROWS: dict[str, Row] = {
    # Further addresses
    "second-address-after-404": second_address(),
    "second-address-after-403": second_address(status(403)),
    "second-address-after-400": second_address(status(400)),
    "second-address-after-500": second_address(status(500)),
    "second-address-after-silence": second_address(silent_after(0)),
    "second-address-for-one-segment": second_address(only="stream0-00003"),
    "second-address-for-the-section": second_address(status(503), only="init-stream0"),
    "third-address": dash(
        "F15", addressed("<BaseURL>none/</BaseURL>" + _GONE + _HERE, status(410))
    ),
    "first-address-is-no-web-address": dash(
        "F15", addressed("<BaseURL>ftp://x/</BaseURL>" + _HERE)
    ),
    "no-address-has-it": _refused("F15", addressed(_GONE + _GONE), SourceGoneError),
    "no-address-allows-it": _refused("F13", addressed(_GONE, status(403)), LinkRefusedError),
    # Numbers that are calculated
    "last-number-does-not-exist": dash("F15", counted("PT6.02S")),
    "numbers-end-where-the-manifest-says": dash("F15", counted("PT9S", more='endNumber="6"')),
    "a-number-in-the-middle-does-not-exist": _refused(
        "F15",
        together(counted("PT6.02S"), answers("dash/chunk-stream0-00003.m4s", status(404))),
        SourceGoneError,
    ),
    "more-than-the-last-number-is-missing": _refused("F15", counted("PT9S"), AniworldError),
    # Periods
    "periods-with-other-names": dash(
        "F15", periods(period('duration="PT3S"', FIRST), period('duration="PT3S"', SECOND))
    ),
    "periods-that-only-begin": dash(
        "F15", periods(period('start="PT0S"', FIRST), period('start="PT3S"', SECOND))
    ),
    "advert-of-another-codec": dash(
        "F15",
        periods(
            period('duration="PT3S"', FIRST),
            period('duration="PT1S"', ADVERT),
            period('duration="PT3S"', SECOND),
            whole="PT7S",
        ),
    ),
    "advert-that-resolves-to-nothing": dash(
        "F15",
        periods(
            period('duration="PT3S"', FIRST),
            '<Period xlink:href="urn:mpeg:dash:resolve-to-zero:2013"/>',
            period('duration="PT3S"', SECOND),
        ),
    ),
    "half-of-another-codec": _refused(
        "F15",
        periods(period('duration="PT3S"', FIRST), period('duration="PT3S"', ADVERT), whole="PT6S"),
        BadPlaylistError,
    ),
    "period-elsewhere": _refused(
        "F15",
        periods(period('duration="PT3S"', FIRST), '<Period xlink:href="http://x.example/p.xml"/>'),
        UnsupportedSourceError,
    ),
    "second-period-is-protected": _refused(
        "T5",
        periods(
            period('duration="PT3S"', FIRST),
            period(
                'duration="PT3S"',
                _sets(("17", "18"), 4, (3, 4), '<ContentProtection schemeIdUri="urn:x"/>'),
            ),
        ),
        ProtectedError,
    ),
    "second-period-is-shorter-than-told": _refused(
        "F15",
        periods(
            period('duration="PT3S"', FIRST),
            period('duration="PT9S"', SECOND.replace('<S d="12800"/>', '<S d="64000"/>')),
            whole="PT12S",
        ),
        BadMediaError,
    ),
}

CASES = [case_of(name, row) for name, row in ROWS.items()]
