"""Servers that refuse a client with too many connections."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import attrs
import pytest

from aniworld_core.errors import AniworldError, FetchInterruptedError, LinkRefusedError
from aniworld_providers.network.bytes.client import ByteClient
from providers.faults.server import FaultServer, Wire, open_fault_server, status
from providers.network.bytes.test_client import make_client

pytestmark = pytest.mark.anyio

BODY = b"segment" * 100


@attrs.define
class Narrow:
    """A server of segments that answers only a number of concurrent requests.

    Attributes:
        places: Most concurrent requests.
        code: Status of a refusal; `None` closes the connection.
        headers: Headers of a refusal.
        lag: Refusals for which a request still counts after its end.
    """

    places: int
    code: int | None
    headers: tuple[tuple[str, object], ...] = ()
    lag: int = 0
    busy: int = 0
    most: int = 0
    refused: int = 0
    late: int = 0

    async def __call__(self, wire: Wire) -> None:
        """Answer one request."""
        if self.busy + self.late >= self.places:
            self.refused += 1
            self.late = max(self.late - 1, 0)
            if self.code is None:
                wire.abort()
            else:
                await status(self.code, *self.headers)(wire)
            return
        self.busy += 1
        self.most = max(self.most, self.busy)
        try:
            await wire.head(200, ("Content-Length", len(BODY)), ("Connection", "close"))
            await wire.body(BODY[:100])
            for _ in range(20):
                await asyncio.sleep(0)
            await wire.body(BODY[100:])
        finally:
            self.busy -= 1
            self.late = self.lag


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    """Run a server."""
    async with open_fault_server() as server:
        yield server


async def fetch_all(client: ByteClient, server: FaultServer, count: int = 12) -> list[object]:
    """Fetch *count* segments concurrently."""

    async def one(number: int) -> bytes:
        return bytes((await client.read_all(server.url(f"/{number}"), max_bytes=10**4)).data)

    return await asyncio.gather(*(one(n) for n in range(count)), return_exceptions=True)


@pytest.mark.parametrize("code", [403, 429, 503])
@pytest.mark.parametrize("places", [1, 2, 3])
@pytest.mark.parametrize("lag", [0, 2])
async def test_fewer_connections_are_used(
    server: FaultServer, code: int, places: int, lag: int
) -> None:
    """Everything arrives, and the learned limit applies to the rest of the transfer."""
    narrow = Narrow(places, code, lag=lag)
    server.routes = {f"/{number}": narrow for number in range(12)}
    async with make_client(server.address) as client:
        assert await fetch_all(client, server) == [BODY] * 12
        refused = narrow.refused
        assert await fetch_all(client, server) == [BODY] * 12

    assert narrow.most <= places
    if not lag:
        assert narrow.refused - refused <= 12, "the second round has to be wiser"


async def test_a_closed_connection_is_a_refusal_too(server: FaultServer) -> None:
    """Some servers close surplus connections without a response."""
    narrow = Narrow(2, None)
    server.routes = {f"/{number}": narrow for number in range(6)}
    async with make_client(server.address) as client:
        found = await fetch_all(client, server, 6)

    assert found.count(BODY) >= 4
    assert all(isinstance(one, FetchInterruptedError) for one in found if one != BODY)


async def test_a_requested_wait_is_kept(server: FaultServer) -> None:
    """No refused request is repeated before the time that the server names."""
    narrow = Narrow(1, 503, headers=(("Retry-After", 7),))
    server.routes = {f"/{number}": narrow for number in range(3)}
    async with make_client(server.address) as client:
        began = client._clock.now()
        assert await fetch_all(client, server, 3) == [BODY] * 3
        assert client._clock.now() - began >= timedelta(seconds=7)


@pytest.mark.parametrize("code", [403, 429, 503])
async def test_a_final_refusal_is_reported(server: FaultServer, code: int) -> None:
    """A request that is refused alone too is an error; the other requests succeed."""
    good = Narrow(99, code)
    server.routes = {f"/{number}": good for number in range(12)}
    server.routes["/5"] = status(code)
    async with make_client(server.address) as client:
        found = await fetch_all(client, server)
        requests = sum(hit.path == "/5" for hit in server.log)
        again = await fetch_all(client, server)

    for answers in (found, again):
        assert [number for number, one in enumerate(answers) if one != BODY] == [5]
        assert isinstance(answers[5], AniworldError)
        assert isinstance(answers[5], LinkRefusedError) is (code == 403)
    assert requests <= 8
    assert sum(hit.path == "/5" for hit in server.log) == requests + 1, "it was proven before"


async def test_a_refusal_of_a_single_request_is_final(server: FaultServer) -> None:
    """Without other connections the refusal is reported at once."""
    server.routes["/"] = status(403)
    async with make_client(server.address) as client:
        with pytest.raises(LinkRefusedError, match="HTTP 403"):
            await client.read_all(server.url("/"), max_bytes=10)

    assert len(server.log) == 1
