"""Opening a PostgreSQL database: its tables, and one clear error for each thing that is wrong."""

from functools import partial

import anyio
import anyio.to_thread
import psycopg
import pytest
import sqlalchemy as sa

from aniworld_core import Settings, open_application
from aniworld_core.errors import (
    AniworldError,
    SettingsError,
    StorageUnavailableError,
)
from aniworld_core.testing import make_claim, make_item, make_item_id
from aniworld_postgres import _schema as schema
from aniworld_postgres import open_storage
from aniworld_postgres._database import WRITER_LOCK
from aniworld_postgres._shared import metadata as shared_metadata
from aniworld_sqlite.sql import SHIPPED, metadata
from support.postgres_server import PostgresServer
from support.thorough import ONLY_THOROUGH

pytestmark = [pytest.mark.anyio, *ONLY_THOROUGH, pytest.mark.external_service]

#: The tables of the repositories, those of several machines, and those of tickets.
TABLES = {
    *metadata.tables,
    *shared_metadata.tables,
    "alembic_version",
    "procrastinate_events",
    "procrastinate_jobs",
    "procrastinate_periodic_defers",
    "procrastinate_workers",
}


async def _refusal(url: str) -> AniworldError:
    """Return the error of opening a URL; it shows neither user nor password."""
    with pytest.raises(AniworldError) as refused:
        async with open_storage(url):
            pass
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)
    return refused.value


async def test_the_tables_are_those_of_the_repositories(url: str) -> None:
    """A new database gets every table once; opening it again changes nothing."""
    for _ in range(2):
        async with open_storage(url) as storage:
            await storage.queue.add([])
            assert storage.engine[0] == "PostgreSQL"
            names = await storage._database.read(lambda c: sa.inspect(c).get_table_names())
            assert set(names) == TABLES


async def test_processes_make_the_tables_together(url: str) -> None:
    """Several processes that open a new database at once can all use it."""
    found: list[set[str]] = []

    async def use() -> None:
        async with open_storage(url) as storage:
            names = await storage._database.read(lambda c: sa.inspect(c).get_table_names())
            found.append(set(names))

    async with anyio.create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(use)

    assert found == [TABLES] * 4


async def test_the_wrong_password_is_named(server: PostgresServer) -> None:
    """The error says what the server refuses, and where."""
    error = await _refusal(server.url("postgres", password="secret-wrong"))

    assert isinstance(error, SettingsError)
    assert "refuses the user name or the password" in str(error)
    assert f"127.0.0.1:{server.port}/postgres" in str(error)


async def test_a_missing_database_is_named(server: PostgresServer) -> None:
    """A database that does not exist has to be created first."""
    error = await _refusal(server.url("nowhere"))

    assert isinstance(error, SettingsError)
    assert "no database of this name" in str(error)


async def test_missing_rights_are_named(server: PostgresServer, url: str) -> None:
    """The error says that a user may not create tables."""
    database = url.rpartition("/")[2]
    server.execute("DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN PASSWORD 'secret'")
    server.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC", database)

    error = await _refusal(server.url(database, user="reader"))

    assert isinstance(error, SettingsError)
    assert "lacks a right" in str(error)


async def test_an_unreachable_server_is_waited_for() -> None:
    """A server that does not answer is a passing problem, with a time for the next attempt."""
    error = await _refusal("postgresql://someone:secret@127.0.0.1:1/aniworld")

    assert isinstance(error, StorageUnavailableError)
    assert error.retry_after is not None
    assert "cannot be reached" in str(error)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("postgresql://host", "needs the name of a database"),
        ("postgresql://host:port/name", "is no database URL"),
        ("postgresql+asyncpg://host/name", "is not postgresql"),
    ],
)
async def test_a_wrong_url_is_refused(given: str, said: str) -> None:
    """A URL of another form is refused before anything is connected."""
    assert said in str(await _refusal(given))


async def test_too_many_connections_are_named(server: PostgresServer, url: str) -> None:
    """A server without a free connection is a passing problem."""
    database = url.rpartition("/")[2]
    server.execute("DROP ROLE IF EXISTS few; CREATE ROLE few LOGIN PASSWORD 'secret'")
    server.execute("ALTER ROLE few CONNECTION LIMIT 0")

    error = await _refusal(server.url(database, user="few"))

    assert isinstance(error, StorageUnavailableError)
    assert "no more connections" in str(error)


async def test_a_newer_schema_is_refused(server: PostgresServer, url: str) -> None:
    """A database of a newer program is left as it is."""
    async with open_storage(url):
        pass
    database = url.rpartition("/")[2]
    server.execute("UPDATE alembic_version SET version_num = '9999'", database)

    error = await _refusal(url)

    assert isinstance(error, SettingsError)
    assert f"schema 9999, here {SHIPPED.newest}" in str(error)


async def test_tables_of_another_program_are_refused(server: PostgresServer, url: str) -> None:
    """A database that another program uses is left as it is."""
    database = url.rpartition("/")[2]
    server.execute("CREATE TABLE history (id integer)", database)

    assert "another program" in str(await _refusal(url))
    assert server.execute(
        "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", database
    ) == [(1,)]


async def test_an_old_server_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server older than the statements need is refused, with both versions."""
    monkeypatch.setattr(schema, "OLDEST_SERVER", 99)

    assert "version 99 or newer is needed" in str(await _refusal(url))


async def test_another_encoding_is_refused(server: PostgresServer) -> None:
    """A database that cannot store every text is refused."""
    server.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")

    assert "create the database with UTF8" in str(await _refusal(server.url("latin")))


async def test_a_writer_that_waits_too_long_says_so(url: str) -> None:
    """While another program holds the lock, reads go on, and a write fails within its time."""
    async with open_storage(f"{url}?options=-c%20lock_timeout%3D200") as storage:
        await storage.queue.add([make_item(1)])
        with psycopg.connect(url) as other:
            other.execute(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})".encode())
            with pytest.raises(StorageUnavailableError, match="locked by another program"):
                await storage.queue.add([make_item(2)])
            assert len(await storage.queue.find()) == 1
        await storage.queue.add([make_item(2)])


async def test_it_goes_on_after_the_server_restarted(server: PostgresServer, url: str) -> None:
    """While the server is down every call says so; afterwards the same storage works again."""
    async with open_storage(url) as storage:
        await storage.queue.add([make_item(1)])
        await anyio.to_thread.run_sync(server.control, "stop", "-m", "fast")
        try:
            for call in (storage.ping, partial(storage.queue.add, [make_item(2)])):
                with pytest.raises(StorageUnavailableError):
                    await call()
        finally:
            await anyio.to_thread.run_sync(server.control, "start")

        await storage.queue.add([make_item(2)])
        claimed = await storage.queue.claim_next(make_claim())
        assert claimed is not None
        assert claimed.id == make_item_id(1)


async def test_an_ended_connection_is_replaced(server: PostgresServer, url: str) -> None:
    """A connection that an administrator ends is replaced before the next call."""
    async with open_storage(url) as storage:
        await storage.queue.add([make_item(1)])
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'aniworld' AND pid <> pg_backend_pid()"
        )

        await storage.queue.add([make_item(2)])
        assert len(await storage.queue.find()) == 2


async def test_titles_are_found_without_case(url: str) -> None:
    """Umlauts and ß are compared as in SQLite."""
    async with open_storage(url) as storage:
        query = sa.text("SELECT aniworld_casefold('GRÖẞE ß Ä')")
        assert await storage._database.read(lambda c: c.execute(query).scalar()) == "grösse ss ä"


async def test_the_application_opens_it_by_its_url(
    url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """`DATABASE_URL` alone chooses PostgreSQL."""
    data = tmp_path_factory.mktemp("data")
    settings = Settings(data_dir=data, anime_directory=data, database_url=url, loaders=())
    async with open_application(settings) as app:
        assert app.storage.engine is not None
        assert app.storage.engine[0] == "PostgreSQL"
    assert not (data / "aniworld.db").exists()
