"""Kill renames, imports and undos at random instants, recover, and look for lost files.

    python tests/core/application/library/changes/kill_changes.py --kills 200 --seed 1

A library with its database and an inbox hold files with known contents. A process renames the
library, imports the inbox or undoes a change, and is killed (SIGKILL) at an instant drawn from
the time that such a change takes; every fifth recovery is killed as well. After the recovery no
content may be missing or there twice, and every episode must have the file with its content.
"""

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any, Final

import attrs

#: Episodes of the library, and of the inbox; some of the inbox replace those of the library.
EPISODES: Final = 30
FRESH: Final = 6
BETTER: Final = 4
#: Seconds after which a process is killed that has nothing to change.
_LONGEST: Final = 3.0
#: Most kills for each that hits a change; a machine that does much else misses some.
_MOST: Final = 10
_TEMPLATES: Final = ("{name} - {code} - {title}", "{code} {title}")

#: Makes each kind of change once in an empty library, so that everything is imported, then forks a
#: process for each line: no time is lost between kills.
_ZYGOTE: Final = """
import json, os, sys, tempfile
from pathlib import Path
import anyio
from aniworld_core import Settings, open_application
from aniworld_core.application.library import HeldPolicy, ImportRequest
from aniworld_core.domain.configuration import Config, NamingConfig
from aniworld_core.errors import AniworldError
from aniworld_core.testing.memory import MemoryConfigStore
import aniworld_sqlite

async def main(order):
    settings = Settings(data_dir=Path(order["data"]), anime_directory=Path(order["library"]))
    store = MemoryConfigStore(Config(naming=NamingConfig(episode=order["template"])))
    parts = {"loaders": (), "resolvers": (), "fetchers": (), "config_store": store}
    async with open_application(settings, **parts) as app:
        match order["what"]:
            case "rename":
                await app.changes.rename()
            case "import":
                request = ImportRequest(folder=order["inbox"], held=HeldPolicy.REPLACE)
                await app.changes.import_folder(request)
            case "undo":
                done = [e for e in (await app.changes.history()).items if not e.is_undone]
                done = [e for e in done if e.status == "done"]
                if done:
                    await app.changes.undo(done[order["nth"] % len(done)].id)

with tempfile.TemporaryDirectory() as empty:
    order = {name: f"{empty}/{name}" for name in ("data", "library", "inbox")}
    for place in order.values():
        os.mkdir(place)
    for what in ("rename", "import", "undo"):
        anyio.run(main, {**order, "what": what, "template": "{name}", "nth": 0})
print("ready", flush=True)

while line := sys.stdin.readline():
    order = json.loads(line)
    child = os.fork()
    if child == 0:
        code = 0
        try:
            anyio.run(main, order)
        except AniworldError as error:
            print(json.dumps(str(error)), file=sys.stderr, flush=True)
            code = 3
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            code = 4
        os._exit(code)
    print(child, flush=True)
    sys.stdin.readline()  # its number stays taken until it was killed
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), flush=True)
"""

_SETUP: Final = """
import sys
from pathlib import Path
import anyio
import attrs
from aniworld_core.domain.catalogue import Episode, Titles
from aniworld_core.testing import make_series
from aniworld_sqlite import open_storage

async def main(database, library, episodes, fresh):
    async with open_storage(f"sqlite:///{database}") as storage:
        listed = [
            Episode(
                season=1, number=n, titles=Titles(de=f"Folge {n}"),
                downloaded=n <= episodes, file=f"Alpha/{n:02}.mkv" if n <= episodes else None,
            )
            for n in range(1, episodes + fresh + 1)
        ]
        series = make_series(episodes=0)
        await storage.series.add(
            attrs.evolve(series, name="Alpha", folder="Alpha", episodes=tuple(listed), year=None)
        )

anyio.run(main, sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
"""


@attrs.define(kw_only=True)
class KillCounts:
    """What a loop came to.

    Attributes:
        kills: Number of killed processes, those in a change and in a recovery.
        hits: How many kills found a change that was journalled and not finished.
        forward: How many of those were completed.
        back: How many of those were rolled back.
        finished: Number of changes that ended before their kill.
        mistakes: What went wrong; nothing should.
    """

    kills: int = 0
    hits: int = 0
    forward: int = 0
    back: int = 0
    finished: int = 0
    mistakes: list[str] = attrs.field(factory=list)


@attrs.frozen
class _Stage:
    folder: Path

    @property
    def library(self) -> Path:
        return self.folder / "library"

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    @property
    def database(self) -> Path:
        return self.folder / "data" / "aniworld.db"

    def order(self, what: str, chance: random.Random) -> dict[str, Any]:
        return {
            "what": what,
            "data": str(self.folder / "data"),
            "library": str(self.library),
            "inbox": str(self.inbox),
            "template": chance.choice(_TEMPLATES),
            "nth": chance.randrange(3),
        }

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(statement).fetchall()

    def unfinished(self) -> list[int]:
        rows = self.query("SELECT id FROM library_change WHERE status IN ('running', 'stuck')")
        return [number for (number,) in rows]

    def changes(self) -> int:
        ((count,),) = self.query("SELECT count(*) FROM library_change")
        return int(count)

    def statuses(self) -> dict[int, str]:
        return dict(self.query("SELECT id, status FROM library_change"))

    def contents(self) -> Counter[str]:
        """Return how often each content exists, wherever it lies."""
        return Counter(
            path.read_text()
            for top in (self.library, self.inbox)
            for path in top.rglob("*")
            if path.is_file()
        )


def kill_changes(kills: int, *, seed: int, folder: Path) -> KillCounts:
    """Kill processes that change a library, and check it after each.

    Args:
        kills: How many have to hit a change that is journalled and not finished.
        seed: Seed of instants and changes.
        folder: Empty folder for library, inbox and database.
    """
    chance = random.Random(seed)
    stage, counts = _Stage(folder), KillCounts()
    original = _set_up(stage)
    template = _TEMPLATES[0]
    with _zygote() as zygote:
        seconds = _measured(zygote, stage, chance)
        while counts.hits < kills and counts.kills < _MOST * kills and not counts.mistakes:
            has_inbox = any(stage.inbox.rglob("*.mkv"))
            what = chance.choice(("rename", "rename", "undo", "import" if has_inbox else "undo"))
            order = stage.order(what, chance)
            if what == "rename":
                template = _TEMPLATES[1 - _TEMPLATES.index(template)]
                order["template"] = template
            _run(zygote, stage, order, counts, chance.uniform(0, seconds))
            hit = stage.unfinished()
            counts.hits += bool(hit)
            if hit and chance.random() < 0.2:
                _run(zygote, stage, stage.order("", chance), counts, chance.uniform(0, seconds))
            _run(zygote, stage, stage.order("", chance), counts, None)
            for number in hit:
                status = stage.statuses()[number]
                counts.forward += status == "done"
                counts.back += status == "reverted"
            counts.mistakes += _mistakes(stage, original)
    return counts


def _set_up(stage: _Stage) -> Counter[str]:
    for number in range(1, EPISODES + 1):
        _write(stage.library / "Alpha" / f"{number:02}.mkv", f"{number}")
        _write(stage.library / "Alpha" / f"{number:02}.de.srt", f"{number} srt")
    for number in range(EPISODES - BETTER + 1, EPISODES + FRESH + 1):
        _write(stage.inbox / "Alpha" / f"Alpha - S01E{number:02}.mkv", f"{number} new")
        _write(stage.inbox / "Alpha" / f"Alpha - S01E{number:02}.nfo", f"{number} nfo")
    (stage.folder / "data").mkdir()
    arguments = [str(stage.database), str(stage.library), str(EPISODES), str(FRESH)]
    subprocess.run([sys.executable, "-c", _SETUP, *arguments], check=True)
    return stage.contents()


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


@contextmanager
def _zygote() -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", _ZYGOTE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert _piped(process.stdout).readline() == "ready\n"
        yield process
    finally:
        process.communicate()


def _piped(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def _measured(zygote: subprocess.Popen[str], stage: _Stage, chance: random.Random) -> float:
    """Return the seconds from the journal entry of a rename to its end."""
    counts = KillCounts()
    _run(zygote, stage, stage.order("", chance), counts, None)
    stdin, stdout = _piped(zygote.stdin), _piped(zygote.stdout)
    stdin.write(json.dumps(stage.order("rename", chance)) + "\n")
    stdin.flush()
    stdout.readline()
    while not stage.changes():
        time.sleep(0.002)
    begun = time.monotonic()
    while stage.unfinished():
        time.sleep(0.002)
    seconds = time.monotonic() - begun
    stdin.write("wait\n")
    stdin.flush()
    assert stdout.readline() == "0\n"
    return seconds


def _run(
    zygote: subprocess.Popen[str],
    stage: _Stage,
    order: dict[str, Any],
    counts: KillCounts,
    delay: float | None,
) -> None:
    """Run one process to its end, or kill it at a delay after its change has begun."""
    stdin, stdout = _piped(zygote.stdin), _piped(zygote.stdout)
    stdin.write(json.dumps(order) + "\n")
    stdin.flush()
    child = int(stdout.readline())
    if delay is not None:
        deadline = time.monotonic() + _LONGEST
        before = stage.changes()
        while order["what"] and stage.changes() == before and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(delay)
        os.kill(child, signal.SIGKILL)
        counts.kills += 1
    stdin.write("wait\n")
    stdin.flush()
    code = int(stdout.readline())
    if delay is not None:
        counts.finished += code != -signal.SIGKILL
    elif code:
        counts.mistakes.append(f"{order['what'] or 'recovery'} ended with {code}")


def _mistakes(stage: _Stage, original: Counter[str]) -> list[str]:
    found = []
    now = stage.contents()
    if now != original:
        found.append(f"lost {original - now}, doubled {now - original}")
    if stage.unfinished():
        found.append(f"changes {stage.unfinished()} are not finished")
    found += [f"{path} remained" for path in stage.library.rglob(".aniworld-*")]
    rows = stage.query("SELECT episode_number, file_path FROM episodes WHERE is_downloaded")
    for number, file in rows:
        path = stage.library / file
        if not path.is_file():
            found.append(f"episode {number} has no file {file}")
        elif path.read_text().split()[0] != str(number):
            found.append(f"episode {number} has the file of {path.read_text()}")
    videos = {p.relative_to(stage.library).as_posix() for p in stage.library.rglob("*.mkv")}
    videos = {path for path in videos if not path.startswith(".recycle/")}
    if videos != {file for _, file in rows}:
        found.append(f"files without an episode: {sorted(videos - {file for _, file in rows})}")
    return found


def _main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="kills that hit a change")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        counts = kill_changes(options.kills, seed=options.seed, folder=Path(folder))
    outcome = (
        f"{counts.kills} kills: {counts.hits} hit a change ({counts.forward} completed, "
        f"{counts.back} rolled back), {counts.finished} came too late; "
        f"{len(counts.mistakes)} mistakes"
    )
    sys.stdout.write("\n  ".join([outcome, *counts.mistakes]) + "\n")
    return 1 if counts.mistakes else 0


if __name__ == "__main__":
    sys.exit(_main())
