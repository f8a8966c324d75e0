"""Bodies that a thread reads from their socket and writes at once."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from aniworld_core.errors import FetchInterruptedError
from aniworld_core.ports.context import Throttle
from aniworld_providers.network.bytes.client import ByteClient
from aniworld_providers.network.bytes.response import ByteResponse
from aniworld_providers.network.guard import AddressGuard
from providers.faults.fetching import HASTY
from support.adapter_context import JumpingClock, NoThrottle

pytestmark = pytest.mark.anyio

BODY = os.urandom(3 * 1024 * 1024 + 17)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY)


class Server:
    """Sends a part of the body, and the rest when it may; then it waits or closes."""

    def __init__(self) -> None:
        self.first = len(BODY)
        self.extra = b""
        self.closes = False
        self.connections = 0
        self.address = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer until the other side goes."""
        self.connections += 1
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(HEAD + BODY[: self.first] + self.extra)
                await writer.drain()
                if self.closes:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


class Taker:
    """Takes at most some bytes."""

    def __init__(self, most: int = len(BODY)) -> None:
        self.most = most
        self.body = bytearray()

    def wanted(self) -> int:
        """Return what is missing."""
        return self.most - len(self.body)

    def take(self, data: memoryview) -> None:
        """Keep it."""
        self.body += data


class Limit:
    """A limit that notes what it is asked for, and makes everybody wait as long as it says."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.pause = 0.0

    async def take(self, amount: int) -> None:
        """Note it."""
        self.asked.append(amount)
        await asyncio.sleep(self.pause)


@asynccontextmanager
async def opened(throttle: Throttle | None = None) -> AsyncIterator[tuple[Server, ByteClient]]:
    """Open a server and a client that may reach it."""
    server = Server()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    host, port = listening.sockets[0].getsockname()
    server.address = f"http://{host}:{port}/"
    client = ByteClient(
        AddressGuard(frozenset({f"{host}:{port}"})),
        throttle=throttle or NoThrottle(),
        clock=JumpingClock(),
        user_agent="Aniworld/0 (tests)",
        timeouts=HASTY,
    )
    async with listening, client:
        yield server, client


async def begun(response: ByteResponse, taker: Taker) -> None:
    """Take the first chunk, and go straight from there."""
    async for chunk in response.chunks():
        taker.take(memoryview(chunk))
        if response.read_socket_directly():
            return
        if len(taker.body) == len(BODY):
            break
    pytest.fail("it came whole before it could be read straight")


async def drained(response: ByteResponse, taker: Taker) -> None:
    """Receive whatever comes."""
    while taker.wanted() and not response.is_over:
        await response.receive(taker)


def descriptors() -> int:
    """Count what is open."""
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_a_connection_read_straight_is_used_again() -> None:
    """Body after body arrives whole over one connection."""
    async with opened() as (server, client):
        for _ in range(3):
            taker = Taker()
            with anyio.fail_after(10):
                async with client.open(server.address) as response:
                    await begun(response, taker)
                    await drained(response, taker)
            assert taker.body == BODY

        assert server.connections == 1


async def test_more_than_announced_ends_the_connection() -> None:
    """What comes behind a body is no answer to the next request, and no part of the body."""
    async with opened() as (server, client):
        server.extra = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad"
        for _ in range(2):
            taker = Taker(len(BODY) + 100)
            with anyio.fail_after(10):
                async with client.open(server.address) as response:
                    await begun(response, taker)
                    while not response.is_over:
                        await response.receive(taker)
            assert taker.body == BODY

        assert server.connections == 2


async def test_a_body_that_is_not_wanted_to_its_end_is_closed() -> None:
    """The rest of a body never reaches the next request."""
    async with opened() as (server, client):
        for _ in range(2):
            taker = Taker(2 * 1024 * 1024)
            with anyio.fail_after(10):
                async with client.open(server.address) as response:
                    await begun(response, taker)
                    await drained(response, taker)
            assert taker.body == BODY[: taker.most]

        assert server.connections == 2


@pytest.mark.parametrize("missing", [1, 17, 4096, 1024 * 1024, 2 * 1024 * 1024])
@pytest.mark.parametrize("closes", [True, False])
async def test_what_came_before_a_break_is_kept(missing: int, closes: bool) -> None:
    """A server that closes or falls silent anywhere is an interruption, behind all that came."""
    async with opened() as (server, client):
        server.first, server.closes = len(BODY) - missing, closes
        taker = Taker()
        expected = "are missing at its end" if closes else "nothing arrived"
        with anyio.fail_after(20):
            async with client.open(server.address) as response:
                await begun(response, taker)
                with pytest.raises(FetchInterruptedError, match=expected):
                    await drained(response, taker)

        assert taker.body == BODY[: server.first]


@pytest.mark.filterwarnings("error::ResourceWarning")
async def test_cancelled_transfers_leave_nothing_open() -> None:
    """However a transfer is called off while a thread reads, its connection closes with it."""
    async with opened() as (server, client):
        server.first = len(BODY) // 2
        before = descriptors()
        for turn in range(40):
            async with client.open(server.address) as probe:
                probe_taker = Taker()
                await begun(probe, probe_taker)
            task = asyncio.ensure_future(_hanging(server, client))
            for _ in range(turn + 1):
                await anyio.lowlevel.checkpoint()
            task.cancel()
            await anyio.lowlevel.checkpoint()
            task.cancel()  # as an impatient loop does at its end
            await asyncio.wait([task])
        with anyio.fail_after(10):
            while server.connections and descriptors() > before:
                await anyio.lowlevel.checkpoint()
        gc.collect()

        assert descriptors() <= before


async def _hanging(server: Server, client: ByteClient) -> None:
    taker = Taker()
    async with client.open(server.address) as response:
        await begun(response, taker)
        await drained(response, taker)


async def test_every_byte_counts_against_the_limit() -> None:
    """What is received straight is asked for like all else."""
    limit = Limit()
    async with opened(limit) as (server, client):
        with anyio.fail_after(10):
            await _hanging(server, client)

        assert sum(limit.asked) == len(BODY)


async def test_a_limit_that_holds_back_is_asked_for_little_at_a_time() -> None:
    """A limit set meanwhile is met by small moments at once, not by ever shorter standstills."""
    limit = Limit()
    async with opened(limit) as (server, client):
        taker = Taker()
        with anyio.fail_after(10):
            async with client.open(server.address) as response:
                await begun(response, taker)
                while len(taker.body) < 1024 * 1024:
                    await response.receive(taker)
                limit.pause = 0.1
                await response.receive(taker)
                limit.asked.clear()
                limit.pause = 0.0
                await response.receive(taker)

        assert limit.asked[0] <= 64 * 1024
