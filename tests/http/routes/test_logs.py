"""/api/logs."""

import logging
from pathlib import Path

import pytest

from support.http_stage import open_server

pytestmark = pytest.mark.anyio

logger = logging.getLogger("aniworld_http.tests.logs")


async def test_records_are_listed_newest_first(tmp_path: Path) -> None:
    """`X-Total-Count` has the number of all matches, and `before` selects older ones."""
    async with open_server(tmp_path) as server:
        for number in range(4):
            logger.warning("ring record %d", number)
        path = "/api/logs?level=WARNING&search=ring+record"
        response = await server.call("GET", f"{path}&limit=2")
        newest = await response.json()
        status, older = await server.json("GET", f"{path}&before={newest[-1]['id']}")
        _, newer = await server.json("GET", f"{path}&after={newest[-1]['id']}")

    assert (response.status, response.headers["X-Total-Count"]) == (200, "4")
    assert [each["message"] for each in newest] == ["ring record 3", "ring record 2"]
    assert newest[0].keys() >= {"id", "at", "level", "logger", "request_id"}
    assert newest[0]["at"].endswith("Z")
    assert status == 200
    assert [each["message"] for each in older] == ["ring record 1", "ring record 0"]
    assert [each["message"] for each in newer] == ["ring record 3"]


async def test_records_have_the_id_of_their_request(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Searching for the id of a response finds the records of its request."""
    caplog.set_level(logging.INFO, "aniworld_http")
    async with open_server(tmp_path) as server:
        refused = await server.call("GET", "/api/anime/nothing-here")
        name = refused.headers["X-Request-Id"]
        _, records = await server.json("GET", f"/api/logs?search={name}")
    assert [each["request_id"] for each in records] == [name]
    assert "/api/anime/nothing-here 404" in records[0]["message"]


async def test_only_admins_read_them(tmp_path: Path) -> None:
    """Anonymous clients and keys with other scopes are refused."""
    async with open_server(tmp_path) as server:
        _, key = await server.json("POST", "/api/auth/keys", {"name": "tv", "scope": "control"})
        headers = {"X-Api-Key": key["key"]}
        control = await server.call("GET", "/api/logs", token="", headers=headers)
        stranger = await server.call("GET", "/api/logs", token="")
    assert (control.status, stranger.status) == (403, 401)


@pytest.mark.parametrize("query", ["level=LOUD", "limit=0", "limit=100000", "before=x"])
async def test_wrong_parameters_are_refused(tmp_path: Path, query: str) -> None:
    """The response names the parameter."""
    async with open_server(tmp_path) as server:
        status, body = await server.json("GET", f"/api/logs?{query}")
    assert status == 422
    assert [each["pointer"] for each in body["errors"]] == [f"/{query.partition('=')[0]}"]


async def test_nothing_is_collected_after_the_server_has_ended(tmp_path: Path) -> None:
    """A program that embeds servers keeps none of their log handlers."""
    before = list(logging.getLogger().handlers)
    async with open_server(tmp_path):
        assert len(logging.getLogger().handlers) == len(before) + 1
    assert logging.getLogger().handlers == before
