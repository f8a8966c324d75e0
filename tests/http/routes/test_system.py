"""Versions and storage use over REST, and the access log."""

import logging
from datetime import datetime
from pathlib import Path

import pytest

from aniworld_http.checks import installation
from support.http_stage import open_server

pytestmark = pytest.mark.anyio


async def test_versions_and_storage_are_listed(tmp_path: Path) -> None:
    """Distributions, tools and system have versions; every kind of files has a size."""
    async with open_server(tmp_path) as server:
        data = server.stage.app.settings.data_dir
        (data / "backups").mkdir(parents=True, exist_ok=True)
        (data / "backups" / "a.json").write_bytes(b"x" * 700)
        (data / "covers").mkdir()
        (data / "covers" / "a.jpg").write_bytes(b"x" * 300)
        (data / "link").symlink_to("/etc")
        before = await server.json("GET", "/api/system")
        (data / "test.db-wal").write_bytes(b"x" * 50)
        status, after = await server.json("GET", "/api/system")

    assert (before[0], status) == (200, 200)
    names = [each["name"] for each in after["versions"]]
    assert {"aniworld-core", "aniworld-http", "yt-dlp", "av", "Python"} <= set(names)
    sizes = {each["kind"]: each["bytes"] for each in after["storage"]}
    former = {each["kind"]: each["bytes"] for each in before[1]["storage"]}
    assert list(sizes) == ["library", "recycle_bin", "database", "backups", "logs", "other"]
    assert (sizes["library"], sizes["recycle_bin"], sizes["backups"]) == (0, 0, 700)
    assert sizes["database"] == former["database"] + 50
    assert 300 <= sizes["other"] < 10_000


@pytest.mark.parametrize(
    ("text", "age", "is_old"),
    [
        ("2026.01.01", 30, False),
        ("2025.9.1.232845", 152, True),
        ("2026.13.99", None, False),
        ("2099.01.01", None, False),
        ("14.2.0", None, False),
        ("", None, False),
    ],
)
def test_the_age_of_a_tool_is_that_of_its_version(text: str, age: int | None, is_old: bool) -> None:
    """Only versions that are dates of the past have an age."""
    found = installation._tool("yt-dlp", text, datetime.fromisoformat("2026-01-31T12:00:00+00:00"))

    assert (found.version, found.age_days, found.is_old) == (text, age, is_old)


async def test_what_people_do_on_the_pages_is_logged_at_debug_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Failed requests and sign-ins stay at Information."""
    caplog.set_level(logging.DEBUG, "aniworld_http.middlewares.access_log")
    async with open_server(tmp_path) as server:
        await server.json("POST", "/api/queue/pause")
        await server.json("GET", "/api/anime/no-such-series")

    logged = {
        record.getMessage().split(" ")[1]: record.levelname
        for record in caplog.records
        if record.name == "aniworld_http.middlewares.access_log"
    }
    assert logged["/api/queue/pause"] == "DEBUG"
    assert logged["/api/anime/no-such-series"] == "INFO"
    assert logged["/api/auth/setup"] == "INFO"
