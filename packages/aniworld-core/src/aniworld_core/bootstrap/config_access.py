"""Access to the configuration alone, without opening an application."""

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from aniworld_core.adapters.json_config_store import JsonConfigStore
from aniworld_core.adapters.system_clock import SystemClock
from aniworld_core.application import configuration
from aniworld_core.bootstrap.plugins import declared_settings, has_shared_storage
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.documents import Problem
from aniworld_core.domain.configuration import BackupInfo, Config
from aniworld_core.errors import ConfigChangedError
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.config import ConfigStore, StoredDocument

if TYPE_CHECKING:
    from aniworld_core.ports.storage import Storage


def stored_configuration(settings: Settings) -> ConfigStore:
    """Return the store of the configuration.

    It is the file `config.json` in the data folder, or the database if several machines share it;
    then each call opens the database.
    """
    if has_shared_storage(settings.storage_url):
        return _OpeningConfigStore(settings)
    return _file_of(settings)


async def configuration_in(storage: "Storage", settings: Settings) -> ConfigStore:
    """Return the store of the configuration of an open storage.

    The first machine that opens a database without a configuration stores that of its
    `config.json`.

    Raises:
        ConfigCorruptError: If that file cannot be read.
        InvalidConfigError: If it is not valid.
    """
    if storage.configuration is None:
        return _file_of(settings)
    # Few installations need it.
    from aniworld_core.adapters.shared_config_store import SharedConfigStore

    store = SharedConfigStore(storage.configuration, _declared_problems)
    if await storage.configuration.get() is None:
        former = await _file_of(settings).load()
        with contextlib.suppress(ConfigChangedError):  # another machine was faster
            await store.save(former, at=storage.clock(SystemClock()).now())
    return store


def _file_of(settings: Settings) -> ConfigStore:
    return JsonConfigStore(
        settings.data_dir / "config.json",
        is_declared=lambda pointer: configuration.is_declared(pointer, declared_settings()),
        declared_problems=_declared_problems,
    )


def _declared_problems(document: object) -> Sequence[Problem]:
    return configuration.problems_of_document(document, declared_settings())


@attrs.define(eq=False)
class _OpeningConfigStore(ConfigStore):
    """Opens the database for each call, or for all calls inside `exclusive`."""

    _settings: Settings
    _opened: ConfigStore | None = attrs.field(default=None, init=False)

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[ConfigStore]:
        if self._opened is not None:
            yield self._opened
            return
        # Imports the use cases of the catalogue.
        from aniworld_core.bootstrap.adapters import open_storage

        async with AsyncExitStack() as stack:
            storage = await open_storage(stack, self._settings)
            yield await configuration_in(storage, self._settings)

    async def load(self) -> Config:
        async with self._open() as store:
            return await store.load()

    async def revision(self) -> str:
        async with self._open() as store:
            return await store.revision()

    async def save(self, config: Config, *, at: datetime) -> None:
        async with self._open() as store:
            await store.save(config, at=at)

    async def document(self) -> StoredDocument | None:
        async with self._open() as store:
            return await store.document()

    async def save_document(
        self, document: Mapping[str, object], valid: Config, *, at: datetime
    ) -> None:
        async with self._open() as store:
            await store.save_document(document, valid, at=at)

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[None]:
        async with self._open() as store, store.exclusive():
            self._opened = store
            try:
                yield
            finally:
                self._opened = None

    async def back_up(self, *, at: datetime) -> BackupInfo:
        async with self._open() as store:
            return await store.back_up(at=at)

    async def backups(self) -> Sequence[BackupInfo]:
        async with self._open() as store:
            return await store.backups()

    async def read_backup(self, name: str) -> Config:
        async with self._open() as store:
            return await store.read_backup(name)

    async def restore(self, name: str, *, at: datetime) -> Config:
        async with self._open() as store:
            return await store.restore(name, at=at)

    async def remove_backup(self, name: str) -> None:
        async with self._open() as store:
            await store.remove_backup(name)


def config_editor(
    settings: Settings, *, store: ConfigStore | None = None, clock: Clock | None = None
) -> "configuration.ConfigEditor":
    """Return an editor of the stored configuration; it needs no closing.

    It works with a broken database file, and with a configuration that an application would refuse.

    Args:
        settings: Settings with the data folder.
        store: Store to use instead.
        clock: Clock to use instead of the system clock.
    """
    from aniworld_core.adapters.library import folder_problem

    return configuration.ConfigEditor(
        store=store or stored_configuration(settings),
        clock=clock or SystemClock(),
        current=configuration.CurrentConfig(Config()),
        folder_problem=folder_problem,
        declared=declared_settings,
    )
