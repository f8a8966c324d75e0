"""Runs programs in turns and measures each of them."""

import os
import random
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Contender:
    """A program at the work: makes the command that writes to a path."""

    name: str
    command: Callable[[Path], Sequence[str]]
    suffix: str = ""
    env: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """What one run took: seconds, seconds of processor time, bytes."""

    wall: float
    cpu: float
    memory: int
    inner: float | None = None


class WrongResultError(Exception):
    """A program failed or made something else."""


#: Says whether a file is what was to be made, as something that must be equal for all.
Proof = Callable[[Path], object]


def run_once(contender: Contender, folder: Path, proof: Proof, expected: object) -> Run:
    """Run a program, prove its result and remove it."""
    target = folder / f"out{contender.suffix}"
    log = folder / "log"
    with log.open("wb") as output:
        begun = time.perf_counter()
        process = subprocess.Popen(
            contender.command(target),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=_environment() | contender.env,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    said = log.read_text(errors="replace").strip()
    if process.returncode != 0:
        raise WrongResultError(f"{contender.name} ended with {process.returncode}:\n{said[-2000:]}")
    made = proof(target)
    if made != expected:
        raise WrongResultError(f"{contender.name} made {made}, not {expected}")
    for left in folder.iterdir():
        left.unlink()
    return Run(
        wall=wall,
        cpu=usage.ru_utime + usage.ru_stime,
        memory=usage.ru_maxrss * 1024,
        inner=_inner(said),
    )


def _environment() -> dict[str, str]:
    # Programs in Python keep what they compiled, as they do everywhere but on some test machines.
    return {n: v for n, v in os.environ.items() if n != "PYTHONDONTWRITEBYTECODE"}


def _inner(said: str) -> float | None:
    last = said.rpartition("\n")[2]
    return float(last.removeprefix("inner ")) if last.startswith("inner ") else None


def take_turns(
    contenders: Sequence[Contender],
    folder: Path,
    proof: Proof,
    expected: object,
    *,
    rounds: int,
    dice: random.Random,
    note: Callable[[str], None],
) -> dict[str, list[Run]]:
    """Run every program once per round, in another order each time; the first round is a trial."""
    folder.mkdir(exist_ok=True)
    runs: dict[str, list[Run]] = {contender.name: [] for contender in contenders}
    for number in range(rounds + 1):
        for contender in dice.sample(contenders, len(contenders)):
            run = run_once(contender, folder, proof, expected)
            note(f"  {number or 'trial':>5} {contender.name:<9} {run.wall:8.3f} s")
            if number:
                runs[contender.name].append(run)
    return runs
