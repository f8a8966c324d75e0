"""Import of data of the former program."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import attrs
import pytest

from aniworld_core.domain.catalogue import Episode
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.errors import LibraryNotSetError
from aniworld_core.events import SeriesAdded
from aniworld_core.ports.legacy import FormerDatabase, FormerItem
from aniworld_core.testing import make_episode, make_series
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio

KEY = SeriesKey("attack-on-titan")


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Open an application."""
    async with open_stage(tmp_path) as opened:
        yield opened


def _put(stage: Stage, key: str = KEY, *, folder: str = "Titan", **fields: object) -> Path:
    document = {"key": key, "name": "Titan", "site": "aniworld.to", **fields}
    (stage.library / folder).mkdir(exist_ok=True)
    path = stage.library / folder / "data"
    path.write_text(json.dumps(document))
    return path


async def test_a_new_series_is_stored(stage: Stage) -> None:
    """A new series is stored with its episodes; the next scan finds existing files."""
    path = _put(stage, episodeDict={"1": [1, 2], "0": [1]})
    before = path.read_bytes()

    report = await stage.app.legacy.take_over()

    assert report.imported == [KEY]
    series = await stage.app.catalogue.get(KEY)
    assert [(e.season, e.number, e.downloaded) for e in series.episodes] == [
        (0, 1, False),
        (1, 1, False),
        (1, 2, False),
    ]
    assert (series.folder, series.provider) == ("Titan", "aniworld")
    assert series.added_at == stage.clock.now()
    assert [type(event) for event in stage.bus.events] == [SeriesAdded]
    assert path.read_bytes() == before


async def test_twice_changes_nothing(stage: Stage) -> None:
    """A second import changes nothing."""
    _put(stage, episodeDict={"1": [1]})
    await stage.app.legacy.take_over()
    first = await stage.app.catalogue.get(KEY)

    report = await stage.app.legacy.take_over()

    assert (report.imported, report.updated, report.skipped) == ([], [], [KEY])
    assert await stage.app.catalogue.get(KEY) == first


async def test_a_changed_list_adds_what_is_new(stage: Stage) -> None:
    """A changed file adds new episodes and keeps the data of the library."""
    _put(stage, episodeDict={"1": [1]})
    await stage.app.legacy.take_over()
    series = await stage.app.catalogue.get(KEY)
    (one,) = series.episodes
    kept = attrs.evolve(one, downloaded=True, file="Titan/1.mp4")
    await stage.storage.series.save(series.with_episode(kept))
    _put(stage, name="Renamed", episodeDict={"1": [2], "2": [1]})

    report = await stage.app.legacy.take_over()

    assert report.updated == [KEY]
    changed = await stage.app.catalogue.get(KEY)
    assert changed.name == "Titan"
    assert changed.episodes == (
        kept,
        Episode(season=1, number=2),
        Episode(season=2, number=1),
    )


async def test_an_old_file_brings_nothing_back_that_the_catalogue_dropped(stage: Stage) -> None:
    """An unchanged file does not restore episodes that the catalogue dropped."""
    _put(stage, episodeDict={"1": [1, 2]})
    await stage.app.legacy.take_over()
    series = await stage.app.catalogue.get(KEY)
    await stage.storage.series.save(attrs.evolve(series, episodes=series.episodes[:1]))

    await stage.app.legacy.at_start()
    report = await stage.app.legacy.take_over()

    assert report.skipped == [KEY]
    assert len((await stage.app.catalogue.get(KEY)).episodes) == 1


async def test_a_removed_series_returns_only_when_asked_for(stage: Stage) -> None:
    """A removed series is imported again only by the command, not at the start."""
    _put(stage)
    await stage.app.legacy.at_start()
    await stage.app.library_actions.remove(KEY)

    await stage.app.legacy.at_start()
    assert (await stage.app.catalogue.list()).total == 0
    assert (await stage.app.legacy.take_over()).imported == [KEY]


async def test_what_cannot_be_taken_over_is_named(stage: Stage) -> None:
    """Invalid files and keys are listed; all others are imported."""
    taken = make_series("other", folder=FolderName("Shared"), provider="fake")
    await stage.storage.series.add(taken)
    _put(stage, folder="A")
    _put(stage, "Bad_Key", folder="B")
    _put(stage, "other", folder="C")
    _put(stage, "third", folder="shared")
    (stage.library / "D").mkdir()
    (stage.library / "D" / "data").write_text("{")

    report = await stage.app.legacy.take_over()

    assert report.imported == [KEY]
    reasons = dict(report.failed)
    assert "bad-key would do" in reasons["B/data"]
    assert "belongs to a series of" in reasons["C/data"]
    assert "no JSON" in reasons["D/data"]
    assert "belongs to other" in reasons["shared/data"]
    assert await stage.app.catalogue.get(SeriesKey("other")) == taken


async def test_two_folders_with_one_key_are_one_series(stage: Stage) -> None:
    """The second folder with the same key can only add episodes."""
    _put(stage, folder="A", episodeDict={"1": [1]})
    _put(stage, folder="B", episodeDict={"1": [2]})

    report = await stage.app.legacy.take_over()

    assert (report.imported, report.updated) == ([KEY], [KEY])
    assert (await stage.app.catalogue.get(KEY)).folder == "A"


async def test_without_a_library_a_start_goes_on(tmp_path: Path) -> None:
    """Without a library the start continues; only the command fails."""
    async with open_stage(tmp_path, has_library=False) as stage:
        await stage.app.legacy.at_start()
        with pytest.raises(LibraryNotSetError):
            await stage.app.legacy.take_over()
        assert (await stage.app.legacy.take_over(stage.library)).imported == []


async def test_an_item_that_cannot_be_queued_is_tried_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Queued items and those without retries are done; one without its series is not."""
    items = (
        FormerItem(id="1", key=KEY, season=1, number=1),
        FormerItem(id="2", key=KEY, season=1, number=2, has_failed=True, retries=3),
        FormerItem(id="3", key=KEY, season=1, number=3, has_failed=True, retries=2),
    )
    database = FormerDatabase(series=(), items=items)
    monkeypatch.setattr(stage.app.legacy, "_read_database", lambda _: database)

    first = await stage.app.legacy.take_over_database(Path("former.db"))
    episodes = [make_episode(number) for number in (1, 2, 3)]
    await stage.storage.series.add(make_series(KEY, provider="fake", episodes=episodes))
    second = await stage.app.legacy.take_over_database(Path("former.db"))
    third = await stage.app.legacy.take_over_database(Path("former.db"))

    assert [name for name, _ in first.failed] == [
        f"queue item {KEY} S01E01",
        f"queue item {KEY} S01E03",
    ]
    assert [code.rpartition(" ")[2] for code in second.queued] == ["S01E01", "S01E03"]
    assert (third.queued, third.failed) == ([], [])


async def test_an_item_that_was_imported_once_is_not_queued_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even after it was removed from the queue."""
    items = (FormerItem(id="1", key=KEY, season=1, number=1),)
    database = FormerDatabase(series=(), items=items)
    monkeypatch.setattr(stage.app.legacy, "_read_database", lambda _: database)
    series = make_series(KEY, provider="fake", episodes=[make_episode(1)])
    await stage.storage.series.add(series)

    first = await stage.app.legacy.take_over_database(Path("former.db"))
    pending = (await stage.app.queue.snapshot()).pending
    await stage.app.queue.remove([item.id for item in pending])
    second = await stage.app.legacy.take_over_database(Path("former.db"))

    assert (len(first.queued), len(pending), second.queued) == (1, 1, [])


async def test_an_import_at_the_start_is_logged(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """One line for each new, changed and unreadable file."""
    caplog.set_level("INFO")
    _put(stage, episodeDict={"1": [1]})
    broken = _put(stage, "other", folder="Other")
    broken.write_text("{")
    await stage.app.legacy.at_start()
    assert f"imported {KEY} from its former data file" in caplog.messages
    assert any(
        message.startswith("cannot import the former data file Other/data: ")
        for message in caplog.messages
    ), caplog.messages
    caplog.clear()
    _put(stage, episodeDict={"1": [1, 2]})
    await stage.app.legacy.at_start()
    assert caplog.messages[0] == f"imported new episodes of {KEY} from its former data file"


async def test_known_files_do_not_end_the_import_at_the_start(stage: Stage) -> None:
    """Files behind one that was imported before are imported."""
    _put(stage, folder="A", episodeDict={"1": [1]})
    await stage.app.legacy.at_start()
    _put(stage, "beta", folder="B", episodeDict={"1": [1]})
    await stage.app.legacy.at_start()
    assert {series.key for series in await stage.storage.series.find()} == {KEY, "beta"}
