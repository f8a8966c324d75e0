"""Migrations of a database of the first version, killed at random instants."""

import asyncio
import random
import shutil
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Final

from aniworld_sqlite._database import Database, parse_url
from aniworld_sqlite._migrate import migrate
from aniworld_sqlite._revisions import SHIPPED, Revisions
from proof.figure import Run
from support.former_databases import FIRST_ROWS

_OPEN: Final = """
import sys
import anyio
from aniworld_sqlite import open_storage

async def main(url):
    async with open_storage(url) as storage:
        assert [item.id for item in await storage.queue.find()] == ["i"]
        assert [series.key for series in await storage.series.find()] == ["attack-on-titan"]

anyio.run(main, sys.argv[1])
"""


async def kill_migrations(run: Run, kills: int, chance: random.Random) -> None:
    """Kill *kills* migrations; the next start must finish each and find all rows."""
    if not kills:
        return
    old = run.folder / "migrations" / "old.db"
    await _first_version(old)
    began = time.monotonic()
    await _migrated(_fresh(old, "whole"), None)
    seconds = time.monotonic() - began
    for number in range(kills):
        path = _fresh(old, str(number))
        await _migrated(path, chance.uniform(0.1, seconds))
        code = await _migrated(path, None)
        run.check(ok=code == 0, failure=f"migration {number}: the next start ended with {code}")
        with closing(sqlite3.connect(path)) as connection:
            verdict = connection.execute("PRAGMA integrity_check").fetchone()
            version = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        state = f"migration {number}: {verdict}, revision {version}"
        run.check(ok=(verdict, version) == (("ok",), [(SHIPPED.newest,)]), failure=state, cases=0)
        shutil.rmtree(path.parent)


async def _first_version(path: Path) -> None:
    database = Database(parse_url(f"sqlite:///{path}"))

    def make() -> None:
        database.open()
        migrate(database, Revisions(SHIPPED.names[:1]))

    await database.in_thread(make)
    await database.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in FIRST_ROWS:
            connection.execute(statement)


def _fresh(old: Path, name: str) -> Path:
    path = old.parent / name / "aniworld.db"
    path.parent.mkdir()
    shutil.copy(old, path)
    return path


async def _migrated(path: Path, seconds: float | None) -> int:
    """Open a database in a process, which is killed after some seconds."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _OPEN, f"sqlite:///{path}"), stderr=asyncio.subprocess.DEVNULL
    )
    if seconds is not None:
        await asyncio.sleep(seconds)
        if process.returncode is None:
            process.kill()
    return await process.wait()
