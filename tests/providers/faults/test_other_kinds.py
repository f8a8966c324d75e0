"""A file link that leads to something else is recognised by its first bytes."""

import pytest

from aniworld_core.errors import BadMediaError
from aniworld_core.ports.fetcher import FetchPlan, FetchRequest, OtherKind
from providers.faults.fetching import Fetching
from providers.faults.films import mp4
from providers.faults.server import FileFault

pytestmark = pytest.mark.anyio

HLS = b"\xef\xbb\xbf#EXTM3U\n#EXT-X-VERSION:3\n" + b"#\n" * 3000
DASH = b'<?xml version="1.0"?>\n<!-- made --><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>'
PAGE = b"<!doctype html><html><body>film</body></html>"
FRAGMENT = b"<b>film</b>" * 20

WRONG = [
    (HLS, "video/mp4", "hls"),
    (HLS, "text/html", "hls"),
    (b"#EXTINF:1,\na.ts\n" * 300, "text/plain", "hls"),
    (b"#EXT-X-VERSION:3\n" + HLS[3:], "video/mp4", "hls"),
    (DASH, "application/octet-stream", "dash"),
    (PAGE, "text/html", None),
    (PAGE, "video/mp4", None),
    (FRAGMENT, "text/html; charset=utf-8", None),
]


@pytest.mark.parametrize(("body", "type_", "found"), WRONG)
async def test_what_is_no_file_is_named(
    fetching: Fetching, body: bytes, type_: str, found: str | None
) -> None:
    """Neither names nor types of servers count, and nothing is left behind."""
    fetching.server.routes["/film"] = FileFault(body=body, type=type_)
    request = FetchRequest(stream=fetching.stream(), destination=fetching.destination)

    fetched = await fetching.fetcher().fetch(request)
    planned = await fetching.fetcher().plan(request)

    assert isinstance(fetched, OtherKind)
    assert fetched == planned
    assert fetched.kind == found
    assert fetching.films() == []
    assert fetching.leftovers() == []


async def test_what_is_nothing_that_can_be_fetched_is_bad_media(fetching: Fetching) -> None:
    """A picture leads nowhere."""
    fetching.server.routes["/film"] = FileFault(body=b"\x89PNG\r\n\x1a\n" + b"\0" * 99, type="x/y")
    request = FetchRequest(stream=fetching.stream(), destination=fetching.destination)

    with pytest.raises(BadMediaError, match="image"):
        await fetching.fetcher().plan(request)


async def test_a_film_that_a_server_calls_a_page_is_a_film(fetching: Fetching) -> None:
    """The content decides, not the media type."""
    film = mp4()
    fetching.server.routes["/film"] = FileFault(body=film, type="text/html")
    request = FetchRequest(stream=fetching.stream(), destination=fetching.destination)

    plan = await fetching.fetcher().plan(request)

    assert isinstance(plan, FetchPlan)
    assert plan.bytes == len(film)
    assert (await fetching.fetch()).bytes == len(film)
