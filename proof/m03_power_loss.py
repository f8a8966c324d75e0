"""M3: a power loss takes no acknowledged change and leaves no wrong film."""

import json
import random
import shutil
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Final

import anyio

from aniworld_core.bootstrap.application import open_application
from aniworld_core.bootstrap.recovery import recover_storage
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.bootstrap.use_cases import Application
from proof.figure import Control, Edit, Figure, Run
from proof.power.disk import RecordedDisk
from proof.power.recording import Call, is_possible, record
from support.server_process import PATIENCE, film, open_attic

_CODES: Final = tuple(f"S01E{number:02}" for number in range(1, 9))
_SIZE: Final = 256 * 1024
_FILMS: Final = frozenset(film(number, _SIZE) for number in range(1, len(_CODES) + 1))


async def _prove(run: Run) -> None:
    """Record one program, and start on what many power losses may leave of its disk."""
    if not is_possible():
        run.skipped = "strace is not installed"
        return
    async with _recorded(run) as recorded:
        await _lose(run, recorded)


async def kill_recorded(run: Run, stride: int) -> None:
    """Start on the disk as a kill leaves it before every n-th call of the recorded program."""
    if not is_possible():
        run.measured["whole program"] = "not run: strace is not installed"
        return
    async with _recorded(run) as recorded:
        calls = recorded.calls
        begin = next(number for number, call in enumerate(calls) if call.kind == "said")
        for at in range(begin, len(calls) + 1, stride):
            place = run.folder / "killed"
            recorded.write(place, at, None)
            problems = await _problems(place, calls[:at], is_whole=at % (2 * stride) == 0)
            run.check(ok=not problems, failure=f"killed before call {at}: {problems}")
            shutil.rmtree(place)


@asynccontextmanager
async def _recorded(run: Run) -> AsyncIterator[RecordedDisk]:
    """Record the program; its catalogue goes on inside the context."""
    disk = run.folder / "disk"
    for name in ("data", "library"):
        (disk / name).mkdir(parents=True)
    async with open_attic(_CODES, size=_SIZE) as attic:
        servers = [{"name": "attic", "base_url": f"http://{attic.server.address}/"}]
        config = {
            "languages": {"order": ["ger-dub", "jpn"]},
            "providers": {"index": {"servers": servers}},
        }
        (disk / "data/config.json").write_text(json.dumps(config))
        link = f"http://{attic.server.address}/Cowboy%20Bebop/"
        program = ("proof.power.workload", str(disk / "data"), str(disk / "library"), link)
        recorded = RecordedDisk(await record(disk, *program, *_CODES))
        different = recorded.difference(disk)
        run.check(ok=not different, failure=f"the recording misses {different}", cases=0)
        run.measured["calls that change the disk"] = len(recorded.calls)
        yield recorded


async def _lose(run: Run, recorded: RecordedDisk) -> None:
    """Lose power at random calls, in every second case right after an acknowledgement."""
    calls = recorded.calls
    said = [number for number, call in enumerate(calls) if call.kind == "said"]
    chance = random.Random(run.seed)
    stride = run.pick(control=5, gate=5, full=1)
    litter = 0
    for number in range(run.pick(control=60, gate=30, full=200)):
        at = chance.choice(said) + 1 if number % 2 else chance.randrange(said[0], len(calls)) + 1
        place = run.folder / "image"
        recorded.write(place, at, chance)
        problems = await _problems(place, calls[:at], is_whole=number % stride == 0)
        # A ledger beside a whole film costs a few bytes and misleads nobody.
        litter += number % stride == 0 and any((place / "library").rglob("*.part*"))
        run.check(ok=not problems, failure=f"image {number} at call {at}: {problems}")
        shutil.rmtree(place)
    run.measured["images with a ledger left beside a film"] = litter


async def _problems(place: Path, calls: Sequence[Call], *, is_whole: bool) -> str:
    """Start on an image and return what is wrong with it."""
    kept = _Kept(calls)
    if wrong := _wrong_films(place):
        return f"wrong films before the start: {wrong}"
    settings = Settings(data_dir=place / "data", anime_directory=place / "library")
    moved = await recover_storage(settings)
    if moved is not None:
        return f"the database is damaged: {moved}"
    async with open_application(settings) as app:
        if problem := await kept.problem(app):
            return problem
        if is_whole:
            await app.queue.retry()
            with anyio.fail_after(PATIENCE):
                await app.worker.drain()
    with closing(sqlite3.connect(place / "data/aniworld.db")) as database:
        verdict = database.execute("PRAGMA integrity_check").fetchall()
        statuses = database.execute("SELECT status FROM download_queue_item").fetchall()
    if verdict != [("ok",)]:
        return f"integrity: {verdict}"
    if is_whole:
        if {status for (status,) in statuses} - {"completed"}:
            return f"after another run: {statuses}"
        count = sum(1 for _ in (place / "library").rglob("*.mp4"))
        if count != len(statuses):
            return f"{count} films of {len(statuses)}"
    wrong = _wrong_films(place)
    return f"wrong films: {wrong}" if wrong else ""


def _wrong_films(place: Path) -> list[str]:
    films = [path for path in (place / "library").rglob("*.mp4") if ".part" not in path.name]
    return [path.name for path in films if path.read_bytes() not in _FILMS]


class _Kept:
    """The changes that were acknowledged before a power loss."""

    def __init__(self, calls: Sequence[Call]) -> None:
        self._queued: set[str] = set()
        self._name = ""
        for call in calls:
            if call.kind != "said":
                continue
            what, code = json.loads(call.path)
            match what:
                case "add":
                    self._queued.add(code)
                case "remove" | "removing":
                    self._queued.discard(code)
                case "name":
                    self._name = code

    async def problem(self, app: Application) -> str:
        """Return what is lost or doubled; a change that was not acknowledged may be there."""
        items = await app.storage.queue.find()
        found = [f"S01E{item.episode.number:02}" for item in items]
        if lost := self._queued - set(found):
            return f"lost from the queue: {sorted(lost)}"
        if len(found) != len(set(found)):
            return f"twice in the queue: {sorted(found)}"
        name = app.current_config.value.name
        if self._name and name < self._name:
            return f"the configuration has the name {name}, not {self._name}"
        return ""


_DATABASE: Final = "packages/aniworld-sqlite/src/aniworld_sqlite/_database.py"
_PART: Final = "packages/aniworld-providers/src/aniworld_providers/transfer/disk/part_file.py"

FIGURE: Final = Figure(
    name="M3",
    title="power loss: nothing acknowledged is lost",
    prove=_prove,
    controls=(
        Control(
            "the database syncs nothing",
            (Edit(_DATABASE, '"FULL" if durable else "NORMAL"', '"OFF" if durable else "OFF"'),),
        ),
        Control(
            "a film is not synced before it gets its name",
            (Edit(_PART, "            os.fsync(self._fd)\n", "            pass\n"),),
        ),
    ),
)
