"""Write the dump of a database of the present schema, for the tests of later versions.

    python tests/sqlite/dump_former.py

Run it before you add a revision. It writes `tests/sqlite/former/<revision>.sql`.
"""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import anyio

from aniworld_core.domain.catalogue import Place, SourceScore
from aniworld_core.testing import at, make_api_key, make_item, make_series, make_session
from aniworld_sqlite import open_storage
from aniworld_sqlite._migrate import SHIPPED


async def _fill(path: Path) -> None:
    async with open_storage(f"sqlite:///{path}") as storage:
        await storage.series.add(make_series(episodes=3))
        await storage.queue.add([make_item(number) for number in (1, 2, 3)])
        await storage.sessions.add(make_session())
        await storage.api_keys.add(make_api_key())
        await storage.schedule.begin("scan", now=at(0), until=at(60))
        await storage.scores.save(SourceScore(place=Place("p", "h")))


def main() -> None:
    """Write the dump."""
    target = Path(__file__).parent / "former" / f"{SHIPPED.newest}.sql"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "aniworld.db"
        anyio.run(_fill, path)
        with closing(sqlite3.connect(path)) as connection:
            target.write_text("\n".join(connection.iterdump()) + "\n", "utf-8")


if __name__ == "__main__":
    main()
