"""Measures starts: of the server until it is ready, of the command, of what both import.

Every start is a process of its own. Each round takes them in another order; the first
fills the page cache and is not counted. See the README in this folder.
"""

import argparse
import contextlib
import json
import os
import random
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: What each environment beside ours holds; FastAPI and PyJWT as their manuals install them.
PEERS = {
    "stack": (
        *("fastapi[standard]", "uvicorn", "sqlalchemy[asyncio]", "aiosqlite", "pydantic"),
        *("structlog", "pyjwt[crypto]"),
    ),
    "downloader": ("yt-dlp",),
}
STACK = "import fastapi, uvicorn, sqlalchemy.ext.asyncio, aiosqlite, pydantic, structlog, jwt"
#: Prints what the server has imported by the time it serves, then ends it.
OURS = """
import anyio, contextlib, json, sys
from aniworld_core.bootstrap.settings import Settings
from aniworld_http.__main__ import serve

async def main():
    stop = anyio.Event()
    @contextlib.asynccontextmanager
    async def opened(application):
        print(json.dumps([name for name in sys.modules if name != "__main__"]))
        stop.set()
        yield
    await serve(Settings.from_environ(), say=lambda line: None, stop=stop, opened=opened)

anyio.run(main)
"""
IMPORT_ALL = """
import importlib, json, sys
for name in json.load(open(sys.argv[1])):
    importlib.import_module(name)
"""


@dataclass(frozen=True)
class Figures:
    """Seconds that a start took, and mebibytes that the process held."""

    seconds: float
    memory: float


class Stage:
    """Folders, interpreters and environments that all starts share."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.ours = place / "ours" / "bin"
        self.environment = {**os.environ, "ANIWORLD_PORT": "0", "LOG_LEVEL": "ERROR"}

    def install(self) -> None:
        """Install ours as people have it, and what it is compared with; modules compiled."""
        packages = [path.name for path in (ROOT / "packages").iterdir()]
        again = [part for name in packages for part in ("--reinstall-package", name)]
        subprocess.run(
            [
                *("uv", "sync", "-q", "--frozen", "--no-dev", "--no-editable", "--all-packages"),
                *("--compile-bytecode", *again),
            ],
            check=True,
            cwd=ROOT,
            env={**os.environ, "UV_PROJECT_ENVIRONMENT": str(self.ours.parent)},
        )
        for name, wanted in PEERS.items():
            if not self.peer(name).exists():
                subprocess.run(["uv", "venv", "-q", self.place / name], check=True)
                subprocess.run(
                    [
                        *("uv", "pip", "install", "-q", "--compile-bytecode", "--python"),
                        *(self.peer(name) / "python", *wanted),
                    ],
                    check=True,
                )

    def peer(self, name: str) -> Path:
        """Where the programs of another environment are."""
        return self.place / name / "bin"

    def run(self, *command: str | Path, environment: dict[str, str] | None = None) -> Figures:
        """Run a command to its end."""
        began = time.perf_counter()
        process = subprocess.Popen(
            command, env=environment or self.environment, stdout=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{command[0]} ended with {process.returncode}")
        return Figures(seconds, usage.ru_maxrss / 1024)

    def modules(self, environment: dict[str, str], *prefixes: str) -> str:
        """Have the server say what it imports, and write down all that is not called so."""
        said = subprocess.run(
            [self.ours / "python", "-c", OURS],
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout
        names = json.loads(said.splitlines()[-1])
        listed = self.place / f"modules{len(prefixes)}.json"
        listed.write_text(json.dumps([n for n in names if not n.startswith(prefixes)]))
        return str(listed)

    @contextlib.contextmanager
    def data(self) -> Iterator[dict[str, str]]:
        """Give the environment of a server with an empty library of its own."""
        with tempfile.TemporaryDirectory(dir=self.place) as folder:
            library = Path(folder, "library")
            library.mkdir()
            yield {
                **self.environment,
                "ANIWORLD_DATA_DIR": f"{folder}/data",
                "ANIME_DIRECTORY": str(library),
            }


@contextlib.contextmanager
def installed(place: Path | None) -> Iterator[Stage]:
    """Install everything in a folder that stays, or in a temporary one."""
    with contextlib.ExitStack() as stack:
        folder = place or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        stage = Stage(folder.resolve())
        stage.install()
        yield stage


def ready(stage: Stage, environment: dict[str, str], idle: float = 0) -> Figures:
    """Start the server, ask until it is ready; what it holds is measured after *idle* seconds."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [stage.ours / "aniworld-http"], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        address = next(line for line in process.stdout if "http://" in line).split()[-1]
        while not is_ready(address):
            time.sleep(0.005)
        seconds = time.perf_counter() - began
        time.sleep(idle)
        return Figures(seconds, held(process.pid))
    finally:
        process.terminate()
        process.communicate()


def is_ready(address: str) -> bool:
    """Ask once."""
    try:
        with urllib.request.urlopen(f"{address}health/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except urllib.error.URLError:
        return False


def held(pid: int) -> float:
    """Mebibytes of a process, what it shares with others counted in part (PSS)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines[1:])
    return int(fields["Pss"].split()[0]) / 1024


def starts(stage: Stage, again: dict[str, str]) -> dict[str, Callable[[], Figures]]:
    """Name everything that is started."""
    ready(stage, again)  # so that the database is there, and nothing is imported to make it
    whole, libraries = stage.modules(again), stage.modules(again, "aniworld_")
    ours, peer = stage.ours / "python", stage.peer("stack") / "python"

    def first() -> Figures:
        with stage.data() as environment:
            return ready(stage, environment)

    return {
        "aniworld --version": lambda: stage.run(stage.ours / "aniworld", "--version"),
        "aniworld --help": lambda: stage.run(stage.ours / "aniworld", "--help"),
        "aniworld list": lambda: stage.run(stage.ours / "aniworld", "list", environment=again),
        "aniworld queue list": lambda: stage.run(
            stage.ours / "aniworld", "queue", "list", environment=again
        ),
        "yt-dlp --version": lambda: stage.run(stage.peer("downloader") / "yt-dlp", "--version"),
        "our server's libraries": lambda: stage.run(ours, "-c", IMPORT_ALL, libraries),
        "our server's libraries and code": lambda: stage.run(ours, "-c", IMPORT_ALL, whole),
        "a FastAPI stack's libraries": lambda: stage.run(peer, "-c", STACK),
        "server ready, first start": first,
        "server ready, later start": lambda: ready(stage, again),
    }


def measure(stage: Stage, rounds: int, idle: float) -> dict[str, list[Figures]]:
    """Start everything once for each round, and once before."""
    with stage.data() as again:
        todo = starts(stage, again)
        runs: dict[str, list[Figures]] = {name: [] for name in todo}
        for turn in range(rounds + 1):
            for name in random.Random(turn).sample(list(todo), len(todo)):
                figures = todo[name]()
                if turn:
                    runs[name].append(figures)
        runs[f"server after {idle:g} s of rest"] = [ready(stage, again, idle)]
    return runs


def report(runs: dict[str, list[Figures]]) -> None:
    """Print medians, the slowest, and ours divided by theirs."""
    print(f"{'start':32} {'median ms':>10} {'slowest ms':>11} {'MiB':>7}")
    for name, figures in runs.items():
        slowest = max(each.seconds for each in figures)
        middle = median(figures)
        print(f"{name:32} {middle.seconds * 1000:10.0f} {slowest * 1000:11.0f}", end="")
        print(f" {middle.memory:7.1f}")
    print()
    for ours, theirs in (
        ("aniworld --version", "yt-dlp --version"),
        ("aniworld --help", "yt-dlp --version"),
        ("aniworld list", "yt-dlp --version"),
        ("aniworld queue list", "yt-dlp --version"),
        ("our server's libraries", "a FastAPI stack's libraries"),
        ("our server's libraries and code", "a FastAPI stack's libraries"),
    ):
        left, right = median(runs[ours]), median(runs[theirs])
        time_ratio, memory_ratio = left.seconds / right.seconds, left.memory / right.memory
        print(f"{ours} / {theirs}: time {time_ratio:.2f}, memory {memory_ratio:.2f}")


def median(figures: Sequence[Figures]) -> Figures:
    """The middle of each figure."""
    return Figures(
        statistics.median(each.seconds for each in figures),
        statistics.median(each.memory for each in figures),
    )


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--idle", type=float, default=10, metavar="SECONDS")
    parser.add_argument("--place", type=Path, help="keep here what is installed, for the next time")
    given = parser.parse_args()
    with installed(given.place) as stage:
        report(measure(stage, given.rounds, given.idle))


if __name__ == "__main__":
    main()
