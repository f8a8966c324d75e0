"""A server that is killed while the queue is changed over the API and episodes arrive."""

import asyncio
import contextlib
import json
import os
import random
import statistics
import sys
import time
from pathlib import Path
from typing import Final

import aiohttp
import anyio
import attrs

from proof.figure import Run
from support.server_process import KEY, PATIENCE, Attic, ServerProcess, film, open_attic, started

CODES: Final = tuple(f"S01E{number:02}" for number in range(1, 25))
_SIZE: Final = 384 * 1024
_RATE: Final = 768 * 1024
#: What one kill may cost in bytes that are fetched again.
_AGAIN: Final = 1024 * 1024
#: CPU time from the start of a process until it serves, in multiples of what it takes to import
#: its largest libraries: seconds depend on the machine, and on what else it does.
_START: Final = 2.5
_LIBRARIES: Final = "import aiohttp.web, alembic.command, av, cattrs, httpx, jinja2, sqlalchemy.orm"
#: How many times they are imported for that.
_IMPORTS: Final = 3
#: Rows of the queue of one episode.
_ROWS: Final = "SELECT episode, id, status FROM download_queue_item"


@attrs.define
class Model:
    """What was acknowledged.

    Attributes:
        queued: Episodes that were queued and not removed.
        open: The episode of a change that was not acknowledged, if any.
        name: The last acknowledged name in the configuration.
        next_name: A name whose change was not acknowledged.
    """

    queued: set[str] = attrs.field(factory=set)
    open: str = ""
    name: str = ""
    next_name: str = ""

    def problems(self, rows: list[tuple[str, str, str]], name: str) -> list[str]:
        """Compare the database and the configuration with the model, and settle what was open."""
        found = [code for code, _, _ in rows]
        if self.open:
            (self.queued.add if self.open in found else self.queued.discard)(self.open)
            self.open = ""
        if name == self.next_name:
            self.name = name
        self.next_name = ""
        lost, more = self.queued - set(found), set(found) - self.queued
        doubled = {code for code in found if found.count(code) > 1}
        problems = [f"lost: {sorted(lost)}"] if lost else []
        problems += [f"came back: {sorted(more)}"] if more else []
        problems += [f"doubled: {sorted(doubled)}"] if doubled else []
        return problems + (
            [f"the name is {name!r}, not {self.name!r}"] if name != self.name else []
        )


def queue_rows(server: ServerProcess) -> list[tuple[str, str, str]]:
    """Return code, ID and status of all items."""
    return [(f"S01E{int(n):02}", str(item), str(status)) for n, item, status in server.rows(_ROWS)]


async def kill_server(run: Run, kills: int, chance: random.Random) -> None:
    """Kill a server *kills* times, then let it finish and compare every film."""
    base, model = run.folder / "server", Model()
    starts, imports = list[float](), list[float]()
    async with open_attic(CODES, size=_SIZE) as attic:
        for path in attic.films():
            attic.server.routes[path].rate = _RATE  # type: ignore[attr-defined]
        for number in range(kills):
            if number < _IMPORTS:
                imports.append(await _imported())
            async with started(base, attic) as server:
                starts.append(_cpu_seconds(server.process.pid))
                with anyio.fail_after(PATIENCE):
                    await server.sign_in()
                if not number:
                    await _prepare(server, attic, model)
                problems = model.problems(queue_rows(server), _name(base))
                run.check(ok=not problems, failure=f"kill {number}: {'; '.join(problems)}", cases=0)
                await _changed_until_killed(server, model, chance)
            run.n += 1
        await _finish(run, base, attic, model)
        sent = attic.server.sent() - _SIZE * len(CODES)
    run.measured["again per kill"] = max(0, round(sent / kills))
    run.measured["CPU seconds to serve"] = round(statistics.median(starts), 2)
    again = f"{sent} bytes were fetched again for {kills} kills"
    run.check(ok=sent <= _AGAIN * kills, failure=again, cases=0)
    run.measured["CPU seconds to import the libraries"] = round(statistics.median(imports), 2)
    slow = (
        f"no start takes fewer than {min(starts):.1f} CPU seconds, importing the libraries"
        f" {min(imports):.1f}"
    )
    run.check(ok=min(starts) <= _START * min(imports), failure=slow, cases=0)


async def _prepare(server: ServerProcess, attic: Attic, model: Model) -> None:
    link = f"http://{attic.server.address}/Cowboy%20Bebop/"
    await server.ask("POST", "api/anime/add", {"link": link})
    await server.ask("POST", "api/queue/add", {"serie_id": KEY, "episodes": [*CODES[:8]]})
    await server.ask("PUT", "api/config", {"name": "first"})
    model.queued.update(CODES[:8])
    model.name = "first"


async def _changed_until_killed(server: ServerProcess, model: Model, chance: random.Random) -> None:
    """Change queue and configuration until a random instant, then kill the server."""
    changing = asyncio.create_task(_change(server, model, random.Random(chance.random())))
    await asyncio.sleep(chance.uniform(0.05, 3))
    server.process.kill()
    await server.process.wait()
    with contextlib.suppress(aiohttp.ClientError, OSError, asyncio.TimeoutError):
        await changing


async def _change(server: ServerProcess, model: Model, chance: random.Random) -> None:
    while True:
        match chance.randrange(4):
            case 0 if rest := sorted(set(CODES) - model.queued):
                model.open = chance.choice(rest)
                body = {"serie_id": KEY, "episodes": [model.open]}
                await server.ask("POST", "api/queue/add", body)
                model.queued.add(model.open)
            case 1:
                await _remove(server, model, chance)
            case 2:
                pending = [row[1] for row in queue_rows(server) if row[2] == "pending"]
                chance.shuffle(pending)
                headers = {"Authorization": f"Bearer {server.token}"}
                url = server.address + "api/queue/reorder"
                body = {"item_ids": pending[:3]}
                async with server.client.post(url, json=body, headers=headers) as answer:
                    assert answer.status < 500, await answer.text()
            case _:
                model.next_name = f"name {chance.random()}"
                await server.ask("PUT", "api/config", {"name": model.next_name})
                model.name, model.next_name = model.next_name, ""
        model.open = ""
        await asyncio.sleep(0.02)


async def _remove(server: ServerProcess, model: Model, chance: random.Random) -> None:
    rows = [row for row in queue_rows(server) if row[2] == "pending"]
    if len(rows) < 4:
        return
    code, item, _ = chance.choice(rows)
    model.open = code
    headers = {"Authorization": f"Bearer {server.token}"}
    url = f"{server.address}api/queue/{item}"
    async with server.client.delete(url, headers=headers) as answer:
        assert answer.status < 500, await answer.text()
        if answer.status < 300:  # otherwise its download has begun meanwhile
            model.queued.discard(code)


async def _finish(run: Run, base: Path, attic: Attic, model: Model) -> None:
    attic.show()
    async with started(base, attic) as server:
        await server.sign_in()
        problems = model.problems(queue_rows(server), _name(base))
        run.check(ok=not problems, failure="; ".join(problems), cases=0)
        missing = [code for code in CODES if code not in model.queued]
        if missing:
            await server.ask("POST", "api/queue/add", {"serie_id": KEY, "episodes": missing})
        await server.ask("POST", "api/queue/start")
        deadline = time.monotonic() + run.pick(control=40, gate=PATIENCE, full=PATIENCE)
        while any(row[2] != "completed" for row in queue_rows(server)):
            if time.monotonic() > deadline:
                left = [row for row in queue_rows(server) if row[2] != "completed"]
                run.check(ok=False, failure=f"not completed: {left}", cases=0)
                return
            await anyio.sleep(0.1)
        (verdict,) = server.rows("PRAGMA integrity_check")
        run.check(ok=verdict == ("ok",), failure=f"integrity: {verdict}", cases=0)
        server.terminate()
        await server.ended(PATIENCE)
    files = sorted(path for path in (base / "library").rglob("*") if path.is_file())
    right = {film(number, _SIZE) for number in range(1, len(CODES) + 1)}
    films = [path for path in files if path.suffix == ".mp4"]
    found = [path.read_bytes() for path in films]
    wrong = [path.name for path in films if path.read_bytes() not in right]
    run.check(ok=not wrong, failure=f"wrong films: {wrong}", cases=0)
    count = f"{len(found)} films, {len(set(found))} different"
    run.check(ok=len(found) == len(set(found)) == len(CODES), failure=count, cases=0)
    litter = [path.name for path in files if ".part" in path.name]
    run.check(ok=not litter, failure=f"left: {litter}", cases=0)


def _name(base: Path) -> str:
    return str(json.loads((base / "data" / "config.json").read_text()).get("name", ""))


async def _imported() -> float:
    """Return the CPU seconds of a process that imports the libraries of a server."""
    before = os.times()
    done = await anyio.run_process([sys.executable, "-c", _LIBRARIES])
    assert not done.stderr
    after = os.times()
    spent = after.children_user + after.children_system
    return spent - before.children_user - before.children_system


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
