"""Two servers on one database: each shows what the other does."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from aiohttp import ClientWebSocketResponse

from aniworld_core.domain.downloads import DownloadStatus
from aniworld_postgres import open_storage
from providers.faults.films import MIB
from support.server_process import (
    EPISODES,
    KEY,
    PASSWORD,
    PATIENCE,
    Attic,
    ServerProcess,
    configuration,
    open_attic,
    started,
)
from support.thorough import ONLY_THOROUGH

pytestmark = [pytest.mark.anyio, *ONLY_THOROUGH, pytest.mark.external_service]


@asynccontextmanager
async def two_servers(
    folder: Path, url: str, attic: Attic
) -> AsyncIterator[tuple[ServerProcess, ServerProcess]]:
    """Start two servers with data folders of their own and one library; sign in at both."""
    document = configuration(attic) | {"downloads": {"concurrent": 1}}
    # The first server stores its file in the database, which the second one reads.
    (folder / "a").mkdir()
    (folder / "a" / "data").mkdir()
    (folder / "a" / "data" / "config.json").write_text(json.dumps(document))
    (folder / "b").mkdir()
    (folder / "b" / "data").mkdir()
    (folder / "b" / "data" / "config.json").write_text("not read")
    async with AsyncExitStack() as stack:
        servers = []
        for name in ("a", "b"):
            variables = {
                "DATABASE_URL": url,
                "JWT_SECRET_KEY": "x" * 32,
                "ANIME_DIRECTORY": str(folder / "library"),
            }
            server = await stack.enter_async_context(
                started(folder / name, attic, variables=variables)
            )
            await server.sign_in()
            servers.append(server)
        yield servers[0], servers[1]


class Messages:
    """Reads a WebSocket continuously, like a page."""

    def __init__(self) -> None:
        self.seen: list[tuple[float, dict[str, Any]]] = []

    async def read(self, socket: ClientWebSocketResponse) -> None:
        """Collect messages until the connection ends."""
        async for message in socket:
            self.seen.append((time.monotonic(), json.loads(message.data)))

    def moving(self) -> set[str]:
        """Return the ids of items whose progress was shown."""
        return {
            message["data"]["download_id"]
            for _, message in self.seen
            if message["type"] == "download_progress"
        }


async def test_each_socket_shows_the_progress_of_both(tmp_path: Path, url: str) -> None:
    """A client of one server sees the items that the other server downloads."""
    (tmp_path / "library").mkdir()
    async with (
        open_attic(EPISODES[:2], size=8 * MIB) as attic,
        two_servers(tmp_path, url, attic) as (ours, theirs),
        anyio.create_task_group() as tasks,
    ):
        attic.slow_down()
        attic.stall()  # Both are still downloaded when all messages have come.
        messages = Messages(), Messages()
        for server, each in zip((ours, theirs), messages, strict=True):
            tasks.start_soon(each.read, await server.listen())
        link = f"http://{attic.server.address}/Cowboy%20Bebop/"
        await ours.ask("POST", "api/anime/add", {"link": link})
        body = {"serie_id": KEY, "episodes": list(EPISODES[:2])}
        added = await ours.ask("POST", "api/queue/add", body)

        ids = {item["id"] for item in added["items"]}
        with anyio.fail_after(PATIENCE):
            while not all(each.moving() == ids for each in messages):
                await anyio.sleep(0.05)
        async with open_storage(url) as storage:
            held = await storage.queue.find(statuses={DownloadStatus.DOWNLOADING})
        tasks.cancel_scope.cancel()

    workers = {item.claim.worker for item in held if item.claim}
    assert len(workers) == 2, "each server downloads one of them"


async def test_a_logout_counts_on_both(tmp_path: Path, url: str) -> None:
    """A token and an open socket end on the other server, long before its own check."""
    (tmp_path / "library").mkdir()
    async with open_attic() as attic, two_servers(tmp_path, url, attic) as (ours, theirs):
        theirs.token = ours.token
        socket = await theirs.listen()
        await theirs.ask("GET", "api/queue/summary")
        await ours.ask("POST", "api/auth/logout")

        with anyio.fail_after(20):
            async for _ in socket:
                pass

        assert socket.close_code == 4401
        headers = {"Authorization": f"Bearer {theirs.token}"}
        async with theirs.client.get(
            theirs.address + "api/queue/summary", headers=headers
        ) as answer:
            assert answer.status == 401


async def test_a_changed_setting_is_in_force_on_both(tmp_path: Path, url: str) -> None:
    """A setting that one server stores is shown and used by the other."""
    (tmp_path / "library").mkdir()
    async with open_attic() as attic, two_servers(tmp_path, url, attic) as (ours, theirs):
        await ours.ask("PUT", "api/config", {"downloads": {"keep_completed": 7}})

        shown = await theirs.ask("GET", "api/config")
        assert shown["downloads"]["keep_completed"] == 7
        backups = await theirs.ask("GET", "api/config/backups")
        assert len(backups) >= 1


async def test_wrong_passwords_count_on_both(tmp_path: Path, url: str) -> None:
    """Five guesses at each server use up the budget of ten, for right passwords as well."""
    (tmp_path / "library").mkdir()
    async with open_attic() as attic, two_servers(tmp_path, url, attic) as (ours, theirs):

        async def send(server: ServerProcess, path: str, token: str = "", **body: str) -> int:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            place = server.address + path
            async with server.client.post(place, json=body, headers=headers) as answer:
                return answer.status

        passwords = {"current_password": "x", "new_password": PASSWORD}
        wrong = [
            await send(server, "api/auth/password", server.token, **passwords)
            for server in (ours, theirs) * 5
        ]
        right = [await send(each, "api/auth/login", password=PASSWORD) for each in (ours, theirs)]

    assert wrong == [403] * 10
    assert right == [429] * 2


async def test_an_item_is_cancelled_on_the_other_server(tmp_path: Path, url: str) -> None:
    """A removal at one server ends the download of the other, and the item is gone."""
    (tmp_path / "library").mkdir()
    async with (
        open_attic(EPISODES[:2], size=8 * MIB) as attic,
        two_servers(tmp_path, url, attic) as (ours, _),
        open_storage(url) as storage,
    ):
        attic.slow_down()
        link = f"http://{attic.server.address}/Cowboy%20Bebop/"
        await ours.ask("POST", "api/anime/add", {"link": link})
        await ours.ask("POST", "api/queue/add", {"serie_id": KEY, "episodes": list(EPISODES[:2])})
        with anyio.fail_after(PATIENCE):
            while len(await storage.queue.find(statuses={DownloadStatus.DOWNLOADING})) < 2:
                await anyio.sleep(0.05)
            for item in await storage.queue.find():
                await ours.ask("DELETE", f"api/queue/{item.id}")

        assert await storage.queue.find() == []
