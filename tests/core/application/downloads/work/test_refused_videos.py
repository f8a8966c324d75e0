"""Videos of a list that their site refuses at the download."""

from pathlib import Path

import pytest

from aniworld_core.domain.identity import EpisodeRef, FolderName, SeriesKey
from aniworld_core.domain.media import GER_DUB
from aniworld_core.errors import AniworldError, NeedsPersonError, SourceGoneError
from aniworld_core.messages import Message, kind_of
from aniworld_core.testing.factories import make_episode, make_series
from aniworld_core.testing.fakes import FakeListLoader
from support.application_stage import open_stage

pytestmark = pytest.mark.anyio

KEY = SeriesKey("channel")
FIRST = "https://fake.invalid/channel/S01E01.mp4"


@pytest.mark.parametrize(
    ("error", "is_refused"),
    [
        (NeedsPersonError("fake", FIRST, Message("login_wanted")), True),
        (SourceGoneError("a part", is_part=True), False),
    ],
)
async def test_a_refused_video_is_not_tried_again(
    tmp_path: Path, error: AniworldError, is_refused: bool
) -> None:
    """Its item fails once with the link; then it is no missing episode, also after a refresh."""
    episodes = [make_episode(n, languages=frozenset({GER_DUB})) for n in (1, 2)]
    series = make_series(KEY, folder=FolderName("C"), provider="fake", episodes=episodes)
    loader = FakeListLoader([series])
    async with open_stage(tmp_path, loaders=[loader]) as stage:
        await stage.storage.series.add(series)
        (source,) = await loader.get_sources(EpisodeRef(KEY, 1, 1), GER_DUB)
        stage.resolver.errors[source.url] = [error] * 3
        await stage.app.queue.enqueue(KEY, missing=True)

        report = await stage.app.worker.drain()
        assert [i.episode.number for i in report.completed] == [2]
        await stage.app.scanner.scan()
        (first, _) = (await stage.storage.series.get(KEY)).episodes

    assert first.missing is not is_refused
    assert kind_of(first.unavailable) == ("entry_login" if is_refused else None)
