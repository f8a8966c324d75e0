"""Older databases are migrated to the newest schema; others are refused and not changed."""

import re
import sqlite3
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from aniworld_core.domain.automation import HistoryQuery
from aniworld_core.domain.catalogue import Place, SourceScore
from aniworld_core.domain.identity import SessionId
from aniworld_core.errors import StorageCorruptError
from aniworld_core.testing import at, make_api_key, make_item, make_series
from aniworld_sqlite import open_storage
from aniworld_sqlite._database import Database, parse_url
from aniworld_sqlite._migrate import migrate, upgrade
from aniworld_sqlite._revisions import SHIPPED, Revisions
from aniworld_sqlite._schema import metadata
from support.former_databases import FIRST_ROWS

pytestmark = pytest.mark.anyio

NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{newest}"


def upgrade():
    with op.batch_alter_table("anime_series") as table:
        table.add_column(sa.Column("mood", sa.Text(), nullable=False, server_default="fine"))
        table.alter_column("site", nullable=True)
    {more}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of the database."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder / "test.db"


def _with_next(folder: Path, more: str = "") -> Revisions:
    """Add a revision that rebuilds a table with foreign keys."""
    (folder / "next.py").write_text(NEXT.format(newest=SHIPPED.newest, more=more))
    return Revisions((*SHIPPED.names, "next"), (*SHIPPED.folders, str(folder)))


@asynccontextmanager
async def _opened(path: Path, revisions: Revisions) -> AsyncIterator[Database]:
    database = Database(parse_url(f"sqlite:///{path}"))

    def prepare() -> None:
        database.open()
        migrate(database, revisions)

    try:
        await database.in_thread(prepare)
        yield database
    finally:
        await database.close()


def _query(path: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


async def _fill(path: Path) -> None:
    async with open_storage(f"sqlite:///{path}") as storage:
        await storage.series.add(make_series(episodes=3))
        await storage.queue.add([make_item(1)])


def _definitions(connection: sa.Connection) -> dict[str, str]:
    """Everything in the database as SQLite remembers it, without its layout."""
    query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
    found = connection.exec_driver_sql(query).all()
    # SQLite quotes the name of a renamed table.
    return {
        name: re.sub(r" ?([()]) ?| (?=,)", r"\1", " ".join(sql.replace('"', "").split()))
        for name, sql in found
    }


async def test_a_new_database_is_what_the_revisions_make() -> None:
    """It gets the newest tables and triggers at once; the revisions come to the same."""
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        upgrade(connection, SHIPPED)
        expected = _definitions(connection)
        revision = connection.exec_driver_sql("SELECT * FROM alembic_version").all()
    engine.dispose()

    async with open_storage("sqlite://") as storage:
        assert await storage._database.read(_definitions) == expected
        assert (
            await storage._database.read(
                lambda c: c.exec_driver_sql("SELECT * FROM alembic_version").all()
            )
            == revision
        )


async def test_alembic_finds_nothing_to_do() -> None:
    """Alembic finds no difference between tables and revisions."""
    async with open_storage("sqlite://") as storage:
        differences = await storage._database.read(
            lambda c: compare_metadata(MigrationContext.configure(c), metadata)
        )

    assert differences == []


def test_every_script_is_known() -> None:
    """The list of revisions equals Alembic's own."""
    config = Config()
    config.set_main_option("script_location", "aniworld_sqlite:migrations")
    scripts = ScriptDirectory.from_config(config)

    walked = [script.revision for script in scripts.walk_revisions()]

    assert tuple(reversed(walked)) == SHIPPED.names


async def test_opening_twice_changes_nothing(path: Path) -> None:
    """Opening a current database changes and copies nothing."""
    await _fill(path)
    content = path.read_bytes()

    async with open_storage(f"sqlite:///{path}"):
        pass

    assert path.read_bytes() == content
    assert [file.name for file in path.parent.iterdir()] == ["test.db"]


@pytest.mark.parametrize("is_new", [True, False])
async def test_alembic_is_only_imported_to_migrate(path: Path, is_new: bool) -> None:
    """The first start does not wait for it, and neither does any other."""
    if not is_new:
        await _fill(path)
    script = (
        "import sys, anyio, aniworld_sqlite\n"
        "async def main():\n"
        f"    async with aniworld_sqlite.open_storage('sqlite:///{path}'): pass\n"
        "anyio.run(main)\n"
        "print('alembic' in sys.modules)\n"
    )

    ran = await anyio.run_process([sys.executable, "-c", script])

    assert ran.stdout == b"False\n"


async def test_an_older_database_is_brought_up(path: Path, tmp_path: Path) -> None:
    """A migration keeps all data and enables foreign keys again."""
    await _fill(path)

    async with _opened(path, _with_next(tmp_path)) as database:
        enforced = await database.read(lambda c: c.exec_driver_sql("PRAGMA foreign_keys").scalar())

    assert enforced == 1
    assert _query(path, "SELECT version_num FROM alembic_version") == [("next",)]
    assert _query(path, "SELECT key, mood FROM anime_series") == [("attack-on-titan", "fine")]
    assert _query(path, "SELECT count(*) FROM episodes") == [(3,)]
    assert _query(path, "SELECT series_id FROM download_queue_item") == [(1,)]


async def test_the_first_schema_gets_keys_schedule_and_scores(path: Path) -> None:
    """A database of the first version keeps its data and gets the new tables."""
    async with _opened(path, Revisions(SHIPPED.names[:1])):
        pass
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in FIRST_ROWS:
            connection.execute(statement)

    async with open_storage(f"sqlite:///{path}") as storage:
        assert [series.key for series in await storage.series.find()] == ["attack-on-titan"]
        assert [item.status for item in await storage.queue.find()] == ["pending"]
        assert (await storage.sessions.get(SessionId("s"))).user == "master"
        await storage.api_keys.add(make_api_key())
        assert await storage.schedule.begin("a", now=at(0), until=at(60))
        await storage.scores.save(SourceScore(place=Place("p", "h")))

    assert _query(path, "SELECT version_num FROM alembic_version") == [(SHIPPED.newest,)]
    assert path.with_name("test.db.0001.bak").exists()


async def test_former_changes_are_found_in_the_history(path: Path) -> None:
    """Titles of changes before the history are found whatever their case, also beyond ASCII."""
    async with _opened(path, Revisions(SHIPPED.names[: SHIPPED.names.index("0020")])):
        pass
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            """INSERT INTO library_change (origin, title, status, created_at, effects)
               VALUES ('rename', 'Ärger am Fluß', 'done', '2026-01-02 03:04:05.000000', '{}')"""
        )

    async with open_storage(f"sqlite:///{path}") as storage:
        for search in ("Ärger", "ÄRGER", "fluss"):
            assert (await storage.history.find(HistoryQuery(search=search))).total == 1


async def test_a_copy_is_kept(path: Path, tmp_path: Path) -> None:
    """Before a migration a private, usable copy is made."""
    await _fill(path)

    async with _opened(path, _with_next(tmp_path)):
        pass

    copy = path.with_name(f"test.db.{SHIPPED.newest}.bak")
    assert {file.name for file in path.parent.iterdir()} == {"test.db", copy.name}
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    async with open_storage(f"sqlite:///{copy}") as storage:
        assert list(await storage.series.find()) == [make_series(episodes=3)]


async def test_an_older_copy_is_not_overwritten(path: Path, tmp_path: Path) -> None:
    """A second copy of the same revision gets a number."""
    await _fill(path)
    copy = path.with_name(f"test.db.{SHIPPED.newest}.bak")
    copy.write_text("kept")

    async with _opened(path, _with_next(tmp_path)):
        pass

    assert copy.read_text() == "kept"
    assert path.with_name(f"test.db.{SHIPPED.newest}.2.bak").stat().st_size > 4096


async def test_a_failed_migration_changes_nothing(path: Path, tmp_path: Path) -> None:
    """A failed migration is rolled back, and the old program can still use the database."""
    await _fill(path)

    with pytest.raises(StorageCorruptError):
        async with _opened(path, _with_next(tmp_path, 'op.execute("DROP TABLE nonsense")')):
            pass

    async with open_storage(f"sqlite:///{path}") as storage:
        assert list(await storage.series.find()) == [make_series(episodes=3)]


async def test_a_migration_that_loses_rows_is_undone(path: Path, tmp_path: Path) -> None:
    """A migration that breaks foreign keys is rolled back."""
    await _fill(path)

    with pytest.raises(StorageCorruptError, match="missing"):
        async with _opened(path, _with_next(tmp_path, 'op.execute("DELETE FROM anime_series")')):
            pass

    async with open_storage(f"sqlite:///{path}") as storage:
        assert list(await storage.series.find()) == [make_series(episodes=3)]


async def test_a_newer_database_is_refused(path: Path, tmp_path: Path) -> None:
    """A database of a newer version is refused."""
    async with _opened(path, _with_next(tmp_path)):
        pass
    content = path.read_bytes()

    with pytest.raises(StorageCorruptError, match="newer"):
        async with open_storage(f"sqlite:///{path}"):
            pass

    assert path.read_bytes() == content


async def test_a_strangers_database_is_refused(path: Path) -> None:
    """A database of another program is refused."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (id INTEGER)")

    with pytest.raises(StorageCorruptError, match="another program"):
        async with open_storage(f"sqlite:///{path}"):
            pass

    assert _query(path, "SELECT name FROM sqlite_master") == [("bookmarks",)]


async def test_former_downloads_are_counted_once(path: Path) -> None:
    """The history is counted, and before it the queue; sizes come from the files."""
    async with _opened(path, Revisions(SHIPPED.names[: SHIPPED.names.index("0027")])):
        pass
    source = (
        '{"detail": {"kind": "history_source", "text": "x", "values":'
        ' {"hoster": "<b>One", "file_languages": ["ger-dub"]}}}'
    )
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            """INSERT INTO library_file (path, size, modified_ns, state, numbers, fingerprint,
               pinned) VALUES ('A/1.mkv', 5000, 1, 'present', '1', '', 0)"""
        )
        connection.executemany(
            """INSERT INTO history (kind, at, actor, actor_name, title, detail, file, folded)
               VALUES (?, ?, 'program', '', 'A', ?, ?, 'a')""",
            [
                ("completed", "2026-01-02 03:59:05.000000", source, "A/1.mkv"),
                ("upgraded", "2026-01-02 03:04:05.000000", source, None),
                ("failed", "2026-01-02 03:04:05.000000", '{"detail": "plain"}', None),
                ("completed", "2026-01-02 03:04:05.000000", None, "A/1.mkv"),  # was there
                ("added", "2026-01-02 03:04:05.000000", None, None),
            ],
        )
        columns = (
            "id, serie_id, season, episode, status, priority, place, progress_percent,"
            " downloaded_bytes, rate, phase, retry_count, provider, hoster, language, added_at,"
            " started_at, completed_at, revision, replaces"
        )
        row = "?, 'a', 1, 1, ?, 1, 0, 100, 700, 0, '', 0, 'p', 'Two', 'jpn', '2025-01-01', ?, ?, 1"
        connection.executemany(
            f"INSERT INTO download_queue_item ({columns}) VALUES ({row}, 0)",  # noqa: S608
            [
                ("a", "completed", "2025-12-01 10:00:00.000000", "2025-12-01 10:00:10.000000"),
                ("b", "failed", "2025-12-01 10:00:00.000000", "2025-12-01 10:30:00.000000"),
                # Settled after the history began, so it is in the history.
                ("c", "completed", "2026-01-02 03:30:00.000000", "2026-01-02 03:59:05.000000"),
                ("d", "pending", None, None),
            ],
        )

    for _ in range(2):  # opening again counts nothing again
        async with open_storage(f"sqlite:///{path}") as storage:
            sums = await storage.statistics.sums([at(-(10**8)), at(10**8)])
            first = await storage.statistics.first_hour()

    assert first == datetime(2025, 12, 1, 10, tzinfo=UTC)
    one, two = sums.hosters["<b>One"], sums.hosters["Two"]
    assert (one.completed, one.upgraded, one.bytes, one.rate) == (2, 1, 5000, None)
    assert (two.completed, two.failed, two.bytes) == (1, 1, 700)
    assert two.seconds == pytest.approx(10, abs=0.01)
    assert sums.hosters[""].failed == 1
    assert sums.languages["ger-dub"].completed == 2
