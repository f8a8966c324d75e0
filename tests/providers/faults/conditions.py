"""What lies between client and servers of the fault matrix: TLS, and an unsteady network."""

import asyncio
import contextlib
import os
import random
import ssl
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Final

import attrs
from aiohttp import connector

from aniworld_providers.network.bytes import Timeouts

#: The largest piece that is passed on at once, and the longest pause before it in seconds.
_PIECE: Final = 24 * 1024
_PAUSE: Final = 0.003


@attrs.frozen
class Conditions:
    """Conditions under which servers of the matrix are reached.

    Attributes:
        seed: Decides the size of each piece that arrives and the pause before it.
        certificate: Certificate and key of the servers, which then speak TLS.
        connections: Connections of each transfer, instead of those of the case.
        patience: Factor of all time limits of a transfer, for a machine with other work.
    """

    seed: int
    certificate: Path | None = None
    connections: int | None = None
    patience: float = 1.0


#: `floor_rate` is the only limit that is no duration.
_DURATIONS: Final = [each for each in attrs.fields(Timeouts) if each.name != "floor_rate"]
_CURRENT: Final = ContextVar[Conditions | None]("conditions", default=None)


@contextlib.contextmanager
def under(conditions: Conditions) -> Iterator[None]:
    """Open servers and fetch under the conditions, inside the context."""
    token = _CURRENT.set(conditions)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def trust(certificate: Path) -> None:
    """Let this process and its children trust a certificate."""
    # Read when aiohttp is imported, so that the variable comes too late for this process.
    connector._SSL_CONTEXT_VERIFIED.load_verify_locations(certificate)
    os.environ["SSL_CERT_FILE"] = str(certificate)


def connections(usual: int) -> int:
    """Return how many connections a transfer has."""
    current = _CURRENT.get()
    return (current and current.connections) or usual


def timeouts(usual: Timeouts) -> Timeouts:
    """Return the time limits of a transfer."""
    current = _CURRENT.get()
    if current is None:
        return usual
    longer = {each.name: getattr(usual, each.name) * current.patience for each in _DURATIONS}
    return attrs.evolve(usual, **longer)


def scheme() -> str:
    """Return the scheme of links to the servers."""
    current = _CURRENT.get()
    return "https" if current and current.certificate else "http"


@contextlib.asynccontextmanager
async def reachable(port: int) -> AsyncIterator[int]:
    """Yield the port at which a server on *port* is reached under the current conditions."""
    current = _CURRENT.get()
    if current is None:
        yield port
        return
    relay = _Relay(port, random.Random(f"{current.seed}"))
    context = None
    if current.certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(current.certificate)
    listener = await asyncio.start_server(relay.accept, "127.0.0.1", 0, ssl=context)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        await relay.end()


@attrs.define(eq=False)
class _Relay:
    """Passes connections on to a port, in pieces of random sizes with random pauses."""

    port: int
    chance: random.Random
    tasks: set[asyncio.Task[None]] = attrs.field(factory=set)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._pass_on(reader, writer))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def end(self) -> None:
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            upstream, onward = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            writer.transport.abort()
            return
        asked = asyncio.create_task(_copied(reader, onward))
        # A client that leaves ends the connection to the server, too.
        asked.add_done_callback(lambda _: onward.transport.abort())
        try:
            await self._deliver(upstream, writer)
            writer.close()
            await writer.wait_closed()
        except (OSError, ssl.SSLError):
            writer.transport.abort()
        finally:
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)
            onward.transport.abort()
            writer.transport.abort()

    async def _deliver(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(self.chance.randint(1, _PIECE)):
            if self.chance.random() < 0.1:
                await asyncio.sleep(self.chance.uniform(0, _PAUSE))
            target.write(data)
            await target.drain()


async def _copied(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, ssl.SSLError):
        while data := await source.read(64 * 1024):
            target.write(data)
            await target.drain()
