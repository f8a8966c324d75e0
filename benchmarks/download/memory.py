"""How much more memory a transfer takes than the same process without one.

uv run python benchmarks/download/memory.py --material FOLDER
"""

import argparse
import contextlib
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from material import make_file, make_stream
from origin import open_origin

MIB = 1024**2
HERE = Path(__file__).parent
IDLE = (
    "import sys, time; sys.path.insert(0, sys.argv[1]); import ours; "
    "getattr(ours.engine, f'open_{sys.argv[2]}_fetcher'); time.sleep(0.2)"
)


def peak(*command: str) -> float:
    """Run a program and return the most memory that it and its children had at once, in MiB."""
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL)
    most = 0.0
    while process.poll() is None:
        most = max(most, sum(map(proportional, family(process.pid))))
        time.sleep(0.01)
    if process.returncode != 0:
        raise SystemExit(f"failed: {command}")
    return most


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    with contextlib.suppress(OSError):
        tasks = Path(f"/proc/{pid}/task").glob("*/children")
        children = [child for task in tasks for child in task.read_text().split()]
        return [pid, *(each for child in children for each in family(int(child)))]
    return []


def proportional(pid: int) -> float:
    """Return a process's resident memory in MiB; shared pages are divided among their processes."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def main() -> None:
    """Measure files of two sizes and a film, plain and encrypted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--material", type=Path, help="keep the films here")
    parser.add_argument("--minutes", type=float, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="aniworld-bench-") as temporary:
        home = Path(temporary)
        files = (given.material or home / "files").resolve()
        files.mkdir(parents=True, exist_ok=True)
        cases = []
        for size in (64 * MIB, 1024 * MIB):
            name = f"file-{size}.mp4"
            make_file(files / name, size)
            cases.append(("direct", name, f"file of {size // MIB} MiB"))
        for encrypted in (False, True):
            name = make_stream(files, round(given.minutes * 60), encrypted=encrypted)
            kind = "encrypted" if encrypted else "plain"
            cases.append(("hls", name, f"stream of {given.minutes:g} minutes, {kind}"))
        with open_origin(home / "origin", files) as origin:
            for kind, name, title in cases:
                idle = peak("-c", IDLE, str(HERE), kind)
                target = home / f"{len(name)}-{kind}.mp4"
                top = peak(str(HERE / "ours.py"), kind, origin.url("plain", name), str(target))
                target.unlink()
                print(f"{title}: {top:.0f} MiB at most, {top - idle:.0f} above idle ({idle:.0f})")


main()
