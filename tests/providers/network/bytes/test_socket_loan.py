"""Socket loan: bodies that a thread reads from their socket and writes."""

import asyncio
import gc
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeAlias

import anyio
import pytest

from aniworld_core.errors import FetchInterruptedError
from aniworld_core.ports.context import Throttle
from aniworld_core.testing.waiting import PATIENCE
from aniworld_providers.network.bytes.client import ByteClient
from aniworld_providers.network.bytes.response import ByteResponse
from aniworld_providers.network.bytes.sending import Connecting
from aniworld_providers.network.bytes.tls import LendableContext
from aniworld_providers.network.guard import AddressGuard
from providers.faults.fetching import HASTY
from support.adapter_context import JumpingClock, NoThrottle
from support.certificates import write_certificate

pytestmark = pytest.mark.anyio

BODY = os.urandom(3 * 1024 * 1024 + 17)
#: TLS contexts of server and client.
Contexts: TypeAlias = tuple[ssl.SSLContext, ssl.SSLContext]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY)


class Server:
    """Send a part of the body, the rest when allowed, then wait or close."""

    def __init__(self) -> None:
        self.first = len(BODY)
        self.extra = b""
        self.closes = False
        self.connections = 0
        self.address = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer until the client disconnects."""
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


class ByteSink:
    """Take at most a number of bytes."""

    def __init__(self, most: int = len(BODY)) -> None:
        self.most = most
        self.body = bytearray()

    def wanted(self) -> int:
        """Return the number of missing bytes."""
        return self.most - len(self.body)

    def take(self, data: memoryview) -> None:
        """Store the bytes."""
        self.body += data


class Limit:
    """A bandwidth limit that records requests and delays them."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.pause = 0.0

    async def take(self, amount: int) -> None:
        """Record the amount."""
        self.asked.append(amount)
        await asyncio.sleep(self.pause)


@pytest.fixture(scope="module", params=["http", "https"])
def contexts(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Contexts | None:
    """The contexts of server and client; `None` without TLS."""
    if request.param == "http":
        return None
    pem = write_certificate(tmp_path_factory.mktemp("certificates"), "127.0.0.1")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    client = LendableContext.of_system()
    client.load_verify_locations(pem)
    return server, client


@asynccontextmanager
async def opened(
    contexts: Contexts | None, throttle: Throttle | None = None
) -> AsyncIterator[tuple[Server, ByteClient]]:
    """Open a server and a client that may reach it."""
    server = Server()
    ours, theirs = contexts or (None, None)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=ours)
    host, port = listening.sockets[0].getsockname()
    server.address = f"{'https' if ours else 'http'}://{host}:{port}/"
    client = ByteClient(
        AddressGuard(frozenset({f"{host}:{port}"})),
        throttle=throttle or NoThrottle(),
        clock=JumpingClock(),
        user_agent="Aniworld/0 (tests)",
        timeouts=HASTY,
        connecting=Connecting(tls=theirs),
    )
    async with listening, client:
        yield server, client


async def switch_to_socket(response: ByteResponse, sink: ByteSink) -> None:
    """Take the first chunk, then switch to the socket."""
    async for chunk in response.chunks():
        sink.take(memoryview(chunk))
        if await response.read_socket_directly():
            return
        if len(sink.body) == len(BODY):
            break
    pytest.fail("the body was complete before the switch to the socket")


async def receive_all(response: ByteResponse, sink: ByteSink) -> None:
    """Receive all bytes."""
    while sink.wanted() and not response.is_over:
        await response.receive(sink)


def descriptors() -> int:
    """Return the number of open descriptors."""
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_a_lent_connection_is_reused(contexts: Contexts | None) -> None:
    """Several bodies arrive complete over one connection."""
    async with opened(contexts) as (server, client):
        for _ in range(3):
            sink = ByteSink()
            with anyio.fail_after(PATIENCE):
                async with client.open(server.address) as response:
                    await switch_to_socket(response, sink)
                    await receive_all(response, sink)
            assert sink.body == BODY

        assert server.connections == 1


async def test_surplus_bytes_end_the_connection(contexts: Contexts | None) -> None:
    """Bytes after a body reach neither its receiver nor the next request."""
    async with opened(contexts) as (server, client):
        server.extra = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad"
        for _ in range(2):
            sink = ByteSink(len(BODY) + 100)
            with anyio.fail_after(PATIENCE):
                async with client.open(server.address) as response:
                    await switch_to_socket(response, sink)
                    while not response.is_over:
                        await response.receive(sink)
            assert sink.body == BODY

        assert server.connections == 2


async def test_a_partly_read_body_is_closed(contexts: Contexts | None) -> None:
    """The rest of a body never reaches the next request."""
    async with opened(contexts) as (server, client):
        for _ in range(2):
            sink = ByteSink(2 * 1024 * 1024)
            with anyio.fail_after(PATIENCE):
                async with client.open(server.address) as response:
                    await switch_to_socket(response, sink)
                    await receive_all(response, sink)
            assert sink.body == BODY[: sink.most]

        assert server.connections == 2


@pytest.mark.parametrize("missing", [1, 17, 4096, 1024 * 1024, 2 * 1024 * 1024])
@pytest.mark.parametrize("closes", [True, False])
async def test_bytes_before_a_break_are_kept(
    contexts: Contexts | None, missing: int, closes: bool
) -> None:
    """A server that closes or stalls anywhere is an interruption; received bytes are kept."""
    async with opened(contexts) as (server, client):
        server.first, server.closes = len(BODY) - missing, closes
        sink = ByteSink()
        expected = "missing at its end" if closes else "nothing arrived"
        with anyio.fail_after(PATIENCE):
            async with client.open(server.address) as response:
                await switch_to_socket(response, sink)
                with pytest.raises(FetchInterruptedError, match=expected):
                    await receive_all(response, sink)

        assert sink.body == BODY[: server.first]


@pytest.mark.filterwarnings("error::ResourceWarning")
async def test_cancelled_transfers_leave_nothing_open(contexts: Contexts | None) -> None:
    """A cancelled transfer closes its connection, even while a thread reads it."""
    async with opened(contexts) as (server, client):
        server.first = len(BODY) // 2
        before = descriptors()
        for turn in range(40):
            async with client.open(server.address) as probe:
                probe_sink = ByteSink()
                await switch_to_socket(probe, probe_sink)
            task = asyncio.ensure_future(_hanging(server, client))
            for _ in range(turn + 1):
                await anyio.lowlevel.checkpoint()
            task.cancel()
            await anyio.lowlevel.checkpoint()
            task.cancel()  # as an impatient loop does at its end
            await asyncio.wait([task])
        with anyio.fail_after(PATIENCE):
            while server.connections and descriptors() > before:
                await anyio.sleep(0.01)
        gc.collect()

        assert descriptors() <= before


async def _hanging(server: Server, client: ByteClient) -> None:
    sink = ByteSink()
    async with client.open(server.address) as response:
        await switch_to_socket(response, sink)
        await receive_all(response, sink)


async def test_every_byte_counts_against_the_limit(contexts: Contexts | None) -> None:
    """Bytes received from the socket count against the bandwidth limit too."""
    limit = Limit()
    async with opened(contexts, limit) as (server, client):
        with anyio.fail_after(PATIENCE):
            await _hanging(server, client)

        assert sum(limit.asked) == len(BODY)


async def test_a_new_limit_shortens_the_reads(contexts: Contexts | None) -> None:
    """A limit set during a transfer shortens the reads at once, without a long pause."""
    limit = Limit()
    async with opened(contexts, limit) as (server, client):
        sink = ByteSink()
        with anyio.fail_after(PATIENCE):
            async with client.open(server.address) as response:
                await switch_to_socket(response, sink)
                while len(sink.body) < 1024 * 1024:
                    await response.receive(sink)
                limit.pause = 0.1
                await response.receive(sink)
                limit.asked.clear()
                limit.pause = 0.0
                await response.receive(sink)

        assert limit.asked[0] <= 64 * 1024
