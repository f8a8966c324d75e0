"""What the frame of all pages needs from the server: folder banner, service worker, notices."""

import json
import re
import threading
from pathlib import Path
from typing import Any

import anyio
import pytest

from aniworld_http.checks import FOLDER_PROBE, FolderTrial, library_probe
from aniworld_http.rendering import OFFLINE_PATH, StaticFiles
from aniworld_http.settings import HttpSettings
from support.http_stage import KEY, Server, open_server
from support.page_paths import page_paths

pytestmark = pytest.mark.anyio

HTML = {"Accept": "text/html"}
PATHS = [*page_paths("attack-on-titan").values(), "/setup", "/nowhere", OFFLINE_PATH]
_BANNER = 'data-notice="folder"'


async def page(server: Server, path: str = "/queue") -> str:
    """Return a page as a stranger gets it."""
    response = await server.call("GET", path, headers=HTML, token="")
    return await response.text()


@pytest.fixture
def no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Test the folder for every request."""
    monkeypatch.setattr(library_probe, "_FRESH", 0.0)


async def test_every_page_says_that_it_needs_scripts(tmp_path: Path) -> None:
    """Without JavaScript each page has a notice; the offline page works without it."""
    async with open_server(tmp_path) as server:
        missing = [path for path in PATHS if "needs JavaScript" not in await page(server, path)]
    assert missing == [OFFLINE_PATH]


@pytest.mark.parametrize(
    ("break_it", "kind"),
    [
        (lambda folder: folder.rmdir(), "no_such_folder"),
        (lambda folder: (folder.rmdir(), folder.write_text("")), "is_no_folder"),
    ],
)
@pytest.mark.usefixtures("no_memory")
async def test_pages_have_a_banner_while_the_library_folder_is_unusable(
    tmp_path: Path, break_it: Any, kind: str
) -> None:
    """The banner of a page names no path, because pages are public; the API says what is wrong."""
    async with open_server(tmp_path) as server:
        folder = server.stage.library
        before = await page(server), await server.json("GET", "/api/library/folder")
        break_it(folder)
        text = await page(server)
        stranger, _ = await server.json("GET", "/api/library/folder", token="")
        _, problem = await server.json("GET", "/api/library/folder")
        if folder.is_file():
            folder.unlink()
        folder.mkdir()
        after = await page(server), await server.json("GET", "/api/library/folder")

    assert _BANNER in text
    assert str(folder) not in text
    assert stranger == 401
    assert (problem["path"], problem["is_usable"]) == (str(folder), False)
    assert problem["problem_kind"] == kind
    for shown, (status, found) in (before, after):
        assert _BANNER not in shown
        assert (status, found["is_usable"], found["problem"]) == (200, True, None)


@pytest.mark.usefixtures("no_memory")
async def test_a_folder_that_may_not_be_written_is_found_without_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The permissions decide, so that no disk wakes up and no file appears."""
    async with open_server(tmp_path) as server:
        before = server.stage.library.stat().st_mtime_ns
        _, usable = await server.json("GET", "/api/library/folder")
        monkeypatch.setattr("os.access", lambda *_args: False)
        _, found = await server.json("GET", "/api/library/folder")
        monkeypatch.undo()
        assert server.stage.library.stat().st_mtime_ns == before

    assert usable["is_writable"] is True
    assert found["problem_kind"] == "cannot_be_written"


async def test_a_drive_that_does_not_answer_delays_no_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One thread waits for the drive, however many pages are opened; then it counts as unusable."""
    begun, let_go = list[int](), threading.Event()

    def hang(*_args: object, **_options: object) -> FolderTrial:
        begun.append(1)
        let_go.wait(60)
        return FolderTrial(path="/x", is_usable=True)

    monkeypatch.setattr(library_probe, "try_folder", hang)
    async with open_server(tmp_path) as server:
        now = [100.0]
        probe = server.app[FOLDER_PROBE]
        probe._now = lambda: now[0]
        with anyio.fail_after(60):
            assert _BANNER not in await page(server)
            assert _BANNER not in await page(server, "/")
            now[0] += 5.0
            assert _BANNER in await page(server, "/add")
        assert len(begun) == 1
        let_go.set()
        with anyio.fail_after(60):
            while probe.is_unusable:
                await anyio.sleep(0.01)
        assert _BANNER not in await page(server, "/add")


@pytest.mark.parametrize("base", ["", "/home"])
async def test_the_service_worker_stores_its_own_files_only(tmp_path: Path, base: str) -> None:
    """It is in the folder of its scope, changes with the version, and each of its files exists."""
    settings = HttpSettings(secret_key=KEY, base_path=base)
    async with open_server(tmp_path, settings=settings, signed_in=not base) as server:
        response = await server.call("GET", f"{base}/service-worker.js", token="")
        script = await response.text()
        constants = dict(re.findall(r"^const (BASE|VERSION|FILES) = (.*);$", script, re.MULTILINE))
        files = json.loads(constants["FILES"])
        statuses = [
            (await server.call("GET", path, headers=HTML, token="")).status
            for path in (*files, base + OFFLINE_PATH)
        ]
        shown = await page(server, base + OFFLINE_PATH)

    assert response.content_type == "text/javascript"
    assert response.headers["Cache-Control"] == "no-cache"
    assert json.loads(constants["BASE"]) == base
    assert json.loads(constants["VERSION"]) == StaticFiles.load().version
    assert set(statuses) == {200}
    assert all(path.startswith(f"{base}/static/{StaticFiles.load().version}/") for path in files)
    # The page was stored before its reader chose a language; nothing else belongs to it.
    assert {"The server cannot be reached", "Der Server ist nicht erreichbar"} <= set(
        re.findall(r"<h1>([^<]*)</h1>", shown)
    )
    loaded = re.findall(
        r'<(?:script|link rel="(?:stylesheet|icon)")[^>]*(?:src|href)="([^"]*)"', shown
    )
    assert set(loaded) <= set(files)


async def test_the_offline_page_is_there_before_the_set_up(tmp_path: Path) -> None:
    """The service worker stores it whenever it is installed, so it redirects nowhere."""
    async with open_server(tmp_path, signed_in=False) as server:
        response = await server.client.get(OFFLINE_PATH, allow_redirects=False)
        worker = await server.client.get("/service-worker.js", allow_redirects=False)
    assert (response.status, worker.status) == (200, 200)
