"""Runs of pytest in copies of the workspace, each in a process forked from a prepared one.

The libraries are imported once, before the first fork. A job may change one file of its copy.
"""

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
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import attrs
import hypothesis
import pytest

ROOT: Final = Path(__file__).parents[2]
#: What is copied of the workspace.
_COPIED: Final = (
    "packages",
    "tests",
    "proof",
    "benchmarks/server",
    "docs",
    "examples",
    "pyproject.toml",
    "README.md",
    "deploy",
)
#: Bytes of address space of a run: a test without its limit must not fill the machine.
_MEMORY: Final = 2 * 1024**3
#: Where tests say how long they wait: too long for what a change prevents.
_WAITING: Final = "packages/aniworld-core/src/aniworld_core/testing/waiting.py"
_PATIENCE: Final = re.compile(r"(?m)^PATIENCE: Final = .*$")
_LESS_PATIENCE: Final = "PATIENCE: Final = 10.0"
#: Seconds between two checks of the running processes.
_PAUSE: Final = 0.02
_LIBRARIES: Final = (
    *("aiohttp.web", "aiohttp.test_utils", "aiohttp_cors", "alembic.command", "anyio.from_thread"),
    *("av", "brotli", "cattrs", "cryptography.fernet", "hishel.httpx", "httpx", "jinja2", "jwt"),
    *("langcodes", "limits.aio", "msgspec", "passlib.hash", "prometheus_client", "selectolax"),
    *("sqlalchemy.orm", "sqlalchemy.dialects.sqlite", "structlog", "typed_settings", "yt_dlp"),
)
#: Errors which say that the changed code is no program, not that a test noticed the change.
_BREAKAGES: Final = re.compile(r"^\w*(?:SyntaxError|IndentationError|ImportError|NameError)\b")


@attrs.frozen
class Job:
    """A run of pytest in a copy of the workspace.

    Attributes:
        tests: The arguments of pytest: files, folders or node IDs.
        file: The file that is changed in the copy, below the workspace; empty for none.
        text: The whole changed file.
        seconds: Seconds until the run is stopped.
        plugins: Creates further plug-ins of pytest in the process of the run.
    """

    tests: tuple[str, ...]
    file: str = ""
    text: str = attrs.field(default="", repr=False)
    seconds: float = 120
    plugins: Callable[[], Sequence[object]] = tuple


@attrs.frozen
class Outcome:
    """The result of a job.

    Attributes:
        passed: How many tests passed.
        failures: Node ID and first line of the message of each failed test.
        broken: Why the tests did not run as they must; empty when they did.
        late: Whether the run was stopped because it took too long.
        seconds: Duration of the run.
        busy: Seconds of processor time.
    """

    passed: int = 0
    failures: tuple[str, ...] = ()
    broken: str = ""
    late: bool = False
    seconds: float = 0.0
    busy: float = 0.0


@attrs.define(eq=False)
class _Results:
    """A plug-in of pytest that records the result of each test."""

    passed: int = 0
    failures: list[str] = attrs.field(factory=list)
    broken: str = ""

    def pytest_sessionstart(self) -> None:
        """Let hypothesis search one failing example, not the shortest one."""
        phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
        hypothesis.settings.register_profile("removed", hypothesis.settings(), phases=phases)
        hypothesis.settings.load_profile("removed")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Record a module that cannot be imported."""
        if report.failed:
            self.broken = self.broken or f"{report.nodeid}: {report.longreprtext[-400:]}"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Record a test."""
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            message = crash.message if crash is not None else report.longreprtext[-400:]
            first, _, _ = message.partition("\n")
            self.failures.append(f"{report.nodeid}: {first}")
            if _BREAKAGES.match(message):
                self.broken = self.broken or message
        self.passed += report.when == "call" and report.passed


def load_libraries() -> None:
    """Import the libraries of the workspace, so that no forked process has to."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in _LIBRARIES:
            with suppress(ImportError):
                importlib.import_module(name)
    gc.collect()
    gc.freeze()


def run_jobs(folder: Path, jobs: Sequence[Job], workers: int) -> Iterator[tuple[Job, Outcome]]:
    """Run jobs in parallel, each in a process of its own; yield them as they end.

    Args:
        folder: An empty folder for the copies of the workspace, one for each worker.
        jobs: Started in this order.
        workers: How many run at a time.
    """
    free = [folder / str(number) for number in range(min(workers, len(jobs)))]
    for copy in free:
        copy_workspace(copy)
    waiting = list(reversed(jobs))
    running: dict[int, tuple[Job, Path, float]] = {}
    try:
        while waiting or running:
            while waiting and free:
                job, copy = waiting.pop(), free.pop()
                _change(copy, job)
                running[_start(copy, job)] = job, copy, time.monotonic()
            for pid, (job, copy, began) in list(running.items()):
                seconds = time.monotonic() - began
                ended, _, usage = os.wait4(pid, os.WNOHANG)
                if ended:
                    outcome = _read(copy)
                elif seconds > job.seconds:
                    _kill(pid)
                    _, _, usage = os.wait4(pid, 0)
                    outcome = Outcome(late=True)
                else:
                    continue
                _kill(pid)  # processes that its tests left running
                _restore(copy, job)
                del running[pid]
                free.append(copy)
                busy = usage.ru_utime + usage.ru_stime
                yield job, attrs.evolve(outcome, seconds=seconds, busy=busy)
            time.sleep(_PAUSE)
    finally:
        for pid in running:
            _kill(pid)
            os.waitpid(pid, 0)


def copy_workspace(target: Path) -> None:
    """Copy the workspace into a new folder, without environments."""
    # With the compiled modules: their times are kept, so that only what is changed is compiled.
    ignored = shutil.ignore_patterns(".venv", "node_modules")
    for name in _COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=ignored, symlinks=True)
        elif source.exists():
            target.mkdir(exist_ok=True, parents=True)
            shutil.copy(source, target / name)


def _start(copy: Path, job: Job) -> int:
    """Start a job in a process group of its own; return its ID."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            _result(copy).write_text(json.dumps(attrs.asdict(_run(copy, job))), encoding="utf-8")
        except BaseException:  # no caller is left that could handle it
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


def _read(copy: Path) -> Outcome:
    try:
        document = json.loads(_result(copy).read_text(encoding="utf-8"))
        _result(copy).unlink()
    except (OSError, ValueError):
        output = _end_of(copy.with_suffix(".log"))
        return Outcome(broken=f"the tests could not be run: {output}")
    return Outcome(document["passed"], tuple(document["failures"]), document["broken"])


def _end_of(log: Path) -> str:
    sys.stdout.flush()
    return log.read_text(encoding="utf-8", errors="replace")[-1000:]


def _run(copy: Path, job: Job) -> Outcome:
    """Run the tests of a job in its copy; the process ends afterwards."""
    with copy.with_suffix(".log").open("wb") as log, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    os.chdir(copy)
    # The copies win over the installed packages, in subprocesses of tests as well. Nothing is
    # compiled into them, so that no compiled module outlives its change.
    sources = [str(source) for source in sorted(copy.glob("packages/*/src"))]
    temporary = copy.with_suffix(".tmp")
    temporary.mkdir(exist_ok=True)
    os.environ.update(
        PYTHONPATH=os.pathsep.join(sources), PYTHONDONTWRITEBYTECODE="1", TMPDIR=str(temporary)
    )
    tempfile.tempdir = None
    sys.dont_write_bytecode = True
    sys.path[:] = sources + [each for each in sys.path if Path(each) != ROOT / "tests"]
    for name in [name for name in sys.modules if name == "support" or name.startswith("support.")]:
        del sys.modules[name]
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    results = _Results()
    options = ["-q", "--numprocesses=0", "-p", "no:cacheprovider", "--tb=short"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    if job.file:
        # The first failure is enough, and the objects which it leaves open do not matter.
        options += ["-x", "-W", "ignore::pytest.PytestUnraisableExceptionWarning"]
    code = pytest.main([*options, *job.tests], [results, *job.plugins()])
    if code not in {0, 1} and not results.broken:
        results.broken = f"pytest ended with {int(code)}: {_end_of(copy.with_suffix('.log'))}"
    return Outcome(results.passed, tuple(results.failures), results.broken)


def _change(copy: Path, job: Job) -> None:
    """Write the changed file of a job into its copy."""
    if job.file:
        waiting = (ROOT / _WAITING).read_text(encoding="utf-8")
        (copy / _WAITING).write_text(_PATIENCE.sub(_LESS_PATIENCE, waiting), encoding="utf-8")
        (copy / job.file).write_text(job.text, encoding="utf-8")


def _restore(copy: Path, job: Job) -> None:
    """Put the file back, with its time, so that its compiled module is valid again."""
    if job.file:
        for changed in (job.file, _WAITING):
            shutil.copy2(ROOT / changed, copy / changed)
