"""`python -m proof`: run figures, print a JSON line for each and a table at the end."""

import argparse
import asyncio
import atexit
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from typing import Final

import proof
from proof.controls import run_controls
from proof.figure import Figure, Result, Size, run
from proof.figures import FIGURES

#: Figures that run at the same time: most of them wait for servers.
_AT_ONCE: Final = 2


def main() -> int:
    """Run what the arguments ask for; return 1 if a figure is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m proof",
        description=proof.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", action="append", metavar="M4", help="run this figure")
    parser.add_argument("--skip", action="append", metavar="M7", default=[], help="leave it out")
    parser.add_argument("--seed", type=int, default=1, help="of everything random (default: 1)")
    parser.add_argument("--full", action="store_true", help="run all sizes in full")
    parser.add_argument("--controls", action="store_true", help="run the negative controls")
    parser.add_argument("--small", action="store_true", help="stop at the first failure")
    options = parser.parse_args()
    wanted = set(options.only or (each.name for each in FIGURES)) - set(options.skip)
    chosen = [each for each in FIGURES if each.name in wanted]
    if not chosen or len(chosen) < len(wanted):
        parser.error("figures are " + ", ".join(each.name for each in FIGURES))
    _share_bytecode()
    if options.controls:
        return run_controls(chosen, options.seed)
    size = Size.FULL if options.full else Size.CONTROL if options.small else Size.GATE
    if len(chosen) == 1:
        results = [run(chosen[0], size, options.seed)]
        print(results[0].line(), flush=True)
    else:
        results = asyncio.run(_run_each(chosen, size, options.seed))
    print(_table(results), end="")
    return 1 if any(each.is_red for each in results) else 0


def _share_bytecode() -> None:
    """Let processes share compiled modules if Python writes none beside the sources."""
    if sys.dont_write_bytecode and "PYTHONPYCACHEPREFIX" not in os.environ:
        folder = tempfile.mkdtemp(prefix="bytecode-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        os.environ["PYTHONPYCACHEPREFIX"] = folder
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


async def _run_each(figures: Sequence[Figure], size: Size, seed: int) -> list[Result]:
    """Run each figure in a process of its own; those that measure durations run alone."""
    free = asyncio.Semaphore(_AT_ONCE)

    async def one(figure: Figure) -> Result:
        async with free:
            return await _in_process(figure, size, seed)

    found = await asyncio.gather(*(one(each) for each in figures if not each.is_alone))
    found += [await _in_process(each, size, seed) for each in figures if each.is_alone]
    return sorted(found, key=lambda result: int(result.figure[1:]))


async def _in_process(figure: Figure, size: Size, seed: int) -> Result:
    arguments = ["--only", figure.name, "--seed", str(seed)]
    arguments += {Size.FULL: ["--full"], Size.CONTROL: ["--small"], Size.GATE: []}[size]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "proof", *arguments),
        cwd=proof.ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    written, errors = await process.communicate()
    for line in written.decode().splitlines():
        if line.startswith('{"figure"'):
            print(line, flush=True)
            return Result(**json.loads(line))
    broken = f"ended with {process.returncode}: {errors.decode()[-1000:]}"
    result = Result(
        figure=figure.name, size=size, n=0, failures=0, seconds=0, seed=seed, broken=broken
    )
    print(result.line(), flush=True)
    return result


def _table(results: Sequence[Result]) -> str:
    titles = {each.name: each.title for each in FIGURES}
    rows: list[tuple[str, ...]] = [("", "figure", "n", "failures", "seconds", "seed")]
    for each in results:
        state = "MISSED" if each.is_red else "not run" if each.skipped else "ok"
        values = (each.n, each.failures, f"{each.seconds:.0f}", each.seed)
        rows.append((state, f"{each.figure} {titles[each.figure]}", *map(str, values)))
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = []
    for state, name, *numbers in rows:
        right = "  ".join(
            number.rjust(width) for number, width in zip(numbers, widths[2:], strict=True)
        )
        lines.append(f"{state:{widths[0]}}  {name:{widths[1]}}  {right}\n")
    for each in results:
        if each.skipped:
            lines.append(f"{each.figure} was not run: {each.skipped}\n")
        lines += [f"{each.figure}: {word}\n" for word in [*each.words, each.broken] if word]
    return "".join(lines)


if __name__ == "__main__":
    sys.exit(main())
