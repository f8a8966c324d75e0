"""Commands that change the queue and the configuration, killed at random instants."""

import asyncio
import contextlib
import json
import os
import random
import time
from pathlib import Path

from proof.figure import Run
from proof.kills.server import CODES, Model, queue_rows
from support.installed import find_command
from support.server_process import KEY, ServerProcess, open_attic, started


async def kill_commands(run: Run, kills: int, chance: random.Random) -> None:
    """Kill commands *kills* times; an exit code of 0 acknowledges a change."""
    if not kills:
        return
    base, model = run.folder / "commands", Model()
    async with open_attic(CODES) as attic:
        attic.stall()
        async with started(base, attic) as server:
            await server.sign_in()
            link = f"http://{attic.server.address}/Cowboy%20Bebop/"
            await server.ask("POST", "api/anime/add", {"link": link})
            await server.ask("PUT", "api/config", {"name": "first"})
            server.terminate()
            await server.ended(60)
        model.name, seconds = "first", await _usual(base)
        for number in range(kills):
            code = await _change(server, model, chance, chance.uniform(0, seconds * 1.2))
            run.check(ok=code in {0, -9}, failure=f"kill {number}: exit code {code}")
            problems = model.problems(queue_rows(server), _name(base))
            run.check(ok=not problems, failure=f"command {number}: {problems}", cases=0)
        (verdict,) = server.rows("PRAGMA integrity_check")
        run.check(ok=verdict == ("ok",), failure=f"integrity: {verdict}", cases=0)
        litter = [path.name for path in base.rglob("*.tmp")]
        run.measured["temporary files after killed commands"] = len(litter)


async def _change(
    server: ServerProcess, model: Model, chance: random.Random, seconds: float
) -> int:
    """Run one command in the folders of a server that has ended; kill it after some seconds."""
    base = server.data.parent
    rest = sorted(set(CODES) - model.queued)
    kind = chance.choice(("add", "remove", "set")) if rest else "remove"
    if kind == "set" or (kind == "remove" and not model.queued):
        model.next_name = f"name-{chance.random()}"
        code = await _run(base, seconds, "config", "set", "name", model.next_name)
        if code == 0:
            model.name, model.next_name = model.next_name, ""
        return code
    if kind == "add":
        model.open = chance.choice(rest)
        code = await _run(base, seconds, "queue", "add", KEY, model.open)
        if code == 0:
            model.queued.add(model.open)
    else:
        model.open = chance.choice(sorted(model.queued))
        (item,) = [item for code, item, _ in queue_rows(server) if code == model.open]
        code = await _run(base, seconds, "queue", "remove", item)
        if code == 0:
            model.queued.discard(model.open)
    if code == 0:
        model.open = ""
    return code


async def _usual(base: Path) -> float:
    """Return how long a command takes."""
    began = time.monotonic()
    assert await _run(base, None, "queue", "list") == 0
    return time.monotonic() - began


async def _run(base: Path, seconds: float | None, *arguments: str) -> int:
    process = await asyncio.create_subprocess_exec(
        *(find_command(), *arguments),
        env={
            **os.environ,
            "ANIWORLD_DATA_DIR": str(base / "data"),
            "ANIME_DIRECTORY": str(base / "library"),
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), seconds)
    if process.returncode is None:
        process.kill()
    return await process.wait()


def _name(base: Path) -> str:
    return str(json.loads((base / "data" / "config.json").read_text()).get("name", ""))
