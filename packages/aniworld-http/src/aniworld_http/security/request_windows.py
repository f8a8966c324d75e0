"""Request times of clients in memory, bounded, as storage of the `limits` library.

A module of its own because importing that library takes a third of a second: it is imported with
the first counted request, not with the server.
"""

import asyncio
import time
from typing import Final

from limits.aio.storage import MemoryStorage

#: Clients whose requests are stored; beyond that the longest unseen one is removed.
_MOST: Final = 10_000


class BoundedWindows(MemoryStorage):
    """Moving windows that remove expired entries when a client returns.

    `MemoryStorage` removes them in a task that starts a thread for each client after every
    request.
    """

    def __init__(self) -> None:
        """Disable the expiry task of `MemoryStorage`: it sees a timer that is always running."""
        super().__init__()
        self.timer = asyncio.get_running_loop().create_future()  # type: ignore[assignment]

    async def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count a request and return True, if it is within the limit."""
        entries = self.events.pop(key, [])
        # Entries from the future were made before the clock was set back.
        if entries and entries[0].atime <= time.time():
            del entries[limit:]
            self.events[key] = entries  # now the newest of all clients
        taken = await super().acquire_entry(key, limit, expiry, amount)
        while len(self.events) > _MOST:
            await self.clear(next(iter(self.events)))
        return taken
