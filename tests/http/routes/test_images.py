"""Covers over REST."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from aniworld_core.domain.catalogue import MetadataEntry, SeriesMetadata
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import ProviderUnavailableError
from aniworld_core.testing import at
from aniworld_core.testing.fakes import make_cover
from support.http_library import KEY, open_library, other, titan
from support.http_stage import Server

pytestmark = pytest.mark.anyio
URL = "https://pictures.example/titan.png"
COVER = make_cover()
OURS = f"/api/anime/{KEY}/cover"
BANNER = f"/api/anime/{KEY}/banner"
FOUND = "/api/providers/fake/covers/found"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """Serve a library with a series that has a cover and one that has none."""
    found = other("found", "Found", cover_url=URL)
    async with open_library(
        tmp_path, titan(cover_url=URL), other("bare", "Bare"), offered=[found]
    ) as opened:
        opened.stage.covers.covers = {URL: COVER}
        yield opened


async def test_a_cover_is_the_image(server: Server) -> None:
    """It has its own content type with `nosniff`, and only the visitor may cache it."""
    answer = await server.call("GET", OURS)

    assert answer.status == 200
    assert await answer.read() == COVER.data
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"].startswith("private, max-age=")
    assert answer.headers["Vary"] == "Authorization, X-Api-Key"


async def test_a_known_cover_gets_304(server: Server) -> None:
    """A changed cover is sent again."""
    tag = (await server.call("GET", OURS)).headers["ETag"]

    same = await server.call("GET", OURS, headers={"If-None-Match": tag})
    assert (same.status, await same.read(), same.headers["ETag"]) == (304, b"", tag)
    assert same.headers["Cache-Control"].startswith("private")

    server.stage.covers.covers = {URL: make_cover(shade=9)}
    assert (await server.call("GET", OURS, headers={"If-None-Match": tag})).status == 200


async def test_head_returns_headers_only(server: Server) -> None:
    """HEAD returns content type and length."""
    answer = await server.call("HEAD", OURS)

    assert answer.headers["Content-Length"] == str(len(COVER.data))
    assert answer.headers["Content-Type"] == "image/png"


async def test_a_banner_comes_from_a_metadata_source(server: Server) -> None:
    """It passes the same checks and cache as a cover; a series without one gets 404."""
    wide = "https://pictures.example/wide.png"
    stored = MetadataEntry(
        source="anilist", id="7", title="Titan", link="", fetched_at=at(0), banner_url=wide
    )
    await server.stage.storage.metadata.save(SeriesMetadata(key=SeriesKey(KEY), entry=stored))
    server.stage.covers.covers = {wide: COVER}

    answer = await server.call("GET", BANNER)

    assert (answer.status, await answer.read()) == (200, COVER.data)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    tag = answer.headers["ETag"]
    assert (await server.call("GET", BANNER, headers={"If-None-Match": tag})).status == 304
    (asked, _) = server.stage.covers.asked
    assert (asked.provider, asked.url, asked.reach) == ("anilist", wide, frozenset())


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (BANNER, "cover_not_found"),
        ("/api/anime/nobody/banner", "series_not_found"),
        ("/api/anime/bare/cover", "cover_not_found"),
        ("/api/anime/nobody/cover", "series_not_found"),
        (FOUND, "cover_not_found"),
        ("/api/providers/nobody/covers/found", "cover_not_found"),
    ],
)
async def test_a_missing_cover_gets_a_problem_document(
    server: Server, path: str, kind: str
) -> None:
    """The status is 404, and no request goes to a catalogue."""
    status, problem = await server.json("GET", path)

    assert (status, problem["kind"]) == (404, kind)
    assert server.stage.covers.asked == []


async def test_covers_need_a_token(server: Server) -> None:
    """Without a token covers get 401."""
    for path in (OURS, BANNER, FOUND):
        answer = await server.call("GET", path, token="")
        assert answer.status == 401


async def test_hits_of_a_search_have_covers(server: Server) -> None:
    """The server uses the address of the catalogue; the client cannot choose it."""
    await server.json("POST", "/api/anime/search", {"query": "found"})

    assert await (await server.call("GET", FOUND)).read() == COVER.data
    evil = await server.call("GET", f"{FOUND}?url=http://127.0.0.1:1/")
    assert evil.status == 200
    assert {asked.url for asked in server.stage.covers.asked} == {URL}


async def test_an_unavailable_site_gets_503_with_retry_after(server: Server) -> None:
    """The response is the same as for other unavailable sites."""
    server.stage.covers.failure = ProviderUnavailableError(
        "fake", "away", retry_after=timedelta(seconds=90)
    )
    answer = await server.call("GET", OURS)

    assert (answer.status, answer.headers["Retry-After"]) == (503, "90")


async def test_the_pages_may_show_what_their_scripts_fetched(server: Server) -> None:
    """The policy of the pages allows images of this server and blob: URLs only."""
    policy = (await server.call("GET", "/login")).headers["Content-Security-Policy"]

    assert "img-src 'self' blob:;" in policy
    assert policy.count("blob:") == 1
    assert "default-src 'self';" in policy
    assert "script-src 'self';" in policy
