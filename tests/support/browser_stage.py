"""A real server process and a real browser that opens its pages."""

import asyncio
import importlib
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import anyio
import attrs
import pytest

PASSWORD: Final = "Correct-Horse-7"
#: Whatever should happen has happened by then; nothing waits for it on purpose.
PATIENCE: Final = 60.0
TOKEN_KEY: Final = "access_token"

_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_browser() -> str:
    """Return the path of Chromium, or skip the tests that need it."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("there is no chromium on PATH", allow_module_level=True)
    return found


def load_axe(folder: Path) -> str:
    """Return the script of axe-core, which npm brings, or skip.

    Args:
        folder: Where it is unpacked.
    """
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm, which brings axe-core, is not installed")
    packed = subprocess.run([npm, "pack", "axe-core@4"], cwd=folder, capture_output=True, text=True)
    if packed.returncode:
        pytest.skip("npm could not bring axe-core")
    shutil.unpack_archive(folder / packed.stdout.split()[-1], folder, filter="data")
    return (folder / "package" / "axe.min.js").read_text("utf-8")


#: Rules of WCAG 2.2 up to AA, and what axe-core counts as good practice.
_RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


async def violations(page: Any, axe: str) -> list[str]:
    """Ask axe-core; what it finds is named with the element it is about.

    Args:
        page: The tab.
        axe: The checker, of `load_axe`.
    """
    # Through the debugger, which no policy of the page forbids.
    await page.evaluate(f"{axe}; undefined")
    found = await page.evaluate(
        "rules => axe.run({ runOnly: { type: 'tag', values: rules } })", _RULES
    )
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


@attrs.define(eq=False)
class House:
    """A server process with the embedded catalogue, which can be stopped and restarted.

    Attributes:
        folder: Where its data and its library are.
        port: Where it listens, also the next time.
    """

    folder: Path
    port: int
    _process: asyncio.subprocess.Process | None = None

    @property
    def address(self) -> str:
        """Address of the server."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def library(self) -> Path:
        """Folder of its library."""
        return self.folder / "library"

    @property
    def code(self) -> str:
        """The one-time code for the set-up."""
        return (self.folder / "data" / "setup-code").read_text().strip()

    def episodes(self) -> list[Path]:
        """Finished files."""
        return sorted(self.library.rglob("*.mp4"))

    async def start(self) -> None:
        """Start the server and wait until it answers."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("ANIWORLD_")}
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "aniworld_http",
            cwd=self.folder,
            env={
                **inherited,
                "ANIWORLD_DATA_DIR": str(self.folder / "data"),
                "ANIWORLD_PORT": str(self.port),
                "HOME": str(self.folder),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdout is not None
        with anyio.fail_after(PATIENCE):
            while b"Aniworld is at" not in (line := await self._process.stdout.readline()):
                assert line, "the server ended"

    async def stop(self) -> None:
        """Stop the server with SIGTERM."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        with anyio.fail_after(PATIENCE):
            # What it still says is read, so that it never waits for a full pipe.
            await process.communicate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@attrs.frozen
class World:
    """A browser and a server with a password."""

    browser: Any
    house: House
    token: str


@asynccontextmanager
async def open_house(folder: Path) -> AsyncIterator[House]:
    """Serve the embedded catalogue, without a password."""
    (folder / "data").mkdir(parents=True)
    (folder / "library").mkdir()
    others = ("aniworld", "serienstream", "archive", "jellyfin", "index", "ytdlp", "feed")
    providers = {"demo": {"enabled": True}, **{name: {"enabled": False} for name in others}}
    (folder / "data" / "config.json").write_text(json.dumps({"providers": providers}))
    house = House(folder, _free_port())
    await house.start()
    try:
        yield house
    finally:
        await house.stop()


@asynccontextmanager
async def open_browser(path: str) -> AsyncIterator[Any]:
    """Start a headless browser."""
    # By its name, since it is installed only where these tests are meant to run.
    api = importlib.import_module("playwright.async_api")
    # Machines that do much besides are slow; what is awaited comes, or never does.
    api.expect.set_options(timeout=PATIENCE / 2 * 1000)
    async with api.async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        try:
            yield browser
        finally:
            await browser.close()


@attrs.define(eq=False)
class Visit:
    """A visitor with one tab.

    Attributes:
        page: The tab.
        complaints: What the browser objected to: mistakes, refusals by policy, foreign requests.
        dialogs: Texts of the boxes that scripts opened.
    """

    page: Any
    complaints: list[str] = attrs.field(factory=list)
    dialogs: list[str] = attrs.field(factory=list)


@asynccontextmanager
async def visiting(
    browser: Any, address: str, *, token: str | None = None, **options: Any
) -> AsyncIterator[Visit]:
    """Open a tab with an empty browser profile.

    Args:
        browser: The browser.
        address: The server; requests to other hosts are complaints.
        token: Signs the visitor in.
        options: What Playwright takes for a context besides.
    """
    # Requests that pass through a service worker cannot be changed by a test.
    usual = {"locale": "en-GB", "service_workers": "block"}
    context = await browser.new_context(**{**usual, **options})
    if token is not None:
        await context.add_init_script(
            f"localStorage.getItem('{TOKEN_KEY}') ?? localStorage.setItem('{TOKEN_KEY}', '{token}')"
        )
    page = await context.new_page()
    visit = Visit(page)
    page.on("pageerror", lambda error: visit.complaints.append(f"mistake: {error}"))
    page.on("request", lambda request: _note_foreign(visit, address, request.url))
    page.on("console", lambda message: _note_policy(visit, message.text))

    async def dismiss(dialog: Any) -> None:
        visit.dialogs.append(dialog.message)
        await dialog.dismiss()

    page.on("dialog", dismiss)
    page.set_default_timeout(PATIENCE * 1000)
    try:
        yield visit
    finally:
        await context.close()


def _note_foreign(visit: Visit, address: str, url: str) -> None:
    ours = (address, f"blob:{address}", address.replace("http", "ws", 1), "data:", "about:")
    if not url.startswith(ours):
        visit.complaints.append(f"foreign request: {url}")


def _note_policy(visit: Visit, text: str) -> None:
    if "Content Security Policy" in text or "Content-Security-Policy" in text:
        visit.complaints.append(f"policy: {text}")


async def sign_in(browser: Any, house: House) -> str:
    """Set the house up without looking at it; return a token."""
    context = await browser.new_context(base_url=house.address)
    api = context.request
    await api.post("/api/auth/setup", data={"master_password": PASSWORD, "code": house.code})
    answer = await api.post("/api/auth/login", data={"password": PASSWORD})
    token: str = (await answer.json())["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    part = {
        "other": {"anime_directory": str(house.library)},
        "downloads": {"limit_rate": 40_000},
        "current_password": PASSWORD,
    }
    answer = await api.put("/api/config", data=part, headers=headers)
    assert answer.ok, await answer.text()
    hits = await (await api.post("/api/anime/search", data={"query": "a"}, headers=headers)).json()
    for hit in hits:
        added = await api.post("/api/anime/add", data={"link": hit["link"]}, headers=headers)
        await _queue_some(api, headers, await added.json())
    await api.post("/api/queue/start", headers=headers)
    await context.close()
    return token


async def _queue_some(api: Any, headers: dict[str, str], series: dict[str, Any]) -> None:
    episodes: Sequence[str] = [e["code"] for e in series["episodes"] if e["available"]][:3]
    data = {"serie_id": series["key"], "episodes": episodes}
    await api.post("/api/queue/add", data=data, headers=headers)
