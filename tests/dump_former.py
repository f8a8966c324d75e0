"""Write the dumps of databases of the present schema, for the tests of later versions.

    python tests/dump_former.py

Run it before you add a revision; it needs an installed PostgreSQL. It writes
`tests/sqlite/former/<revision>.sql` and `tests/postgres/former/<revision>.sql`.
"""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Final

import anyio

from aniworld_core.domain.catalogue import Place, SourceScore
from aniworld_core.ports.storage import StorageFactory
from aniworld_core.testing import at, make_api_key, make_item, make_series, make_session
from aniworld_postgres import open_storage as open_postgres
from aniworld_sqlite import open_storage as open_sqlite
from aniworld_sqlite._revisions import SHIPPED
from support.postgres_server import PostgresServer, serve_postgres

_TESTS: Final = Path(__file__).parent


async def _fill(open_storage: StorageFactory, url: str) -> None:
    async with open_storage(url) as storage:
        await storage.series.add(make_series(episodes=3))
        await storage.queue.add([make_item(number) for number in (1, 2, 3)])
        await storage.sessions.add(make_session())
        await storage.api_keys.add(make_api_key())
        await storage.schedule.begin("scan", now=at(0), until=at(60))
        await storage.scores.save(SourceScore(place=Place("p", "h")))


def _dump_sqlite() -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "aniworld.db"
        anyio.run(_fill, open_sqlite, f"sqlite:///{path}")
        with closing(sqlite3.connect(path)) as connection:
            return "\n".join(connection.iterdump()) + "\n"


def dump_postgres(server: PostgresServer, database: str) -> str:
    """Return the statements that make a database; they run on any supported server."""
    text = server.run(
        "pg_dump", "--inserts", "--no-owner", "--no-privileges", "--dbname", server.url(database)
    )
    # Settings and commands of psql that older servers or the driver do not know.
    kept = ("SET default", "SET check_function_bodies")
    lines = [
        line
        for line in text.splitlines()
        if line
        and not line.startswith(("--", "\\"))
        and (not line.startswith("SET ") or line.startswith(kept))
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the dumps."""
    name = f"{SHIPPED.newest}.sql"
    (_TESTS / "sqlite" / "former" / name).write_text(_dump_sqlite(), "utf-8")
    with serve_postgres() as server:
        anyio.run(_fill, open_postgres, server.url("postgres"))
        (_TESTS / "postgres" / "former" / name).write_text(
            dump_postgres(server, "postgres"), "utf-8"
        )


if __name__ == "__main__":
    main()
