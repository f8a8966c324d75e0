"""A database that a former version made on PostgreSQL opens with everything in it.

`former/NNNN.sql` is the dump of a database of revision NNNN: a series with three episodes, three
queued items, an API key, a session, a schedule, a score, and a paused queue whose catalogues were
tried again. PostgreSQL has the revisions since 0027.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest
import sqlalchemy as sa

from aniworld_core.testing import at, make_api_key, make_item, make_series, make_session
from aniworld_postgres import open_storage
from aniworld_sqlite.sql import SHIPPED
from support.postgres_server import PostgresServer
from support.thorough import ONLY_THOROUGH

pytestmark = [pytest.mark.anyio, *ONLY_THOROUGH, pytest.mark.external_service]

FORMER = sorted((Path(__file__).parent / "former").glob("*.sql"))

#: Everything in the database as the server describes it, apart from the order of columns.
_DEFINITIONS: Final = (
    "SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default"
    " FROM information_schema.columns WHERE table_schema = 'public'",
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace",
    "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    "SELECT version_num FROM alembic_version",
)


def _definitions(connection: sa.Connection) -> list[list[str]]:
    rows: Iterable[sa.CursorResult[tuple[object, ...]]] = map(
        connection.exec_driver_sql, _DEFINITIONS
    )
    return [sorted(str(tuple(row)) for row in found) for found in rows]


@pytest.mark.parametrize("dump", [pytest.param(path, id=path.stem) for path in FORMER])
async def test_it_is_migrated_with_its_data(dump: Path, server: PostgresServer, url: str) -> None:
    """Its rows are read as they were written, and its tables are those of a new database."""
    server.execute(dump.read_text("utf-8"), url.rpartition("/")[2])

    async with open_storage(url) as storage:
        (series,) = await storage.series.find()
        items = await storage.queue.find()
        session = await storage.sessions.get(make_session().id)
        keys = await storage.api_keys.find()
        counts = await storage.queue.counts()
        control = await storage.shared.queue_control()
        tried_again = await storage.shared.tried_again()
        migrated = await storage._database.read(_definitions)
    server.execute("CREATE DATABASE fresh")
    try:
        async with open_storage(server.url("fresh")) as storage:
            fresh = await storage._database.read(_definitions)
    finally:
        server.execute("DROP DATABASE fresh WITH (FORCE)")

    written = make_series(episodes=3)
    assert [(e.season, e.number) for e in series.episodes] == [
        (e.season, e.number) for e in written.episodes
    ]
    assert list(items) == [make_item(number) for number in (1, 2, 3)]
    assert sum(counts.values()) == 3
    assert session == make_session()
    assert list(keys) == [make_api_key()]
    assert control.is_paused
    assert tried_again == {"": at(5)}
    assert migrated == fresh


def test_every_former_schema_has_a_database() -> None:
    """A new revision needs the dump of a database of the one before it, also on PostgreSQL."""
    first = SHIPPED.names.index("0027")
    assert [path.stem for path in FORMER] == list(SHIPPED.names[first:-1])
