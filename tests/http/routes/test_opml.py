"""Lists of feeds over REST."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from aniworld_core.documents import XmlLimits, read_xml
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.testing.factories import make_series
from aniworld_core.testing.fakes import FakeLoader
from support.http_stage import Server, open_server

pytestmark = pytest.mark.anyio

LINK = "https://feed.invalid/lanterns"


class _Feeds(FakeLoader):
    """Catalogue `feed`."""

    def owns(self, link: str) -> bool:
        return "://feed.invalid/" in link

    def key_from_link(self, link: str) -> SeriesKey:
        return SeriesKey(link.rpartition("/")[2])


def _feed(name: str) -> Series:
    return make_series("lanterns", name=name, site="feed", provider="feed", link=LINK)


@asynccontextmanager
async def _serving(folder: Path, name: str = "Lanterns") -> AsyncIterator[Server]:
    loader = _Feeds([_feed(name)], name="feed", site="Feeds")
    async with open_server(folder, loaders=[loader]) as server:
        yield server


def _opml(*links: str) -> str:
    outlines = "".join(f'<outline text="x" xmlUrl="{link}"/>' for link in links)
    return f"<opml version='2.0'><body>{outlines}</body></opml>"


async def test_each_feed_of_an_import_has_a_result(tmp_path: Path) -> None:
    """The report distinguishes new, known and unusable feeds, and entries that are no web link."""
    links = (LINK, "https://feed.invalid/none", "notes.txt", "ftp://files.invalid/x", "/feed.xml")
    async with _serving(tmp_path) as server:
        _, read = await server.json("POST", "/api/opml/links", {"opml": _opml(*links)})
        _, empty = await server.json("GET", "/api/anime")
        status, report = await server.json("POST", "/api/opml", {"opml": _opml(*links)})
        _, again = await server.json("POST", "/api/opml", {"opml": _opml(LINK)})

    assert empty == []
    assert status == 207
    assert [r["link"] for r in report["results"]] == read["links"] == [f"feed:{x}" for x in links]
    assert [r["status"] for r in report["results"]] == ["added", *["failed"] * 4]
    errors = [r["error"]["error"] for r in report["results"][2:]]
    assert all("it is no web link (http or https)" in error for error in errors)
    assert [r["status"] for r in again["results"]] == ["known"]


async def test_an_export_is_valid_whatever_the_name(tmp_path: Path) -> None:
    """Control characters, markup and right-to-left marks in a name leave the document valid."""
    name = "a\x00b\x0b <&> \ufffe ‮🌙" + "x" * 300
    async with _serving(tmp_path, name) as server:
        await server.json("POST", "/api/opml", {"opml": _opml(LINK)})
        response = await server.call("GET", "/api/opml")
        text = await response.text()

    assert response.content_type == "text/x-opml"
    assert "aniworld.opml" in response.headers["Content-Disposition"]
    [outline] = read_xml(text.encode(), XmlLimits()).iter("outline")
    assert outline.get("xmlUrl") == LINK
    assert (outline.get("text") or "").startswith("a b <&>")


_BOMB = "<!DOCTYPE opml [" + "".join(
    f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9)
) + "]><opml>&a8;</opml>"  # fmt: skip


@pytest.mark.parametrize("path", ["/api/opml", "/api/opml/links"])
@pytest.mark.parametrize(
    ("opml", "reason"),
    [
        ("<!doctype html><html><body>Sign in", "HTML page"),
        ("\ufeff<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>", "HTML page"),
        (_BOMB, "document type"),
        ("{}", "not XML"),
        ("<opml>" + "<outline>" * 200 + "</outline>" * 200 + "</opml>", "nested"),
    ],
)
async def test_what_is_no_opml_is_one_bad_field(
    tmp_path: Path, path: str, opml: str, reason: str
) -> None:
    """HTML, XML bombs and deep outlines are refused with their reason."""
    async with _serving(tmp_path) as server:
        status, problem = await server.json("POST", path, {"opml": opml})

    assert status == 422
    [error] = problem["errors"]
    assert error["pointer"] == "/opml"
    assert reason in error["detail"]


async def test_an_import_is_limited_in_number(tmp_path: Path) -> None:
    """More than 500 feeds need the command or the page, which adds them one by one."""
    many = _opml(*(f"https://feed.invalid/{n}" for n in range(501)))
    async with _serving(tmp_path) as server:
        status, problem = await server.json("POST", "/api/opml", {"opml": many})
        _, read = await server.json("POST", "/api/opml/links", {"opml": many})

    assert (status, problem["errors"][0]["pointer"]) == (422, "/opml")
    assert "501 feeds; at most 500" in problem["errors"][0]["detail"]
    assert len(read["links"]) == 501
