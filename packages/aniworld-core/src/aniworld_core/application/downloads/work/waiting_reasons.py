"""Reasons why a worker starts no item."""

import logging
from collections.abc import Awaitable, Callable

import attrs

from aniworld_core.errors import UnavailableError

logger: logging.Logger = logging.getLogger(__name__)


@attrs.define(eq=False)
class WaitingReasons:
    """The obstacle of the whole queue and the one that the last item met, while they last.

    Each change is published at once, so that clients show no outdated reason.
    """

    _on_change: Callable[[], Awaitable[None]]
    _queue: UnavailableError | None = attrs.field(default=None, init=False)
    _item: UnavailableError | None = attrs.field(default=None, init=False)

    @property
    def current(self) -> UnavailableError | None:
        """Return the error that the queue waits for, or `None`."""
        return self._queue or self._item

    async def of_queue(self, error: UnavailableError | None) -> None:
        """Set or clear the obstacle of the whole queue."""
        if error is not None and str(error) != str(self.current or ""):
            logger.warning("the queue waits: %s", error)
        await self._replace(error, self._item if error is None else None)

    async def of_item(self, error: UnavailableError) -> None:
        """Set the obstacle that an item met and others would meet as well."""
        await self._replace(self._queue, error)

    async def cleared(self) -> None:
        """Clear both reasons: an item was started, or no item is left that could wait."""
        await self._replace(None, None)

    async def _replace(self, queue: UnavailableError | None, item: UnavailableError | None) -> None:
        before, self._queue, self._item = self.current, queue, item
        after = self.current
        if str(before or "") != str(after or ""):
            await self._on_change()
