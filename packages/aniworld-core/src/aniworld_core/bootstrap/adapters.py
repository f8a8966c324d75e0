"""Open installed adapters: find them by entry point, pass them their context, check their port."""

import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast
from urllib.parse import urlsplit

import attrs

from aniworld_core.application.catalogue import Loaders
from aniworld_core.application.configuration import CurrentConfig, own_settings
from aniworld_core.bootstrap.adapter_host import CLOSE_SECONDS, AdapterHost
from aniworld_core.bootstrap.plugins import (
    adapter_distributions,
    load_adapter,
    load_adapters,
    scheme_of,
)
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.domain.configuration import Config
from aniworld_core.errors import (
    AdapterBrokenError,
    AdapterNotFoundError,
    AniworldError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.context import AdapterContext, SharedObjects, Throttle
from aniworld_core.ports.loader import Loader
from aniworld_core.ports.storage import Storage

if TYPE_CHECKING:
    from aniworld_core.ports.covers import CoverSource
    from aniworld_core.ports.inspector import MediaInspector

T = TypeVar("T")

logger: logging.Logger = logging.getLogger(__name__)

#: Catalogues that are disabled unless the configuration enables them.
_OFF_BY_DEFAULT: Final = frozenset({"demo"})
INSPECTORS: Final = "aniworld.inspector"
COVERS: Final = "aniworld.covers"


@attrs.frozen(kw_only=True)
class ContextSource:
    """Build the context of adapters from the configuration in force when they are opened."""

    settings: Settings
    current: CurrentConfig
    throttle: Throttle
    clock: Clock
    shared: SharedObjects = attrs.field(factory=SharedObjects, init=False)

    def now(self) -> AdapterContext:
        """Return the context with the configuration in force."""
        return self.of(self.current.value)

    def of(self, config: Config) -> AdapterContext:
        """Return the context with another configuration, for tests of settings."""
        return AdapterContext(
            config=config,
            data_dir=self.settings.data_dir,
            allowed_addresses=self.settings.allowed_addresses,
            throttle=self.throttle,
            clock=self.clock,
            library_folders=self._library_folders,
            read_own=partial(own_settings, config),
            user_agent=config.network.user_agent or default_user_agent(),
            shared=self.shared,
        )

    def _library_folders(self) -> Sequence[Path]:
        config = self.current.value
        first = self.settings.anime_directory or config.anime_directory
        return [*([first] if first else []), *map(Path, config.library.folders)]


def default_user_agent() -> str:
    """Return the user agent of requests: name and version of the product."""
    return f"Aniworld/{version('aniworld-core')}"


async def open_storage(stack: AsyncExitStack, settings: Settings) -> Storage:
    """Open the storage that the scheme of the database URL names."""
    url = settings.storage_url
    group, name = "aniworld.storage", scheme_of(url)
    factory = load_adapter(group, name)
    return await _enter_as(Storage, stack, factory, url, group=group, name=name)


async def open_bus(stack: AsyncExitStack, settings: Settings) -> ProgressBus:
    """Open the bus that the scheme of the bus URL names; `local` is built in."""
    group, name = "aniworld.bus", scheme_of(settings.bus_url)
    if name == "local":
        # Imports all events.
        from aniworld_core.adapters.local_bus import LocalProgressBus

        return LocalProgressBus()
    factory = load_adapter(group, name)
    return await _enter_as(ProgressBus, stack, factory, settings.bus_url, group=group, name=name)


async def open_loaders(
    stack: AsyncExitStack,
    settings: Settings,
    context: AdapterContext,
    given: Sequence[Loader] | None,
    *,
    kept: Mapping[str, Loader] | None = None,
) -> Loaders:
    """Open the enabled catalogues, or use the given ones; log and skip broken ones.

    Args:
        stack: Closes the catalogues.
        settings: Settings that may name the only catalogues to open.
        context: Context of the catalogues.
        given: Catalogues to use instead.
        kept: Opened catalogues by name, to use if they are enabled.
    """
    if given is not None:
        return Loaders({loader.name: loader for loader in given})
    group = "aniworld.loader"
    opened: dict[str, Loader] = {}
    broken: dict[str, str] = {}
    installed = load_adapters(group)
    for name in _query_order(installed, context.config, settings.loaders):
        if kept and name in kept:
            opened[name] = kept[name]
            continue
        try:
            opened[name] = await _enter_as(
                Loader, stack, installed[name], context, group=group, name=name
            )
        except AniworldError as error:
            logger.warning("the catalogue %s cannot be opened: %s", name, error)
            broken[name] = error.message
    return Loaders(opened, broken)


@asynccontextmanager
async def open_loader(name: str, context: AdapterContext) -> AsyncIterator[Loader]:
    """Open one catalogue, enabled or not.

    Raises:
        AdapterNotFoundError: If none of this name is installed.
        AniworldError: If it cannot be opened.
    """
    group = "aniworld.loader"
    async with AsyncExitStack() as stack:
        factory = load_adapter(group, name)
        yield await _enter_as(Loader, stack, factory, context, group=group, name=name)


def _query_order(
    installed: Mapping[str, object], config: Config, only: Sequence[str] | None
) -> list[str]:
    """Return the enabled catalogues; configured ones come first, in their configured order."""
    if only is not None:
        return [name for name in only if name in installed]
    order = [name for name in config.providers if name in installed]
    order += [name for name in installed if name not in order]
    enabled = []
    for name in order:
        setting = config.provider(name).enabled
        if setting is True or (setting is None and name not in _OFF_BY_DEFAULT):
            enabled.append(name)
    return enabled


async def open_inspector(stack: AsyncExitStack, context: AdapterContext) -> "MediaInspector":
    """Open the media inspector.

    Raises:
        AdapterNotFoundError: If none is installed, or none that can be opened.
    """
    found: list[MediaInspector] = await open_all(stack, INSPECTORS, context)
    if not found:
        raise AdapterNotFoundError(INSPECTORS, "providers", ())
    return found[0]


async def open_covers(stack: AsyncExitStack, context: AdapterContext) -> "CoverSource | None":
    """Open the cover source, `None` if none is installed."""
    found: list[CoverSource] = await open_all(stack, COVERS, context)
    return found[0] if found else None


async def open_all(stack: AsyncExitStack, group: str, context: AdapterContext) -> list[Any]:
    """Open every adapter of a group; log and skip those that cannot be opened.

    Args:
        stack: Closes the adapters.
        group: Group of entry points.
        context: Context of the adapters.
    """
    opened = []
    for name, factory in load_adapters(group).items():
        try:
            opened.append(await _enter(stack, factory, context, group=group, name=name))
        except AniworldError as error:
            logger.warning("the adapter %s for %s cannot be opened: %s", name, group, error)
    return opened


async def _enter_as(
    kind: Callable[..., T],
    stack: AsyncExitStack,
    factory: object,
    given: object,
    *,
    group: str,
    name: str,
) -> T:
    """Open one adapter and check that it implements its port.

    Raises:
        AdapterBrokenError: If it does not implement the port, or raises a foreign error.
        AniworldError: If it cannot be opened for another reason.
    """
    opened = await _enter(stack, factory, given, group=group, name=name)
    port = cast(
        "type[T]", kind
    )  # mypy does not accept an abstract class for a parameter of type `type[T]`.
    if not isinstance(opened, port):
        what = Message("adapter_other_port", found=type(opened).__name__, wanted=port.__name__)
        raise AdapterBrokenError(group, name, _by(group, name, what))
    return opened


async def _enter(
    stack: AsyncExitStack, factory: object, given: object, *, group: str, name: str
) -> Any:
    """Open one adapter in a task of its own; the stack closes it.

    Args:
        stack: Closes the adapter.
        factory: Object that the entry point names.
        given: Argument of the factory: a context, or the URL of a storage or bus.
        group: Group of entry points.
        name: Name of the entry point.

    Raises:
        AdapterBrokenError: Instead of a foreign error.
        AniworldError: If the adapter cannot be opened for another reason.
    """

    def broken(kind: str, error: BaseException | None) -> AdapterBrokenError:
        shown = None if error is None else _without_login(repr(error), given)
        reason = Message(kind, error=shown, limit_seconds=CLOSE_SECONDS)
        return AdapterBrokenError(group, name, _by(group, name, reason))

    try:
        opening = cast("AbstractAsyncContextManager[Any]", cast("Any", factory)(given))
    except AniworldError:
        raise
    except Exception as error:  # a foreign module may raise anything
        raise broken("adapter_not_opened", error) from error
    return await stack.enter_async_context(AdapterHost(opening, broken))


def _by(group: str, name: str, reason: Message) -> Message:
    """Return a reason with the distribution of the adapter, if it has one."""
    by = adapter_distributions(group).get(name)
    return Message("part_reason", part=by, reason=reason) if by else reason


def _without_login(text: str, given: object) -> str:
    """Remove the user and password of the adapter's URL from a text."""
    login = urlsplit(given).netloc.rpartition("@")[0] if isinstance(given, str) else ""
    for secret in (login, login.partition(":")[2]):
        text = text.replace(secret, "***") if secret else text
    return text
