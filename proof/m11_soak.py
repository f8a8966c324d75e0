"""M11: a server in use stays as it is: memory, descriptors, threads, tasks and response times."""

import asyncio
import itertools
import json
import re
import shutil
import signal
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import anyio
import attrs

from proof.figure import Control, Edit, Figure, Run, Size
from proof.memory import descriptors, resident_mib, threads
from providers.faults.server import FileFault
from support.server_process import KEY, PATIENCE, Attic, ServerProcess, film, open_attic, started

_CODES: Final = ("S01E01", "S01E02", "S01E03")
_SIZE: Final = 256 * 1024
#: Bytes after which the connection of an episode breaks once in each round.
_CUT: Final = 100_000
#: Films in the library that are never removed.
_STAYING: Final = 30
#: Sockets that come and go in each round.
_SOCKETS: Final = 10
#: Requests of a client that looks at everything.
_PATHS: Final = (
    *("api/anime", f"api/anime/{KEY}", "api/anime/totals", "api/queue/status", "api/queue/items"),
    *("api/queue/summary", "api/history", "api/statistics", "api/system", "api/logs", "metrics"),
    *("api/library/files", "api/library/wanted", "api/config", "health/detailed", "api/tasks"),
)
#: Seconds between the starts of two rounds of a long run; the server limits requests per minute.
_PACE: Final = 3.0
#: How many descriptors, threads and tasks may be in use at one time and not at another.
_SPARE: Final = 2
#: Objects that a round may leave behind. In a short run caches still fill.
_OBJECTS: Final = {Size.CONTROL: 150, Size.GATE: 150, Size.FULL: 5}
#: Seconds of a full run.
_FULL_SECONDS: Final = 3600
#: MiB by which memory may grow in an hour.
_HOURLY_MIB: Final = 1.0
#: Seconds by which other work on the machine may delay responses.
_NOISE: Final = 0.02
#: What the log says about errors that nobody handles.
_UNHANDLED: Final = re.compile(r"never retrieved|never awaited|Traceback|ResourceWarning|unclosed")

#: In a short run the latest records of the log, which the server keeps, would still become more.
_TERSE: Final = {"LOG_LEVEL": "WARNING"}

#: The server, which prints its tasks and objects when it gets SIGUSR1.
_COUNTED: Final = """
import asyncio, gc, json, os, signal, sys
from aniworld_cli.__main__ import main

def count(*_):
    gc.collect()
    found = {"tasks": len(asyncio.all_tasks()), "objects": len(gc.get_objects())}
    os.write(1, b"counted " + json.dumps(found).encode() + b"\\n")

signal.signal(signal.SIGUSR1, count)
sys.exit(main(["serve"]))
"""


@attrs.frozen(kw_only=True)
class Sample:
    """What a server uses after a round.

    Attributes:
        at: Seconds since the start of the run.
        mib: Resident memory.
        files: Open descriptors.
        threads: Threads.
        tasks: Tasks of the event loop.
        objects: Objects that the garbage collector tracks.
        seconds: Median time of a response within the round.
    """

    at: float
    mib: float
    files: int
    threads: int
    tasks: int
    objects: int
    seconds: float


async def _prove(run: Run) -> None:
    """Use a server round by round, and compare the first rounds after its start with the last."""
    warm = run.pick(control=3, gate=3, full=100)
    rounds = run.pick(control=6, gate=6, full=3)
    seconds = run.pick(control=0.0, gate=0.0, full=_FULL_SECONDS)
    log = run.folder / "log"
    samples: list[Sample] = []
    async with (
        open_attic(_CODES, size=_SIZE) as attic,
        started(
            run.folder,
            attic,
            command=(sys.executable, "-c", _COUNTED),
            variables=run.pick(control=_TERSE, gate=_TERSE, full={}),
            errors=log,
        ) as server,
    ):
        await server.sign_in()
        _fill(server.library / "Trigun")
        began = time.monotonic()
        for number in itertools.count():
            due = time.monotonic() + _PACE
            latency = await _round(server, attic, number)
            past = time.monotonic() - began
            if number >= warm:
                samples.append(await _sample(server, past, latency))
                run.n += 1
                if len(samples) >= rounds and past >= seconds:
                    break
            if seconds:
                await asyncio.sleep(due - time.monotonic())
        server.terminate()
        code = await server.ended(PATIENCE)
    run.check(ok=code == 0, failure=f"the server ended with {code}", cases=0)
    _judge(run, samples)
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    found = [line for line in lines if _UNHANDLED.search(line)]
    run.check(ok=not found, failure=f"in the log: {found[:3]}", cases=0)


def _fill(folder: Path) -> None:
    """Add films that stay: a library without any looks unmounted when the others are removed."""
    folder.mkdir()
    content = film(1, 64 * 1024)
    for number in range(1, _STAYING + 1):
        (folder / f"Trigun - S01E{number:02}.mp4").write_bytes(content)


def _judge(run: Run, samples: Sequence[Sample]) -> None:
    """Compare the first third of the rounds with the last."""
    third = len(samples) // 3
    first, last = samples[:third], samples[-third:]
    for name in ("files", "threads", "tasks"):
        # What is in use at an instant varies, what a leak leaves behind does not go away.
        before, after = (min(getattr(each, name) for each in part) for part in (first, last))
        run.measured[name] = [before, after]
        told = f"{name}: {before} became {after}"
        run.check(ok=after <= before + _SPARE, failure=told, cases=0)
    before, after = (min(each.objects for each in part) for part in (first, last))
    left = (after - before) / (len(samples) - third)
    run.measured["objects a round"] = round(left, 1)
    told = f"each round leaves {left:.0f} objects behind"
    run.check(ok=left <= _OBJECTS[run.size], failure=told, cases=0)
    run.measured["mib"] = [round(samples[0].mib), round(samples[-1].mib)]
    if run.size is Size.FULL:
        slow, quick = (statistics.median(each.seconds for each in part) for part in (last, first))
        run.measured["response_ms"] = [round(quick * 1000, 1), round(slow * 1000, 1)]
        told = f"responses took {quick * 1000:.0f} ms, then {slow * 1000:.0f} ms"
        run.check(ok=slow <= 2 * quick + _NOISE, failure=told, cases=0)
        half = samples[len(samples) // 2 :]
        slope = statistics.linear_regression([e.at for e in half], [e.mib for e in half]).slope
        run.measured["mib an hour"] = round(slope * 3600, 2)
        told = f"memory grows by {slope * 3600:.1f} MiB an hour"
        run.check(ok=slope * 3600 < _HOURLY_MIB, failure=told, cases=0)


async def _round(server: ServerProcess, attic: Attic, number: int) -> float:
    """Add a series, download it, look at everything, and remove it; return a response's seconds."""
    attic.show()
    broken = attic.server.routes[attic.films()[number % len(_CODES)]]
    assert isinstance(broken, FileFault)
    broken.cut, broken.cuts, broken.reset = _CUT, 1, number % 2 == 0
    link = f"http://{attic.server.address}/Cowboy%20Bebop/"
    await server.ask("POST", "api/anime/add", {"link": link})
    for _ in range(_SOCKETS):
        await server.listen()
    await server.ask("POST", "api/queue/add", {"serie_id": KEY, "episodes": [*_CODES]})
    await server.ask("POST", "api/queue/start")
    seconds = [await _timed(server, path) for path in _PATHS]
    await _refused(server)
    with anyio.fail_after(PATIENCE):
        while (await server.ask("GET", "api/queue/summary"))["completed"] < len(_CODES):
            await asyncio.sleep(0.1)
    await _rescan(server)
    await _hang_up(server)
    await _scanned(server)
    await server.ask("DELETE", "api/queue/completed")
    await server.ask("DELETE", f"api/anime/{KEY}")
    # A scan may look at it.
    shutil.rmtree(server.library / "Cowboy Bebop", ignore_errors=True)
    return statistics.median(seconds)


async def _rescan(server: ServerProcess) -> None:
    """Start a scan, unless the server has started one itself because of new files."""
    headers = {"Authorization": f"Bearer {server.token}"}
    url = server.address + "api/anime/rescan"
    async with server.client.post(url, headers=headers) as answer:
        assert answer.status in {202, 409}, f"rescan: {answer.status}"


async def _scanned(server: ServerProcess) -> None:
    """Wait until no scan runs."""
    with anyio.fail_after(PATIENCE):
        while (await server.ask("GET", "api/anime/scan"))["status"] == "running":
            await asyncio.sleep(0.1)


async def _timed(server: ServerProcess, path: str) -> float:
    began = time.monotonic()
    headers = {"Authorization": f"Bearer {server.token}"}
    async with server.client.get(server.address + path, headers=headers) as answer:
        await answer.read()
        assert answer.status == 200, f"{path}: {answer.status}"
    return time.monotonic() - began


async def _refused(server: ServerProcess) -> None:
    """Send requests that are refused: unknown, invalid and with an unknown token."""
    headers = {"Authorization": f"Bearer {server.token}"}
    for path, given in (("api/anime/unknown", headers), ("api/queue/items?limit=x", headers)):
        async with server.client.get(server.address + path, headers=given) as answer:
            assert 400 <= answer.status < 500, f"{path}: {answer.status}"


async def _hang_up(server: ServerProcess) -> None:
    """Close half of the sockets, and break off the other half."""
    for number, socket in enumerate(server.sockets):
        if number % 2:
            await socket.close()
        elif (transport := socket.get_extra_info("socket")) is not None:
            transport.shutdown(2)
            await socket.close()
    server.sockets.clear()


async def _sample(server: ServerProcess, at: float, seconds: float) -> Sample:
    pid = server.process.pid
    server.process.send_signal(signal.SIGUSR1)
    assert server.process.stdout is not None
    with anyio.fail_after(PATIENCE):
        while not (line := await server.process.stdout.readline()).startswith(b"counted "):
            assert line, "the server has ended"
    counts = json.loads(line.removeprefix(b"counted "))
    return Sample(
        at=at,
        mib=resident_mib(pid),
        files=descriptors(pid),
        threads=threads(pid),
        seconds=seconds,
        **counts,
    )


_ATTEMPT: Final = "packages/aniworld-core/src/aniworld_core/application/downloads/work/attempt.py"
_HUB: Final = "packages/aniworld-http/src/aniworld_http/websocket/hub.py"
_RUNNING: Final = "        with self._active.running(item.id) as scope:\n"

FIGURE: Final = Figure(
    name="M11",
    title="a server in use does not grow",
    prove=_prove,
    controls=(
        Control(
            "a task for each item that never ends",
            (
                Edit(
                    _ATTEMPT,
                    _RUNNING,
                    "        import asyncio\n"
                    "        asyncio.ensure_future(asyncio.sleep(1e9))\n" + _RUNNING,
                ),
            ),
        ),
        Control(
            "a descriptor for each item that is never closed",
            (Edit(_ATTEMPT, _RUNNING, f'        __import__("os").dup(2)\n{_RUNNING}'),),
        ),
        Control(
            "closed connections stay listed",
            (Edit(_HUB, "            self._clients.pop(client)\n", ""),),
        ),
    ),
)
