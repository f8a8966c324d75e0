"""Contract of media fetchers."""

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import attrs
import pytest

from aniworld_core.domain.media import Stream, StreamKind
from aniworld_core.errors import FetchInterruptedError
from aniworld_core.ports.fetcher import MediaFetcher
from aniworld_core.testing.contracts.fetcher import MediaFetcherContract, Offer
from aniworld_core.testing.fakes import FakeFetcher
from aniworld_providers.transfer.segments.on_demand import open_hls_fetcher
from providers.faults.fetching import Fetching
from providers.faults.films import mp4
from providers.faults.server import Behaviour, FileFault, Wire, open_fault_server, status
from support.adapter_context import make_context
from support.media.streams import Clip, make_hls
from support.sites.hls import HlsSite, open_site
from support.sites.hls import status as unavailable


@attrs.define(eq=False)
class Switch:
    """A request handler that can be replaced."""

    now: Behaviour

    async def __call__(self, wire: Wire) -> None:
        """Call the current handler."""
        await self.now(wire)


def direct_offer(fetching: Fetching) -> Offer:
    """Serve a video whose transfer can be interrupted."""
    server, film = fetching.server, FileFault(body=mp4())
    switch = server.routes["/film"] = Switch(film)

    def hold() -> anyio.Event:
        silent = anyio.Event()

        async def behave(wire: Wire) -> None:
            half = attrs.evolve(film, stall=1_000_000, on_stall=silent.set)
            await half(wire)

        switch.now = behave
        return silent

    def interrupt() -> None:
        first = attrs.evolve(film, cut=1_000_000)

        async def behave(wire: Wire) -> None:
            switch.now = status(500)
            await first(wire)

        switch.now = behave

    def mend() -> None:
        switch.now = film

    server.routes["/list"] = FileFault(body=b"#EXTM3U\n#EXT-X-ENDLIST\n")
    server.routes["/manifest"] = FileFault(body=b"<?xml version='1.0'?><MPD></MPD>")
    server.routes["/page"] = FileFault(body=b"<!doctype html><html></html>")
    return Offer(
        stream=fetching.stream(),
        interrupt=interrupt,
        mend=mend,
        served=server.sent,
        hold=hold,
        others=(
            (fetching.stream("/list"), StreamKind.HLS),
            (fetching.stream("/manifest"), StreamKind.DASH),
            (fetching.stream("/page"), None),
        ),
    )


class TestDirectFetcher(MediaFetcherContract):
    @pytest.fixture
    async def fetching(self, tmp_path: Path) -> AsyncIterator[Fetching]:
        """Open a server."""
        async with open_fault_server() as server:
            yield Fetching(server, tmp_path)

    @pytest.fixture
    async def fetcher(self, fetching: Fetching) -> MediaFetcher:
        """Return the fetcher of single files."""
        return fetching.fetcher()

    @pytest.fixture
    async def offer(self, fetching: Fetching) -> Offer:
        """Return a video."""
        return direct_offer(fetching)


def hls_offer(site: HlsSite) -> Offer:
    """Serve a stream whose fourth segment can be removed."""

    def hold() -> anyio.Event:
        silent = anyio.Event()

        async def stall(_request: object, _body: bytes) -> None:
            silent.set()
            await anyio.sleep(60)

        site.faults["media-003.ts"] = stall
        return silent

    def interrupt() -> None:
        site.faults["media-003.ts"] = unavailable(500)

    site.files["manifest.mpd"] = b"<?xml version='1.0'?><MPD></MPD>"

    def stream(path: str) -> Stream:
        reach = frozenset({f"127.0.0.1:{site.port}"})
        return Stream(url=site.url(path), kind=StreamKind.HLS, reach=reach)

    return Offer(
        stream=stream("media.m3u8"),
        interrupt=interrupt,
        mend=site.faults.clear,
        served=lambda: sum(n for name, n in site.sent.items() if name.endswith(".ts")),
        hold=hold,
        others=(
            (stream("media-003.ts"), StreamKind.DIRECT),
            (stream("manifest.mpd"), StreamKind.DASH),
        ),
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create a stream once."""
    folder = tmp_path_factory.mktemp("stream")
    make_hls(folder, Clip(width=320, height=180))
    return folder


class TestHlsFetcher(MediaFetcherContract):
    @pytest.fixture
    async def site(self, made: Path) -> AsyncIterator[HlsSite]:
        """Open a server."""
        async with open_site() as site:
            site.add_folder(made)
            yield site

    @pytest.fixture
    async def fetcher(self, tmp_path: Path) -> AsyncIterator[MediaFetcher]:
        """Return the fetcher of HLS streams."""
        async with open_hls_fetcher(make_context(tmp_path / "data")) as fetcher:
            yield fetcher

    @pytest.fixture
    async def offer(self, site: HlsSite) -> Offer:
        """Return a stream."""
        return hls_offer(site)


def fake_offer(fetcher: FakeFetcher) -> Offer:
    """Make a fake whose transfer can be interrupted."""

    def interrupt() -> None:
        fetcher.errors.append(FetchInterruptedError("on purpose"))

    def hold() -> anyio.Event:
        fetcher.gate = anyio.Event()
        return fetcher.waiting

    def mend() -> None:
        fetcher.gate = None

    stream = Stream(url="https://example.org/film.mp4", kind=StreamKind.DIRECT)
    others = tuple(
        (attrs.evolve(stream, url=f"https://example.org/{kind}"), kind)
        for kind in (StreamKind.HLS, StreamKind.DASH, None)
    )
    fetcher.kinds.update({other.url: kind for other, kind in others})
    return Offer(
        stream=stream,
        interrupt=interrupt,
        mend=mend,
        served=lambda: 0,
        hold=hold,
        others=others,
    )


class TestFakeFetcher(MediaFetcherContract):
    @pytest.fixture
    async def fetcher(self) -> FakeFetcher:
        """Return the fake."""
        return FakeFetcher()

    @pytest.fixture
    async def offer(self, fetcher: FakeFetcher) -> Offer:
        """Return the media of the fake."""
        return fake_offer(fetcher)
