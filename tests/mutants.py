"""Change one small part of the code at a time (mutants), and count how many a test detects.

`uv run --group mutation python tests/mutants.py --sample 120 --seed 1` copies the workspace,
records once which tests execute which lines, and then runs for each mutant the tests of its lines,
starting with those of its own room. Undetected mutants are printed as survivors. Arguments select
files by parts of their names, and lines: `part_file.py:120`.
"""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Final, Never

from support.covering_tests import CoveringTests, LineRecorder, Selection
from support.forked_pytest import ROOT, Job, Outcome, load_libraries, run_jobs
from support.mutations import Mutant, sampled

_CORE: Final = "packages/aniworld-core/src/aniworld_core/"
_DISK: Final = "packages/aniworld-providers/src/aniworld_providers/transfer/disk"
#: The use cases are tested through HTTP, on the command line and with the database as well.
_CORE_TESTS: Final = ("tests/core", "tests/contracts", "tests/sqlite", "tests/http", "tests/cli")
_TRANSFER_ROOMS: Final = ("direct", "disk", "manifests", "segments", "subtitles")
#: Folders to mutate, with the tests that must detect the mutants.
_SCOPE: Final[Mapping[str, tuple[str, ...]]] = {
    _CORE + "domain": _CORE_TESTS,
    _CORE + "application": _CORE_TESTS,
    _DISK: (
        *(f"tests/providers/transfer/{room}" for room in _TRANSFER_ROOMS),
        "tests/providers/faults",
    ),
}
#: Tests that start other processes are slow, and their lines are not recorded.
_RECORDED: Final = "not kill and not killed"
#: Seconds for recording, for the start of a run, and for the tests of one mutant.
_RECORDING_SECONDS: Final = 1800
_START_SECONDS: Final = 60
_TRIED_SECONDS: Final = 60
#: Seconds of further tests, of the function around the line.
_NEAR_SECONDS: Final = 10


def main(arguments: argparse.Namespace) -> int:
    """Run the sample; return 1 if fewer mutants were detected than required."""
    began = time.monotonic()
    mutants = [
        mutant
        for mutant in sampled(_files(), ROOT, arguments.sample, arguments.seed)
        if _is_chosen(mutant, arguments.place)
    ]
    signal.signal(signal.SIGTERM, _stop)
    load_libraries()
    with tempfile.TemporaryDirectory(prefix="mutants-", ignore_cleanup_errors=True) as folder:
        covering = _covering_tests(arguments.lines or Path(folder) / "lines", arguments.workers)
        jobs = {_job(mutant, covering): mutant for mutant in mutants}
        survivors = [mutant for job, mutant in jobs.items() if not job.tests]
        for mutant in survivors:
            _say(mutant, "no test executes this line")
        runnable = [job for job in jobs if job.tests]
        place = Path(folder) / "copies"
        for number, (job, outcome) in enumerate(run_jobs(place, runnable, arguments.workers), 1):
            mutant = jobs[job]
            if not _is_killed(outcome):
                survivors.append(mutant)
                _say(mutant, f"{outcome.passed} tests pass")
            elif arguments.verbose:
                print(f"{number}/{len(runnable)} killed {mutant.file}:{mutant.line} {outcome}")
    killed = len(jobs) - len(survivors)
    score = 100 * killed / max(len(jobs), 1)
    print(
        f"{len(jobs)} mutants: {killed} killed, {len(survivors)} survived ({score:.0f} %), "
        f"seed {arguments.seed}, {time.monotonic() - began:.0f} s"
    )
    return 1 if score < arguments.least else 0


def _files() -> list[Path]:
    return [file for folder in sorted(_SCOPE) for file in sorted((ROOT / folder).rglob("*.py"))]


def _is_chosen(mutant: Mutant, places: Sequence[str]) -> bool:
    name = f"{mutant.file}:{mutant.line}"
    return not places or any(name.endswith(place) or place in mutant.file for place in places)


def _covering_tests(folder: Path, workers: int) -> CoveringTests:
    """Record which tests execute which lines, or load an earlier record."""
    folder.mkdir(exist_ok=True, parents=True)
    recorded = sorted({tests for folders in _SCOPE.values() for tests in folders})
    targets = {tests: folder / f"{tests.replace('/', '-')}.json" for tests in recorded}
    jobs = [
        Job((tests, "-k", _RECORDED), seconds=_RECORDING_SECONDS, plugins=_recorder(target))
        for tests, target in targets.items()
        if not target.exists()
    ]
    with tempfile.TemporaryDirectory(prefix="recorded-", ignore_cleanup_errors=True) as copies:
        for _, outcome in run_jobs(Path(copies), jobs, workers):
            print(f"{outcome.passed} tests recorded, {outcome.seconds:.0f} s", flush=True)
            for problem in (*outcome.failures, outcome.broken):
                if problem:
                    print(f"not recorded: {problem}", flush=True)
    if not all(target.exists() for target in targets.values()):
        raise SystemExit("the tests could not be recorded")
    return CoveringTests.read(targets.values())


def _recorder(target: Path) -> Callable[[], Sequence[object]]:
    target = target.absolute()  # before the run changes its working directory
    return lambda: (LineRecorder(target, tuple(_SCOPE)),)


def _own_room(mutant: Mutant) -> str:
    """Return the test folder that mirrors the folder of a file."""
    below = mutant.file.partition("/src/aniworld_")[2]
    return "tests/" + below.rpartition("/")[0]


def _job(mutant: Mutant, covering: CoveringTests) -> Job:
    """Choose the tests of a mutant: those of its statement, then those around it."""
    tests = set() if mutant.is_imported else covering.of(mutant.file, mutant.before)
    chosen = _within(_TRIED_SECONDS, _ordered(tests, mutant), covering)
    near = _near(mutant, covering) - tests
    limit = _NEAR_SECONDS if chosen else _TRIED_SECONDS
    chosen += _within(limit, _ordered(near, mutant), covering)
    files = tuple(dict.fromkeys(test.partition("::")[0] for test in chosen))
    return Job(
        files,
        mutant.file,
        mutant.text,
        seconds=_START_SECONDS + 3 * sum(covering.durations[test] for test in chosen),
        plugins=lambda: (Selection(chosen),),
    )


def _near(mutant: Mutant, covering: CoveringTests) -> set[str]:
    """Return tests that may execute a statement without a record of it.

    Before Python 3.12, no line is traced behind an `await` whose coroutine has handled an exception
    that the event loop threw into it. So the tests of the function count as well. Any test may use
    a value that is set by an import: most likely one of its own room or directly above it.
    """
    tests = covering.of(mutant.file, mutant.scope)
    if mutant.is_imported:
        tests = tests or covering.of(mutant.file)
        tests |= {test for test in covering.durations if _distance(test, mutant) < _ELSEWHERE}
    return tests


#: Distances of tests from a mutant.
_ABOVE, _IN_ROOM, _ELSEWHERE = range(3)


def _distance(test: str, mutant: Mutant) -> int:
    """Return whether a test is directly in a folder above the room of a mutant, or in its room."""
    room = f"{_own_room(mutant)}/"
    folder = test.partition("::")[0].rpartition("/")[0] + "/"
    if folder.startswith(room):
        return _IN_ROOM
    return _ABOVE if room.startswith(folder) else _ELSEWHERE


def _ordered(tests: Iterable[str], mutant: Mutant) -> list[str]:
    return sorted(tests, key=lambda test: (_distance(test, mutant), test.partition("::")[0]))


def _within(limit: float, tests: Sequence[str], covering: CoveringTests) -> list[str]:
    """Return the tests that together take less than *limit* seconds, in their order."""
    chosen: list[str] = []
    seconds = 0.0
    for test in tests:
        if seconds + covering.durations[test] < limit:
            chosen.append(test)
            seconds += covering.durations[test]
    return chosen


def _is_killed(outcome: Outcome) -> bool:
    return bool(outcome.failures or outcome.broken or outcome.late)


def _say(mutant: Mutant, reason: str) -> None:
    print(f"survived {mutant.file}:{mutant.line} ({mutant.operator}; {reason})")
    for sign, text in (("-", mutant.old), ("+", mutant.new)):
        for line in text.splitlines():
            print(f"    {sign} {line.strip()}", flush=True)


def _stop(_signal: int, _frame: FrameType | None) -> Never:
    raise SystemExit(1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("place", nargs="*", help="part of a file name, or its end with a line")
    parser.add_argument("--sample", type=int, default=200, help="how many mutants (200)")
    parser.add_argument("--seed", type=int, default=1, help="another seed chooses others (1)")
    parser.add_argument("--workers", type=int, default=2, help="how many run at a time (2)")
    parser.add_argument("--least", type=float, default=0, help="percentage that must die (0)")
    parser.add_argument("--lines", type=Path, help="folder that keeps the recorded lines")
    parser.add_argument("--verbose", action="store_true", help="print killed mutants as well")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main(_arguments()))
