"""Remove each defence that `docs/security.md` names, and check that its test notices.

`python tests/defences.py` copies the workspace, takes one defence out of the copy at a time and
runs the test that is named for it, which must fail. Before that every named test must pass in the
untouched copy. Arguments choose tests by parts of their names.
"""

import argparse
import gc
import importlib
import json
import os
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Final, Never

import attrs
import hypothesis
import pytest

ROOT: Final = Path(__file__).parents[1]
#: Copied into the workspace that loses its defences.
_COPIED: Final = ("packages", "tests", "docs", "examples", "pyproject.toml", "README.md", "deploy")
_WORKERS: Final = 2
#: Seconds until a test must have noticed; the tests of an untouched copy run in few pieces.
_SECONDS: Final = 120
_UNTOUCHED_SECONDS: Final = 600
#: Bytes of address space: without a limit of ours a test must not fill the machine.
_MEMORY: Final = 2 * 1024**3
_NAMED: Final = re.compile(r"`(tests/[\w/]+\.py(?:::\w+)+)`")
#: Loaded before the first copy is forked off, so that each does not have to.
_LIBRARIES: Final = (
    *("aiohttp.web", "aiohttp.test_utils", "aiohttp_cors", "alembic.command", "anyio.from_thread"),
    *("av", "brotli", "cattrs", "cryptography.fernet", "hishel.httpx", "httpx", "jinja2", "jwt"),
    *("langcodes", "limits.aio", "msgspec", "passlib.hash", "prometheus_client", "selectolax"),
    *("sqlalchemy.orm", "sqlalchemy.dialects.sqlite", "structlog", "typed_settings", "yt_dlp"),
)
#: A test that fails for one of these says nothing about a defence: the removal is wrong.
_BREAKAGES: Final = re.compile(r"^\w*(?:SyntaxError|IndentationError|ImportError|NameError)\b")

CORE: Final = "packages/aniworld-core/src/aniworld_core/"
HTTP: Final = "packages/aniworld-http/src/aniworld_http/"
SQLITE: Final = "packages/aniworld-sqlite/src/aniworld_sqlite/"
PROVIDERS: Final = "packages/aniworld-providers/src/aniworld_providers/"


@attrs.frozen
class Removal:
    """How one defence is taken away.

    Attributes:
        test: The test that must fail then.
        file: Where the defence is, below the workspace.
        old: The text that is the defence; it must be in the file exactly once.
        new: What stands there without it.
        case: The case of the test that must fail, where one of them is about this defence.
    """

    test: str
    file: str
    old: str
    new: str
    case: str = ""

    @property
    def node(self) -> str:
        """What pytest is asked to run."""
        return f"{self.test}[{self.case}]" if self.case else self.test


@attrs.frozen
class _Job:
    """A start of pytest in a copy of the workspace."""

    tests: tuple[str, ...]
    removal: Removal | None = None
    seconds: float = _SECONDS


@attrs.frozen
class _Outcome:
    """What came of a job.

    Attributes:
        passed: How many tests passed.
        failures: The messages of those that failed, as they came.
        broken: Why the tests did not run as they must; empty when they did.
        seconds: How long it took.
        busy: How many of them a processor was busy with it.
    """

    passed: int = 0
    failures: tuple[str, ...] = ()
    broken: str = ""
    seconds: float = 0.0
    busy: float = 0.0


@attrs.define(eq=False)
class _Notes:
    """A plug-in of pytest that notes what came of each test."""

    passed: int = 0
    failures: list[str] = attrs.field(factory=list)
    broken: str = ""

    def pytest_sessionstart(self) -> None:
        """Look for one example that fails, not for the shortest one."""
        phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
        hypothesis.settings.register_profile("removed", hypothesis.settings(), phases=phases)
        hypothesis.settings.load_profile("removed")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a module that cannot be loaded."""
        if report.failed:
            self.broken = self.broken or f"{report.nodeid}: {report.longreprtext[-400:]}"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test."""
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            message = crash.message if crash is not None else report.longreprtext[-400:]
            first, _, _ = message.partition("\n")
            self.failures.append(f"{report.nodeid}: {first}")
            if _BREAKAGES.match(message):
                self.broken = self.broken or message
        self.passed += report.when == "call" and report.passed


def removals() -> "tuple[Removal, ...]":
    """Return every removal; a test may have several."""
    from defences_removed import REMOVALS

    return REMOVALS


def named_tests() -> frozenset[str]:
    """Return the tests that the page about security names."""
    return frozenset(_NAMED.findall((ROOT / "docs/security.md").read_text(encoding="utf-8")))


def problem_with(removal: Removal) -> str:
    """Return why a removal cannot be applied; empty when it can."""
    count = (ROOT / removal.file).read_text(encoding="utf-8").count(removal.old)
    return "" if count == 1 else f"{removal.file} has {count} times: {removal.old[:80]!r}"


def main(wanted: list[str]) -> int:
    """Run the tests of all chosen removals; 0 if every one of them failed as it must."""
    began = time.monotonic()
    chosen = [r for r in removals() if not wanted or any(word in r.node for word in wanted)]
    unfit = [problem for removal in chosen if (problem := problem_with(removal))]
    if unfit or not chosen:
        print("\n".join(unfit) or "no test has such a name", file=sys.stderr)
        return 1
    _load_libraries()
    tests = sorted({removal.node for removal in chosen})
    pieces = [tuple(tests[n::_WORKERS]) for n in range(min(_WORKERS, len(tests)))]
    jobs = [_Job(piece, seconds=_UNTOUCHED_SECONDS) for piece in pieces]
    jobs += [_Job((removal.node,), removal) for removal in chosen]
    failed = 0
    signal.signal(signal.SIGTERM, _stop)
    with tempfile.TemporaryDirectory(prefix="defences-", ignore_cleanup_errors=True) as folder:
        for job, outcome in _outcomes(Path(folder), jobs):
            problem = _problem_of(job, outcome)
            failed += bool(problem)
            _say(job, outcome, problem)
    print(
        f"{len(jobs) - len(pieces)} defences removed, {failed} problems, "
        f"{time.monotonic() - began:.0f} s: "
        + ("not every test noticed" if failed else "each was noticed by its test")
    )
    return 1 if failed else 0


def _problem_of(job: _Job, outcome: _Outcome) -> str:
    """Return what is wrong about an outcome, if anything."""
    if outcome.broken:
        return outcome.broken
    if job.removal is None:
        return "\n".join(outcome.failures) or ("" if outcome.passed else "no test ran")
    if outcome.failures:
        return ""
    return "the test passes without the defence" if outcome.passed else "the test did not run"


def _say(job: _Job, outcome: _Outcome, problem: str) -> None:
    word = "FAILED" if problem else "ok"
    if job.removal is None:
        print(f"{word:6} {outcome.passed} tests in an untouched copy", end=" ")
    else:
        print(f"{word:6} {job.removal.node}", end=" ")
    print(f"({outcome.seconds:.1f} s, busy for {outcome.busy:.1f} s)")
    if job.removal is not None:
        print(f"       without {job.removal.old.strip()[:80]!r}")
    print(f"       {problem or ' '.join(outcome.failures)[:160]}".rstrip(), flush=True)


def _stop(_signal: int, _frame: FrameType | None) -> Never:
    raise SystemExit(1)


def _load_libraries() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in _LIBRARIES:
            with suppress(ImportError):
                importlib.import_module(name)
    gc.collect()
    gc.freeze()


def _outcomes(folder: Path, jobs: list[_Job]) -> Iterator[tuple[_Job, _Outcome]]:
    """Do the jobs side by side, each in a process of its own; yield them as they end."""
    free = [folder / str(number) for number in range(_WORKERS)]
    for copy in free:
        _copy(copy)
    waiting = list(reversed(jobs))
    running: dict[int, tuple[_Job, Path, float]] = {}
    try:
        while waiting or running:
            while waiting and free:
                job, copy = waiting.pop(), free.pop()
                _remove(copy, job.removal)
                running[_start(copy, job)] = job, copy, time.monotonic()
            for pid, (job, copy, began) in list(running.items()):
                seconds = time.monotonic() - began
                ended, _, usage = os.wait4(pid, os.WNOHANG)
                if ended:
                    outcome = _read(copy)
                elif seconds > job.seconds:
                    _kill(pid)
                    _, _, usage = os.wait4(pid, 0)
                    outcome = _Outcome(broken=f"it had not ended after {job.seconds:.0f} s")
                else:
                    continue
                _kill(pid)  # what its tests left running
                _restore(copy, job.removal)
                del running[pid]
                free.append(copy)
                busy = usage.ru_utime + usage.ru_stime
                yield job, attrs.evolve(outcome, seconds=seconds, busy=busy)
            time.sleep(0.02)
    finally:
        for pid in running:
            _kill(pid)
            os.waitpid(pid, 0)


def _copy(target: Path) -> None:
    # With the compiled modules: their times are kept, so that only what is changed is compiled.
    ignored = shutil.ignore_patterns(".venv", "node_modules")
    for name in _COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=ignored, symlinks=True)
        elif source.exists():
            target.mkdir(exist_ok=True, parents=True)
            shutil.copy(source, target / name)


def _start(copy: Path, job: _Job) -> int:
    """Begin a job in a process group of its own; return its id."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            _result(copy).write_text(json.dumps(attrs.asdict(_run(copy, job))), encoding="utf-8")
        except BaseException:  # there is nobody else to tell
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(0)
    return pid


def _kill(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _result(copy: Path) -> Path:
    return copy.with_suffix(".json")


def _read(copy: Path) -> _Outcome:
    try:
        told = json.loads(_result(copy).read_text(encoding="utf-8"))
        _result(copy).unlink()
    except (OSError, ValueError):
        output = _end_of(copy.with_suffix(".log"))
        return _Outcome(broken=f"the tests could not be run: {output}")
    return _Outcome(told["passed"], tuple(told["failures"]), told["broken"])


def _end_of(log: Path) -> str:
    sys.stdout.flush()
    return log.read_text(encoding="utf-8", errors="replace")[-1000:]


def _run(copy: Path, job: _Job) -> _Outcome:
    """Run tests in the copy without their defence; the process ends afterwards."""
    with copy.with_suffix(".log").open("wb") as log, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    os.chdir(copy)
    # The copies win over the installed packages, in subprocesses of tests as well. Nothing is
    # compiled into them, so that no module outlives its removal.
    sources = [str(source) for source in sorted(copy.glob("packages/*/src"))]
    temporary = copy.with_suffix(".tmp")
    temporary.mkdir(exist_ok=True)
    os.environ.update(
        PYTHONPATH=os.pathsep.join(sources), PYTHONDONTWRITEBYTECODE="1", TMPDIR=str(temporary)
    )
    tempfile.tempdir = None
    sys.dont_write_bytecode = True
    sys.path[:] = sources + [each for each in sys.path if Path(each) != ROOT / "tests"]
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    notes = _Notes()
    options = ["-q", "--numprocesses=0", "-p", "no:cacheprovider", "--tb=short"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    if job.removal is not None:
        # The first failure is enough, and what it leaves open is no news.
        options += ["-x", "-W", "ignore::pytest.PytestUnraisableExceptionWarning"]
    code = pytest.main([*options, *job.tests], [notes])
    if code not in {0, 1} and not notes.broken:
        notes.broken = f"pytest ended with {int(code)}: {_end_of(copy.with_suffix('.log'))}"
    return _Outcome(notes.passed, tuple(notes.failures), notes.broken)


def _remove(copy: Path, removal: Removal | None) -> None:
    """Take a defence away in a copy."""
    if removal is not None:
        path = copy / removal.file
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(removal.old, removal.new), encoding="utf-8")


def _restore(copy: Path, removal: Removal | None) -> None:
    """Put it back, with its time, so that what was compiled of it counts again."""
    if removal is not None:
        shutil.copy2(ROOT / removal.file, copy / removal.file)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("test", nargs="*", help="part of the name of a test")
    sys.exit(main(parser.parse_args().test))
