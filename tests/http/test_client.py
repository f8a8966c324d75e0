"""The typed client against a running server."""

from importlib.metadata import entry_points
from pathlib import Path

import anyio
import pytest
from aiohttp import web

from aniworld_core.errors import ConflictError, DeniedError, InvalidInputError, NotFoundError
from aniworld_http.client import (
    RemoteConflictError,
    RemoteDeniedError,
    RemoteInvalidInputError,
    RemoteNotFoundError,
    RemoteUnavailableError,
    RemoteUnusableError,
    open_client,
)
from support.http_library import KEY, LINK, open_library, other, titan
from support.http_stage import PASSWORD, Server

pytestmark = pytest.mark.anyio


def address(server: Server) -> str:
    """Where the server is."""
    return str(server.client.make_url("/"))


async def test_it_is_found_by_entry_point() -> None:
    """Front ends that may not import the server look it up."""
    (point,) = entry_points(group="aniworld.client")
    assert point.load() is open_client


async def test_a_day_with_the_client(tmp_path: Path) -> None:
    """Everything a program needs: sign in, search, add, queue, control, look, sign out."""
    async with open_library(tmp_path, offered=[titan()]) as server:
        async with open_client(address(server)) as client:
            assert (await client.auth_status()).authenticated is False
            token = await client.sign_in(PASSWORD)
            assert (await client.auth_status()).authenticated is True
            (hit,) = await client.search("titan")
            assert (hit.key, hit.in_library) == (KEY, False)
            assert (await client.add(hit.link)).created is True
            assert (await client.add(LINK, name="x")).created is False
            (row,) = await client.library(filter="missing", sort="name")
            assert row.missing_episodes["1"] == (1, 2)
            assert (await client.series(KEY)).episodes[0].season == 0
            submitted = await client.queue_add(KEY, ["S01E01", "S01E02"], priority="high")
            ids = [item.id for item in submitted.items]
            assert [i.id for i in await client.queue_reorder(ids[::-1])] == ids[::-1]
            assert len(await client.queue_items(status="pending", limit="1")) == 1
            assert (await client.queue_pause()).is_paused is True
            assert (await client.queue_resume()).is_paused is False
            assert (await client.queue_summary()).pending == 2
            assert await client.queue_remove(ids[:1]) == 1
            assert (await client.queue_status()).statistics.pending_count == 1
            assert await client.queue_retry() == 0
            assert await client.queue_clear("completed") == 0
            scan_id = await client.rescan()
            assert (await client.scan()).scan_id == scan_id
            await client.sign_out()
        async with open_client(address(server), token=token) as client:
            with pytest.raises(RemoteDeniedError):
                await client.queue_status()


async def test_the_queue_is_followed_live(tmp_path: Path) -> None:
    """First the state, then what happens, to the end of the download."""
    async with (
        open_library(tmp_path, titan()) as server,
        open_client(address(server), token=server.token) as client,
    ):
        await client.queue_add(KEY, ["S01E01"])
        seen = []
        async with client.follow("downloads") as messages:
            with anyio.fail_after(10):
                assert (await anext(messages)).type == "connected"
                assert (await client.queue_start()).is_running is True
                async for message in messages:
                    seen.append(message.type)
                    if message.type == "download_complete":
                        assert message.data["key"] == KEY
                        break
        assert "queue_status" in seen
        assert (await client.queue_stop()).is_running is False


async def test_refusals_are_errors_of_our_groups(tmp_path: Path) -> None:
    """With what the server said: kind, fields, when to come back."""
    async with open_library(tmp_path, titan(), other("bleach", "Bleach")) as server:
        async with open_client(address(server), token=server.token) as client:
            with pytest.raises(RemoteNotFoundError) as missing:
                await client.series("nobody")
            assert isinstance(missing.value, NotFoundError)
            assert missing.value.kind == "series_not_found"
            with pytest.raises(RemoteInvalidInputError) as invalid:
                await client.queue_add(KEY, ["S09E09", "first"])
            assert isinstance(invalid.value, InvalidInputError)
            assert [e.pointer for e in invalid.value.errors] == ["/episodes/1"]
            with pytest.raises(RemoteConflictError) as conflict:
                await client.set_up(PASSWORD)
            assert isinstance(conflict.value, ConflictError)
        async with open_client(address(server), token="nonsense") as stranger:
            with pytest.raises(RemoteDeniedError) as denied:
                await stranger.library()
            assert isinstance(denied.value, DeniedError)
            with pytest.raises(RemoteDeniedError):
                async with stranger.follow("downloads") as messages:
                    await anext(messages)
        async with open_client(address(server)) as guesser:
            for _ in range(10):
                with pytest.raises(RemoteDeniedError) as refused:
                    await guesser.sign_in("Wrong-Horse-7")
                if refused.value.status == 429:
                    break
            assert refused.value.retry_after is not None


async def test_an_api_key_will_do(tmp_path: Path) -> None:
    """A key that may read reads, and is refused more."""
    async with open_library(tmp_path, titan()) as server:
        body = {"name": "widget", "scope": "read"}
        _, key = await server.json("POST", "/api/auth/keys", body)
        async with open_client(address(server), api_key=key["key"]) as client:
            assert (await client.queue_summary()).pending == 0
            with pytest.raises(RemoteDeniedError):
                await client.queue_start()


async def test_no_server_is_try_later() -> None:
    """Nobody listens there."""
    async with open_client("http://127.0.0.1:9/") as client:
        with pytest.raises(RemoteUnavailableError):
            await client.queue_status()
        with pytest.raises(RemoteUnavailableError):
            async with client.follow("downloads"):
                pass


async def test_another_server_is_of_no_use() -> None:
    """Its answers are none of ours, and a redirect is not followed with our token."""

    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<html>")

    async def away(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "http://127.0.0.1:9/"})

    app = web.Application()
    app.router.add_get("/api/queue/status", page)
    app.router.add_get("/api/queue/summary", away)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        async with open_client(f"http://127.0.0.1:{port}", token="secret") as client:
            with pytest.raises(RemoteUnusableError):
                await client.queue_status()
            with pytest.raises(RemoteUnusableError):
                await client.queue_summary()
    finally:
        await runner.cleanup()
