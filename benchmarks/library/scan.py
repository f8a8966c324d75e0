"""Measure `aniworld scan` with its database against `find | wc -l` on the same files.

Run it from the root of the repository:

    uv run python benchmarks/library/scan.py --series 100 1000 10000 --rounds 3

Every series has one season of twelve episodes and one bonus file; the files are small, with the
start of a Matroska file. A round scans a copy of a database in which nothing is downloaded, then
scans again without changes. `find` runs before and after each of them; times are the minimum of
all rounds, because other programs disturb every one of them. CPU times are of the whole command
with its children. At the end the `data` files of as many series of the former program are imported
into an empty database, once, against the first scan.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import anyio
import attrs

from aniworld_core.domain.catalogue import Episode, Series
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_sqlite import open_storage

EPISODES: Final = 12
_HEAD: Final = bytes.fromhex("1a45dfa3a342868101") + bytes(55)
_ENVIRONMENT: Final = {"PYTHONWARNINGS": "ignore"}


@attrs.frozen
class Cost:
    """Seconds of one command, and its largest memory in MB."""

    wall: float
    cpu: float
    memory: float

    @staticmethod
    def least(costs: Sequence["Cost"]) -> "Cost":
        """Return the least value of each measure."""
        return Cost(
            min(c.wall for c in costs), min(c.cpu for c in costs), max(c.memory for c in costs)
        )


def make_library(root: Path, count: int) -> None:
    """Write the files of a library."""
    for number in range(count):
        season = root / _name(number) / "Season 01"
        season.mkdir(parents=True)
        for episode in range(1, EPISODES + 1):
            name = f"{_name(number)} - S01E{episode:02} - Title (German Dub).mkv"
            (season / name).write_bytes(_HEAD)
        (season.parent / "NCOP 1 Creditless.mkv").write_bytes(_HEAD)


async def make_database(path: Path, count: int) -> None:
    """Store the series without files."""
    episodes = tuple(Episode(season=1, number=n) for n in range(1, EPISODES + 1))
    async with open_storage(f"sqlite:///{path}") as storage:
        for number in range(count):
            await storage.series.add(
                Series(
                    key=SeriesKey(f"series-{number}"),
                    name=_name(number),
                    site="example.org",
                    provider="aniworld",
                    folder=FolderName(_name(number)),
                    link=f"https://example.org/{number}",
                    episodes=episodes,
                )
            )


def measured(run: Callable[[], object]) -> Cost:
    """Return the cost of a function that runs child processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    run()
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, cpu, after.ru_maxrss / 1024)


def find(root: Path) -> None:
    """Count all files."""
    subprocess.run(["sh", "-c", 'find "$0" -type f | wc -l', root], check=True, capture_output=True)


def make_former_library(root: Path, count: int) -> None:
    """Write the `data` files of the former program."""
    episodes = {"1": list(range(1, EPISODES + 1))}
    for number in range(count):
        folder = root / _name(number)
        folder.mkdir(parents=True)
        document = {
            "key": f"series-{number}",
            "name": _name(number),
            "site": "aniworld.to",
            "episodeDict": episodes,
        }
        (folder / "data").write_text(json.dumps(document))


def run(root: Path, data: Path, *command: str) -> None:
    """Run the program with a library."""
    program = Path(sys.executable).with_name("aniworld")
    # As for an installed program, modules are compiled once.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(
        [program, "--library", root, "--data-dir", data, *command],
        check=True,
        capture_output=True,
        env=environment | _ENVIRONMENT,
    )


def scan(root: Path, data: Path) -> None:
    """Scan the disk."""
    run(root, data, "scan", "--disk-only")


def compare(folder: Path, count: int, rounds: int) -> str:
    """Return a line of the table for one size."""
    root, fresh = folder / "library", folder / "fresh"
    root.mkdir(parents=True)
    fresh.mkdir()
    make_library(root, count)
    anyio.run(make_database, fresh / "aniworld.db", count)
    found: list[Cost] = []
    first: list[Cost] = []
    again: list[Cost] = []
    for number in range(rounds):
        data = folder / f"data-{number}"
        shutil.copytree(fresh, data)
        found.append(measured(lambda: find(root)))
        first.append(measured(lambda data=data: scan(root, data)))  # type: ignore[misc]
        found.append(measured(lambda: find(root)))
        again.append(measured(lambda data=data: scan(root, data)))  # type: ignore[misc]
        found.append(measured(lambda: find(root)))
        shutil.rmtree(data)
    former = folder / "former"
    make_former_library(former, count)
    taken = measured(lambda: run(former, folder / "empty", "import-legacy", str(former)))
    peer, once, twice = Cost.least(found), Cost.least(first), Cost.least(again)
    return (
        f"| {count:,} | {peer.wall:.3f} | {once.wall:.2f} | {once.wall / peer.wall:.1f} |"
        f" {once.cpu / peer.cpu:.1f} | {twice.wall:.2f} | {twice.wall / peer.wall:.1f} |"
        f" {twice.cpu / peer.cpu:.1f} | {once.memory:.0f} |"
        f" {taken.wall:.1f} | {taken.wall / once.wall:.1f} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, nargs="+", default=[100, 1000, 10_000])
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    columns = ["series", "find s", "first s", "/ find", "CPU / find"]
    columns += ["again s", "/ find", "CPU / find", "MB", "import s", "/ first"]
    print(f"| {' | '.join(columns)} |")
    print("|" + "---:|" * len(columns))
    for count in given.series:
        with tempfile.TemporaryDirectory() as folder:
            print(compare(Path(folder), count, given.rounds), flush=True)


def _name(number: int) -> str:
    return f"Show {number:05}"


if __name__ == "__main__":
    main()
