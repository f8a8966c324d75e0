"""The schedule over REST."""

from pathlib import Path

import anyio
import pytest

from aniworld_core.testing.waiting import PATIENCE
from support.http_library import open_library, titan

pytestmark = pytest.mark.anyio


async def test_the_schedule_is_shown_and_changed_in_parts(tmp_path: Path) -> None:
    """Missing fields stay unchanged; the configuration has the same values."""
    async with open_library(tmp_path) as server:
        path = "/api/scheduler/config"
        whole = {"enabled": True, "interval_minutes": 60, "times": [], "queue_missing": False}
        assert await server.json("GET", path) == (200, whole)
        changed = {**whole, "interval_minutes": 15, "times": ["03:30"]}
        part = {
            "interval_minutes": 15.0,
            "times": ["03:30"],
        }  # JSON Schema treats it as a whole number.
        assert await server.json("PUT", path, part) == (200, changed)
        assert await server.json("GET", path) == (200, changed)
        assert (await server.json("GET", "/api/config"))[1]["scheduler"] == changed


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({"interval_minutes": 0}, ["/interval_minutes"]),
        ({"interval_minutes": "60"}, ["/interval_minutes"]),
        ({"enabled": None}, ["/enabled"]),
        ({"times": ["03:30", "25:00"]}, ["/times/1"]),
        ({"cron": "* * * * *", "enabled": 1}, ["/cron", "/enabled"]),
    ],
)
async def test_a_bad_schedule_changes_nothing(
    tmp_path: Path, body: dict[str, object], wanted: list[str]
) -> None:
    """The response names each bad field by its pointer in the body."""
    async with open_library(tmp_path) as server:
        before = await server.json("GET", "/api/scheduler/config")
        status, problem = await server.json("PUT", "/api/scheduler/config", body)
        assert status == 422
        assert sorted(error["pointer"] for error in problem["errors"]) == wanted
        assert await server.json("GET", "/api/scheduler/config") == before


async def test_the_documented_bounds_of_a_schedule_hold(tmp_path: Path) -> None:
    """The longest documented interval is accepted, the next longer one is not."""
    async with open_library(tmp_path) as server:
        _, document = await server.json("GET", "/api/openapi.json")
        described = document["components"]["schemas"]["Schedule"]["properties"]["interval_minutes"]
        longest = described["maximum"]
        path = "/api/scheduler/config"
        assert (await server.json("PUT", path, {"interval_minutes": longest}))[0] == 200
        assert (await server.json("PUT", path, {"interval_minutes": longest + 1}))[0] == 422


async def test_the_status_has_the_last_and_next_run(tmp_path: Path) -> None:
    """Before the first scan there is no result; afterwards there is."""
    async with open_library(tmp_path, titan()) as server:
        path = "/api/scheduler/status"
        _, before = await server.json("GET", path)
        assert (before["enabled"], before["last_run"], before["last_result"]) == (True, None, None)
        assert before["next_run"].endswith("Z")
        status, begun = await server.json("POST", "/api/scheduler/trigger-rescan")
        assert (status, set(begun)) == (202, {"scan_id"})
        with anyio.fail_after(PATIENCE):
            while not (await server.stage.storage.schedule.get()).last_result:
                await anyio.sleep(0.001)
        _, after = await server.json("GET", path)
        assert after["last_run"].endswith("Z")
        assert "1 series" in after["last_result"]
        _, scan = await server.json("GET", "/api/anime/scan")
        assert scan["scan_id"] == begun["scan_id"]
        await server.json("PUT", "/api/scheduler/config", {"enabled": False})
        _, off = await server.json("GET", path)
        assert (off["enabled"], off["next_run"]) == (False, None)


async def test_nothing_is_told_or_done_without_a_token(tmp_path: Path) -> None:
    """Every operation of the schedule gets 401 without a token."""
    async with open_library(tmp_path) as server:
        for method, name in (
            ("GET", "config"),
            ("PUT", "config"),
            ("GET", "status"),
            ("POST", "trigger-rescan"),
        ):
            response = await server.call(method, f"/api/scheduler/{name}", token="")
            assert (response.status, name) == (401, name)
