"""Fixtures of the tests of PostgreSQL: one server for all of them, and empty databases."""

import itertools
from collections.abc import AsyncIterator, Iterator

import anyio
import pytest
import sqlalchemy as sa

from aniworld_core.ports.storage import Storage
from aniworld_postgres import open_storage
from support.postgres_server import NoServerError, PostgresServer, serve_postgres

_NUMBERS = itertools.count()
#: Empties the tables that have rows: to empty all of them costs more than most tests.
_EMPTY = sa.text("""DO $$
DECLARE
    name text;
    is_used boolean;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO is_used;
        IF is_used THEN
            EXECUTE format('TRUNCATE %I RESTART IDENTITY CASCADE', name);
        END IF;
    END LOOP;
END $$""")


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    """Return a private server, or skip the test with the reason."""
    try:
        with serve_postgres() as server:
            yield server
    except NoServerError as reason:
        pytest.skip(str(reason))


@pytest.fixture
def url(server: PostgresServer) -> Iterator[str]:
    """Return the URL of a new database without tables."""
    name = f"test_{next(_NUMBERS)}"
    server.execute(f"CREATE DATABASE {name}")
    yield server.url(name)
    server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def template(server: PostgresServer) -> str:
    """Return the name of a database with empty tables, to make others from."""

    async def make() -> None:
        async with open_storage(server.local_url("template")):
            pass

    server.execute("CREATE DATABASE template")
    anyio.run(make)
    return "template"


@pytest.fixture
async def storage(server: PostgresServer) -> AsyncIterator[Storage]:
    """Return an empty storage; the tests share its database, which is emptied."""
    async with open_storage(server.local_url("postgres")) as storage:
        await storage._database.in_writer(lambda c: c.execute(_EMPTY))
        yield storage
