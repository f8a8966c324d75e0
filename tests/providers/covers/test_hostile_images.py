"""Hostile images, in every form in which an image comes in."""

import asyncio
import gzip
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, TypeAlias

import pytest

from aniworld_core.application.catalogue import Covers, Loaders
from aniworld_core.domain.catalogue import MetadataEntry, PictureLink, SeriesMatch, SeriesMetadata
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.media import Thumbnail
from aniworld_core.errors import CoverNotFoundError, ProviderUnavailableError
from aniworld_core.testing.factories import make_series
from aniworld_core.testing.fakes import make_cover
from aniworld_core.testing.memory import MemoryMetadataRepository, MemorySeriesRepository
from aniworld_providers.catalogues.feed.reading import read_feed
from aniworld_providers.covers import open_covers, sites
from aniworld_providers.transfer import thumbnails
from providers.faults.fetching import Fetching
from providers.faults.server import (
    Behaviour,
    FaultServer,
    FileFault,
    Wire,
    open_fault_server,
    status,
)
from support.adapter_context import JumpingClock, make_context
from support.media.coded_films import Film, encoded
from support.media.pictures import still
from support.sites.feeds import item, rss
from support.thorough import ONLY_THOROUGH

pytestmark = pytest.mark.anyio

#: Asks for the image at a link; returns why there is none.
Form: TypeAlias = Callable[[FaultServer, Path, str], Awaitable[str]]

FILM: Final = encoded(Film(name="w.mp4", seconds=0.5))
PNG: Final = make_cover().data
GIF: Final = still("gif", "gif", "rgb8")
SVG: Final = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
HTML: Final = b"<!doctype html><script>alert(1)</script>"
#: A page that also has the mark of an image.
POLYGLOT: Final = b"GIF89a=1;/*" + HTML + b"*/"
#: Bytes that the client may receive: the limit, and what is on its way.
MOST_SENT: Final = 12 * 1024**2


def _hit(link: str) -> SeriesMatch:
    series = make_series(cover_url=link)
    return SeriesMatch(
        key=series.key,
        name=series.name,
        site=series.site,
        provider=series.provider,
        link=series.link,
        cover_url=link,
    )


async def catalogue_cover(server: FaultServer, folder: Path, link: str) -> str:
    """Ask for the cover of a series of the library."""
    return await _cover(server, folder, link, lambda covers, key: covers.of_series(key))


async def feed_image(server: FaultServer, folder: Path, link: str) -> str:
    """Ask for the cover of a series that is a feed."""
    feed = read_feed(rss(item(1), more=f"<image><url>{link}</url></image>"), server.url("/feed"))
    assert feed.cover_url == link
    return await catalogue_cover(server, folder, link)


async def search_hit(server: FaultServer, folder: Path, link: str) -> str:
    """Ask for the cover of a search result."""

    async def ask(covers: Covers, key: SeriesKey) -> object:
        covers.remember([_hit(link)])
        return await covers.of_hit("example", key)

    return await _cover(server, folder, link, ask)


async def metadata_picture(server: FaultServer, folder: Path, link: str) -> str:
    """Ask for a poster, banner or picture of an episode that a metadata source has."""
    picture = PictureLink(source="anilist", url=link)
    return await _cover(server, folder, link, lambda covers, key: covers.linked(key, picture))


async def banner(server: FaultServer, folder: Path, link: str) -> str:
    """Ask for the banner of a series of the library."""
    return await _cover(server, folder, link, lambda covers, key: covers.banner_of(key))


async def thumbnail(server: FaultServer, folder: Path, link: str) -> str:
    """Download a film with a thumbnail; the film is complete without it."""
    server.routes["/film"] = FileFault(body=FILM)
    fetching = Fetching(server, folder)
    stream = fetching.stream(thumbnails=(Thumbnail(url=link),))

    file = await fetching.fetch(stream=stream)

    assert file.path.read_bytes() == FILM
    assert fetching.leftovers() == []
    (notice,) = file.notices
    return str(notice)


async def _cover(
    server: FaultServer,
    folder: Path,
    link: str,
    ask: Callable[[Covers, SeriesKey], Awaitable[object]],
) -> str:
    context = make_context(folder, allowed=frozenset({server.address}), clock=JumpingClock())
    stored = make_series(cover_url=link)
    series = MemorySeriesRepository()
    await series.add(stored)
    metadata = MemoryMetadataRepository()
    entry = MetadataEntry(
        source="anilist",
        id="7",
        title="T",
        link="",
        fetched_at=context.clock.now(),
        banner_url=link,
    )
    await metadata.save(SeriesMetadata(key=stored.key, entry=entry))
    async with open_covers(context) as source:
        covers = Covers(source=source, series=series, metadata=metadata, loaders=Loaders({}))
        with pytest.raises((CoverNotFoundError, ProviderUnavailableError)) as refused:
            await ask(covers, stored.key)
    assert not [*folder.rglob("*.cover")], "a refused image was stored"
    return str(refused.value)


def _file(body: bytes, type_: str = "image/jpeg") -> Behaviour:
    return FileFault(body=body, type=type_)


def _packed(body: bytes) -> Behaviour:
    return status(
        200, ("Content-Encoding", "gzip"), ("Content-Type", "image/png"), page=gzip.compress(body)
    )


def _moved(target: str) -> Behaviour:
    return status(302, ("Location", target))


async def _endless(wire: Wire) -> None:
    await wire.head(200, ("Content-Type", "image/png"))
    await wire.body(PNG)
    while True:
        await wire.body(bytes(2**16))


async def _slow(wire: Wire) -> None:
    await wire.head(200, ("Content-Type", "image/png"))
    for byte in PNG * 1000:
        await wire.body(bytes([byte]))
        await asyncio.sleep(0.01)


async def _silent(wire: Wire) -> None:
    await wire.silence()


def _canvas(data: bytes, at: int, size: bytes) -> bytes:
    return data[:at] + size + data[at + len(size) :]


#: What the site sends, and what the reason says.
ATTACKS: Final[dict[str, tuple[Behaviour, str]]] = {
    "svg with a script": (_file(SVG, "image/svg+xml"), "not an image"),
    "svg as png": (_file(SVG, "image/png"), "not an image"),
    "html as jpg": (_file(HTML), "not an image"),
    "html as gif": (_file(POLYGLOT, "image/gif"), "damaged GIF|measures"),
    "film": (_file(FILM), "not an image"),
    "huge canvas": (_file(_canvas(PNG, 16, b"\0\0\xff\xff" * 2)), "measures 65535 by 65535"),
    "frame outside the canvas": (_file(_canvas(GIF, 6, b"\x14\0\x14\0")), "damaged GIF"),
    "packed bomb": (_packed(PNG + bytes(2**24)), "compress|5.2 MB|not an image"),
    "huge": (_file(PNG + bytes(6 * 2**20)), "5.2 MB"),
    "endless": (_endless, "5.2 MB"),
    "endless and slow": (_slow, "in time|did not answer"),
    "silent": (_silent, "in time|did not answer"),
    "half": (_file(PNG[: len(PNG) // 2]), "too early"),
    "broken off": (
        FileFault(body=PNG, length=1000, type="image/png"),
        "connection|closed|incomplete",
    ),
    "empty": (_file(b""), "not an image|empty"),
    "to a private address": (_moved("http://169.254.169.254/latest/meta-data"), "169.254.169.254"),
    "to a file": (_moved("file:///etc/passwd"), "http"),
    "in circles": (_moved("/image"), "redirect"),
}


#: The others take the way of the first one.
FORMS: Final = (
    catalogue_cover,
    thumbnail,
    *(
        pytest.param(form, marks=ONLY_THOROUGH)
        for form in (feed_image, search_hit, metadata_picture, banner)
    ),
)


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("form", FORMS)
async def test_a_hostile_image_is_refused(
    form: Form, attack: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is neither stored nor shown, costs bounded bytes and time, and the reason is named."""
    behaviour, reason = ATTACKS[attack]
    if behaviour in (_slow, _silent):
        monkeypatch.setattr(sites, "_DEADLINE", 0.3)
        monkeypatch.setattr(thumbnails, "_SECONDS", 0.3)
    async with open_fault_server() as server:
        server.routes["/image"] = behaviour
        said = await form(server, tmp_path, server.url("/image"))

        assert server.sent("/image") < MOST_SENT
    assert re.search(reason, said), said


@pytest.mark.parametrize(
    "form", [catalogue_cover, feed_image, search_hit, metadata_picture, banner, thumbnail]
)
async def test_a_redirect_into_the_own_network_is_refused(form: Form, tmp_path: Path) -> None:
    """The server of the image may be reached, another one behind a redirect may not."""
    async with open_fault_server() as server, open_fault_server() as private:
        private.routes["/image"] = _file(PNG)
        server.routes["/image"] = _moved(private.url("/image"))
        said = await form(server, tmp_path, server.url("/image"))

        assert private.log == []
    assert "127.0.0.1" in said
