"""Running attempts of a worker, and how to cancel a single one."""

import contextlib
from collections.abc import Collection, Iterator

import anyio
import attrs

from aniworld_core.domain.identity import ItemId


@attrs.frozen
class _Attempt:
    scope: anyio.CancelScope = attrs.field(factory=anyio.CancelScope)
    ended: anyio.Event = attrs.field(factory=anyio.Event)


@attrs.define(eq=False)
class ActiveItems:
    """Running attempts of one worker, by item."""

    _attempts: dict[ItemId, _Attempt] = attrs.field(factory=dict, init=False)

    @property
    def ids(self) -> Collection[ItemId]:
        """Return the items with a running attempt."""
        return self._attempts.keys()

    @contextlib.contextmanager
    def running(self, item_id: ItemId) -> Iterator[anyio.CancelScope]:
        """Register an attempt inside the context.

        `cancel` cancels the scope and waits until the context ends. Work that a cancelled attempt
        must finish belongs inside the context, after the scope.
        """
        attempt = self._attempts[item_id] = _Attempt()
        try:
            yield attempt.scope
        finally:
            del self._attempts[item_id]
            attempt.ended.set()

    async def cancel(self, item_id: ItemId) -> bool:
        """Cancel an attempt and wait for its end; return whether there was one."""
        attempt = self._attempts.get(item_id)
        if attempt is None:
            return False
        attempt.scope.cancel()
        await attempt.ended.wait()
        return True
