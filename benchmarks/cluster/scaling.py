"""Throughput by the number of workers, and how fast one server shows what another one does."""

import argparse
import asyncio
import json
import statistics
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
from audit import AUDITED
from cluster import PASSWORD, SLOTS, Cluster, Member, open_cluster, rows
from curve import draw_curve
from hosts import Network

if TYPE_CHECKING:
    from aiohttp.client import _WSRequestContextManager

WORKERS = (1, 2, 4, 8)
#: Bytes of a film, and bytes per second of one connection: 12 s for each item, so that two
#: processors are not what is measured.
SIZE, RATE = 96 * 1024, 8 * 1024
#: Seconds that are counted: five items of each slot.
COUNTED = 60
_LAST = "SELECT id FROM download_queue_item WHERE status = 'pending' ORDER BY place DESC LIMIT %s"


async def run_scaling(folder: Path, network: Network, given: argparse.Namespace) -> int:
    """Print the throughput, and draw it."""
    async with open_cluster(folder, network, items=1000, size=SIZE, rate=RATE) as cluster:
        workers = [_worker(cluster, network, number) for number in range(max(WORKERS))]
        speeds: dict[int, float] = {}
        for count in WORKERS:
            for worker in workers[max(speeds, default=0) : count]:
                await worker.start()
            speeds[count] = await _speed(cluster, count)
            print(f"{count} workers: {speeds[count]:.2f} items/s", file=sys.stderr)
    print("| workers | items/s | of linear |\n| ---: | ---: | ---: |")
    for count, speed in speeds.items():
        print(f"| {count} | {speed:.2f} | {speed / speeds[1] / count:.2f} |")
    if given.draw:
        given.draw.write_text(draw_curve(speeds), encoding="utf-8")
    return 0


async def run_latencies(folder: Path, network: Network) -> int:
    """Print how fast a server shows what another process did."""
    async with open_cluster(folder, network, items=200, size=SIZE, rate=RATE) as cluster:
        found = await _latencies(cluster, network)
    print("| measured | median ms | longest ms | goal |\n| --- | ---: | ---: | ---: |")
    for (name, goal), times in found.items():
        middle, longest = statistics.median(times) * 1000, max(times) * 1000
        print(f"| {name} | {middle:.0f} | {longest:.0f} | {goal} |")
    return 0


def _worker(cluster: Cluster, network: Network, number: int) -> Member:
    host = network.hosts[number % len(network.hosts)]
    return cluster.member(f"worker-{number}", host, "worker", "--slots", f"{SLOTS}")


async def _speed(cluster: Cluster, count: int) -> float:
    """Return the items that the running workers complete in a second."""
    async with asyncio.timeout(300):
        while await _number(cluster, "downloading") < count * SLOTS:
            await asyncio.sleep(1)
        # The first items of a worker load its modules.
        warm = await _number(cluster, "completed") + count * SLOTS
        while await _number(cluster, "completed") < warm:
            await asyncio.sleep(1)
    begun = time.time()
    await asyncio.sleep(COUNTED)
    audit = await rows(cluster.url, AUDITED)
    done = [at for _, status, _, at in audit if status == "completed"]
    return sum(begun <= at < begun + COUNTED for at in done) / COUNTED


async def _number(cluster: Cluster, status: str) -> int:
    query = "SELECT count(*) FROM download_queue_item WHERE status = %s"
    return (await rows(cluster.url, query, status))[0][0]


async def _latencies(
    cluster: Cluster, network: Network, times: int = 10
) -> dict[tuple[str, str], list[float]]:
    """Measure what a second server shows of the first one and of a worker."""
    other = await cluster.serve("server-2")
    worker = _worker(cluster, network, 99)
    await worker.start()
    shown: list[float] = []
    async with _socket(cluster, other, cluster.token) as socket:
        await socket.send_json({"action": "join", "data": {"room": "downloads"}})
        await _next_progress(socket)
        while len(shown) < 10 * times:
            # All processes use the clock of the database, which is on this machine.
            message = await _next_progress(socket)
            shown.append(time.time() - datetime.fromisoformat(message["timestamp"]).timestamp())
    await worker.kill()
    ended = [await _logout(cluster, other) for _ in range(times // 2)]
    # The last items wait longest.
    ids = await rows(cluster.url, _LAST, times)
    added = [await _change(cluster, other, item) for (item,) in ids]
    return {
        ("progress of a worker on another server's page", "300"): shown,
        ("sign-out closes the socket at another server", "1,000"): ended,
        ("queue change on another server's page", "1,000"): added,
    }


def _socket(cluster: Cluster, address: str, token: str) -> "_WSRequestContextManager":
    assert cluster.client is not None
    headers = {"Authorization": f"Bearer {token}"}
    return cluster.client.ws_connect(address + "ws/connect", headers=headers)


async def _next_progress(socket: aiohttp.ClientWebSocketResponse) -> dict[str, Any]:
    async with asyncio.timeout(60):
        async for message in socket:
            text = json.loads(message.data)
            if text["type"] == "download_progress":
                return text
    raise RuntimeError("no progress was shown")


async def _logout(cluster: Cluster, other: str) -> float:
    """Sign in and out at the first server; return the seconds until the other closes a socket."""
    owner = cluster.token
    cluster.token = ""
    try:
        body = {"password": PASSWORD}
        cluster.token = (await cluster.ask("POST", "api/auth/login", body))["access_token"]
        async with _socket(cluster, other, cluster.token) as socket:
            await socket.send_json({"action": "join", "data": {"room": "downloads"}})
            await asyncio.sleep(0.5)
            begun = time.monotonic()
            await cluster.ask("POST", "api/auth/logout")
            async for _ in socket:
                pass
            return time.monotonic() - begun
    finally:
        cluster.token = owner
        await asyncio.sleep(15)  # a client may sign in five times a minute


async def _change(cluster: Cluster, other: str, item: str) -> float:
    """Remove an item at the first server; return the seconds until the other says so."""
    async with _socket(cluster, other, cluster.token) as socket:
        await socket.send_json({"action": "join", "data": {"room": "downloads"}})
        before = await _pending(socket)
        begun = time.monotonic()
        await cluster.ask("DELETE", f"api/queue/{item}")
        while await _pending(socket) >= before:
            pass
        return time.monotonic() - begun


async def _pending(socket: aiohttp.ClientWebSocketResponse) -> int:
    """Return the number of waiting items of the next message about the queue."""
    async with asyncio.timeout(30):
        async for message in socket:
            text = json.loads(message.data)
            if text["type"] == "queue_status":
                return text["data"]["statistics"]["pending_count"]
    raise RuntimeError("the socket was closed")
