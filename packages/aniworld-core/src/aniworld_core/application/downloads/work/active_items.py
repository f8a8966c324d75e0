"""The items a worker is busy with, and how to end a single one."""

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
    """Keeps the attempts of one worker by item."""

    _attempts: dict[ItemId, _Attempt] = attrs.field(factory=dict, init=False)

    @property
    def ids(self) -> Collection[ItemId]:
        """The items a worker is busy with."""
        return self._attempts.keys()

    @contextlib.contextmanager
    def noted(self, item_id: ItemId) -> Iterator[anyio.CancelScope]:
        """Count as busy with an item inside the context.

        What may be cancelled belongs into the scope that is given; what has to be done
        afterwards, before whoever cancels goes on, belongs behind it.
        """
        attempt = self._attempts[item_id] = _Attempt()
        try:
            yield attempt.scope
        finally:
            del self._attempts[item_id]
            attempt.ended.set()

    async def cancel(self, item_id: ItemId) -> bool:
        """Cancel an attempt and wait for its end; tell whether there was one."""
        attempt = self._attempts.get(item_id)
        if attempt is None:
            return False
        attempt.scope.cancel()
        await attempt.ended.wait()
        return True
