"""A database that a former version wrote opens with everything in it.

`former/NNNN.sql` is the dump of a database that the last version with revision NNNN made through
its own storage: a series with three episodes, three queued items, and where it had them, an
API key, a session, a schedule and a score.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import StorageCorruptError
from aniworld_core.testing import make_item, make_series
from aniworld_sqlite import open_storage
from aniworld_sqlite._revisions import SHIPPED
from support.thorough import ONLY_THOROUGH

pytestmark = pytest.mark.anyio

FORMER = sorted((Path(__file__).parent / "former").glob("*.sql"))
each_former = pytest.mark.parametrize(
    "dump",
    [
        pytest.param(path, id=path.stem, marks=() if number % 9 == 0 else ONLY_THOROUGH)
        for number, path in enumerate(FORMER)
    ],
)


def test_every_former_schema_has_a_database() -> None:
    """A new revision needs the dump of a database of the one before it."""
    assert [path.stem for path in FORMER] == list(SHIPPED.names[:-1])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of the database."""
    return tmp_path / "aniworld.db"


def _restored(dump: Path, path: Path) -> dict[str, int]:
    """Write the database of a dump; return how many rows each table has."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(dump.read_text("utf-8"))
        return _counts(connection)


def _counts(connection: sqlite3.Connection) -> dict[str, int]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table'"
    names = [name for (name,) in connection.execute(query)]
    return {
        name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
        for name in names
    }


@each_former
async def test_it_is_migrated_with_its_data(dump: Path, path: Path) -> None:
    """Series, episodes and queue are read as they were written; a copy of the file is kept."""
    before = _restored(dump, path)

    async with open_storage(f"sqlite:///{path}") as storage:
        (series,) = await storage.series.find()
        items = await storage.queue.find()

    written = make_series(episodes=3)
    assert series.key == written.key == SeriesKey("attack-on-titan")
    assert (series.name, series.link, series.folder) == (
        written.name,
        written.link,
        written.folder,
    )
    assert [(e.season, e.number) for e in series.episodes] == [
        (e.season, e.number) for e in written.episodes
    ]
    assert [(item.id, item.episode, item.status) for item in items] == [
        (item.id, item.episode, item.status) for item in (make_item(n) for n in (1, 2, 3))
    ]
    assert path.with_name(f"aniworld.db.{dump.stem}.bak").exists()
    with closing(sqlite3.connect(path)) as connection:
        after = _counts(connection)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [
            (SHIPPED.newest,)
        ]
    kept = ("anime_series", "episodes", "download_queue_item", "user_session", "api_key")
    assert {name: after[name] for name in kept if name in before} == {
        name: before[name] for name in kept if name in before
    }


async def test_a_newer_schema_is_refused_and_not_changed(path: Path) -> None:
    """There is no way back: the error names the newer version, and the file stays as it is."""
    _restored(FORMER[-1], path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()

    with pytest.raises(StorageCorruptError, match="9999"):
        async with open_storage(f"sqlite:///{path}"):
            pass

    assert path.read_bytes() == before
