"""M10: thousands of WebSocket clients get messages in time, although some read nothing."""

import asyncio
import json
import resource
import sys
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType
from typing import Any, Final

import anyio

from aniworld_core.testing.waiting import PATIENCE
from proof import ROOT
from proof.figure import Control, Edit, Figure, Run
from proof.memory import resident_mib

#: Seconds for delivery, of 99 of 100 messages.
_PROMISED: Final = 0.25
_GROWTH_MIB: Final = 200
#: Seconds after which clients that read nothing are gone.
_GONE: Final = 30
#: Rounds of messages of which the fastest counts if one takes too long: a busy machine is late.
_ROUNDS: Final = 3
#: Open files of the server and of the clients that are not connections.
_OTHER_FILES: Final = 200
_PING: Final = b"\x89\x00"
_PONG: Final = b"\x8a\x80\x00\x00\x00\x00"


async def _prove(run: Run) -> None:
    """Connect the clients, publish messages, and count what arrives when."""
    clients, stalled = run.pick(control=(200, 20), gate=(500, 50), full=(5000, 500))
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files < clients + _OTHER_FILES <= most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    per_second = run.pick(control=10, gate=20, full=20)
    messages = per_second * run.pick(control=3, gate=5, full=60)
    fanout = _fanout()
    server = await asyncio.create_subprocess_exec(
        *fanout.SERVERS["ours"], stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        place = json.loads(await server.stdout.readline())
        before = resident_mib(server.pid)
        listeners = await _connected(fanout, place, clients, stalled)
        reading = [each for each in listeners if not each.stalled]
        rounds: list[list[float]] = []
        while len(rounds) < _ROUNDS and (not rounds or _late(rounds[-1]) >= _PROMISED):
            server.stdin.write(f"{messages} 1 {1 / per_second}\n".encode())
            report = json.loads(await server.stdout.readline())
            wanted = 2 * messages * (len(rounds) + 1)
            with anyio.move_on_after(PATIENCE):
                while any(each.marks < wanted for each in reading):
                    await asyncio.sleep(0.02)
            rounds.append(sorted(delay for each in reading for delay in each.delays))
            for each in reading:
                each.delays.clear()
        growth = resident_mib(server.pid) - before
        for each in listeners:
            each.transport.abort()
    finally:
        server.terminate()
        await server.wait()
    delays = min(rounds, key=_late)
    late = _late(delays)
    run.measured |= {"p50_ms": round(delays[len(delays) // 2] * 1000), "p99_ms": round(late * 1000)}
    run.measured |= {"growth_mib": round(growth), "clients": clients, "stalled": stalled}
    messages *= len(rounds)
    behind = [each.marks / 2 for each in reading if each.marks < 2 * messages]
    told = f"{len(behind)} of {len(reading)} clients missed messages: {behind[:5]} of {messages}"
    run.check(ok=not behind, failure=told, cases=len(listeners))
    told = f"99 of 100 messages need up to {late:.2f} s"
    run.check(ok=late < _PROMISED, failure=told, cases=0)
    run.check(ok=growth < _GROWTH_MIB, failure=f"memory grew by {growth:.0f} MiB", cases=0)
    if messages / per_second > _GONE:
        told = f"{report['clients']} clients are connected, {len(reading)} read"
        run.check(ok=report["clients"] == len(reading), failure=told, cases=0)


def _late(delays: list[float]) -> float:
    """Return the seconds that 99 of 100 messages need at most; the list is in order."""
    return delays[len(delays) * 99 // 100]


async def _connected(
    fanout: ModuleType, place: dict[str, Any], clients: int, stalled: int
) -> list[Any]:
    class Listener(fanout.Client):  # type: ignore[misc, name-defined]
        """A client that answers pings."""

        def data_received(self, data: bytes) -> None:
            if _PING in data:
                self.transport.write(_PONG)
            super().data_received(data)

    loop, found = asyncio.get_running_loop(), []
    for number in range(clients):
        _, client = await loop.create_connection(
            lambda number=number: Listener(  # type: ignore[misc]
                place["path"], place["token"], stalled=number < stalled
            ),
            "127.0.0.1",
            place["port"],
        )
        found.append(client)
        if number % 100 == 99:
            await asyncio.gather(*(each.ready for each in found))
    await asyncio.gather(*(each.ready for each in found))
    return found


def _fanout() -> ModuleType:
    """Load the benchmark, whose server and clients are used."""
    spec = spec_from_file_location("fanout", ROOT / "benchmarks/server/fanout.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["fanout"] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_HUB: Final = "packages/aniworld-http/src/aniworld_http/websocket/hub.py"

FIGURE: Final = Figure(
    name="M10",
    title="live updates in time for thousands of clients",
    prove=_prove,
    is_alone=True,
    controls=(
        Control(
            "each client waits for the one before it",
            (
                Edit(
                    _HUB,
                    "            rooms = client.rooms\n            wire = wires.get(rooms)\n",
                    "            rooms = client.rooms\n"
                    '            __import__("time").sleep(0.003)\n'
                    "            wire = wires.get(rooms)\n",
                ),
            ),
        ),
    ),
)
