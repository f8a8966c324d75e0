"""Fixtures of the tests of PostgreSQL: one server for all of them, and empty databases."""

import itertools
from collections.abc import AsyncIterator, Iterator

import anyio.to_thread
import pytest

from aniworld_core.ports.storage import Storage
from aniworld_postgres import open_storage
from aniworld_sqlite.sql import metadata
from support.postgres_server import NoServerError, PostgresServer, serve_postgres

_NUMBERS = itertools.count()
_TABLES = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)


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


@pytest.fixture
async def storage(server: PostgresServer) -> AsyncIterator[Storage]:
    """Return an empty storage; the tests share its database, which is emptied."""
    shared = server.url("postgres")
    async with open_storage(shared) as storage:
        await anyio.to_thread.run_sync(
            server.execute, f"TRUNCATE {_TABLES} RESTART IDENTITY CASCADE"
        )
        yield storage
