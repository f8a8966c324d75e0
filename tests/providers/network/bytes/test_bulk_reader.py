"""Bulk reader: bodies read directly from their connection."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest

from aniworld_core.errors import FetchInterruptedError
from aniworld_core.testing.waiting import PATIENCE
from aniworld_providers.network.bytes.client import ByteClient
from aniworld_providers.network.guard import AddressGuard
from providers.faults.fetching import HASTY
from support.adapter_context import JumpingClock, NoThrottle

pytestmark = pytest.mark.anyio

BODY = os.urandom(3 * 1024 * 1024 + 17)


class Server:
    """Answer every request with the same bytes."""

    def __init__(self) -> None:
        self.answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY
        self.connections = 0
        self.url = ""
        self.may_end = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer until the client disconnects."""
        self.connections += 1
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(self.answer)
                await writer.drain()
                if not self.may_end.is_set():
                    continue
                break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def opened() -> AsyncIterator[tuple[Server, ByteClient]]:
    """Open a server and a client that may reach it."""
    server = Server()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    host, port = listening.sockets[0].getsockname()
    server.url = f"http://{host}:{port}/"
    client = ByteClient(
        AddressGuard(frozenset({f"{host}:{port}"})),
        throttle=NoThrottle(),
        clock=JumpingClock(),
        user_agent="Aniworld/0 (tests)",
        timeouts=HASTY,
    )
    async with listening, client:
        yield server, client


async def received(server: Server, client: ByteClient) -> bytes:
    """Fetch the body."""
    async with client.open(server.url) as response:
        return b"".join([bytes(chunk) async for chunk in response.chunks()])


async def test_a_connection_is_reused() -> None:
    """Two bodies in sequence arrive complete over one connection."""
    async with opened() as (server, client):
        with anyio.fail_after(PATIENCE):
            bodies = [await received(server, client) for _ in range(3)]

        assert bodies == [BODY] * 3
        assert server.connections == 1


async def test_a_slow_reader_gets_everything() -> None:
    """A slow reader pauses the connection, and no byte is lost or repeated."""
    async with opened() as (server, client), client.open(server.url) as response:
        body = b""
        async for chunk in response.chunks():
            for _ in range(20):
                await anyio.lowlevel.checkpoint()
            body += chunk

        assert body == BODY


async def test_surplus_bytes_do_not_reach_the_next_body() -> None:
    """Bytes after a body reach neither its reader nor the next body."""
    async with opened() as (server, client):
        server.answer += b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad"
        with anyio.fail_after(PATIENCE):
            assert await received(server, client) == BODY
            assert await received(server, client) == BODY


async def test_a_closed_connection_ends_a_complete_body() -> None:
    """A complete body is accepted although its connection closes at once."""
    async with opened() as (server, client):
        server.may_end.set()
        with anyio.fail_after(PATIENCE):
            assert [await received(server, client) for _ in range(2)] == [BODY] * 2

        assert server.connections == 2


async def test_a_cut_body_is_an_error() -> None:
    """All received bytes are returned before the error."""
    async with opened() as (server, client):
        server.may_end.set()
        server.answer = server.answer[:-1000]
        body = bytearray()
        async with client.open(server.url) as response:
            with pytest.raises(FetchInterruptedError, match="1000 bytes are missing"):
                await _collect(body, response.chunks())

        assert body == BODY[:-1000]


async def test_a_silent_server_is_given_up() -> None:
    """A connection that stays open without bytes raises FetchInterruptedError."""
    async with opened() as (server, client):
        server.answer = server.answer[:-1000]
        body = bytearray()
        async with client.open(server.url) as response:
            with pytest.raises(FetchInterruptedError, match="nothing arrived"):
                await _collect(body, response.chunks())

        assert body == BODY[:-1000]


async def _collect(body: bytearray, chunks: AsyncIterator[bytes | memoryview]) -> None:
    async for chunk in chunks:
        body += chunk
