"""Versions and storage use over REST, and the access log."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from aniworld_core.bootstrap import diagnosis
from aniworld_core.bootstrap.diagnosis import Tool
from aniworld_core.domain.library import FileState, LibraryFile
from support.http_stage import open_server

pytestmark = pytest.mark.anyio


def file(path: str, size: int) -> LibraryFile:
    """Return a file of the library."""
    return LibraryFile(path=path, size=size, modified_ns=0, state=FileState.EXTRA)


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


async def test_every_library_folder_has_its_storage_use(tmp_path: Path) -> None:
    """The known files of each folder count, with the free space of its disk."""
    other = tmp_path / "other"
    other.mkdir()
    async with open_server(tmp_path) as server:
        await server.stage.app.config.replace({"library": {"folders": [str(other)]}})
        files = [file("A/1.mkv", 5), file(f"{other}/B/2.mkv", 7), file(f"{other}/B/3.mkv", 9)]
        await server.stage.storage.files.save(files)
        _, found = await server.json("GET", "/api/system")

    folders = [each for each in found["storage"] if each["kind"] == "library"]
    assert [each["bytes"] for each in folders] == [5, 16]
    assert folders[1]["folder"] == str(other)
    assert all(0 < each["free_bytes"] <= each["total_bytes"] for each in folders)


async def test_problems_are_listed_with_their_fix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An old tool has a text with values, and the command that updates it."""
    old = Tool(name="yt-dlp", version="2026.01.01", age=timedelta(days=200))
    monkeypatch.setattr(diagnosis, "installed_tools", lambda _now: {"yt-dlp": old, "av": None})
    async with open_server(tmp_path) as server:
        status, found = await server.json("GET", "/api/system/problems")

    assert status == 200
    (problem,) = found
    assert (problem["name"], problem["detail_kind"]) == ("yt-dlp", "tool_is_old")
    assert problem["detail_values"]["days"] == 200
    assert problem["hint_values"]["command"].endswith("--upgrade yt-dlp")


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
