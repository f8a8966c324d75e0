"""Times that are not in the samples: ID3 tags, manifests, dates."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import av
import pytest

from aniworld_core.domain.media import Stream, StreamKind
from aniworld_core.errors import BadMediaError
from aniworld_core.ports.fetcher import FetchedFile, FetchRequest
from aniworld_core.testing.contracts.fetcher import fetched_file
from aniworld_providers.media.probe.sniff import CLOCK_WRAP
from aniworld_providers.media.remux.start_times import InputStart, common_shifts
from aniworld_providers.transfer.segments.on_demand import open_dash_fetcher, open_hls_fetcher
from providers.faults.fetching import HASTY
from providers.faults.hls_faults import made
from providers.transfer.segments.test_odd_media import in_apples_way, make_segments
from support.adapter_context import JumpingClock, make_context
from support.media import streams
from support.sites.hls import HlsSite, open_site

pytestmark = pytest.mark.anyio

_MASTER = """#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="Deutsch",LANGUAGE="de",URI="sound/list.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=1000,RESOLUTION=160x90,AUDIO="a"
picture/media.m3u8
"""


@pytest.mark.parametrize(
    ("starts", "places"),
    [
        # One clock for all: what begins later is later.
        ([InputStart(at=10.0), InputStart(at=10.5)], [0.0, 0.5]),
        # Each with a time stamp of its own at which the stretch begins.
        ([InputStart(at=10.0, origin=10.0), InputStart(at=50.25, origin=50.0)], [0.0, 0.25]),
        ([InputStart(at=10.0, origin=10.5), InputStart(at=3.0, origin=3.0)], [0.0, 0.5]),
        # One of them just before its clock begins again, the other just behind.
        (
            [
                InputStart(at=0.5, has_wrap=True),
                InputStart(at=CLOCK_WRAP - 0.5, has_wrap=True),
            ],
            [1.0, 0.0],
        ),
        # Bare sound with a tag, on the clock of the picture.
        (
            [
                InputStart(at=11.4, has_wrap=True),
                InputStart(at=0.0, is_bare=True, has_wrap=True, tag_time=11.0),
            ],
            [0.4, 0.0],
        ),
        # Bare sound without a tag: by dates, and without dates it begins with the picture.
        (
            [InputStart(at=11.4, date=1000.0), InputStart(at=0.0, is_bare=True, date=1000.3)],
            [0.0, 0.3],
        ),
        ([InputStart(at=11.4), InputStart(at=0.0, is_bare=True, date=1000.3)], [0.0, 0.0]),
        # Dates that differ by a time zone mean nothing.
        (
            [InputStart(at=11.4, date=0.0), InputStart(at=0.0, is_bare=True, date=3600.0)],
            [0.0, 0.0],
        ),
        # Time stamps are more exact than dates.
        ([InputStart(at=1.0, date=0.0), InputStart(at=1.1, date=0.5)], [0.0, 0.1]),
    ],
)
def test_inputs_are_placed(starts: list[InputStart], places: list[float]) -> None:
    """The first sample of all inputs is at zero, the others keep their distance."""
    shifts = common_shifts(starts)

    found = [start.first + shift for start, shift in zip(starts, shifts, strict=True)]
    assert found == pytest.approx(places)


@pytest.mark.parametrize(
    ("starts", "places"),
    [
        # A moment of sound that starts the decoder up, in one input and in two.
        ([InputStart(at=10.0, picture=10.02)], [-0.02]),
        ([InputStart(at=10.02, picture=10.02), InputStart(at=10.0)], [0.0, -0.02]),
        # So much sound is meant to be heard.
        ([InputStart(at=10.0, picture=10.2)], [0.0]),
        # The picture comes first anyway.
        ([InputStart(at=10.0, picture=10.0), InputStart(at=10.3)], [0.0, 0.3]),
        # There is no picture.
        ([InputStart(at=10.0), InputStart(at=10.02)], [0.0, 0.02]),
    ],
)
def test_a_moment_of_sound_comes_before_zero(starts: list[InputStart], places: list[float]) -> None:
    """The first picture is at zero if the container can store what is before it."""
    shifts = common_shifts(starts, may_lead=True)

    found = [start.first + shift for start, shift in zip(starts, shifts, strict=True)]
    assert found == pytest.approx(places)


async def fetch(site: HlsSite, folder: Path, path: str, kind: StreamKind) -> FetchedFile:
    """Fetch a manifest of the site."""
    opener = open_dash_fetcher if kind is StreamKind.DASH else open_hls_fetcher
    allowed = frozenset({f"127.0.0.1:{site.port}"})
    context = make_context(folder / "data", allowed=allowed, clock=JumpingClock())
    stream = Stream(url=site.url(path), kind=kind)
    async with opener(context, timeouts=HASTY) as fetcher:
        request = FetchRequest(stream=stream, destination=folder / "library" / "Episode.mp4")
        return await fetched_file(fetcher, request)


def begins(path: Path) -> dict[str, float]:
    """Return when each kind of track begins."""
    found: dict[str, float] = {}
    with av.open(str(path)) as container:
        for packet in container.demux():
            if packet.pts is not None:
                at = float(packet.pts * packet.time_base)
                found[packet.stream.type] = min(at, found.get(packet.stream.type, at))
    return found


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """A picture in a transport stream, and bare sound in segments of a second."""
    folder = tmp_path_factory.mktemp("bare")
    streams.make_hls(folder / "picture", streams.Clip(tones=()))
    make_segments(folder / "sound", "adts", streams.Clip(video=False))
    files = {f"{p.parent.name}/{p.name}": p.read_bytes() for p in folder.glob("*/*")}
    return {**files, "all.m3u8": _MASTER.encode()}


def tagged(files: Mapping[str, bytes], first: Callable[[int], float]) -> dict[str, bytes]:
    """Put the time, in seconds, in front of each segment of bare sound."""
    edited = dict(files)
    for number, name in enumerate(sorted(n for n in files if n.startswith("sound/s"))):
        ticks = round((first(number) % CLOCK_WRAP) * 90_000)
        edited[name] = in_apples_way(files[name], ticks)
    return edited


@pytest.mark.parametrize("late", [-0.8, 0.0, 0.4])
async def test_tags_of_bare_sound_are_its_clock(
    bare: Mapping[str, bytes], tmp_path: Path, late: float
) -> None:
    """Earlier or later than the picture, whose first one is shown at 0.08 s of its clock."""
    async with open_site() as site:
        site.files.update(tagged(bare, lambda number: 0.08 + late + number * 48 * 1024 / 48_000))
        file = await fetch(site, tmp_path, "all.m3u8", StreamKind.HLS)

    found = begins(file.path)
    assert found["audio"] - found["video"] == pytest.approx(late, abs=0.04)


async def test_a_pause_that_only_tags_tell_is_named(
    bare: Mapping[str, bytes], tmp_path: Path
) -> None:
    """Two seconds are missing between two segments of bare sound."""
    async with open_site() as site:
        site.files.update(tagged(bare, lambda number: number * 1.024 + (2 if number > 2 else 0)))
        with pytest.raises(BadMediaError, match=r"audio is missing for 2\.\d s"):
            await fetch(site, tmp_path, "all.m3u8", StreamKind.HLS)


async def test_sound_that_lost_its_beginning_is_named(
    bare: Mapping[str, bytes], tmp_path: Path
) -> None:
    """A list of sound that begins seconds after the picture is not whole."""
    async with open_site() as site:
        site.files.update(tagged(bare, lambda number: 2.5 + number * 1.024))
        with pytest.raises(BadMediaError, match=r"audio begins 2\.\d s after the rest"):
            await fetch(site, tmp_path, "all.m3u8", StreamKind.HLS)


async def test_dates_place_sound_that_has_no_other_clock(
    bare: Mapping[str, bytes], tmp_path: Path
) -> None:
    """`EXT-X-PROGRAM-DATE-TIME` of both lists, in different zones."""
    async with open_site() as site:
        site.files.update(bare)
        date = "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T{}\n#EXTINF"
        for path, text in (
            ("picture/media.m3u8", "12:00:00.000Z"),
            ("sound/list.m3u8", "13:00:00.600+0100"),
        ):
            edited = re.sub("#EXTINF", date.format(text), site.files[path].decode(), count=1)
            site.files[path] = edited.encode()
        file = await fetch(site, tmp_path, "all.m3u8", StreamKind.HLS)

    found = begins(file.path)
    assert found["audio"] - found["video"] == pytest.approx(0.6, abs=0.04)


@pytest.mark.parametrize("offset", [0.4, -0.4])
async def test_offsets_of_a_manifest_place_its_tracks(tmp_path: Path, offset: float) -> None:
    """`presentationTimeOffset`, in time scales of their own."""
    async with open_site() as site:
        site.files.update(made())
        plain = await fetch(site, tmp_path / "plain", "dash/m.mpd", StreamKind.DASH)
        shifts = iter((max(offset, 0.0), max(-offset, 0.0)))

        def with_offset(match: re.Match[str]) -> str:
            ticks = round(next(shifts) * int(match[1]))
            return f'<SegmentTemplate presentationTimeOffset="{ticks}" timescale="{match[1]}"'

        text = site.files["dash/m.mpd"].decode()
        edited, count = re.subn(r'<SegmentTemplate timescale="(\d+)"', with_offset, text)
        assert count == 2
        site.files["dash/m.mpd"] = edited.encode()
        moved = await fetch(site, tmp_path / "moved", "dash/m.mpd", StreamKind.DASH)

    before, after = begins(plain.path), begins(moved.path)
    apart = (after["audio"] - after["video"]) - (before["audio"] - before["video"])
    assert apart == pytest.approx(offset, abs=0.04)


def with_later_start(init: bytes, milliseconds: int) -> bytes:
    """Lengthen the empty edit with which a track begins (`elst`, ISO/IEC 14496-12 8.6.6)."""
    header = init.index(b"mvhd")
    assert int.from_bytes(init[header + 16 : header + 20], "big") == 1000
    at = init.index(b"elst") + 12
    assert init[at + 4 : at + 8] == b"\xff" * 4
    length = int.from_bytes(init[at : at + 4], "big") + milliseconds
    return init[:at] + length.to_bytes(4, "big") + init[at + 4 :]


async def test_edit_lists_of_an_initialisation_section_are_followed(tmp_path: Path) -> None:
    """An empty edit lets the picture begin later than its samples say."""
    apart: list[float] = []
    streams.make_hls(tmp_path / "picture", streams.Clip(tones=()), kind="fmp4")
    streams.make_hls(tmp_path / "sound", streams.Clip(video=False), kind="fmp4", name="list")
    async with open_site() as site:
        for name in ("picture", "sound"):
            site.add_folder(tmp_path / name, f"{name}/")
        site.files["all.m3u8"] = _MASTER.encode()
        init = site.files["picture/media-init.mp4"]
        for place, later in enumerate((0, 400)):
            site.files["picture/media-init.mp4"] = with_later_start(init, later)
            file = await fetch(site, tmp_path / str(place), "all.m3u8", StreamKind.HLS)
            found = begins(file.path)
            apart.append(found["video"] - found["audio"])

    assert apart[1] - apart[0] == pytest.approx(0.4, abs=0.04)


async def test_fragments_that_begin_later_stay_in_step(tmp_path: Path) -> None:
    """The decode time of the first fragment (`tfdt`) places a list that lacks its first second."""
    streams.make_hls(tmp_path / "picture", streams.Clip(tones=()), kind="fmp4")
    streams.make_hls(tmp_path / "sound", streams.Clip(video=False), kind="fmp4", name="list")
    async with open_site() as site:
        for name in ("picture", "sound"):
            site.add_folder(tmp_path / name, f"{name}/")
        site.files["all.m3u8"] = _MASTER.encode()
        lines = site.files["picture/media.m3u8"].decode().splitlines()
        first = lines.index("media-000.m4s")
        site.files["picture/media.m3u8"] = "\n".join(
            lines[: first - 1] + lines[first + 1 :]
        ).encode()
        file = await fetch(site, tmp_path, "all.m3u8", StreamKind.HLS)

    found = begins(file.path)
    assert found["video"] - found["audio"] == pytest.approx(1.0, abs=0.1)
    assert any("its video begins" in notice for notice in file.notices)
