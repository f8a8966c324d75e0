"""M14: damaged databases and cut configurations: no takeover, no film touched, no crash loop."""

import contextlib
import random
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from aniworld_core.adapters.json_config_store import JsonConfigStore
from aniworld_core.errors import AniworldError, StorageCorruptError
from aniworld_core.testing import make_item, make_series
from aniworld_sqlite import open_storage, recover
from proof.figure import Control, Edit, Figure, Run, Size
from support.damaged_databases import spoil
from support.http_stage import open_server

_NOW: Final = datetime(2026, 10, 5, 12, tzinfo=UTC)


async def _prove(run: Run) -> None:
    """Damage databases, then cut the configuration at many bytes."""
    if run.size is not Size.CONTROL:
        await _damage(run, run.pick(control=0, gate=30, full=300))
    await _cut(run, run.pick(control=512, gate=128, full=1))


async def _damage(run: Run, count: int) -> None:
    whole = run.folder / "whole"
    for copies in range(2):
        (whole / str(copies)).mkdir(parents=True)
        async with open_storage(f"sqlite:///{whole}/{copies}/aniworld.db") as storage:
            await storage.series.add(make_series())
            await storage.queue.add([make_item(number) for number in range(100)])
            for hour in range(copies):
                await storage.make_copy(at=_NOW + timedelta(hours=hour), keep=7)
    for number in range(count):
        place = run.folder / "damaged"
        shutil.copytree(whole / str(number % 2), place)
        film = place / "library" / "A - S01E01.mkv"
        film.parent.mkdir()
        film.write_bytes(b"film")
        spoil(place / "aniworld.db", random.Random(run.seed * 10_000 + number))
        problem = await _started(place / "aniworld.db")
        if film.read_bytes() != b"film" or len(list(film.parent.iterdir())) != 1:
            problem = "the library was touched"
        run.check(ok=not problem, failure=f"database {number}: {problem}")
        shutil.rmtree(place)


async def _started(path: Path) -> str:
    """Start on a damaged database twice; return what went wrong."""
    url = f"sqlite:///{path}"
    try:
        for _ in range(2):
            await recover(url, at=_NOW)
            async with open_storage(url) as storage:
                await storage.ping()
                for read in (storage.series.find, storage.queue.find, storage.schedule.get):
                    # A value that no check of SQLite covers is reported when it is read.
                    with contextlib.suppress(StorageCorruptError):
                        await read()
    except AniworldError as error:
        return f"it does not start: {error}"
    except Exception as error:  # anything else is what this looks for
        return repr(error)
    return ""


async def _cut(run: Run, stride: int) -> None:
    """Cut a configuration with a password at every *stride*-th byte; nobody may set another."""
    whole = run.folder / "configured"
    whole.mkdir()
    path = whole / "config.json"
    async with open_server(whole, config_store=JsonConfigStore(path)):
        pass
    text = path.read_bytes()
    refused = 0
    for has_backup in (False, True):
        for length in range(0, len(text), stride):
            place = run.folder / f"{has_backup}-{length}"
            place.mkdir()
            cut = place / "config.json"
            if has_backup:
                (place / "backups").mkdir()
                shutil.copy(path, place / "backups" / "config_backup_20261005_120000.json")
            cut.write_bytes(text[:length])
            problem, is_refused = await _open_to_all(place, cut)
            refused += is_refused
            run.check(ok=not problem, failure=f"cut at {length}: {problem}")
            shutil.rmtree(place)
    run.measured["refused to start"] = refused


async def _open_to_all(place: Path, path: Path) -> tuple[str, bool]:
    """Return what a stranger can take over, and whether the server refuses to start."""
    try:
        async with open_server(
            place, config_store=JsonConfigStore(path), signed_in=False
        ) as server:
            _, status = await server.json("GET", "/api/auth/status", token="")
            if not status["configured"]:
                return "the server asks for a first password", False
            code, _ = await server.set_up()
            return ("a stranger set a password" if code < 300 else ""), False
    except AniworldError:
        return "", True


_STORE: Final = "packages/aniworld-core/src/aniworld_core/adapters/json_config_store.py"

FIGURE: Final = Figure(
    name="M14",
    title="damaged databases and cut configurations",
    prove=_prove,
    controls=(
        Control(
            "fall back to an empty configuration",
            (
                Edit(
                    _STORE,
                    '            raise self._corrupt(Message("config_not_json", '
                    "reason=error.reason)) from error",
                    '            document = _document_of(b"{}")',
                ),
            ),
        ),
    ),
)
