"""Opening installed adapters in their surroundings."""

import logging
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, cast

from aniworld_core.bootstrap.plugins import load_adapters
from aniworld_core.errors import AdapterBrokenError, AniworldError
from aniworld_core.ports.context import AdapterContext

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
    stack: AsyncExitStack, factory: object, context: AdapterContext, *, group: str, name: str
) -> Any:
    """Open one adapter; the stack closes it.

    Raises:
        AdapterBrokenError: Instead of an error that is none of ours.
        AniworldError: Whatever else keeps it from opening.
    """
    try:
        opening = cast("AbstractAsyncContextManager[Any]", cast("Any", factory)(context))
        return await stack.enter_async_context(opening)
    except AniworldError:
        raise
    except Exception as error:  # whatever a foreign module does when it is opened
        raise AdapterBrokenError(group, name, f"it cannot be opened: {error!r}") from error
