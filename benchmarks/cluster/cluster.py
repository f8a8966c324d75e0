"""The processes of a cluster: database, origin, one server or more, and workers."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import attrs
import psycopg
from audit import AUDIT
from films import PER_SERIES, episode_code, series_name
from hosts import Host, Network, find_aniworld

from support.media.streams import Clip, write
from support.postgres_server import PostgresServer, serve_postgres

HERE = Path(__file__).parent
PASSWORD = "Correct-Horse-7"
DATABASE = "cluster"
#: Items that one worker downloads at the same time.
SLOTS = 2
_SETTINGS = {"max_connections": "200", "shared_buffers": "64MB", "autovacuum": "on", "fsync": "on"}


@attrs.define(eq=False)
class Member:
    """A process of the program on one host, which can be killed and started again.

    Attributes:
        name: Its name.
        host: Its host.
        ended: Number of times that it ended by itself.
    """

    name: str
    host: Host
    folder: Path
    command: Sequence[str]
    variables: Mapping[str, str]
    process: asyncio.subprocess.Process | None = None
    ended: int = 0

    @property
    def data(self) -> Path:
        return self.folder / "data" / self.name

    async def start(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, **self.variables, "ANIWORLD_DATA_DIR": str(self.data)}
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.host.command(*self.command),
                env=environment,
                stdout=log,
                stderr=log,
            )
        self.host.running.add(self.process.pid)

    async def kill(self) -> None:
        """End it with SIGKILL."""
        process, self.process = self.process, None
        if process is not None:
            self.host.running.discard(process.pid)
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def revive(self) -> None:
        """Restart the process if it ended by itself, and count the restart."""
        if self.process is not None and self.process.returncode is not None:
            self.ended += 1
            self.host.running.discard(self.process.pid)
            await self.start()

    async def holds(self, url: str) -> list[str]:
        """Return the items that it downloads, by the name of its lock file."""
        names = [path.name.removesuffix(".worker") for path in self.data.rglob("*.worker")]
        query = "SELECT id FROM download_queue_item WHERE claim_worker = ANY(%s)"
        return [row[0] for row in await rows(url, query, names)]


@attrs.define(eq=False)
class Cluster:
    """What runs.

    Attributes:
        url: URL of the database, for the hosts.
        origin: Address of the origin.
        address: Address of the first server.
    """

    folder: Path
    network: Network
    database: PostgresServer
    clip: bytes
    url: str
    origin: str
    series: int
    members: list[Member] = attrs.field(factory=list)
    client: aiohttp.ClientSession | None = None
    address: str = ""
    token: str = ""

    @property
    def library(self) -> Path:
        return self.folder / "library"

    def member(self, name: str, host: Host, *command: str, skewed: bool = False) -> Member:
        """Describe a process, which is not started yet."""
        program = [find_aniworld()] if not skewed else [sys.executable, str(HERE / "skewed.py")]
        variables = {
            "DATABASE_URL": self.url,
            "JWT_SECRET_KEY": "x" * 32,
            "ANIME_DIRECTORY": str(self.library),
            "ANIWORLD_ALLOWED_ADDRESSES": self.origin,
            "ANIWORLD_PORT": "0",
        }
        member = Member(name, host, self.folder, [*program, *command], variables)
        self.members.append(member)
        return member

    async def serve(self, name: str = "server", host: Host | None = None) -> str:
        """Start a server, and return its address."""
        here = host or Host("centre")
        command = ("serve", "--web-only", *(() if host is None else ("--host", "0.0.0.0")))
        member = self.member(name, here, *command)
        member.data.mkdir(parents=True)
        (member.data / "config.json").write_text(json.dumps(self._configuration()))
        await member.start()
        log = self.folder / f"{name}.log"
        async with asyncio.timeout(180):
            while not (lines := [x for x in log.read_text().splitlines() if "http://" in x]):
                await asyncio.sleep(0.1)
        return lines[0].split()[-1]

    def _configuration(self) -> dict[str, object]:
        servers = [{"name": "attic", "base_url": f"http://{self.origin}/"}]
        return {
            "scheduler": {"enabled": False},
            "languages": {"order": ["ger-dub", "jpn"]},
            "providers": {"index": {"servers": servers}},
            "downloads": {"keep_completed": 1_000_000, "reserve_bytes": 0},
        }

    async def sign_in(self, client: aiohttp.ClientSession) -> None:
        """Set the password at the first server, and sign in."""
        self.client = client
        code = (self.folder / "data" / "server" / "setup-code").read_text().strip()
        body = {"master_password": PASSWORD, "code": code}
        await self.ask("POST", "api/auth/setup", body)
        answer = await self.ask("POST", "api/auth/login", {"password": PASSWORD})
        self.token = answer["access_token"]

    async def ask(self, method: str, path: str, body: object = None, address: str = "") -> Any:
        """Send a request that must succeed."""
        assert self.client is not None
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        url = (address or self.address) + path
        async with self.client.request(method, url, json=body, headers=headers) as answer:
            text = await answer.text()
            if answer.status >= 300:
                raise RuntimeError(f"{method} {path}: {answer.status} {text}")
            return json.loads(text) if text else None

    async def add(self, name: str, episodes: int = PER_SERIES) -> list[str]:
        """Add a series, queue its first episodes, and return the ids of the items."""
        link = f"http://{self.origin}/{name.replace(' ', '%20')}/"
        await self.ask("POST", "api/anime/add", {"link": link})
        codes = [episode_code(number) for number in range(1, episodes + 1)]
        body = {"serie_id": name.lower().replace(" ", "-"), "episodes": codes}
        return [item["id"] for item in (await self.ask("POST", "api/queue/add", body))["items"]]

    async def sent(self) -> list[tuple[str, int, int, float, float]]:
        """Return what the origin sent: path, first byte, number of bytes, begin and end."""
        assert self.client is not None
        async with self.client.get(f"http://{self.origin}/!log") as answer:
            return [tuple(entry) for entry in json.loads(await answer.text())]


@asynccontextmanager
async def open_cluster(
    folder: Path, network: Network, *, items: int, size: int, rate: int
) -> AsyncIterator[Cluster]:
    """Start database, origin and one server, and queue items.

    Args:
        folder: For all files.
        network: The hosts.
        items: Number of items.
        size: Bytes of a film.
        rate: Bytes per second that the origin sends on one connection.
    """
    series = -(-items // PER_SERIES)
    clip = write(folder / "clip.mp4", Clip(seconds=3), muxer="mp4").read_bytes()
    (folder / "library").mkdir()
    with _database(network) as database, _origin(folder, network, series, size, rate) as port:
        url = database.url(DATABASE).replace("127.0.0.1", network.address)
        origin = f"{network.address}:{port}"
        cluster = Cluster(folder, network, database, clip, url, origin, series)
        try:
            cluster.address = await cluster.serve()
            database.execute(AUDIT, DATABASE)
            limit = aiohttp.ClientTimeout(total=120)
            async with aiohttp.ClientSession(timeout=limit) as client:
                await cluster.sign_in(client)
                left = items
                for number in range(series):
                    await cluster.add(series_name(number), min(left, PER_SERIES))
                    left -= PER_SERIES
                yield cluster
        finally:
            for member in cluster.members:
                await member.kill()


@contextmanager
def _database(network: Network) -> Iterator[PostgresServer]:
    settings = {**_SETTINGS, "listen_addresses": "*" if network.is_real else "127.0.0.1"}
    with serve_postgres(settings, network="10.77.0.0/16" if network.is_real else "") as server:
        server.execute(f"CREATE DATABASE {DATABASE}")
        yield server


@contextmanager
def _origin(folder: Path, network: Network, series: int, size: int, rate: int) -> Iterator[int]:
    command = [sys.executable, str(HERE / "origin.py"), network.address, str(folder / "clip.mp4")]
    with subprocess.Popen(
        [*command, str(series), str(size), str(rate)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()


async def rows(url: str, query: str, *values: object) -> list[tuple[Any, ...]]:
    """Return rows of the database, which may be away at the moment."""
    async with asyncio.timeout(120):
        while True:
            try:
                return await asyncio.to_thread(_rows, url, query, values)
            except psycopg.OperationalError:
                await asyncio.sleep(0.5)


def _rows(url: str, query: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        return connection.execute(query.encode(), values or None).fetchall()


def remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
