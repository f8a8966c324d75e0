"""/health and /metrics."""

import contextlib
from datetime import timedelta
from pathlib import Path

import anyio
import pytest

from aniworld_core.errors import ProviderUnavailableError, StorageUnavailableError
from aniworld_core.testing.waiting import PATIENCE
from aniworld_http.checks import health
from aniworld_http.security.callers import CALLERS
from support.http_stage import open_server
from support.machines import make_node, share

pytestmark = pytest.mark.anyio


async def test_liveness_needs_no_token(tmp_path: Path) -> None:
    """It also works before set-up."""
    async with open_server(tmp_path, signed_in=False) as server:
        status, health = await server.json("GET", "/health")
        live = await server.json("GET", "/health/live")
        ready = await server.json("GET", "/health/ready")
        head = await server.call("HEAD", "/health")

    assert status == 200
    assert health.keys() >= {"status", "version", "uptime_seconds"}
    assert live == ready == (200, {"status": "ok"})
    assert (head.status, head.headers["Content-Type"]) == (200, "application/json; charset=utf-8")


async def test_without_a_database_it_lives_but_is_not_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Liveness stays 200, readiness is 503."""

    async def broken(_self: object) -> None:
        raise StorageUnavailableError("it is locked")

    async with open_server(tmp_path) as server:
        monkeypatch.setattr(type(server.stage.storage), "ping", broken)
        live = await server.call("GET", "/health/live")
        status, problem = await server.json("GET", "/health/ready")
        _, detailed = await server.json("GET", "/health/detailed")

    assert (live.status, status, problem["kind"]) == (200, 503, "storage_unavailable")
    assert detailed["status"] == "degraded"
    assert detailed["database"]["status"] == "failed"


async def test_the_health_of_every_part_is_returned(tmp_path: Path) -> None:
    """Each part has its status and measurements."""
    async with open_server(tmp_path) as server:
        server.stage.app.settings.data_dir.mkdir(exist_ok=True)
        status, health = await server.json("GET", "/health/detailed")
        stranger = await server.call("GET", "/health/detailed", token="")

    assert (status, stranger.status) == (200, 401)
    assert health.keys() >= {"database", "disk", "queue", "providers", "loop", "connections"}
    disk = health["disk"]
    assert 0 < disk["library_free_bytes"] <= disk["library_total_bytes"]
    assert 0 < disk["data_free_bytes"] <= disk["data_total_bytes"]
    assert disk["is_same_disk"] is True
    assert health["queue"]["items"]["pending"] == 0
    assert all(each["status"] == "ok" for each in health["providers"].values())


async def test_two_servers_have_separate_metrics(tmp_path: Path) -> None:
    """Servers in one process have registries of their own."""
    folders = [tmp_path / "a", tmp_path / "b"]
    async with contextlib.AsyncExitStack() as stack:
        for folder in folders:
            folder.mkdir()
        first, second = [await stack.enter_async_context(open_server(f)) for f in folders]
        await first.call("GET", "/api/config")
        texts = [await (await s.call("GET", "/metrics")).text() for s in (first, second)]

    line = 'aniworld_http_requests_total{method="GET",path="/api/config",status="2xx"} 1.0'
    assert [line in text for text in texts] == [True, False]
    assert 'aniworld_queue_items{status="pending"} 0.0' in texts[0]


async def test_an_open_circuit_breaker_is_reported(tmp_path: Path) -> None:
    """Health names the server for which the queue waits, also when the catalogue works."""
    async with open_server(tmp_path) as server:
        loader = server.stage.loader
        place = f"{loader.name} at media.example:8096"
        for _ in range(3):
            server.stage.app.circuits.note(place, ProviderUnavailableError(place, "refused"))
        with pytest.raises(ProviderUnavailableError):
            server.stage.app.circuits.require(place)
        _, detailed = await server.json("GET", "/health/detailed")

    provider = detailed["providers"][loader.name]
    assert provider["status"] == "degraded"
    assert provider["left_alone_until"] is not None
    assert place in provider["detail"]


async def test_health_never_reads_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that does not answer delays no response, before and after set-up."""

    async def never(*_args: object) -> None:
        await anyio.sleep_forever()

    async with open_server(tmp_path) as server:
        for repository in ("series", "queue", "sessions", "api_keys"):
            kind = type(getattr(server.stage.storage, repository))
            for name in ("get", "find", "counts", "revision", "find_by_digest"):
                if hasattr(kind, name):
                    monkeypatch.setattr(kind, name, never)
        server.app[CALLERS].clear()
        with anyio.fail_after(PATIENCE):
            for path in ("/health", "/health/live"):
                for token in ("", server.token, "x.y.z"):
                    answer = await server.call("GET", path, token=token)
                    assert answer.status == 200
                    answer = await server.call("GET", path, token="", headers={"X-Api-Key": "k"})
                    assert answer.status == 200


async def test_machines_are_part_of_health_and_metrics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every process that shares the database is listed; a silent one degrades the health."""
    async with open_server(tmp_path) as server:
        _, alone = await server.json("GET", "/health/detailed")
        now = server.stage.app.clock.now()
        silent = make_node("nas", seen_at=now - timedelta(seconds=12), started_at=now)
        share(monkeypatch, make_node("box", seen_at=now, is_leader=True), silent)
        _, shared = await server.json("GET", "/health/detailed")
        _, problems = await server.json("GET", "/api/system/problems")
        metrics = await (await server.call("GET", "/metrics")).text()

    assert alone["nodes"] == []
    assert [(each["host"], each["status"]) for each in shared["nodes"]] == [
        ("box", "ok"),
        ("nas", "degraded"),
    ]
    assert shared["status"] == "degraded"
    assert shared["nodes"][1]["silent_seconds"] >= 12
    assert shared["nodes"][0] | {"silent_seconds": 0, "started_at": ""} == {
        "id": "box-1",
        "host": "box",
        "version": "2.0",
        "roles": ["worker"],
        "slots": 2,
        "is_leader": True,
        "status": "ok",
        "silent_seconds": 0,
        "started_at": "",
    }
    assert [each["detail_kind"] for each in problems if each["name"] == "machines"] == [
        "machine_silent"
    ]
    assert 'aniworld_nodes{role="worker"} 2.0' in metrics
    assert "aniworld_leaders 1.0" in metrics
    assert 'aniworld_node_silence_seconds{host="nas"} 12' in metrics


async def test_a_database_that_hangs_is_not_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Readiness is answered within its limit although the database never answers."""

    async def hanging(_self: object) -> None:
        await anyio.sleep_forever()

    monkeypatch.setattr(health, "_DATABASE_SECONDS", 0.05)
    async with open_server(tmp_path) as server:
        monkeypatch.setattr(type(server.stage.storage), "ping", hanging)
        with anyio.fail_after(PATIENCE):
            status, problem = await server.json("GET", "/health/ready")

    assert (status, problem["kind"]) == (503, "storage_unavailable")
