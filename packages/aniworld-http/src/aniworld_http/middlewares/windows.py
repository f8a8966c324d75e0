"""Where the `limits` library remembers who asked when: in memory, and bounded."""

import asyncio
import time
from typing import Final

from limits.aio.storage import MemoryStorage

#: More clients than this are not told apart: the one unseen for longest is forgotten.
_MOST: Final = 10_000


class BoundedWindows(MemoryStorage):
    """The library's windows, tidied as they are used.

    By itself the library tidies up in a task that starts a thread for each client it knows,
    after every request.
    """

    def __init__(self) -> None:
        """Take the place of the tidying task with one that is always under way."""
        super().__init__()
        self.timer = asyncio.get_running_loop().create_future()  # type: ignore[assignment]

    async def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count a request, if it is within the limit."""
        entries = self.events.pop(key, [])
        # Entries of the future are from before the clock was set back.
        if entries and entries[0].atime <= time.time():
            del entries[limit:]
            self.events[key] = entries  # now the newest of all clients
        taken = await super().acquire_entry(key, limit, expiry, amount)
        while len(self.events) > _MOST:
            await self.clear(next(iter(self.events)))
        return taken
