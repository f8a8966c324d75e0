"""Which installed adapters an application is opened with."""

import logging
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import cast

from aniworld_core.adapters.local_bus import LocalProgressBus
from aniworld_core.application.catalogue import Loaders
from aniworld_core.bootstrap.opening import enter_as, open_all
from aniworld_core.bootstrap.plugins import load_adapter, load_adapters, scheme_of
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.domain.configuration import Config
from aniworld_core.errors import AdapterNotFoundError, AniworldError
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.covers import CoverSource
from aniworld_core.ports.inspector import MediaInspector
from aniworld_core.ports.legacy import FormerDatabase, FormerDatabaseReader
from aniworld_core.ports.loader import Loader
from aniworld_core.ports.storage import Storage

logger = logging.getLogger(__name__)

#: Catalogues that are off unless the configuration names them.
_OFF_BY_DEFAULT = frozenset({"demo"})


async def open_storage(stack: AsyncExitStack, settings: Settings) -> Storage:
    """Open the storage that the database's URL asks for."""
    url = settings.storage_url
    group, name = "aniworld.storage", scheme_of(url)
    factory = load_adapter(group, name)
    return await enter_as(Storage, stack, factory, url, group=group, name=name)


def read_former_database(path: Path) -> FormerDatabase:
    """Read a database of the former program with the installed reader; see the port."""
    read = cast("FormerDatabaseReader", load_adapter("aniworld.former", "sqlite"))
    return read(path)


async def open_bus(stack: AsyncExitStack, settings: Settings) -> ProgressBus:
    """Open the bus that is asked for; `local` is built in."""
    group, name = "aniworld.bus", scheme_of(settings.bus_url)
    if name == "local":
        return LocalProgressBus()
    factory = load_adapter(group, name)
    return await enter_as(ProgressBus, stack, factory, settings.bus_url, group=group, name=name)


async def open_loaders(
    stack: AsyncExitStack,
    settings: Settings,
    context: AdapterContext,
    given: Sequence[Loader] | None,
) -> Loaders:
    """Open the enabled catalogues, or take those that are given; a broken one is passed over."""
    if given is not None:
        return Loaders({loader.name: loader for loader in given})
    opened: dict[str, Loader] = {}
    broken: dict[str, str] = {}
    installed = load_adapters("aniworld.loader")
    for name in _asked_order(installed, context.config, settings.loaders):
        try:
            opened[name] = await _open_loader(stack, installed[name], context, name)
        except AniworldError as error:
            logger.warning("the catalogue %s cannot be opened: %s", name, error)
            broken[name] = str(error)
    return Loaders(opened, broken)


async def _open_loader(
    stack: AsyncExitStack, factory: object, context: AdapterContext, name: str
) -> Loader:
    return await enter_as(Loader, stack, factory, context, group="aniworld.loader", name=name)


def _asked_order(
    installed: Mapping[str, object], config: Config, only: Sequence[str] | None
) -> list[str]:
    """The enabled catalogues: those the configuration names first, in its order."""
    if only is not None:
        return [name for name in only if name in installed]
    order = [name for name in config.providers if name in installed]
    order += [name for name in installed if name not in order]
    enabled = []
    for name in order:
        wanted = config.provider(name).enabled
        if wanted is True or (wanted is None and name not in _OFF_BY_DEFAULT):
            enabled.append(name)
    return enabled


async def open_inspector(stack: AsyncExitStack, context: AdapterContext) -> MediaInspector:
    """Open what looks into media.

    Raises:
        AdapterNotFoundError: If none is installed, or none that can be opened.
    """
    found: list[MediaInspector] = await open_all(stack, "aniworld.inspector", context)
    if not found:
        raise AdapterNotFoundError("aniworld.inspector", "providers", ())
    return found[0]


async def open_covers(stack: AsyncExitStack, context: AdapterContext) -> CoverSource | None:
    """Open where covers come from, if anything is installed for that."""
    found: list[CoverSource] = await open_all(stack, "aniworld.covers", context)
    return found[0] if found else None
