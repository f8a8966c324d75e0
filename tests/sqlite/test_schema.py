"""Table and column names for other programs, and kept history."""

from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from aniworld_core.domain.catalogue import Titles
from aniworld_core.domain.downloads import Progress
from aniworld_core.domain.identity import FolderName
from aniworld_core.testing import KEY, at, make_episode, make_item, make_series
from aniworld_sqlite import SqliteStorage, open_storage

pytestmark = pytest.mark.anyio

DOCUMENTED = {
    "anime_series": "id key name site folder created_at updated_at deleted_at",
    "episodes": "id series_id season episode_number title is_downloaded file_path",
    "download_queue_item": (
        "id series_id serie_id serie_folder serie_name season episode status priority"
        " progress_percent error retry_count added_at started_at completed_at"
    ),
    "user_session": "id created_at expires_at",
}


@pytest.fixture
async def storage() -> AsyncIterator[SqliteStorage]:
    """Return an open, empty database."""
    async with open_storage("sqlite://") as opened:
        yield opened


async def _rows(storage: SqliteStorage, query: str) -> list[tuple[object, ...]]:
    return await storage._database.read(
        lambda connection: [tuple(row) for row in connection.exec_driver_sql(query)]
    )


@pytest.mark.parametrize(("table", "columns"), DOCUMENTED.items())
async def test_documented_columns(storage: SqliteStorage, table: str, columns: str) -> None:
    """Every table has its documented columns."""
    found = await storage._database.read(lambda c: sa.inspect(c).get_columns(table))

    assert set(columns.split()) - {column["name"] for column in found} == set()


async def test_references(storage: SqliteStorage) -> None:
    """Episodes and items reference their series."""
    for table in ("episodes", "download_queue_item"):
        (reference,) = await storage._database.read(
            lambda c, table=table: sa.inspect(c).get_foreign_keys(table)  # type: ignore[misc]
        )
        named = (reference["constrained_columns"], reference["referred_table"])
        assert named == (["series_id"], "anime_series")


async def test_a_removed_series_is_kept(storage: SqliteStorage) -> None:
    """A removed series is marked, keeps its episodes, and can be added again."""
    await storage.series.add(make_series(episodes=3))

    await storage.series.remove(KEY)

    marked = "SELECT id, deleted_at IS NOT NULL FROM anime_series"
    assert await _rows(storage, marked) == [(1, 1)]
    assert await _rows(storage, "SELECT count(*) FROM episodes") == [(3,)]

    await storage.series.add(make_series(episodes=1))
    assert await _rows(storage, marked) == [(1, 0)]
    assert await _rows(storage, "SELECT count(*) FROM episodes") == [(1,)]


async def test_an_item_copies_from_its_series(storage: SqliteStorage) -> None:
    """An item copies folder and name of its series when it is queued."""
    await storage.series.add(make_series(name="Before", folder=FolderName("Folder")))
    await storage.queue.add([make_item(1)])
    await storage.series.save(make_series(name="After"))
    await storage.series.add(make_series("other"))
    await storage.series.remove(KEY)

    copied = "SELECT series_id, serie_id, serie_folder, serie_name FROM download_queue_item"
    assert await _rows(storage, copied) == [(1, KEY, "Folder", "Before")]


async def test_columns_for_readers(storage: SqliteStorage) -> None:
    """One title, a percentage, and times in UTC are stored for other readers."""
    titled = make_episode(titles=Titles(de="Eins", en="One"))
    await storage.series.add(make_series(episodes=[titled], added_at=at(0.5), updated_at=at(1)))
    progress = Progress(downloaded_bytes=1, total_bytes=4)
    await storage.queue.add([make_item(1, progress=progress)])

    assert await _rows(storage, "SELECT title, created_at, updated_at FROM episodes") == [
        ("Eins", "2026-01-01 12:00:01.000000", "2026-01-01 12:00:01.000000")
    ]
    assert await _rows(storage, "SELECT created_at FROM anime_series") == [
        ("2026-01-01 12:00:00.500000",)
    ]
    assert await _rows(storage, "SELECT progress_percent FROM download_queue_item") == [(25.0,)]


async def test_saving_rewrites_only_what_changed(storage: SqliteStorage) -> None:
    """Unchanged episodes keep their row and its time."""
    await storage.series.add(make_series(episodes=2, updated_at=at(1)))
    changed = [make_episode(1, downloaded=True, file="a"), make_episode(2), make_episode(3)]

    await storage.series.save(make_series(episodes=changed, updated_at=at(9)))

    noted = "SELECT id, substr(created_at, 18, 2), substr(updated_at, 18, 2) FROM episodes"
    assert await _rows(storage, noted) == [(1, "01", "09"), (2, "01", "01"), (3, "09", "09")]
