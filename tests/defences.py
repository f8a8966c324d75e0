"""Remove each defence that `docs/security.md` names, and check that its test fails.

`python tests/defences.py` copies the workspace, removes one defence at a time from the copy and
runs its test, which must fail. Before that, every named test must pass in the unchanged copy.
Arguments select tests by parts of their names.
"""

import argparse
import re
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType
from typing import Final, Never

import attrs

from support.forked_pytest import ROOT, Job, Outcome, load_libraries, run_jobs

_WORKERS: Final = 2
#: Seconds for all tests in unchanged copies, which run in few jobs.
_UNTOUCHED_SECONDS: Final = 600
_NAMED: Final = re.compile(r"`(tests/[\w/]+\.py(?:::\w+)+)`")

CORE: Final = "packages/aniworld-core/src/aniworld_core/"
HTTP: Final = "packages/aniworld-http/src/aniworld_http/"
SQLITE: Final = "packages/aniworld-sqlite/src/aniworld_sqlite/"
PROVIDERS: Final = "packages/aniworld-providers/src/aniworld_providers/"


@attrs.frozen
class Removal:
    """Removal of one defence.

    Attributes:
        test: Test that must fail without the defence.
        file: File of the defence, relative to the workspace.
        old: Text of the defence; occurs exactly once in the file.
        new: Replacement of the text.
        case: Parametrised case that must fail, if only one concerns the defence.
    """

    test: str
    file: str
    old: str
    new: str
    case: str = ""

    @property
    def node(self) -> str:
        """Node id for pytest."""
        return f"{self.test}[{self.case}]" if self.case else self.test


def removals() -> "tuple[Removal, ...]":
    """Return all removals; a test may have several."""
    from defences_removed import REMOVALS

    return REMOVALS


def named_tests() -> frozenset[str]:
    """Return the tests that the security page names."""
    return frozenset(_NAMED.findall((ROOT / "docs/security.md").read_text(encoding="utf-8")))


def problem_with(removal: Removal) -> str:
    """Return why a removal cannot be applied; empty when it can."""
    count = (ROOT / removal.file).read_text(encoding="utf-8").count(removal.old)
    return "" if count == 1 else f"{removal.file} has {count} times: {removal.old[:80]!r}"


def main(wanted: list[str]) -> int:
    """Run the tests of the selected removals; return 0 if all of them failed."""
    began = time.monotonic()
    chosen = [r for r in removals() if not wanted or any(word in r.node for word in wanted)]
    unfit = [problem for removal in chosen if (problem := problem_with(removal))]
    if unfit or not chosen:
        print("\n".join(unfit) or "no test has such a name", file=sys.stderr)
        return 1
    load_libraries()
    tests = sorted({removal.node for removal in chosen})
    pieces = [tuple(tests[n::_WORKERS]) for n in range(min(_WORKERS, len(tests)))]
    jobs = [Job(piece, seconds=_UNTOUCHED_SECONDS) for piece in pieces]
    removed = {_without(removal): removal for removal in chosen}
    jobs += removed
    failed: list[str] = []
    signal.signal(signal.SIGTERM, _stop)
    with tempfile.TemporaryDirectory(prefix="defences-", ignore_cleanup_errors=True) as folder:
        for job, outcome in run_jobs(Path(folder), jobs, _WORKERS):
            removal = removed.get(job)
            problem = _problem_of(job, removal, outcome)
            _say(removal, outcome, problem)
            if problem:
                failed.append(f"{removal.node if removal else 'untouched copy'}: {problem}")
    print("\n".join(failed), end="\n" if failed else "")
    print(
        f"{len(removed)} defences removed, {len(failed)} problems, "
        f"{time.monotonic() - began:.0f} s: "
        + ("not every test noticed" if failed else "each was noticed by its test")
    )
    return 1 if failed else 0


def _without(removal: Removal) -> Job:
    text = (ROOT / removal.file).read_text(encoding="utf-8")
    return Job((removal.node,), removal.file, text.replace(removal.old, removal.new))


def _problem_of(job: Job, removal: Removal | None, outcome: Outcome) -> str:
    """Return the problem of a test result, if any."""
    if outcome.late:
        return f"it had not ended after {job.seconds:.0f} s"
    if outcome.broken:
        return outcome.broken
    if removal is None:
        return "\n".join(outcome.failures) or ("" if outcome.passed else "no test ran")
    if outcome.failures:
        return ""
    return "the test passes without the defence" if outcome.passed else "the test did not run"


def _say(removal: Removal | None, outcome: Outcome, problem: str) -> None:
    word = "FAILED" if problem else "ok"
    if removal is None:
        print(f"{word:6} {outcome.passed} tests in an untouched copy", end=" ")
    else:
        print(f"{word:6} {removal.node}", end=" ")
    print(f"({outcome.seconds:.1f} s, busy for {outcome.busy:.1f} s)")
    if removal is not None:
        print(f"       without {removal.old.strip()[:80]!r}")
    print(f"       {problem or ' '.join(outcome.failures)[:160]}".rstrip(), flush=True)


def _stop(_signal: int, _frame: FrameType | None) -> Never:
    raise SystemExit(1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("test", nargs="*", help="part of the name of a test")
    sys.exit(main(parser.parse_args().test))
