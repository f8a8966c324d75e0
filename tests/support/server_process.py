"""The server as a process, with a catalogue on loopback that can stop responding."""

import asyncio
import json
import os
import signal
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import anyio
import attrs
from aiohttp import ClientSession, ClientWebSocketResponse

from providers.faults.films import MIB, mp4
from providers.faults.server import Behaviour, FaultServer, FileFault, Wire, open_fault_server
from support.installed import find_command

PASSWORD = "Correct-Horse-7"
KEY = "cowboy-bebop"
EPISODES = ("S01E01", "S01E02", "S01E03")
#: Longer than anything may take on a machine that is busy; promises have limits of their own.
PATIENCE = 120


def film(number: int, size: int = 2 * MIB) -> bytes:
    """Return the film of an episode."""
    return mp4(size, seed=number)


def folder_page(*names: str) -> Behaviour:
    """Return a directory index as common web servers do."""
    links = "".join(f'<a href="{name}">{name}</a>\n' for name in names)
    body = f"<html><head><title>Index of /</title></head><body>{links}</body></html>".encode()

    async def behave(wire: Wire) -> None:
        await wire.head(
            200,
            ("Content-Type", "text/html"),
            ("Content-Length", len(body)),
            ("Connection", "close"),
        )
        await wire.body(body)

    return behave


@attrs.define
class Attic:
    """A folder with episodes on a server.

    Attributes:
        server: Serves it.
        codes: Its episodes.
        size: Bytes of each film.
        arrived: Set when an episode is being sent and goes no further.
        released: Lets the first episode go on when it is held back.
    """

    server: FaultServer
    codes: Sequence[str] = EPISODES
    size: int = 2 * MIB
    arrived: anyio.Event = attrs.field(factory=anyio.Event)
    released: anyio.Event = attrs.field(factory=anyio.Event)

    def show(self) -> None:
        """Serve every episode normally."""
        names = [f"Cowboy%20Bebop%20-%20{code}.mp4" for code in self.codes]
        self.server.routes["/"] = folder_page("Cowboy%20Bebop/")
        self.server.routes["/Cowboy%20Bebop/"] = folder_page(*names)
        for number, name in enumerate(names, 1):
            self.server.routes[f"/Cowboy%20Bebop/{name}"] = FileFault(body=film(number, self.size))

    def films(self) -> list[str]:
        """Return the paths of the episodes."""
        return [path for path in self.server.routes if path.endswith(".mp4")]

    def slow_down(self) -> None:
        """Send each episode within about a second."""
        for path in self.films():
            behaviour = self.server.routes[path]
            assert isinstance(behaviour, FileFault)
            behaviour.rate = 1 * MIB

    def hold_back(self) -> None:
        """Delay responses for the first episode until it is released."""
        first = self.films()[0]
        behaviour = self.server.routes[first]

        async def wait(wire: Wire) -> None:
            await self.released.wait()
            await behaviour(wire)

        self.server.routes[first] = wait

    def stall(self) -> None:
        """Stop sending in the middle of every episode."""
        self.arrived = anyio.Event()
        for path, behaviour in self.server.routes.items():
            if isinstance(behaviour, FileFault):
                behaviour.stall = 900_000
                behaviour.on_stall = self.arrived.set
                self.server.routes[path] = behaviour


@asynccontextmanager
async def open_attic(
    codes: Sequence[str] = EPISODES, *, size: int = 2 * MIB
) -> AsyncIterator[Attic]:
    """Serve the folder with these episodes, each of *size* bytes."""
    async with open_fault_server() as server:
        attic = Attic(server, codes, size)
        attic.show()
        yield attic


@attrs.define
class ServerProcess:
    """A server that was started.

    Attributes:
        process: Its process.
        data: Its data folder.
        library: Its library.
        address: Where it is, with a slash at the end.
        token: Of the session that was opened.
        client: Asks it.
        sockets: What listens to it; closed in the end.
    """

    process: asyncio.subprocess.Process
    data: Path
    library: Path
    address: str
    client: ClientSession
    token: str = ""
    sockets: list[ClientWebSocketResponse] = attrs.field(factory=list)

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        """Send a request that must succeed."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        async with self.client.request(
            method, self.address + path, json=body, headers=headers
        ) as answer:
            text = await answer.text()
            assert answer.status < 300, f"{method} {path}: {text}"
            return json.loads(text) if text else None

    async def sign_in(self) -> None:
        """Sign in, after setting the password if there is none."""
        if not (await self.ask("GET", "api/auth/status"))["configured"]:
            code = (self.data / "setup-code").read_text().strip()
            await self.ask("POST", "api/auth/setup", {"master_password": PASSWORD, "code": code})
        self.token = (await self.ask("POST", "api/auth/login", {"password": PASSWORD}))[
            "access_token"
        ]

    async def listen(self) -> ClientWebSocketResponse:
        """Open a WebSocket and join the room of downloads."""
        headers = {"Authorization": f"Bearer {self.token}"}
        socket = await self.client.ws_connect(self.address + "ws/connect", headers=headers)
        self.sockets.append(socket)
        await socket.send_json({"action": "join", "data": {"room": "downloads"}})
        return socket

    async def hang_up(self) -> None:
        """Close the WebSockets; an open one may be found by the collector during another test."""
        for socket in self.sockets:
            await socket.close()

    async def ended(self, seconds: float) -> int:
        """Wait for the end of the process and return its exit code."""
        with anyio.fail_after(seconds):
            return await self.process.wait()

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.process.send_signal(signal.SIGTERM)

    async def shutting_down(self) -> None:
        """Wait for the start of the shutdown, when the server stops accepting."""
        host, port = self.address.removeprefix("http://").rstrip("/").split(":")
        with anyio.fail_after(PATIENCE):
            while True:
                try:
                    stream = await anyio.connect_tcp(host, int(port))
                except OSError:
                    return
                await stream.aclose()
                await anyio.sleep(0.01)

    def rows(self, query: str) -> list[Any]:
        """Return rows of its database."""
        with closing(sqlite3.connect(self.data / "aniworld.db")) as database:
            return database.execute(query).fetchall()


def configuration(attic: Attic) -> dict[str, object]:
    """Return a configuration whose only catalogue is the folder."""
    servers = [{"name": "attic", "base_url": f"http://{attic.server.address}/"}]
    return {
        "scheduler": {"enabled": False},
        "languages": {"order": ["ger-dub", "jpn"]},
        "providers": {"index": {"servers": servers}},
    }


@asynccontextmanager
async def started(
    base: Path,
    attic: Attic,
    *,
    command: Sequence[str] | None = None,
    variables: Mapping[str, str] | None = None,
    errors: Path | None = None,
) -> AsyncIterator[ServerProcess]:
    """Run a server on a free port inside the context.

    Args:
        base: Holds its data and its library.
        attic: Its only catalogue.
        command: Starts it; `aniworld serve` by default.
        variables: Further environment variables.
        errors: File for its log; the log is dropped by default.
    """
    data, library = base / "data", base / "library"
    library.mkdir(parents=True, exist_ok=True)
    data.mkdir(exist_ok=True)
    config = data / "config.json"
    if not config.exists():
        config.write_text(json.dumps(configuration(attic)))
    environment = {
        **os.environ,
        "ANIWORLD_DATA_DIR": str(data),
        "ANIME_DIRECTORY": str(library),
        "ANIWORLD_PORT": "0",
        **(variables or {}),
    }
    with (errors or Path(os.devnull)).open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(command or (find_command(), "serve")),
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
    try:
        assert process.stdout is not None
        with anyio.fail_after(PATIENCE):
            line = (await process.stdout.readline()).decode()
        address = line.split()[-1]
        async with ClientSession() as client:
            server = ServerProcess(process, data, library, address, client)
            try:
                yield server
            finally:
                await server.hang_up()
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
