"""Opening installed adapters in their surroundings."""

import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from aniworld_core.bootstrap.adapter_host import AdapterHost
from aniworld_core.bootstrap.plugins import adapter_distributions, load_adapters
from aniworld_core.errors import AdapterBrokenError, AniworldError
from aniworld_core.ports.context import AdapterContext

T = TypeVar("T")

logger = logging.getLogger(__name__)


async def open_all(stack: AsyncExitStack, group: str, context: AdapterContext) -> list[Any]:
    """Open every adapter of a group; one that cannot be opened is named and passed over.

    Args:
        stack: Closes them.
        group: The group of entry points.
        context: Their surroundings.
    """
    opened = []
    for name, factory in load_adapters(group).items():
        try:
            opened.append(await enter(stack, factory, context, group=group, name=name))
        except AniworldError as error:
            logger.warning("the adapter %s for %s cannot be opened: %s", name, group, error)
    return opened


async def enter(
    stack: AsyncExitStack, factory: object, given: object, *, group: str, name: str
) -> Any:
    """Open one adapter in a task of its own; the stack closes it.

    Args:
        stack: Closes it.
        factory: What its entry point names.
        given: What the factory gets: the context of adapters, or the URL of a storage or bus.
        group: Its group of entry points.
        name: Its name there.

    Raises:
        AdapterBrokenError: Instead of an error that is none of ours.
        AniworldError: Whatever else keeps it from opening.
    """

    def broken(what: str) -> AdapterBrokenError:
        by = adapter_distributions(group).get(name, "")
        reason = f"{by}: {what}" if by else what
        return AdapterBrokenError(group, name, _without_login(reason, given))

    try:
        opening = cast("AbstractAsyncContextManager[Any]", cast("Any", factory)(given))
    except AniworldError:
        raise
    except Exception as error:  # whatever a foreign module does when it is called
        raise broken(f"it cannot be opened: {error!r}") from error
    return await stack.enter_async_context(AdapterHost(opening, broken))


async def enter_as(
    kind: Callable[..., T],
    stack: AsyncExitStack,
    factory: object,
    given: object,
    *,
    group: str,
    name: str,
) -> T:
    """Open one adapter, as `enter` does, and check that it implements its port.

    Raises:
        AdapterBrokenError: If it does not, or instead of an error that is none of ours.
        AniworldError: Whatever else keeps it from opening.
    """
    opened = await enter(stack, factory, given, group=group, name=name)
    port = cast("type[T]", kind)  # mypy passes no abstract class as a type
    if not isinstance(opened, port):
        by = adapter_distributions(group).get(name, "")
        what = f"it opens no {port.__name__} but a {type(opened).__name__}"
        raise AdapterBrokenError(group, name, f"{by}: {what}" if by else what)
    return opened


def _without_login(text: str, given: object) -> str:
    """Take user and password of the adapter's URL out of a text."""
    login = urlsplit(given).netloc.rpartition("@")[0] if isinstance(given, str) else ""
    for secret in (login, login.partition(":")[2]):
        text = text.replace(secret, "***") if secret else text
    return text
