"""Compare the time `import aniworld_core` takes with that of `import httpx`.

Run it with nothing else running: `python benchmarks/embedding/import_time.py`. Each program runs
in a process of its own, alternately; the median of processor seconds counts.
"""

import resource
import statistics
import subprocess
import sys

ROUNDS = 15
OPENED = """
import anyio, pathlib, tempfile
from aniworld_core import Settings, open_application

async def main():
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=pathlib.Path(folder))
        async with open_application(settings, loaders=(), resolvers=(), fetchers=()):
            pass

anyio.run(main)
"""
PROGRAMS = {
    "python alone": "pass",
    "import httpx": "import httpx",
    "open_application imported": "import aniworld_core; aniworld_core.open_application",
    "an application opened": OPENED,
}


def processor_seconds(program: str) -> float:
    """Run a program and return the processor seconds it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def main() -> None:
    """Print the median of each program."""
    taken: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(ROUNDS):
        for name, program in PROGRAMS.items():
            taken[name].append(processor_seconds(program))
    for name, seconds in taken.items():
        print(f"{name:28} {statistics.median(seconds):.3f} s")


if __name__ == "__main__":
    main()
