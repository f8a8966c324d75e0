"""Who of several may take in the bytes of its piece first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import anyio
import attrs

#: How many pieces are taken in at a time while their bytes come faster than that goes.
_AT_ONCE: Final = 1
#: Seconds without new bytes after which it is the network that decides, and nobody has to wait.
_PATIENCE: Final = 0.002


@attrs.define(eq=False)
class Turn:
    """The turn of one piece; given up for good as soon as its bytes have to be waited for."""

    _places: anyio.Semaphore
    _is_held: bool = True
    _timer: asyncio.TimerHandle | None = None

    def waits(self) -> None:
        """Begin to wait for bytes."""
        if self._is_held:
            self._timer = asyncio.get_running_loop().call_later(_PATIENCE, self.give_up)

    def came(self) -> None:
        """Take note that bytes came."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def give_up(self) -> None:
        """Let the next one have it."""
        self.came()
        if self._is_held:
            self._is_held = False
            self._places.release()


@attrs.define(eq=False)
class Turns:
    """Deals out turns in the order in which they are asked for.

    Answers that come faster than they can be stored would otherwise all be finished at the same
    moment, and then all next requests be waited for at the same time, with nothing to do.
    """

    _places: anyio.Semaphore = attrs.Factory(lambda: anyio.Semaphore(_AT_ONCE))

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Turn]:
        """Wait for a turn, which ends with the context at the latest."""
        await self._places.acquire()
        turn = Turn(self._places)
        try:
            yield turn
        finally:
            turn.give_up()
