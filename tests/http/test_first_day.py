"""From set-up to shutdown over real connections."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSCloseCode, WSMsgType

from aniworld_core.testing.fakes import FakeHasher, FakeLoader
from aniworld_core.testing.waiting import PATIENCE
from aniworld_http.app import make_app
from aniworld_http.lifespan import serving
from aniworld_http.settings import HttpSettings
from support.application_stage import Stage, open_stage
from support.http_library import KEY, LINK, RestingClock, titan
from support.http_stage import KEY as SECRET
from support.http_stage import PASSWORD

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def _served(folder: Path) -> AsyncIterator[tuple[Stage, str]]:
    loader = FakeLoader(series=[titan()])
    async with open_stage(folder, loaders=[loader], clock=RestingClock()) as stage:
        app = make_app(stage.app, HttpSettings(secret_key=SECRET, port=0), hasher=FakeHasher())
        async with serving(app, lambda _line: None) as address:
            yield stage, address


def _first_password(folder: Path) -> dict[str, str]:
    code = (folder / "data" / "setup-code").read_text().strip()
    return {"master_password": PASSWORD, "code": code}


async def _ask(
    client: ClientSession, method: str, url: str, body: object = None, token: str = ""
) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with client.request(method, url, json=body, headers=headers) as response:
        is_json = "json" in response.content_type
        return response.status, await response.json(content_type=None) if is_json else None


async def _until(socket: ClientWebSocketResponse, kind: str) -> list[dict[str, Any]]:
    """Read messages up to one of this type and return all of them."""
    messages: list[dict[str, Any]] = []
    with anyio.fail_after(PATIENCE):
        while not messages or messages[-1]["type"] != kind:
            messages.append(await socket.receive_json())
    return messages


async def test_from_set_up_to_a_finished_download(tmp_path: Path) -> None:
    """Each step succeeds in order and is refused before and after its time."""
    async with _served(tmp_path) as (stage, address), ClientSession() as client:
        status, problem = await _ask(client, "GET", f"{address}api/anime")
        assert (status, problem["kind"]) == (403, "setup_required")
        body = _first_password(tmp_path)
        assert (await _ask(client, "POST", f"{address}api/auth/setup", body))[0] == 201
        assert (await _ask(client, "POST", f"{address}api/auth/setup", body))[0] == 409
        assert (await _ask(client, "GET", f"{address}api/anime"))[0] == 401
        login = {"password": PASSWORD}
        status, session = await _ask(client, "POST", f"{address}api/auth/login", login)
        assert (status, session["token_type"]) == (200, "bearer")
        token = session["access_token"]

        status, hits = await _ask(
            client, "POST", f"{address}api/anime/search", {"query": "titan"}, token
        )
        assert (status, hits[0]["link"], hits[0]["in_library"]) == (200, LINK, False)
        status, added = await _ask(
            client, "POST", f"{address}api/anime/add", {"link": hits[0]["link"]}, token
        )
        assert (status, added["key"]) == (201, KEY)

        stage.fetcher.gate = anyio.Event()
        async with client.ws_connect(f"{address}ws/connect") as socket:
            await socket.send_json({"action": "auth", "data": {"token": token}})
            await _until(socket, "connected")
            await socket.send_json({"action": "join", "data": {"room": "downloads"}})
            await _until(socket, "queue_status")
            request = {"serie_id": KEY, "episodes": ["S01E01"], "priority": 2}
            status, queued = await _ask(client, "POST", f"{address}api/queue/add", request, token)
            assert (status, len(queued["items"])) == (201, 1)
            assert (await _ask(client, "POST", f"{address}api/queue/start", None, token))[0] == 200
            progress: dict[str, Any] = {"percent": 0.0}
            while progress["percent"] == 0:
                progress = (await _until(socket, "download_progress"))[-1]["data"]
            assert progress["download_id"] == queued["items"][0]["id"]
            assert progress["percent"] < 100
            stage.fetcher.gate.set()
            complete = (await _until(socket, "download_complete"))[-1]["data"]
            assert complete["key"] == KEY
        (file,) = stage.files()
        assert file == "Attack on Titan (2013)/Season 01/" + Path(file).name
        _, series = await _ask(client, "GET", f"{address}api/anime/{KEY}", None, token)
        held = [e["file"] for e in series["episodes"] if e["downloaded"]]
        assert held == [file]

        assert (await _ask(client, "POST", f"{address}api/auth/logout", None, token))[0] == 204
        for path in ("api/anime", "api/queue/status", "api/config"):
            status, problem = await _ask(client, "GET", address + path, None, token)
            assert (status, problem["kind"]) == (401, "invalid_token")
        async with client.ws_connect(f"{address}ws/connect") as replayed:
            await replayed.send_json({"action": "auth", "data": {"token": token}})
            with anyio.fail_after(PATIENCE):
                while (await replayed.receive()).type is WSMsgType.TEXT:
                    pass
            assert replayed.close_code == 4401


async def test_a_shutdown_during_a_download_loses_nothing(tmp_path: Path) -> None:
    """Clients are notified, the item is pending, and its received bytes are stored."""
    seen: list[str] = []
    async with ClientSession() as client, anyio.create_task_group() as tasks:
        async with _served(tmp_path) as (stage, address):
            await _ask(client, "POST", f"{address}api/auth/setup", _first_password(tmp_path))
            _, session = await _ask(
                client, "POST", f"{address}api/auth/login", {"password": PASSWORD}
            )
            token = session["access_token"]
            await _ask(client, "POST", f"{address}api/anime/add", {"link": LINK}, token)
            stage.fetcher.gate = anyio.Event()
            request = {"serie_id": KEY, "episodes": ["S01E01"]}
            await _ask(client, "POST", f"{address}api/queue/add", request, token)
            await _ask(client, "POST", f"{address}api/queue/start", None, token)
            headers = {"Authorization": f"Bearer {token}"}
            socket = await client.ws_connect(f"{address}ws/connect", headers=headers)
            tasks.start_soon(_listen, socket, seen)
            with anyio.fail_after(PATIENCE):
                await stage.fetcher.waiting.wait()
        (item,) = await stage.storage.queue.find()
        assert item.status == "pending"
        assert stage.leftovers()
        tasks.cancel_scope.deadline = anyio.current_time() + 5
    assert (seen[0], seen[-1]) == ("connected", "server_shutdown")
    assert socket.close_code == WSCloseCode.GOING_AWAY


async def _listen(socket: ClientWebSocketResponse, seen: list[str]) -> None:
    async for frame in socket:
        kind: str = frame.json()["type"]
        seen.append(kind)
