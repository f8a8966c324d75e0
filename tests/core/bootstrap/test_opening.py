"""Opening and closing an application whose adapters hold task groups."""

import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, assert_type

import anyio
import attrs
import pytest

import aniworld_core
from aniworld_core import (
    AdapterBrokenError,
    AniworldError,
    Application,
    DownloadCompleted,
    DownloadFailed,
    Event,
    SeriesNotFoundError,
    Settings,
    StorageUnavailableError,
    events,
    open_application,
)
from aniworld_core.adapters.local_bus import LocalProgressBus
from aniworld_core.bootstrap import adapters
from aniworld_core.domain.configuration import Config, NetworkConfig, ProviderConfig, ServerConfig
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.testing import MemoryStorage
from aniworld_core.testing.fakes import MemoryConfigStore

pytestmark = pytest.mark.anyio

SECRET = "hunter2-very-secret"
Install = Callable[[object], None]


@asynccontextmanager
async def _with_tasks(_url: str) -> AsyncIterator[MemoryStorage]:
    """Open a storage with an open task group, as database drivers do."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(anyio.sleep_forever)
        yield MemoryStorage()
        tasks.cancel_scope.cancel()


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return a function that installs a storage with the scheme `fake`."""

    def install(factory: object) -> None:
        monkeypatch.setattr(adapters, "load_adapter", lambda *_: factory)

    return install


def _opening(folder: Path, **changes: Any) -> Any:
    settings = Settings(data_dir=folder, database_url=f"fake://me:{SECRET}@host/db", **changes)
    return open_application(settings, loaders=(), resolvers=(), fetchers=())


async def test_errors_of_the_body_are_not_wrapped(tmp_path: Path, install: Install) -> None:
    """An error of the body is not wrapped in an exception group."""
    install(_with_tasks)
    with pytest.raises(SeriesNotFoundError):
        async with _opening(tmp_path):
            raise SeriesNotFoundError("x")


async def test_one_task_may_open_and_another_close(tmp_path: Path, install: Install) -> None:
    """An application can be opened in one task and closed in another."""
    steps = []

    @asynccontextmanager
    async def storage(url: str) -> AsyncIterator[MemoryStorage]:
        async with _with_tasks(url) as opened:
            steps.append("opened")
            yield opened
        steps.append("closed")

    install(storage)
    opening = _opening(tmp_path)
    opened: list[Application] = []

    async def open_it() -> None:
        opened.append(await opening.__aenter__())

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(open_it)
    assert steps == ["opened"]
    assert await opened[0].config.read() == Config()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(opening.__aexit__, None, None, None)
    assert steps == ["opened", "closed"]


async def test_a_cancelled_body_still_closes(tmp_path: Path, install: Install) -> None:
    """A cancelled body closes the adapters in order and stays cancelled."""
    closed = []

    @asynccontextmanager
    async def storage(_url: str) -> AsyncIterator[MemoryStorage]:
        yield MemoryStorage()
        await anyio.sleep(0)
        closed.append(True)

    install(storage)
    with anyio.move_on_after(0.01) as scope:
        async with _opening(tmp_path):
            await anyio.sleep_forever()
    assert scope.cancelled_caught
    assert closed == [True]


async def test_an_adapter_that_fails_while_open_is_named(tmp_path: Path, install: Install) -> None:
    """An adapter that fails while open is named at the end; the body is not cancelled."""

    async def fail(at: anyio.Event) -> None:
        await at.wait()
        raise OSError("connection lost")

    now = anyio.Event()

    @asynccontextmanager
    async def storage(_url: str) -> AsyncIterator[MemoryStorage]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(fail, now)
            yield MemoryStorage()

    async def use() -> None:
        async with _opening(tmp_path):
            now.set()
            await anyio.sleep(0.01)

    install(storage)
    with pytest.raises(AdapterBrokenError, match="connection lost"):
        await use()


@asynccontextmanager
async def _refusing(url: str) -> AsyncIterator[MemoryStorage]:
    if url:
        raise StorageUnavailableError("no answer")
    yield MemoryStorage()


@asynccontextmanager
async def _refusing_in_a_group(url: str) -> AsyncIterator[MemoryStorage]:
    async with anyio.create_task_group():
        if url:
            raise StorageUnavailableError("no answer")
    yield MemoryStorage()


@asynccontextmanager
async def _failing(url: str) -> AsyncIterator[MemoryStorage]:
    if url:
        raise ValueError(f"cannot connect to {url}")
    yield MemoryStorage()


@asynccontextmanager
async def _odd(_url: str) -> AsyncIterator[object]:
    yield object()


@pytest.mark.parametrize(
    ("factory", "kind"),
    [
        (_refusing, StorageUnavailableError),
        (_refusing_in_a_group, StorageUnavailableError),
        (_failing, AdapterBrokenError),
        (_odd, AdapterBrokenError),
        (lambda _url: None, AdapterBrokenError),
        ("no function at all", AdapterBrokenError),
    ],
)
async def test_a_storage_that_cannot_be_opened_is_named(
    tmp_path: Path, install: Install, factory: object, kind: type[AniworldError]
) -> None:
    """Own errors of the storage are raised unchanged, others with the adapter's name."""
    install(factory)
    with pytest.raises(kind) as failure:
        async with _opening(tmp_path):
            pass
    assert SECRET not in str(failure.value)
    if kind is AdapterBrokenError:
        assert "'fake' for aniworld.storage" in str(failure.value)


async def test_a_bus_of_another_type_is_named(tmp_path: Path, install: Install) -> None:
    """A bus that does not implement the port is named."""
    install(_odd)
    settings = Settings(data_dir=tmp_path, bus_url="fake://x")
    with pytest.raises(AdapterBrokenError, match=r"'fake' for aniworld\.bus.*no ProgressBus"):
        async with open_application(settings, storage=MemoryStorage(), loaders=()):
            pass


async def test_repr_is_short_and_holds_no_secret(tmp_path: Path) -> None:
    """The repr of the application and its parts is short and contains no secret."""
    server = ServerConfig(name="a", base_url=f"http://me:{SECRET}@h/", password=SECRET)
    provider = ProviderConfig(servers=(server,), proxy=f"http://me:{SECRET}@p/")
    config = Config(
        network=NetworkConfig(proxy=f"socks5://me:{SECRET}@p/"),
        providers={"index": provider},
        unknown={"/x": SECRET},
    )
    settings = Settings(data_dir=tmp_path, database_url=f"x://me:{SECRET}@h", bus_url="local")
    async with open_application(
        settings,
        storage=MemoryStorage(),
        loaders=(),
        config_store=MemoryConfigStore(config),
    ) as app:
        shown = [repr(app), repr(settings), repr(config)]
        shown += [repr(getattr(app, field.name)) for field in attrs.fields(Application)]
    assert len(shown[0]) < 200
    assert not [text[:80] for text in shown if SECRET in text]


async def test_subscriptions_are_typed_by_what_they_name() -> None:
    """Two classes give a union as event type, no class gives every event."""
    bus: ProgressBus = LocalProgressBus()
    async with (
        bus.subscribe(DownloadCompleted) as one,
        bus.subscribe(DownloadCompleted, DownloadFailed, buffer=9) as two,
        bus.subscribe() as everything,
    ):
        assert_type(one, AsyncIterator[DownloadCompleted])
        assert_type(two, AsyncIterator[DownloadCompleted | DownloadFailed])
        assert_type(everything, AsyncIterator[Event])


def test_every_error_and_event_can_be_imported_from_the_top() -> None:
    """All errors and events, with their base classes, can be imported from the package."""
    classes = {
        name
        for module in (aniworld_core.errors, events)
        for name, value in vars(module).items()
        if isinstance(value, type)
        and f"{value.__module__}.".startswith(f"{module.__name__}.")
        and name[0] != "_"
    }
    assert classes <= set(aniworld_core.__all__)
    assert all(isinstance(getattr(aniworld_core, name), type) for name in classes)


def test_importing_the_library_imports_little() -> None:
    """Importing the package does not import the parts of an application."""
    program = "import sys, aniworld_core; aniworld_core.open_application; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    modules = set(done.stdout.decode().split())
    heavy = {"cattrs", "anyio", "filelock", "httpx", "sqlalchemy", "aiohttp", "aniworld_providers"}
    assert not modules & heavy
    assert len([m for m in modules if re.match("aniworld_core", m)]) < 20
