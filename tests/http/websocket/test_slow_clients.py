"""Slow and stuck clients, missed events, and the shutdown."""

import asyncio
import socket
from pathlib import Path

import aiohttp
import anyio
import pytest

from aniworld_core.domain.identity import FolderName
from aniworld_core.events import DownloadFailed
from aniworld_core.testing.factories import START, make_claim, make_failure, make_item
from aniworld_core.testing.waiting import PATIENCE, eventually
from aniworld_http.websocket import Limits
from support.socket_stage import Listener, SocketServer, kinds, open_sockets

pytestmark = pytest.mark.anyio


def failed(number: int = 1) -> DownloadFailed:
    """Return the event of a failed item."""
    item = make_item(number).start(make_claim()).fail(make_failure(), START)
    return DownloadFailed(item=item, folder=FolderName("F"), at=START)


async def test_a_client_that_reads_nothing_delays_nobody(tmp_path: Path) -> None:
    """A client that reads nothing is disconnected and delays no other (F21)."""
    limits = Limits(stalled=0.2, buffered=8 * 1024)
    async with open_sockets(tmp_path, limits) as server:
        stuck = await server.listen("downloads")
        reading = await server.listen("downloads")
        clog(server, stuck)

        count = 0
        with anyio.fail_after(PATIENCE):
            while len(server.hub.clients) == 2:
                await server.publish(*(failed(n) for n in range(50)))
                got = 0
                while got < 50:
                    got += (await reading.next())["type"] == "download_failed"
                count += got

        assert count >= 50
        hang_up(stuck)
        assert "error" not in kinds(await reading.all_so_far())


async def test_who_was_too_slow_gets_the_present_state(tmp_path: Path) -> None:
    """A slow client gets the current state instead of the messages that were dropped."""
    limits = Limits(buffered=8 * 1024, backlog=8, queue_interval=0.01, tick=0.001)
    async with open_sockets(tmp_path, limits) as server:
        slow = await server.listen("downloads")
        (behind,) = server.hub.clients
        reading = await server.listen("downloads")
        clog(server, slow)
        published = 0
        while published < 1000 or (published < 20_000 and not behind.unsent):
            await server.publish(*(failed(n) for n in range(20)))
            published += 20
            for _ in range(20):
                await reading.until("download_failed")

        assert behind.buffered <= limits.buffered + 16 * 1024
        unclog(slow)
        told = kinds(await slow.all_so_far())

        assert told.count("download_failed") < published
        # After the state come only newer messages: fewer than were dropped.
        assert told[::-1].index("queue_status") <= limits.backlog < told.count("download_failed")
        await server.publish(failed(7))
        assert (await slow.until("download_failed"))[-1]["data"]["episode"] == 7


async def test_a_stuck_client_leaves_nothing_behind(tmp_path: Path) -> None:
    """A stuck client that does not read the close frame is aborted, and its messages are freed."""
    limits = Limits(close=0.05, buffered=8 * 1024)
    async with open_sockets(tmp_path, limits) as server:
        stuck = await server.listen("downloads", token=await server.sign_in())
        (behind,) = server.hub.clients
        clog(server, stuck)
        with anyio.fail_after(PATIENCE):
            while behind.keeps_up:
                await server.publish(*(failed(n) for n in range(20)))
                await anyio.sleep(0)

        await server.json("POST", "/api/auth/logout")

        await eventually(lambda: not server.hub.clients and not behind.buffered)
        assert (server.hub.clients, behind.buffered) == ((), 0)
        hang_up(stuck)


def clog(server: SocketServer, listener: Listener) -> None:
    """Make a client stop reading, with small system buffers at both ends of its connection."""
    own = listener.socket.get_extra_info("socket")
    ends = [client._transport.get_extra_info("socket") for client in server.hub.clients]
    for end in (own, *(each for each in ends if each.getpeername() == own.getsockname())):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    transport_of(listener).pause_reading()


def unclog(listener: Listener) -> None:
    """Make a client read again, with a buffer large enough for a segment.

    The system announces no window that is smaller than a segment, which is 64 KiB on loopback, and
    the other side tries again after pauses that double.
    """
    connection = listener.socket.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    transport_of(listener).resume_reading()


def transport_of(listener: Listener) -> asyncio.Transport:
    """Return the transport of the client."""
    connection = listener.socket._response.connection
    assert connection is not None
    assert connection.transport is not None
    return connection.transport


def hang_up(listener: Listener) -> None:
    """Close the connection of a client that does not read."""
    response = listener.socket._response
    if response.connection is not None and response.connection.transport is not None:
        response.connection.transport.abort()


async def test_silence_on_the_line_ends_it(tmp_path: Path) -> None:
    """A client that does not answer pings is disconnected."""
    async with open_sockets(tmp_path, Limits(heartbeat=0.1)) as server:
        stuck = await server.listen("downloads")
        clog(server, stuck)

        assert server.hub.clients
        await eventually(lambda: not server.hub.clients)
        hang_up(stuck)


async def test_after_missed_events_the_state_is_told(tmp_path: Path) -> None:
    """After missed events every client gets the current state."""
    async with open_sockets(tmp_path) as server:
        listener = await server.listen("downloads")
        await server.stage.storage.queue.add([make_item(1).start(make_claim())])

        for _ in range(1100):  # More events than the buffer holds, published at once.
            for mailbox in server.stage.bus._bus._mailboxes:
                mailbox.put(failed(2))

        messages = await listener.until("download_progress")
        assert kinds(messages)[-2:] == ["queue_status", "download_progress"]


async def test_clients_are_notified_of_a_shutdown(tmp_path: Path) -> None:
    """At shutdown every client is notified and closed with 1001; a stuck one is aborted (F23)."""
    limits = Limits(close=0.2, shutdown=0.4)
    async with open_sockets(tmp_path, limits) as server:
        listeners = [await server.listen("downloads"), await server.listen()]
        silent = await server.connect()
        stuck = await server.listen("downloads")
        clog(server, stuck)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(server.app.shutdown)
            for listener in listeners:
                assert (await listener.next())["type"] == "server_shutdown"
                assert await listener.close_code() == 1001
            assert (await silent.next())["type"] == "server_shutdown"
            assert await silent.close_code() == 1001

        assert not server.hub.clients
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await server.connect()
        assert refused.value.status == 503
        hang_up(stuck)
