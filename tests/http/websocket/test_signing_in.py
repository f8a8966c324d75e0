"""Authentication of WebSockets: tokens, API keys, origins, and closing after a sign-out."""

from datetime import timedelta
from pathlib import Path

import aiohttp
import anyio
import pytest

from aniworld_core.errors import StorageUnavailableError
from aniworld_core.testing.waiting import PATIENCE
from aniworld_http.security.callers import CALLERS
from aniworld_http.websocket import Limits
from aniworld_http.websocket.messages import Room
from support.http_stage import PASSWORD
from support.socket_stage import open_sockets

pytestmark = pytest.mark.anyio


async def test_the_first_message_signs_in(tmp_path: Path) -> None:
    """The first message can contain the token, because browsers cannot send headers."""
    async with open_sockets(tmp_path) as server:
        listener = await server.connect()
        await listener.send("auth", token=server.token)

        hello = await listener.next()

        assert hello["type"] == "connected"
        assert hello["data"]["connection_id"]
        assert hello["data"]["rooms"] == []
        assert hello["timestamp"].endswith("Z")


async def test_a_header_signs_in(tmp_path: Path) -> None:
    """A token or API key in a header is enough."""
    async with open_sockets(tmp_path) as server:
        _, key = await server.json("POST", "/api/auth/keys", {"name": "tv", "scope": "read"})
        for headers in (
            {"Authorization": f"Bearer {server.token}"},
            {"X-Api-Key": key["key"]},
        ):
            listener = await server.connect(headers=headers)
            assert (await listener.next())["type"] == "connected"


@pytest.mark.parametrize(
    "text",
    [
        '{"action":"auth","data":{"token":"forged"}}',
        '{"action":"auth","data":{"token":7}}',
        '{"action":"auth","data":{}}',
        '{"action":"auth"}',
        '{"action":"join","data":{"room":"downloads"}}',
        '{"action":"ping"}',
        "[",
        "[" * 30_000,
        '{"action":"auth","data":{"token":"\\ud800"}}',
        "",
    ],
)
async def test_a_wrong_first_message_ends_it(tmp_path: Path, text: str) -> None:
    """Any other first message closes the connection with 4401."""
    async with open_sockets(tmp_path) as server:
        listener = await server.connect()
        await listener.socket.send_str(text)

        assert await listener.close_code() == 4401
        assert server.hub.members == dict.fromkeys(Room, 0)


async def test_wrong_headers_end_it(tmp_path: Path) -> None:
    """An invalid token or key in a header closes the connection with 4401."""
    async with open_sockets(tmp_path) as server:
        for headers in (
            {"Authorization": "Bearer forged"},
            {"Authorization": "Basic x"},
            {"X-Api-Key": "aw_forged"},
            {"X-Api-Key": "aw_forged", "Authorization": f"Bearer {server.token}"},
        ):
            listener = await server.connect(headers=headers)
            assert await listener.close_code() == 4401


async def test_silence_ends_it(tmp_path: Path) -> None:
    """Without a sign-in in time the connection is closed with 4401; pings do not count."""
    async with open_sockets(tmp_path, Limits(sign_in=0.05)) as server:
        listener = await server.connect()
        await listener.socket.ping(b"still here")

        assert await listener.close_code() == 4401


async def test_a_foreign_page_is_refused(tmp_path: Path) -> None:
    """A page of another origin gets no connection, even with a token (T13)."""
    async with open_sockets(tmp_path) as server:
        for origin in ("https://evil.example", "null", "http://127.0.0.1.nip.io"):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await server.connect(
                    origin=origin, headers={"Authorization": f"Bearer {server.token}"}
                )
            assert refused.value.status == 403
        with pytest.raises(aiohttp.WSServerHandshakeError) as misdirected:
            await server.connect(headers={"Host": "evil.example"})
        assert misdirected.value.status == 421
        own = f"http://{server.client.host}:{server.client.port}"
        assert (await server.connect(origin=own)).socket.closed is False


async def test_only_a_handshake_passes_without_a_token(tmp_path: Path) -> None:
    """A plain GET without a token gets 401; with a token it gets the reason."""
    async with open_sockets(tmp_path) as server:
        assert (await server.call("GET", "/ws/connect", token="")).status == 401
        assert (await server.call("GET", "/ws/connect")).status == 400
        assert (await server.call("GET", "/ws/status", token="")).status == 401


async def test_signing_out_closes(tmp_path: Path) -> None:
    """Ending a session closes its connections at once, and no others (T14)."""
    async with open_sockets(tmp_path) as server:
        other = await server.listen("downloads", token=await server.sign_in())
        mine = await server.listen("downloads", token=await server.sign_in())

        assert (await server.json("POST", "/api/auth/logout"))[0] == 204

        assert await mine.close_code() == 4401
        assert await other.all_so_far() == []


async def test_a_new_password_closes_the_others(tmp_path: Path) -> None:
    """A password change closes all connections but those of the session that made it."""
    async with open_sockets(tmp_path) as server:
        other = await server.listen(token=await server.sign_in())
        mine = await server.listen(token=await server.sign_in())
        change = {"current_password": PASSWORD, "new_password": "Another-Horse-8"}

        assert (await server.json("POST", "/api/auth/password", change))[0] == 204

        assert await other.close_code() == 4401
        assert await mine.all_so_far() == []


async def test_a_deleted_key_closes(tmp_path: Path) -> None:
    """Deleting an API key closes its connections."""
    async with open_sockets(tmp_path) as server:
        _, key = await server.json("POST", "/api/auth/keys", {"name": "tv", "scope": "read"})
        listener = await server.connect(headers={"X-Api-Key": key["key"]})
        assert (await listener.next())["type"] == "connected"

        await server.json("DELETE", f"/api/auth/keys/{key['id']}")

        assert await listener.close_code() == 4401


async def test_sessions_are_looked_at_again(tmp_path: Path) -> None:
    """The connection of an expired session is closed at the next check."""
    async with open_sockets(tmp_path, Limits(session_check=0.02)) as server:
        listener = await server.listen("downloads")

        server.stage.clock.advance(timedelta(days=1))

        assert await listener.close_code() == 4401


async def test_a_stuck_database_signs_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """During a database outage connections stay open, and new ones are refused for now."""
    async with open_sockets(tmp_path, Limits(session_check=0.01)) as server:
        listener = await server.listen()
        asked = anyio.Event()

        async def stuck(_session_id: str) -> None:
            asked.set()
            raise StorageUnavailableError("locked")

        monkeypatch.setattr(type(server.stage.storage.sessions), "get", lambda _, i: stuck(i))
        server.app[CALLERS].clear()
        with anyio.fail_after(PATIENCE):
            await asked.wait()

        assert await listener.all_so_far() == []
        late = await server.connect()
        await late.send("auth", token=server.token)
        assert await late.close_code() == 1013


async def test_a_token_may_be_renewed(tmp_path: Path) -> None:
    """A client can switch to another token and outlives the first one."""
    async with open_sockets(tmp_path) as server:
        first = await server.sign_in()
        listener = await server.listen("downloads", token=first)
        await server.sign_in()
        await listener.send("auth", token=server.token)
        assert await listener.all_so_far() == []

        await server.json("POST", "/api/auth/logout", token=first)

        assert await listener.all_so_far() == []
        await listener.send("auth", token="forged")
        assert await listener.close_code() == 4401


async def test_unidentified_connections_are_limited(tmp_path: Path) -> None:
    """Unidentified connections are limited and leave room for identified ones."""
    async with open_sockets(tmp_path, Limits(unidentified=2)) as server:
        for _ in range(2):
            await server.connect()
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await server.connect()
        assert refused.value.status == 503

        mine = await server.connect(headers={"Authorization": f"Bearer {server.token}"})

        assert (await mine.next())["type"] == "connected"
