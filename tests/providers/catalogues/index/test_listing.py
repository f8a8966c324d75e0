"""Unusual, damaged and hostile listings."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from aniworld_core.domain.configuration import ProviderConfig, ServerConfig
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import (
    AniworldError,
    NeedsPersonError,
    ProviderChangedError,
    ProviderUnavailableError,
)
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues.index import open_loader
from aniworld_providers.catalogues.index.listing import Entry, read_listing, read_multistatus
from aniworld_providers.network.pages import Page
from support.adapter_context import make_context
from support.sites.index import (
    IndexSite,
    Tree,
    apache_page,
    multistatus,
    nginx_page,
    open_index_site,
)

pytestmark = pytest.mark.anyio

_URL = "http://nas:8080/dav/Series%20A/"
_TREE: Tree = {"Season 1": {}, "x y.mkv": b"abc"}
_ENTRIES = (Entry("Season%201", is_folder=True), Entry("x%20y.mkv", is_folder=False))
_SIZED = (_ENTRIES[0], Entry("x%20y.mkv", is_folder=False, size=3))


def _page(text: str, url: str = _URL) -> Page:
    return Page(status=200, url=url, text=text, headers={})


def test_a_proxy_may_hide_the_true_path() -> None:
    """Behind a proxy the server may use another path for the folder; only the names count."""
    text = multistatus("/Series A/", _TREE)

    assert read_multistatus(_page(text)) == _SIZED


def test_addresses_may_be_whole_and_without_slash() -> None:
    """Some servers include the host, some omit the slash of folders."""
    text = multistatus("/dav/Series A", _TREE).replace("/Season%201/<", "/Season%201<")

    assert read_multistatus(_page(text.replace("<D:href>", "<D:href>http://nas:8080"))) == _SIZED
    assert read_multistatus(_page(text)) == _SIZED


def test_other_prefixes_of_the_namespace_are_the_same() -> None:
    """Only the namespace counts, not its prefix."""
    text = multistatus("/dav/Series A/", _TREE).replace("xmlns:D=", "xmlns=")
    text = text.replace("<D:", "<").replace("</D:", "</")

    assert read_multistatus(_page(text)) == _SIZED


_HREFS = [
    "http://evil.invalid/dav/Series%20A/x.mkv",
    "//evil.invalid/dav/Series%20A/x.mkv",
    "https://nas:8080/dav/Series%20A/x.mkv",
    "http://nas:8080@evil.invalid/dav/Series%20A/x.mkv",
    "javascript:alert(1)",
    "mailto:x@y.invalid",
    "file:///etc/passwd",
    "/etc/passwd",
    "/dav/Other/x.mkv",
    "/dav/Series%20A/../../x.mkv",
    "/dav/Series%20A/..%2f..%2fx.mkv",
    "/dav/Series%20A/%2e%2e/",
    "/dav/Series%20A/%2e/",
    "/dav/Series%20A/a/b.mkv",
    "/dav/Series%20A//b.mkv",
    "/dav/Series%20A/a%2Fb.mkv",
    "/dav/Series%20A/a%5Cb.mkv",
    "/dav/Series%20A/a%00.mkv",
    "/dav/Series%20A/a%0Ab.mkv",
    "/dav/Series%20A/" + "x" * 5000,
    "/dav/Series%20A",
    "http://[",
    "",
]


@pytest.mark.parametrize("href", _HREFS)
def test_only_direct_entries_are_returned(href: str) -> None:
    """No other hosts, other folders, parents, encoded slashes or control characters."""
    xml = multistatus("/dav/Series A/", _TREE).replace(
        "</D:multistatus>",
        f"<D:response><D:href>{href}</D:href></D:response></D:multistatus>",
    )
    page = nginx_page("/dav/Series A/", _TREE).replace("</pre>", f'<a href="{href}">x</a></pre>')

    assert read_multistatus(_page(xml)) == _SIZED
    assert read_listing(_page(page)) == _ENTRIES


@pytest.mark.parametrize(
    "name", ["../x", "..", ".", "", "a/b", "/etc/passwd", "a\\b", "a\x00", "\ud800", "http://x/y"]
)
def test_names_in_json_are_names(name: str) -> None:
    """They are not paths."""
    listed = [{"name": name, "type": "file", "size": 1}, {"name": "b.mkv", "type": "file"}]

    found = read_listing(_page(json.dumps(listed)))

    assert found is not None
    assert all("/" not in e.name and e.name not in {"", ".", ".."} for e in found)
    assert found[-1] == Entry("b.mkv", is_folder=False)


def test_loosely_typed_json_is_read() -> None:
    """A wrong type only costs its entry or field."""
    text = (
        '[null, 7, {}, {"name": 5}, {"name": "s", "type": "other"},'
        ' {"name": "a.mkv", "type": "file", "size": "big"}, {"name": "d/", "is_dir": true},'
        ' {"name": "c.mkv", "is_dir": "no", "size": true}]'
    )

    assert read_listing(_page(text)) == (
        Entry("a.mkv", is_folder=False),
        Entry("d", is_folder=True),
        Entry("c.mkv", is_folder=False),
    )


def test_sorting_links_are_no_entries() -> None:
    """Icons, parent links and the server's signature are not entries either."""
    assert read_listing(_page(apache_page("/dav/Series A/", _TREE))) == _ENTRIES


def test_names_that_are_no_utf8_keep_their_bytes() -> None:
    """They are requested as they were written."""
    page = _page('<title>Index of /</title><a href="caf%E9.mkv">x</a>')

    (entry,) = read_listing(page) or ()

    assert entry.encoded == "caf%E9.mkv"
    assert entry.name == "caf\ufffd.mkv"


_BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    '<D:multistatus xmlns:D="DAV:"><D:response><D:href>&b;</D:href></D:response></D:multistatus>'
)


@pytest.mark.parametrize(
    "text",
    [
        _BOMB,
        _BOMB.replace("<!DOCTYPE", "<!doctype"),
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
        "<html>no WebDAV</html>",
        "<D:multistatus>",
        "",
        "\x00",
        '<?xml version="1.0"?><prop xmlns="DAV:"/>',
        "<a>" * 100_000,
    ],
)
def test_other_xml_is_refused(text: str) -> None:
    """Above all documents that could define entities."""
    with pytest.raises(ProviderChangedError):
        read_multistatus(_page(text))


def test_deeply_nested_xml_is_parsed() -> None:
    """It contains no entry."""
    deep = "<a>" * 50_000 + "</a>" * 50_000

    assert read_multistatus(_page(f'<m:multistatus xmlns:m="DAV:">{deep}</m:multistatus>')) == ()


def test_repeated_entries_count() -> None:
    """Repeated entries count against the limit, because they cost as much as others."""
    repeated = "<response><href>/x/a.mkv</href></response>" * 40_001
    as_xml = _page(f'<multistatus xmlns="DAV:">{repeated}</multistatus>')
    as_json = _page(json.dumps([{"name": "a.mkv"}] * 40_001))
    for read, page in ((read_multistatus, as_xml), (read_listing, as_json)):
        with pytest.raises(ProviderChangedError, match="more than"):
            read(page)


def test_too_many_entries_are_refused() -> None:
    """A listing cannot fill the memory."""
    links = "".join(f'<a href="{n}">x</a>' for n in range(20_002))

    with pytest.raises(ProviderChangedError, match="more than"):
        read_listing(_page(f"<pre>{links}</pre>"))


@pytest.mark.parametrize("text", ["", "fine", "<html><body>Welcome</body></html>", '{"a": 1}'])
def test_other_pages_are_not_listings(text: str) -> None:
    """An empty folder has a recognisable page."""
    assert read_listing(_page(text)) is None
    assert read_listing(_page(nginx_page("/dav/x/", {}))) == ()


# --- through the loader --------------------------------------------------------------------


@pytest.fixture
async def site() -> AsyncIterator[IndexSite]:
    async with open_index_site(IndexSite(kind="nginx-json")) as site:
        yield site


@pytest.fixture
async def loader(site: IndexSite, tmp_path: Path) -> AsyncIterator[Loader]:
    server = ServerConfig(name="attic", base_url=site.url)
    section = ProviderConfig(requests_per_minute=6000, servers=(server,))
    async with open_loader(make_context(tmp_path, index=section)) as loader:
        yield loader


async def test_a_loop_ends(loader: Loader, site: IndexSite) -> None:
    """A link back to a parent shows the same folder again and is not followed."""
    show: Tree = {"S01E01.mkv": b"x"}
    show["back"] = show
    site.tree["Show"] = show

    assert await loader.get_episodes(SeriesKey("show")) == {1: [1]}
    assert len(site.asked) <= 4


async def test_deep_folders_are_not_listed(loader: Loader, site: IndexSite) -> None:
    """Folders below the fourth level are ignored."""
    site.tree["Show"] = {"a": {"b": {"c": {"S01E01.mkv": b"x"}, "S01E02.mkv": b"x"}}}
    site.tree["Show"]["a"]["b"]["c"]["d"] = {"S01E03.mkv": b"x"}

    assert await loader.get_episodes(SeriesKey("show")) == {1: [1, 2]}
    assert not any("/d/" in asked for asked in site.asked)


async def test_very_many_folders_are_not_all_listed(
    loader: Loader, site: IndexSite, caplog: pytest.LogCaptureFixture
) -> None:
    """The log names the series."""
    site.tree["Show"] = {f"Season {n}": {f"S{n}E01.mkv": b"x"} for n in range(1, 300)}

    seasons = await loader.get_episodes(SeriesKey("show"))

    assert len(seasons) == 99
    assert len(site.asked) == 102
    assert "Show has too many folders" in caplog.text


_NONSENSE: list[tuple[web.Response, type[AniworldError]]] = [
    (web.Response(text="<html>welcome</html>", content_type="text/html"), ProviderChangedError),
    (web.Response(text="[1, 2"), ProviderChangedError),
    (web.Response(text="[" * 100_000), ProviderChangedError),
    (web.Response(text="<title>Just a moment...</title>"), NeedsPersonError),
    (web.Response(status=302, headers={"Location": "/login"}), ProviderUnavailableError),
    (web.Response(status=207, text="<x/>"), ProviderChangedError),
]


@pytest.mark.parametrize(("answer", "error"), _NONSENSE)
async def test_invalid_answers_raise_the_right_error(
    loader: Loader, site: IndexSite, answer: web.Response, error: type[AniworldError]
) -> None:
    """Any other answer raises a matching error."""
    site.override = answer

    with pytest.raises(error):
        await loader.search("show")


async def test_a_redirect_to_another_page_is_not_a_listing(tmp_path: Path) -> None:
    """Links of a login page are not episodes."""

    class Closed(IndexSite):
        async def answer(self, request: web.Request) -> web.StreamResponse:
            if request.path == "/login":
                return web.Response(text='<a href="S01E01.mkv">x</a>', content_type="text/html")
            raise web.HTTPFound("/login")

    async with open_index_site(Closed()) as moved:
        server = ServerConfig(name="attic", base_url=moved.url)
        section = ProviderConfig(requests_per_minute=6000, servers=(server,))
        context = make_context(tmp_path, index=section)
        async with open_loader(context) as other:
            with pytest.raises(ProviderChangedError, match="leads to /login"):
                await other.search("show")
