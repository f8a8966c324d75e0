"""Periods of a DASH manifest: which ones are joined, and which are left out."""

import itertools
from pathlib import Path

import av
import pytest

from aniworld_core.domain.media import Stream, StreamKind
from aniworld_core.errors import BadPlaylistError
from aniworld_core.ports.fetcher import FetchedFile, FetchRequest
from aniworld_core.testing.contracts.fetcher import fetched_file
from aniworld_providers.transfer.manifests.dash.choice import choose
from aniworld_providers.transfer.manifests.dash.tree import parse_manifest
from aniworld_providers.transfer.segments.on_demand import open_dash_fetcher
from providers.faults.dash_period_rows import encode, period, periods
from providers.faults.fetching import HASTY
from providers.faults.hls_faults import Change, made
from support.adapter_context import JumpingClock, make_context
from support.media import streams
from support.sites.hls import open_site

URL = "https://cdn.example/a/b.mpd"


def _picture(first: int, count: int) -> str:
    inside = encode(0, "v", first, count, codecs="avc1.64000b", height=90)
    return f'<AdaptationSet mimeType="video/mp4">{inside}</AdaptationSet>'


def _sound(first: int, count: int) -> str:
    inside = encode(1, "a", first, count, codecs="mp4a.40.2", height=0)
    return f'<AdaptationSet mimeType="audio/mp4" lang="de">{inside}</AdaptationSet>'


async def _fetch(change: Change, folder: Path) -> FetchedFile:
    async with open_site() as site:
        site.files.update(made())
        change(site)
        allowed = frozenset({f"127.0.0.1:{site.port}"})
        context = make_context(folder / "data", allowed=allowed, clock=JumpingClock())
        stream = Stream(url=site.url("dash/m.mpd"), kind=StreamKind.DASH)
        request = FetchRequest(stream=stream, destination=folder / "library" / "Episode.mp4")
        async with open_dash_fetcher(context, timeouts=HASTY) as fetcher:
            return await fetched_file(fetcher, request)


def _sound_times(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        packets = container.demux(container.streams.audio[0])
        return [float(p.pts * p.time_base) for p in packets if p.size and p.pts is not None]


@pytest.mark.anyio
async def test_a_period_without_sound_is_a_pause_of_the_sound(tmp_path: Path) -> None:
    """The video continues, and the later audio stays in sync with it."""
    change = periods(
        period('duration="PT3S"', _picture(1, 3) + _sound(1, 3)),
        period('duration="PT1S"', _picture(4, 1)),
        period('duration="PT2S"', _picture(5, 2) + _sound(5, 3)),
    )
    file = await _fetch(change, tmp_path)
    times = _sound_times(file.path)
    steps = [later - earlier for earlier, later in itertools.pairwise(times)]

    assert streams.contents(file.path).video == 150
    assert max(steps) == pytest.approx(1.0, abs=0.15)
    assert times[steps.index(max(steps)) + 1] == pytest.approx(3.93, abs=0.1)
    assert file.notices[0] == "period 2 (1.0 s) of the manifest: no audio"


@pytest.mark.anyio
async def test_sound_may_be_missing_in_the_last_period(tmp_path: Path) -> None:
    """A notice names the period, and the file ends with the video."""
    change = periods(
        period('duration="PT3S"', _picture(1, 3) + _sound(1, 3)),
        period('duration="PT3S"', _picture(4, 3)),
    )
    file = await _fetch(change, tmp_path)

    assert streams.contents(file.path).video == 150
    assert "period 2 (3.0 s) of the manifest: no audio" in file.notices


@pytest.mark.anyio
async def test_a_silent_beginning_is_left_out(tmp_path: Path) -> None:
    """A file begins with all of its tracks."""
    change = periods(
        period('duration="PT1S"', _picture(1, 1)),
        period('duration="PT5S"', _picture(2, 5) + _sound(2, 6)),
    )
    file = await _fetch(change, tmp_path)

    assert streams.contents(file.path).video == 125
    assert file.notices[0] == (
        "period 1 (1.0 s) of the manifest left out: "
        "no video and audio that continue the other periods"
    )


def _ladder(number: int, *heights: int, codecs: str = "avc1.4d") -> str:
    encodes = "".join(
        f'<Representation id="{number}-{height}" bandwidth="{number}{height}" height="{height}" '
        f'codecs="{codecs}"/>'
        for height in heights
    )
    return f'<AdaptationSet mimeType="video/mp4">{encodes}</AdaptationSet>'


def _chosen(*found: str) -> list[str]:
    text = f'<MPD mediaPresentationDuration="PT90S">{"".join(found)}</MPD>'
    request = FetchRequest(
        stream=Stream(url=URL, kind=StreamKind.DASH), destination=Path("Episode.mp4")
    )
    choice = choose(parse_manifest(text, URL), request)
    return [part.id for part in choice.picture.parts.values()]


def test_the_height_that_goes_through_is_taken() -> None:
    """Rather a whole film in fewer lines than the tallest picture of a part of it."""
    found = _chosen(
        period('duration="PT40S"', _ladder(1, 1080, 720)),
        period('duration="PT10S"', _ladder(2, 720, 360)),
        period('duration="PT40S"', _ladder(3, 360, 720, 1080)),
    )

    assert found == ["1-720", "2-720", "3-720"]


def test_the_film_decides_and_not_the_advert_in_front() -> None:
    """Quality and codec are chosen where the film is, however it begins."""
    found = _chosen(
        period('duration="PT10S"', _ladder(1, 1080, codecs="vp09.00")),
        period('duration="PT80S"', _ladder(2, 360, 720)),
    )

    assert found == ["2-720"]


@pytest.mark.parametrize(
    ("attributes", "durations"),
    [
        (('start="PT0S"', 'start="PT30S"', 'start="PT50S"'), (30.0, 20.0, 40.0)),
        (('duration="PT30S"', 'duration="PT20S"', ""), (30.0, 20.0, 40.0)),
        (("", 'start="PT30S"', 'start="PT50S" duration="PT40S"'), (30.0, 20.0, 40.0)),
        (('start="PT0S" duration="PT30S"', 'duration="PT20S"', ""), (30.0, 20.0, 40.0)),
        (('start="PT0S" duration="PT99S"', 'start="PT30S"', 'start="PT50S"'), (30.0, 20.0, 40.0)),
    ],
)
def test_periods_last_until_the_next_one(
    attributes: tuple[str, ...], durations: tuple[float, ...]
) -> None:
    """The start, the duration or both are given; missing values are computed."""
    found = "".join(period(each, _ladder(1, 720)) for each in attributes)
    manifest = parse_manifest(f'<MPD mediaPresentationDuration="PT90S">{found}</MPD>', URL)

    assert manifest.durations == durations


def test_too_many_periods_are_refused() -> None:
    """The limit is checked before any period is parsed."""
    with pytest.raises(BadPlaylistError, match="Period"):
        parse_manifest(f"<MPD>{'<Period/>' * 1001}</MPD>", URL)
