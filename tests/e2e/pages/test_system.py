"""The system page in a real browser: log, charts, and states of catalogues."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from aniworld_core.errors import (
    AniworldError,
    NeedsPersonError,
    ProviderChangedError,
    ProviderDeniedError,
    ProviderUnavailableError,
)
from aniworld_core.messages import Message, values_to_wire
from support.browser_stage import (
    World,
    find_browser,
    load_axe,
    open_browser,
    open_house,
    sign_in,
    violations,
    visiting,
)

pytestmark = [pytest.mark.anyio, pytest.mark.external_service]

playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
BROWSER = find_browser()
expect = playwright.expect

ASKED = "2026-11-20T07:00:00Z"
SCORE: dict[str, Any] = {
    "hoster": "VOE",
    "language": "ger-dub",
    "tries": 8,
    "successes": 6,
    "speed_mbps": 38.2,
    "last_failure": "the transfer was interrupted: it broke off",
    "last_failed_at": ASKED,
    "last_succeeded_at": ASKED,
}


def _trouble(error: AniworldError) -> dict[str, Any]:
    """Return the fields of `/api/providers` for a catalogue after an error."""
    return {
        "status": error.kind,
        "detail": str(error),
        "detail_kind": error.kind,
        "detail_values": values_to_wire(error.values),
        "link": getattr(error, "link", None),
    }


#: Latest results of catalogues in the form of `/api/providers`.
TROUBLES: dict[str, dict[str, Any]] = {
    "aniworld": _trouble(
        NeedsPersonError("aniworld.to", "https://aniworld.invalid/", Message("bot_check"))
    ),
    "serienstream": _trouble(ProviderChangedError("serienstream", Message("piece_seasons"))),
    "archive": _trouble(ProviderUnavailableError("archive", Message("http_status", status=503))),
    "jellyfin": _trouble(ProviderDeniedError("jellyfin")),
    "index": {
        "status": "ok",
        "detail": "from aniworld-providers",
        "detail_kind": None,
        "last_asked_at": None,
    },
    "demo": {"hosters": [SCORE]},
}
GERMAN = {
    "aniworld": ("Aktion nötig", "aniworld.to verlangt eine Aktion im Browser (Bot-Prüfung)"),
    "serienstream": ("Seiten geändert", "es fehlt: die Liste der Staffeln"),
    "archive": ("Nicht erreichbar", "die Antwort ist HTTP 503"),
    "jellyfin": ("Anmeldung abgelehnt", "hat Benutzername, Passwort oder Token abgelehnt"),
    "index": ("Noch nicht verwendet", "Seit dem Start noch nicht verwendet"),
}
ENGLISH = {
    "aniworld": ("Action needed", "open https://aniworld.invalid/"),
    "serienstream": ("Pages changed", "the list of seasons is missing"),
    "archive": ("Not available", "HTTP 503"),
    "jellyfin": ("Sign-in refused", "user name, password or token"),
    "index": ("Not used yet", "not been used since the start"),
}


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Serve the embedded catalogue with slow downloads."""
    async with (
        open_browser(BROWSER) as browser,
        open_house(tmp_path_factory.mktemp("system")) as house,
    ):
        yield World(browser, house, await sign_in(browser, house))


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the axe-core accessibility checker."""
    return load_axe(tmp_path_factory.mktemp("axe"))


def _problem(name: str, detail: Message, hint: Message) -> dict[str, Any]:
    """Return a problem in the form of `/api/system/problems`."""
    parts = {"detail": detail, "hint": hint}
    kinds = {f"{key}_kind": part.kind for key, part in parts.items()}
    values = {f"{key}_values": values_to_wire(part.values) for key, part in parts.items()}
    return {"name": name, **parts, **kinds, **values}


PROBLEMS = [
    _problem(
        "yt-dlp",
        Message("tool_is_old", tool="yt-dlp", version="2026.01.01", days=200),
        Message("update_tool", command="pip install --upgrade yt-dlp"),
    ),
    _problem(
        "changes of files",
        Message("changes_incomplete", changes=2, reason=None),
        Message("undo_change", change="7"),
    ),
]
#: What is wrong, its fix, and the page to open, of each problem.
PROBLEM_TEXTS = {
    "de-DE": (
        ("yt-dlp ist veraltet", "2026.01.01 ist 200", "pip install --upgrade yt-dlp", None),
        ("nicht abgeschlossen", "2 Änderungen sind", "mache dann die Änderung 7", "/changes"),
    ),
    "en-GB": (
        ("yt-dlp is out of date", "200 days old", "pip install --upgrade yt-dlp", None),
        ("is not complete", "2 changes are", "then undo change 7", "/changes"),
    ),
}
#: Storage use in the form of `/api/system`: two library folders on their disks.
STORAGE = [
    {
        "kind": "library",
        "folder": folder,
        "bytes": size,
        "free_bytes": 10**12,
        "total_bytes": 4 * 10**12,
    }
    for folder, size in (("/srv/anime", 3 * 10**9), ("/mnt/films", 5 * 10**9))
]


async def _troubled(route: Any) -> None:
    """Replace the list of providers by one with failing catalogues."""
    response = await route.fetch()
    providers = await response.json()
    for each in providers:
        if each["kind"] == "catalogue" and each["name"] in TROUBLES:
            each.update({"enabled": True, "last_asked_at": ASKED, **TROUBLES[each["name"]]})
    await route.fulfill(response=response, json=providers)


async def _stored(route: Any) -> None:
    """Replace the storage use by that of two library folders."""
    response = await route.fetch()
    await route.fulfill(response=response, json=await response.json() | {"storage": STORAGE})


async def test_the_log_is_followed_searched_and_paused(world: World) -> None:
    """New lines appear unless paused; level and search filter them."""
    address, headers = world.house.address, {"Authorization": f"Bearer {world.token}"}
    async with visiting(world.browser, address, token=world.token) as visit:
        page, request = visit.page, visit.page.context.request
        await page.clock.install()
        await page.goto(f"{address}/system")
        lines = page.locator("#log .log-line")
        await expect(lines.filter(has_text="POST /api/auth/login 200")).to_have_count(1)

        await request.get(f"{address}/api/anime/nothing-here", headers=headers)
        refused = lines.filter(has_text="/api/anime/nothing-here 404")
        await expect(refused).to_have_count(1)

        await page.get_by_role("button", name="Pause", exact=True).click()
        await expect(page.locator("#log-state")).to_have_text("Paused")
        await request.get(f"{address}/api/anime/nothing-there", headers=headers)
        await page.clock.fast_forward(30_000)
        unseen = lines.filter(has_text="/api/anime/nothing-there 404")
        assert await unseen.count() == 0
        await page.get_by_role("button", name="Resume").click()
        await expect(unseen).to_have_count(1)

        await page.fill("#log-search", "nothing-there")
        await expect(lines).to_have_count(1)
        await page.select_option("#log-level", "ERROR")
        await expect(page.locator("#log-none")).to_be_visible()
        await page.select_option("#log-level", "INFO")
        await lines.get_by_role("button").click()
        name = await page.input_value("#log-search")
        assert re.fullmatch(r"[0-9a-f]{16}", name)
        await expect(lines).to_have_count(1)
        assert visit.complaints == []


async def test_the_log_can_be_copied(world: World) -> None:
    """The copied text has the displayed records, oldest first, one per line."""
    address = world.house.address
    permissions = ["clipboard-read", "clipboard-write"]
    async with visiting(
        world.browser, address, token=world.token, permissions=permissions
    ) as visit:
        page = visit.page
        await page.goto(f"{address}/system")
        await page.fill("#log-search", "/api/auth/")
        await expect(page.locator("#log .log-line").last).to_contain_text("/api/auth/setup 201")
        await page.get_by_role("button", name="Copy", exact=True).click()
        await expect(page.locator(".toast")).to_contain_text("copied")
        copied = await page.evaluate("navigator.clipboard.readText()")
        assert "POST /api/auth/setup 201" in copied.splitlines()[0]
        assert world.token not in copied
        assert visit.complaints == []


async def test_older_lines_are_shown_on_request(world: World) -> None:
    """Older lines are loaded on request, without duplicates."""
    address, headers = world.house.address, {"Authorization": f"Bearer {world.token}"}
    async with visiting(world.browser, address, token=world.token) as visit:
        page, request = visit.page, visit.page.context.request
        for number in range(210):
            await request.get(f"{address}/api/anime/older-{number}", headers=headers)
        await page.goto(f"{address}/system")
        await page.fill("#log-search", "/api/anime/older-")
        lines = page.locator("#log .log-line")
        await expect(lines).to_have_count(200)
        await page.get_by_role("button", name="Show older").click()
        await expect(lines).to_have_count(210)
        await expect(lines.last).to_contain_text("/api/anime/older-0 404")
        await expect(page.get_by_role("button", name="Show older")).to_be_hidden()
        assert visit.complaints == []


async def test_how_full_the_disk_is(world: World) -> None:
    """The bar has a text, and two folders on one disk share a bar."""
    address = world.house.address
    async with visiting(world.browser, address, token=world.token) as visit:
        await visit.page.goto(f"{address}/system")
        meter = visit.page.get_by_role("img", name=re.compile("library and data: .* used"))
        await expect(meter).to_be_visible()
        assert await visit.page.locator(".meter").count() == 1
        part = await meter.locator(".used").evaluate(
            "node => node.style.getPropertyValue('--part')"
        )
        assert 0 < float(part) <= 1
        assert visit.complaints == []


@pytest.mark.parametrize("language", ["de-DE", "en-GB"])
@pytest.mark.parametrize("width", [1280, 390])
async def test_every_trouble_is_explained(
    world: World, axe: str, language: str, width: int
) -> None:
    """Every problem is explained in the language of the page with its fix; folders have sizes."""
    address = world.house.address
    options: dict[str, Any] = {"locale": language, "viewport": {"width": width, "height": 800}}
    async with visiting(world.browser, address, token=world.token, **options) as visit:
        page = visit.page
        await page.route("**/api/providers", _troubled)
        await page.route("**/api/system/problems", lambda route: route.fulfill(json=PROBLEMS))
        await page.route("**/api/system", _stored)
        await page.goto(f"{address}/system")
        for title, detail, fix, goal in PROBLEM_TEXTS[language]:
            problem = page.locator("#problems li", has_text=title)
            await expect(problem).to_contain_text(detail)
            await expect(problem).to_contain_text(fix)
            links = await problem.locator("a").evaluate_all("all => all.map((a) => a.pathname)")
            assert links == ([goal] if goal else [])
        storage = page.locator("#facts-storage")
        for each in STORAGE:
            await expect(storage).to_contain_text(each["folder"])
        await expect(storage.locator("dd").nth(2)).to_contain_text("8")
        for name, (status, detail) in (GERMAN if language == "de-DE" else ENGLISH).items():
            row = page.locator("#providers tr", has=page.get_by_role("rowheader", name=name))
            await expect(row.locator(".chip")).to_have_text(status)
            await expect(row).to_contain_text(detail)
        link = page.locator("#providers a")
        await expect(link).to_have_attribute("href", "https://aniworld.invalid/")
        await expect(link).to_have_attribute("rel", "noopener noreferrer")
        score = page.locator("#hosters").get_by_role("row").nth(1)
        await expect(score).to_contain_text("VOE")
        await expect(score).to_contain_text("75 %")
        wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert await page.evaluate(wider) <= 0
        assert await violations(page, axe) == []
        assert visit.complaints == []
