"""Pages built to keep a parser busy, and the memory for ordinary ones."""

import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aniworld_core.domain.configuration import ProviderConfig
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import ProviderChangedError
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues.aniworld import open_loader
from aniworld_providers.catalogues.aniworld.layouts.markup import (
    MissingPieceError,
    is_whole,
    parse_html,
)
from support.adapter_context import make_context
from support.sites.aniworld import AniworldSite, html, open_aniworld_site

_COUNT = 100_000


def _beginning(text: str) -> str:
    """Name a case by its start, because the whole text has megabytes."""
    return ascii(text[:12])


@pytest.mark.parametrize(
    "text",
    [
        "<div>" * _COUNT,
        "<ul><li>" * _COUNT,
        "<div></b>" * _COUNT,
        "<DIV>" * _COUNT,
        "<a><div>" * _COUNT,
        "</div>" * _COUNT + "<div>" * _COUNT,
        "<!-- -->" + "<div>" * _COUNT + "<!--",
        "<p " + " ".join(f"a{n}" for n in range(_COUNT)) + ">",
        "<p " + " ".join(f'a{n}=">"' for n in range(_COUNT)) + ">",
        "<p/" + "/".join(f"a{n}" for n in range(_COUNT)),
        "<p " + "".join(f'a{n}="1"' for n in range(_COUNT)) + ">",
        "<p " + " ".join(f"={n}" for n in range(_COUNT)) + ">",
        '<p a=\x0b" ' + " ".join(f"a{n}" for n in range(_COUNT)) + '">',
        '<p a=\xa0" ' + " ".join(f"a{n}" for n in range(_COUNT)) + '">',
    ],
    ids=_beginning,
)
def test_deeply_nested_pages_are_refused(text: str) -> None:
    """They would take minutes; real pages never have this depth."""
    with pytest.raises(MissingPieceError, match="cannot be parsed"):
        parse_html(text)


@pytest.mark.parametrize(
    "text",
    [
        "<!-- " + "<div>" * _COUNT + " -->",
        "<ul>" + "<li><a href=x>x</a>" * _COUNT + "</ul>",
        "<table>" + "<tr><td><p>x" * _COUNT,
        "<div><span>x</span></div>" * _COUNT,
        "<p>" + "x" * 5_000_000,
        '<p title="' + "a < b > c " * _COUNT + '">',
        "<" * _COUNT,
        '<p a="' * 100,
        "\x00" * _COUNT,
        "",
    ],
    ids=_beginning,
)
def test_long_pages_are_parsed(text: str) -> None:
    """Length, comments and legally open tags are allowed."""
    assert parse_html(f"<h1>x</h1>{text}").css_first("h1") is not None


def test_the_end_of_a_page_is_found_in_any_case() -> None:
    """Whitespace and comments may follow the end tag."""
    assert is_whole("<HTML></HTML >\n<!-- cached -->")
    assert not is_whole("<html></body></htm")


@pytest.fixture
async def site() -> AsyncIterator[AniworldSite]:
    async with open_aniworld_site("v1") as site:
        yield site


@pytest.fixture
async def loader(site: AniworldSite, tmp_path: Path) -> AsyncIterator[Loader]:
    context = make_context(tmp_path, aniworld=ProviderConfig(base_url=site.url))
    async with open_loader(context) as loader:
        yield loader


@pytest.mark.anyio
async def test_a_page_of_ten_megabytes_is_refused(loader: Loader, site: AniworldSite) -> None:
    """Reading stops at the limit, and memory stays within a few times of it."""
    body = "<html>" + "<div>x</div>" * (10 * 1024**2 // 12) + "</html>"
    site.pages["/anime/stream/evil"] = html(body)

    tracemalloc.start()
    try:
        with pytest.raises(ProviderChangedError, match=r"it is longer than 5\.2 MB"):
            await loader.get_series(SeriesKey("evil"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 64 * 1024**2
