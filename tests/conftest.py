"""Fixtures of all tests: the event loop, an empty environment, and no outside network."""

import gc
import ipaddress
import itertools
import logging
import os
import signal
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, Final

import hypothesis
import pytest

# Assertions of the contract suites show details only if rewritten, which must be requested before
# the first import.
pytest.register_assert_rewrite(
    "aniworld_core.testing.contracts",
    "aniworld_core.testing.machines",
)

#: Signals that end commands, with what Python does by default.
_SIGNALS: Final = (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGTERM, signal.SIG_DFL),
    (signal.SIGHUP, signal.SIG_DFL),
)


def pytest_configure(config: pytest.Config) -> None:
    """Make processes of the tests independent of how the tests were started.

    Signals end them although a shell ignores them for what it runs in the background, and their
    local time is UTC. Compiled modules are shared if Python writes none beside the sources: each of
    the many processes would compile every module again. Workers of xdist inherit all of it from the
    first process.
    """
    os.environ["TZ"] = "UTC"
    time.tzset()
    for number, handler in _SIGNALS:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)
    if sys.dont_write_bytecode and "PYTHONPYCACHEPREFIX" not in os.environ:
        folder = tempfile.TemporaryDirectory(prefix="bytecode-", ignore_cleanup_errors=True)
        config.add_cleanup(folder.cleanup)
        os.environ["PYTHONPYCACHEPREFIX"] = folder.name
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Let the garbage collector skip all modules and test items, which live to the end.

    It would otherwise look at each of them many times, also while they are made: together the
    tests would take 6 % longer.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


_PREFIXES = ("ANIWORLD_", "LOG_", "LC_")
_NAMES = (
    *("DATABASE_URL", "ANIME_DIRECTORY", "JWT_SECRET_KEY", "CORS_ORIGINS"),
    # What programs write, and for which kind of terminal.
    *("LANG", "LANGUAGE", "TERM", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"),
)
_HOMES = {
    "HOME": "home",
    "XDG_DATA_HOME": "home/.local/share",
    "XDG_CONFIG_HOME": "home/.config",
    "XDG_CACHE_HOME": "home/.cache",
    "XDG_STATE_HOME": "home/.local/state",
}

#: Files in the list of those that cost most.
_SLOWEST: Final = 20

_HEALTH = [hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.function_scoped_fixture]
hypothesis.settings.register_profile(
    "dev",
    max_examples=25,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=_HEALTH,
)
hypothesis.settings.register_profile(
    "ci",
    max_examples=150,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=_HEALTH,
)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run async tests on asyncio, because aiohttp supports no other loop."""
    return "asyncio"


@pytest.fixture(scope="session")
def users(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a counter for the names of home folders.

    With a thousand folders beside those of the tests, every test would list them all.
    """
    root = tmp_path_factory.mktemp("users")
    return (root / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, users: Iterator[Path]) -> Path:
    """Hide settings, language, terminal and home folder of the user who runs the tests."""
    for name in list(os.environ):
        if name.startswith(_PREFIXES) or name in _NAMES:
            monkeypatch.delenv(name)
    root = next(users)
    root.mkdir()
    for name, below in _HOMES.items():
        monkeypatch.setenv(name, str(root / below))
    (root / "home").mkdir()
    return root / "home"


class OutsideWorldError(AssertionError):
    """A test tried to connect to another machine."""


def _stays_here(address: object) -> bool:
    if not isinstance(address, tuple):
        return True  # a unix socket's path
    host = str(address[0])
    if host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture
def former_logging() -> Iterator[None]:
    """Restore handlers and level of the root logger after a test."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow sockets to connect to loopback and unix addresses only."""

    def guarded(method: Callable[..., Any]) -> Callable[..., Any]:
        def connect(self: socket.socket, address: object) -> object:
            if not _stays_here(address):
                raise OutsideWorldError(f"a test tried to connect to {address!r}")
            return method(self, address)

        return connect

    # Patched in the Python class, so that the C base class of all sockets is unchanged.
    monkeypatch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))


_STARTED_AT: Final = pytest.StashKey[float]()


def _cpu_seconds() -> float:
    """Return the CPU time of this process and of the processes it has waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note when a test begins."""
    item.stash[_STARTED_AT] = _cpu_seconds()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note what a test cost, its processes and fixtures included."""
    report = yield
    if call.when == "teardown":
        seconds = _cpu_seconds() - item.stash[_STARTED_AT]
        report.user_properties.append(("cpu_seconds", seconds))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what tests recorded as their `summary`: figures that are part of the proof.

    In CI the files that cost most are shown too.
    """
    costs = Counter[str]()
    for report in itertools.chain.from_iterable(terminalreporter.stats.values()):
        for name, value in getattr(report, "user_properties", ()):
            if name == "summary" and report.when == "call" and report.passed:
                terminalreporter.write_line(str(value))
            if name == "cpu_seconds":
                costs[report.location[0]] += value
    if "CI" in os.environ:
        terminalreporter.write_line(f"{costs.total():.0f} CPU seconds, most of them in:")
        for file, seconds in costs.most_common(_SLOWEST):
            terminalreporter.write_line(f"{seconds:6.1f}  {file}")
