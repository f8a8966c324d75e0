"""Hostile texts of a catalogue are displayed as plain text on all pages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pytest

from aniworld_core.domain.catalogue import BrowseEntry, BrowseListName, Titles
from aniworld_core.domain.downloads import DownloadStatus, Failure
from aniworld_core.domain.identity import EpisodeRef, SeriesKey
from aniworld_core.testing.factories import make_episode, make_item
from support.browser_stage import find_browser, open_browser, visiting
from support.http_library import open_library, other
from support.http_stage import Server
from support.page_paths import signed_in_paths

pytestmark = [pytest.mark.anyio, pytest.mark.external_service]

playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
BROWSER = find_browser()
expect = playwright.expect

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "</title><script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'>",
    "<style>*{display:none}</style>",
    "<base href=//evil.invalid/>",
    "<meta http-equiv=refresh content=0;url=//evil.invalid>",
    "<form action=//evil.invalid><button>",
    "<a href=javascript:alert(1)>x</a>",
    "javascript:alert(1)",
    "{{7*7}}",
    "${alert(1)}",
    "{n} {name} {code}",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<template shadowrootmode=open><script>alert(1)</script>",
    "<math><mi xlink:href='javascript:alert(1)'>x",
    "<details open ontoggle=alert(1)>",
    "<!--<img src=--><img src=x onerror=alert(1)>",
    "\u202egpj.exe",
    "W" * 300,
]
_WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SEARCH = "/?search=%3Cimg%20src=x%20onerror=alert(1)%3E"
PATHS = [*signed_in_paths("series-0").values(), SEARCH, "/add?q=same"]


@asynccontextmanager
async def library_of(folder: Path, texts: list[str]) -> AsyncIterator[Server]:
    """Serve a library in which every text of the catalogue is hostile."""
    # A word that all of them contain.
    texts = [f"{text} same" for text in texts]
    stored = [
        other(
            f"series-{number}",
            text,
            description=text,
            site=text,
            genres=(text,),
            episodes=(
                make_episode(1, titles=Titles(de=text, en=text)),
                make_episode(2, titles=Titles(de=text, en=text)),
            ),
        )
        for number, text in enumerate(texts)
    ]
    shown = [
        BrowseEntry(
            key=SeriesKey(f"shown-{number}"),
            name=text,
            site=text,
            provider="fake",
            link="javascript:alert(1)",
            season=1,
            number=1,
            day=date(2026, 11, 21),
        )
        for number, text in enumerate(texts)
    ]
    async with open_library(folder, *stored) as server:
        server.stage.loader.stock = {BrowseListName.POPULAR: shown}
        storage = server.stage.storage
        for number, text in enumerate(texts):
            key = SeriesKey(f"series-{number}")
            series = await storage.series.get(key)
            await storage.series.save(attrs.evolve(series, link="javascript:alert(1)"))
            failure = Failure(kind="needs_person", message=text, link="javascript:alert(1)")
            failed = make_item(
                number,
                episode=EpisodeRef(key, 1, 1),
                status=DownloadStatus.FAILED,
                failure=failure,
                hoster=text,
            )
            await storage.queue.add([failed])
        yield server


async def count_elements(browser: Any, server: Server) -> dict[str, int]:
    """Open every page; return its number of elements."""
    address = str(server.client.make_url("/")).rstrip("/")
    counts = {}
    phone = {"viewport": {"width": 320, "height": 480}}
    async with visiting(browser, address, token=server.token, **phone) as visit:
        for path in PATHS:
            await visit.page.goto(address + path)
            await expect(visit.page.locator("#loading").first).to_be_hidden()
            await visit.page.wait_for_load_state("networkidle")
            counts[path] = await visit.page.evaluate("document.querySelectorAll('*').length")
            assert await visit.page.evaluate(_WIDER) <= 0, path
            links = await visit.page.evaluate(
                "[...document.links].map(link => [link.protocol, link.id])"
            )
            # The bookmarklet is a program by its nature; it holds the address of the server only.
            kinds = {kind for kind, name in links if name != "bookmarklet"}
            assert kinds <= {"http:", "https:"}, path
        assert visit.dialogs == []
        assert visit.complaints == []
    return counts


async def test_hostile_texts_are_shown_as_text(tmp_path: Path) -> None:
    """No dialog opens, no policy is violated, and no additional element appears.

    Long names without spaces make no page wider than a screen of 320 pixels.
    """
    async with open_browser(BROWSER) as browser:
        (tmp_path / "hostile").mkdir()
        async with library_of(tmp_path / "hostile", HOSTILE) as server:
            hostile = await count_elements(browser, server)
        (tmp_path / "benign").mkdir()
        benign_texts = [f"Ordinary {number}" for number in range(len(HOSTILE))]
        async with library_of(tmp_path / "benign", benign_texts) as server:
            benign = await count_elements(browser, server)
    del hostile[SEARCH], benign[SEARCH]  # The search finds different series.
    assert hostile == benign
