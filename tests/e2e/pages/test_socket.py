"""The documented browser client, loaded by a classic script tag in a real browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web

from aniworld_core.domain.identity import FolderName
from aniworld_core.testing.contracts.bus import progressed
from aniworld_http.keys import AUTHENTICATOR
from aniworld_http.settings import HttpSettings
from support.browser_stage import find_browser, open_browser
from support.http_stage import KEY, PASSWORD, open_server

pytestmark = [pytest.mark.anyio, pytest.mark.external_service]

pytest.importorskip("playwright.async_api", reason="playwright is not installed")
BROWSER = find_browser()

_DOCUMENTED = """
window.seen = [];
window.states = [];
const socket = io();
for (const name of ["connect", "disconnect", "connect_error"]) {
  socket.on(name, () => states.push(name));
}
socket.join("download_progress");
socket.on("download_progress", (data) => seen.push([data.key, data.folder, data.percent]));
window.socket = socket;
"""


def _page_of_another_program(base: str, path: str) -> Callable[[web.Application], None]:
    """Serve a page of another server that loads the client by a script tag."""
    html = f"""<!doctype html><title>x</title>
<script src="{base}/static/websocket_client.js"></script>
<script>localStorage.setItem(io.TOKEN_KEY, new URLSearchParams(location.search).get("t"))</script>
<script>{_DOCUMENTED}</script>"""

    async def show(_request: web.Request) -> web.Response:
        headers = {"Content-Security-Policy": "default-src * 'unsafe-inline' 'unsafe-eval'"}
        return web.Response(text=html, content_type="text/html", headers=headers)

    def configure(app: web.Application) -> None:
        app.router.add_get(path, show)

    return configure


@pytest.mark.parametrize(
    ("base", "path"),
    [("", "/health/x"), ("", "/health/deep/x.html"), ("/ani", "/deep/er/x"), ("/ani", "/x")],
)
async def test_a_script_tag_gives_io(tmp_path: Path, base: str, path: str) -> None:
    """The documented lines receive progress on any page, with and without a base path."""
    configure = _page_of_another_program(base, path)
    settings = HttpSettings(secret_key=KEY, base_path=base or "/")
    async with (
        open_browser(BROWSER) as browser,
        open_server(tmp_path, signed_in=False, settings=settings, configure=configure) as server,
    ):
        await server.app[AUTHENTICATOR].password.set_up(PASSWORD)
        server.token = (await server.app[AUTHENTICATOR].sign_in(PASSWORD)).token
        page = await browser.new_page()
        mistakes: list[str] = []
        page.on("pageerror", lambda error: mistakes.append(str(error)))
        await page.goto(str(server.client.make_url(f"{path}?t={server.token}")))
        await page.wait_for_function("states.includes('connect')")
        await page.evaluate("socket.once('pong', () => states.push('pong'))")
        await page.evaluate("socket.emit('leave', 'scan_progress').emit('ping')")
        await page.wait_for_function("states.includes('pong')")
        await server.stage.bus.publish(progressed("a", 50))
        await page.wait_for_function("seen.length > 0")
        received = await page.evaluate("seen[0]")
        await page.evaluate("socket.off('download_progress').leave('download_progress')")
        await page.evaluate("socket.disconnect()")
        ended = await page.evaluate("[socket.connected, states.at(-1), typeof io]")

    assert received == ["attack-on-titan", FolderName("Attack on Titan"), 50.0]
    assert ended == [False, "disconnect", "function"]
    assert mistakes == []


async def test_without_a_token_it_says_so(tmp_path: Path) -> None:
    """Without a token the client emits `connect_error` and does not retry."""
    configure = _page_of_another_program("", "/health/x")
    async with (
        open_browser(BROWSER) as browser,
        open_server(tmp_path, configure=configure) as server,
    ):
        page = await browser.new_page()
        await page.goto(str(server.client.make_url("/health/x?t=")))
        await page.wait_for_function("states.length > 0")
        assert await page.evaluate("[socket.state, ...states]") == ["denied", "connect_error"]
