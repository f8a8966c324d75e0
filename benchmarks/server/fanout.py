"""Compares how fast messages reach many WebSocket clients; see the README in this folder.

The clients are one process of plain sockets, the servers one each; they take turns in one run.
"""

import argparse
import asyncio
import json
import random
import re
import statistics
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
SERVERS = {
    "ours": [sys.executable, str(HERE / "fanout_ours.py")],
    "fastapi": [
        *("uv", "run", "--no-project", "--isolated", "--with", "fastapi", "--with", "uvicorn"),
        *("--with", "websockets", "python", str(HERE / "fanout_fastapi.py")),
    ],
}
#: Each message holds its time of sending between two of these.
MARK = b"@"
STAMP = re.compile(rb"@(\d+\.\d+)@")


class Client(asyncio.Protocol):
    """Counts what it gets; a stalled one reads nothing after its handshake."""

    def __init__(self, path: str, token: str, *, stalled: bool) -> None:
        self.path, self.token, self.stalled = path, token, stalled
        self.ready = asyncio.get_running_loop().create_future()
        self.marks, self.delays, self.last = 0, [], 0.0
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        head = (
            f"GET {self.path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Version: 13\r\n"
        )
        if self.token:
            head += f"Authorization: Bearer {self.token}\r\n"
        transport.write(f"{head}\r\n".encode() + text_frame('{"action":"join","room":"downloads"}'))

    def data_received(self, data: bytes) -> None:
        if not self.ready.done():
            if b"queue_status" in data:
                self.ready.set_result(None)
                if self.stalled:
                    self.transport.pause_reading()
            return
        self.last = time.monotonic()
        self.marks += data.count(MARK)
        # Looking at every stamp would make this process the slower half.
        if (stamp := STAMP.search(data)) is not None:
            self.delays.append(self.last - float(stamp[1]))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ready.done():
            self.ready.set_exception(exc or ConnectionError("closed"))


def text_frame(text: str) -> bytes:
    """Frame a short text as a client must, with a mask of zeros."""
    return bytes((0x81, 0x80 | len(text))) + bytes(4) + text.encode()


async def measure(name: str, given: argparse.Namespace) -> dict[str, float]:
    server = await asyncio.create_subprocess_exec(
        *SERVERS[name], stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        place = json.loads(await server.stdout.readline())
        clients = await connect(place, given)
        reading = [client for client in clients if not client.stalled]
        began = time.monotonic()
        server.stdin.write(f"{given.messages} {given.burst} {given.pause}\n".encode())
        wanted = 2 * given.messages * len(reading)
        deadline = began + given.patience + given.messages / given.burst * given.pause
        while sum(c.marks for c in reading) < wanted and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        delays = sorted(delay for client in reading for delay in client.delays)
        told = sum(c.marks for c in reading) / 2
        result = {
            "rate": told / (max(c.last for c in reading) - began),
            "delivered": told / given.messages / len(reading),
            "p50": delays[len(delays) // 2] if delays else float("nan"),
            "p99": delays[len(delays) * 99 // 100] if delays else float("nan"),
        }
        if result["delivered"] == 1:
            report = json.loads(await server.stdout.readline())
            result |= {"cpu_us": report["cpu"] * 1e6 / told, "held": report["held"]}
        for client in clients:
            client.transport.abort()
        return result
    finally:
        server.terminate()
        await server.wait()


async def connect(place: dict[str, object], given: argparse.Namespace) -> list[Client]:
    loop = asyncio.get_running_loop()
    clients = []
    for number in range(given.clients):
        stalled = number < given.stalled
        _, client = await loop.create_connection(
            lambda stalled=stalled: Client(place["path"], place["token"], stalled=stalled),
            "127.0.0.1",
            place["port"],
        )
        clients.append(client)
        if number % 100 == 99:
            await asyncio.gather(*(c.ready for c in clients))
    await asyncio.gather(*(c.ready for c in clients))
    return clients


def main() -> None:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=300)
    parser.add_argument("--stalled", type=int, default=0, help="of the clients, read nothing")
    parser.add_argument("--messages", type=int, default=50)
    parser.add_argument("--burst", type=int, default=1, help="messages published at once")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between bursts")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--patience", type=float, default=20.0)
    parser.add_argument("--servers", nargs="+", choices=SERVERS, default=list(SERVERS))
    given = parser.parse_args()
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in given.servers}
    for turn in range(given.rounds):
        for name in random.Random(turn).sample(given.servers, len(given.servers)):
            runs[name].append(asyncio.run(measure(name, given)))
            print(name, {k: round(v, 4) for k, v in runs[name][-1].items()}, file=sys.stderr)
    rates = {name: statistics.median(r["rate"] for r in runs[name]) for name in runs}
    for name, rate in rates.items():
        print(f"{name:10} {rate:12.0f} messages/s delivered, median of {given.rounds}")
    if "ours" in rates and "fastapi" in rates:
        print(f"ours / fastapi: {rates['ours'] / rates['fastapi']:.2f}")
    print(json.dumps({"given": vars(given), "runs": runs}))


if __name__ == "__main__":
    main()
