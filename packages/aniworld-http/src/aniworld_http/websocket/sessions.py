"""Check the sessions of live connections: at intervals, and at once after a sign-out."""

from collections.abc import Callable, Collection
from typing import Final

import anyio
import attrs

from aniworld_core.application.storage_outage import StorageOutage
from aniworld_core.errors import AniworldError, DeniedError
from aniworld_http.security.callers import Callers
from aniworld_http.websocket.client import Client

_COMPONENT: Final = "the check of the sessions of live connections"

#: Close code for a client that is not signed in; 4000 and above are free for applications
#: (RFC 6455 section 7.4.2).
UNAUTHORIZED: Final = 4401


@attrs.define(eq=False, kw_only=True)
class SessionWatch:
    """Closes the connections of clients that were signed out.

    Args:
        callers: Identifies callers and signals that a session may have changed.
        clients: Returns the open connections.
        every: Seconds between two checks without a signal.
        outage: Logs when the database is unavailable.
    """

    _callers: Callers
    _clients: Callable[[], Collection[Client]]
    _every: float
    _outage: StorageOutage = attrs.field(factory=StorageOutage)
    _suspicion: anyio.Event = attrs.field(factory=anyio.Event, init=False)

    async def run(self) -> None:
        """Watch until cancelled."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._listen)
            tasks.start_soon(self._look)

    async def _listen(self) -> None:
        # This task awaits nothing else, so that it misses no change.
        while True:
            await self._callers.wait_for_change()
            self._suspicion.set()

    async def _look(self) -> None:
        while True:
            with anyio.move_on_after(self._every):
                await self._suspicion.wait()
            self._suspicion = anyio.Event()
            try:
                for client in self._clients():
                    await self._check(client)
            except AniworldError as error:
                self._outage.failed(_COMPONENT, error)
            else:
                self._outage.recovered(_COMPONENT)

    async def _check(self, client: Client) -> None:
        if client.ask is None:
            return
        try:
            await client.ask()
        except DeniedError as error:
            client.dismiss(UNAUTHORIZED, str(error))
