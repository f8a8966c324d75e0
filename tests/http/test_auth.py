"""Setting up, signing in and out, and keys for other tools."""

from pathlib import Path

import pytest

from http_stage import PASSWORD, open_server

pytestmark = pytest.mark.anyio


async def test_the_first_day(tmp_path: Path) -> None:
    """Set up once, sign in, be known, sign out, be nobody."""
    async with open_server(tmp_path, signed_in=False) as server:
        assert await server.json("GET", "/api/auth/status") == (
            200,
            {"configured": False, "authenticated": False},
        )
        status, _ = await server.json("POST", "/api/auth/setup", {"master_password": PASSWORD})
        assert status == 201
        status, again = await server.json("POST", "/api/auth/setup", {"master_password": PASSWORD})
        assert (status, again["kind"]) == (409, "already_set_up")
        token = await server.sign_in()
        _, known = await server.json("GET", "/api/auth/status")
        assert known == {"configured": True, "authenticated": True}
        assert (await server.json("POST", "/api/auth/logout"))[0] == 204

        status, problem = await server.json("POST", "/api/auth/logout", token=token)

        assert (status, problem["kind"]) == (401, "invalid_token")
