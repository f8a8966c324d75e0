"""Contract of stream resolvers."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from aniworld_core.domain.media import MediaSource, StreamKind
from aniworld_core.errors import UnsupportedSourceError
from aniworld_core.ports.resolver import StreamResolver
from aniworld_core.testing.contracts.resolver import StreamResolverContract
from aniworld_core.testing.fakes import FakeResolver
from aniworld_providers.resolvers.direct import DirectResolver, open_resolver
from support.adapter_context import make_context
from support.sites.page_server import Answer, open_page_server
from support.ytdlp_here import make_resolver


def _source(url: str = "https://example.org/film.mp4", **fields: object) -> MediaSource:
    return MediaSource(provider="p", hoster="h", url=url, **fields)  # type: ignore[arg-type]


class TestDirectResolver(StreamResolverContract):
    @pytest.fixture
    async def resolver(self, tmp_path: Path) -> AsyncIterator[StreamResolver]:
        """Open the resolver of direct links."""
        async with open_resolver(make_context(tmp_path)) as resolver:
            yield resolver

    @pytest.fixture
    async def source(self) -> MediaSource:
        """Return a link to a file."""
        return _source()


class TestYtDlpResolver(StreamResolverContract):
    @pytest.fixture
    async def resolver(self) -> StreamResolver:
        """Return the resolver of web pages."""
        return make_resolver()

    @pytest.fixture
    def source(self) -> Iterator[MediaSource]:
        """Return a page with a video."""
        with open_page_server() as pages:
            pages.answers["/page"] = Answer.page('<video src="/film.mp4"></video>')
            yield _source(pages.url("/page"), reach=frozenset({pages.address}))


class TestFakeResolver(StreamResolverContract):
    @pytest.fixture
    async def resolver(self) -> StreamResolver:
        """Return the fake."""
        return FakeResolver()

    @pytest.fixture
    async def source(self) -> MediaSource:
        """Return any link."""
        return _source()


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://example.org/a/film.MP4?token=x.m3u8", StreamKind.DIRECT),
        ("https://example.org/a/film.mkv#t=1", StreamKind.DIRECT),
        ("https://example.org/a%2Efilm.webm", StreamKind.DIRECT),
        ("https://example.org/master.m3u8?x=.mp4", StreamKind.HLS),
        ("https://example.org/x.mpd", StreamKind.DASH),
    ],
)
async def test_kind_follows_the_path(url: str, kind: StreamKind) -> None:
    """The suffix of the path decides the kind; the query is ignored."""
    (stream,) = await DirectResolver().resolve(_source(url))

    assert stream.kind is kind


@pytest.mark.anyio
async def test_a_given_kind_is_believed() -> None:
    """The kind given by a catalogue is used without a suffix."""
    (stream,) = await DirectResolver().resolve(
        _source("https://example.org/get?id=1", kind=StreamKind.HLS)
    )

    assert stream.kind is StreamKind.HLS


@pytest.mark.anyio
@pytest.mark.parametrize(
    "url",
    ["https://example.org/embed/abc", "https://mp4/", "ftp://example.org/a.mp4", "/etc/a.mp4"],
)
async def test_pages_are_left_to_others(url: str) -> None:
    """A link without a media suffix is not accepted."""
    resolver = DirectResolver()

    assert not resolver.accepts(_source(url))
    with pytest.raises(UnsupportedSourceError):
        await resolver.resolve(_source(url))
