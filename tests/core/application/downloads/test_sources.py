"""Sources of an item: how the catalogue is asked, and the speed that a hoster is ranked by."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from aniworld_core.application.downloads import EpisodeRequest
from aniworld_core.application.downloads.episode_download import _Speedometer
from aniworld_core.domain.downloads import Phase, Progress
from aniworld_core.domain.identity import EpisodeRef, EpisodeSelection, SeriesKey
from aniworld_core.domain.media import Language, MediaSource
from aniworld_core.testing.factories import make_series
from support.application_stage import open_stage

pytestmark = pytest.mark.anyio

KEY = SeriesKey("alpha")


@pytest.mark.parametrize(
    ("provider_ref", "asked"), [("42", "42"), ("", "https://example.org/series/alpha")]
)
async def test_a_catalogue_is_asked_by_its_own_id_or_else_by_the_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, provider_ref: str, asked: str
) -> None:
    """Catalogues without ids of their own find a series by its page."""
    refs: list[str] = []
    async with open_stage(tmp_path) as stage:
        plain = stage.loader.get_sources

        async def get_sources(
            episode: EpisodeRef, language: Language, ref: str = ""
        ) -> Sequence[MediaSource]:
            refs.append(ref)
            return await plain(episode, language, ref)

        monkeypatch.setattr(stage.loader, "get_sources", get_sources)
        series = make_series(KEY, provider="fake", provider_ref=provider_ref, episodes=1)
        await stage.storage.series.add(series)
        stage.loader.series.append(series)
        await stage.app.queue.submit(KEY, EpisodeRequest(selections=(EpisodeSelection(1, 1, 1),)))
        await stage.app.worker.drain()

    assert set(refs) == {asked}


async def test_the_speed_of_a_hoster_is_the_mean_of_its_transfers() -> None:
    """Pauses and other phases do not count; every progress is forwarded."""
    reports = [
        Progress(rate=rate, phase=phase)
        for rate, phase in [
            (7.0, Phase.RESOLVING),
            (100.0, Phase.FETCHING),
            (0.0, Phase.FETCHING),
            (300.0, Phase.FETCHING),
            (9.0, Phase.RESOLVING),
        ]
    ]
    forwarded: list[Progress] = []

    async def listener(progress: Progress) -> None:
        forwarded.append(progress)

    speed = _Speedometer(listener)
    assert speed.rate == 0.0
    for report in reports:
        await speed.on_progress(report)

    assert speed.rate == 200.0
    assert forwarded == reports
