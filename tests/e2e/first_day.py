"""Set-up, download and shutdown of a real server process; requests are sent with curl.

    uv run python tests/e2e/first_day.py

Exits with 0 if every step succeeds; the first failing step exits with 1 and prints the result.
Needs curl and no network: the episodes are those of the built-in demo.
"""

import asyncio
import json
import os
import signal
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import anyio
import attrs

PASSWORD = "Correct-Horse-7"
#: Timeout in seconds for a busy machine.
PATIENCE = 120
#: Transfer limit: slow enough to stop in the middle of an episode.
RATE = 400_000
#: Close code of the WebSocket for callers whose token or API key is not valid.
UNAUTHORIZED = 4401
CONFIG = {
    "downloads": {"limit_rate": RATE},
    "scheduler": {"enabled": False},
    "providers": {"demo": {"enabled": True}},
}


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def expect(step: str, came: object, wanted: object) -> None:
    """Print a step with its result; exit if the result is wrong."""
    is_right = came == wanted
    say(f"{'ok  ' if is_right else 'FAIL'} {step:52} {came}")
    if not is_right:
        raise SystemExit(f"{step}: wanted {wanted!r}, got {came!r}")


@attrs.frozen
class Message:
    """A message of the WebSocket."""

    type: str
    data: dict[str, Any]


@attrs.define
class Server:
    """A server process, and requests to it with curl."""

    process: asyncio.subprocess.Process
    address: str
    data: Path
    token: str = ""

    async def curl(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Return the status and the JSON of a response."""
        options = ["-sS", "--max-time", str(PATIENCE), "-X", method, "-w", "\n%{http_code}"]
        if self.token:
            options += ["-H", f"Authorization: Bearer {self.token}"]
        if body is not None:
            options += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
        done = await anyio.run_process(["curl", *options, self.address + path])
        text, _, status = done.stdout.decode().rpartition("\n")
        return int(status), json.loads(text) if text.startswith(("{", "[")) else None

    async def step(self, said: str, status: int, *request: Any, kind: str = "") -> Any:
        """Send a request with curl, and compare status and kind with the expected ones."""
        came, document = await self.curl(*request)
        told = document.get("kind") if kind and document else None
        expect(f"{said} ({request[0]} /{request[1]})", (came, told), (status, kind or None))
        return document


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Server]:
    """Run `aniworld-http` inside the context."""
    (folder / "library").mkdir()
    (folder / "data").mkdir()
    (folder / "data" / "config.json").write_text(json.dumps(CONFIG))
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("aniworld-http")),
        env={
            **os.environ,
            "ANIWORLD_DATA_DIR": str(folder / "data"),
            "ANIME_DIRECTORY": str(folder / "library"),
            "ANIWORLD_PORT": "0",
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), PATIENCE)).decode()
        say(f"     {line.strip()}")
        yield Server(process, line.split()[-1], folder / "data")
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def set_up(server: Server) -> None:
    """Set the password and sign in; nothing works before."""
    await server.step("nothing before the set-up", 403, "GET", "api/anime", kind="setup_required")
    first = {"master_password": PASSWORD}
    await server.step(
        "no set-up without the code",
        403,
        "POST",
        "api/auth/setup",
        first,
        kind="setup_code_required",
    )
    first["code"] = (server.data / "setup-code").read_text().strip()
    await server.step("set-up", 201, "POST", "api/auth/setup", first)
    await server.step(
        "set-up once more", 409, "POST", "api/auth/setup", first, kind="already_set_up"
    )
    await server.step("nothing without a token", 401, "GET", "api/anime", kind="invalid_token")
    wrong = {"password": "Wrong-Horse-7"}
    await server.step(
        "a wrong password", 401, "POST", "api/auth/login", wrong, kind="bad_credentials"
    )
    session = await server.step("login", 200, "POST", "api/auth/login", {"password": PASSWORD})
    server.token = session["access_token"]


async def add(server: Server) -> tuple[str, Sequence[str]]:
    """Search for a series and add it; return its key and the codes of its episodes."""
    hits = await server.step(
        "search", 200, "POST", "api/anime/search", {"query": "laternen", "provider": "demo"}
    )
    link = {"link": hits[0]["link"]}
    series = await server.step("add", 201, "POST", "api/anime/add", link)
    again = await server.step("add once more", 200, "POST", "api/anime/add", link)
    expect("it says that it was there", again["created"], wanted=False)
    return series["key"], [e["code"] for e in series["episodes"] if e["available"]]


@asynccontextmanager
async def following(server: Server) -> AsyncIterator[AsyncIterator[Message]]:
    """Join the room of the downloads; the iterator ends when the server closes the connection."""
    headers = {"Authorization": f"Bearer {server.token}"}
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{server.address}ws/connect", headers=headers) as socket,
    ):
        await socket.send_json({"action": "join", "data": {"room": "downloads"}})
        yield _messages(socket)


async def _messages(socket: aiohttp.ClientWebSocketResponse) -> AsyncIterator[Message]:
    async for frame in socket:
        message = json.loads(frame.data)
        yield Message(message["type"], message["data"])
    if socket.close_code == UNAUTHORIZED:
        raise PermissionError(f"closed with {socket.close_code}")


async def until(messages: AsyncIterator[Message], *kinds: str) -> list[Message]:
    """Read messages until one of these types; return all of them."""
    seen: list[Message] = []
    with anyio.fail_after(PATIENCE):
        async for message in messages:
            seen.append(message)
            if message.type in kinds:
                return seen
    raise SystemExit(f"the messages ended before {' or '.join(kinds)}")


async def download(server: Server, messages: AsyncIterator[Message], key: str, code: str) -> None:
    """Queue an episode and wait for its download."""
    body = {"serie_id": key, "episodes": [code]}
    queued = await server.step("add to the queue", 201, "POST", "api/queue/add", body)
    (item,) = queued["items"]
    await server.step("the queue works", 200, "POST", "api/queue/start")
    seen = await until(messages, "download_complete", "download_failed")
    shown = [m.data["percent"] for m in seen if m.type == "download_progress"]
    expect("it is completed", seen[-1].type, "download_complete")
    expect(
        "progress came live, and never went back",
        shown == sorted(shown) and len(shown) > 1,
        wanted=True,
    )
    say(f"     {len(shown)} messages, {', '.join(f'{p:.0f} %' for p in shown[:12])}")
    listed = await server.step("the item", 200, "GET", "api/queue/items")
    states = [(i["id"], i["status"]) for i in listed]
    expect("it is kept as completed", states == [(item["id"], "completed")], wanted=True)
    series = await server.step("the series", 200, "GET", f"api/anime/{key}")
    expect("the library holds it", [e["code"] for e in series["episodes"] if e["file"]], [code])


async def sign_out(server: Server) -> None:
    """Sign out; the token is invalid afterwards."""
    await server.step("logout", 204, "POST", "api/auth/logout")
    for path in ("api/anime", "api/queue/status", "api/config"):
        await server.step("the token replayed", 401, "GET", path, kind="invalid_token")
    came = "it was let in"
    try:
        async with following(server) as messages:
            await anext(messages, None)
    except PermissionError as error:
        came = str(error)
    expect("the token replayed on the WebSocket", came, "closed with 4401")


async def end(server: Server, folder: Path, open_items: int) -> None:
    """SIGTERM in the middle of an episode loses nothing."""
    server.process.send_signal(signal.SIGTERM)
    with anyio.fail_after(PATIENCE):
        expect("SIGTERM ends it", await server.process.wait(), 0)
    with sqlite3.connect(folder / "data" / "aniworld.db") as database:
        query = "SELECT status, COUNT(*) FROM download_queue_item GROUP BY status"
        counts = dict(database.execute(query).fetchall())
        (verdict,) = database.execute("PRAGMA integrity_check").fetchone()
    expect("items in the database", counts, {"completed": 1, "pending": open_items})
    expect("the database is sound", verdict, "ok")
    parts = [path for path in (folder / "library").rglob("*.part*") if path.stat().st_size]
    expect("what was fetched is kept", bool(parts), wanted=True)


async def main() -> None:
    """Run all steps."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with serving(folder) as server:
            await set_up(server)
            key, codes = await add(server)
            async with following(server) as messages:
                (*_, state) = await until(messages, "queue_status")
                expect("the WebSocket begins with the state", state.type, "queue_status")
                await download(server, messages, key, codes[0])
                body = {"serie_id": key, "episodes": codes[1:3]}
                await server.step("two more", 201, "POST", "api/queue/add", body)
                fetched = 0
                while fetched < RATE // 4:
                    (*_, progress) = await until(messages, "download_progress")
                    fetched = progress.data["downloaded_bytes"]
                await sign_out(server)
            await end(server, folder, 2)
    say("a good day")


if __name__ == "__main__":
    anyio.run(main)
