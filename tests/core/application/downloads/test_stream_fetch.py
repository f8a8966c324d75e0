"""Stream fetch: choice of resolver and fetcher, links of another kind, and errors of streams."""

from collections.abc import Sequence
from pathlib import Path

import anyio.lowlevel
import attrs
import pytest

from aniworld_core.application.downloads import StreamFetch, StreamOrder
from aniworld_core.domain.media import MediaSource, Quality, Stream, StreamKind, stream_from_source
from aniworld_core.errors import (
    AniworldError,
    BadMediaError,
    DiskFullError,
    FetchInterruptedError,
    NeedsPersonError,
    SourceGoneError,
    UnsupportedSourceError,
)
from aniworld_core.ports.fetcher import FetchRequest, OtherKind, Renewal
from aniworld_core.ports.resolver import StreamResolver
from aniworld_core.testing.fakes import FakeFetcher

pytestmark = pytest.mark.anyio

LINK = "https://hoster.invalid/e/1"


@attrs.define
class _Resolver(StreamResolver):
    """Returns direct streams of given links.

    Attributes:
        links: Links of its streams; those of later calls end in `?n`, as signed links do.
        fallback: Whether it reads pages.
        calls: How often it was called.
    """

    links: Sequence[str]
    fallback: bool = False
    calls: int = 0

    @property
    def name(self) -> str:
        return "test"

    @property
    def is_fallback(self) -> bool:
        return self.fallback

    def accepts(self, source: MediaSource) -> bool:
        return True

    async def resolve(self, source: MediaSource) -> Sequence[Stream]:
        await anyio.lowlevel.checkpoint()
        self.calls += 1
        sign = f"?{self.calls}" if self.calls > 1 else ""
        return [
            attrs.evolve(stream_from_source(source, StreamKind.DIRECT), url=f"{link}{sign}")
            for link in self.links
        ]


def order(folder: Path, *, is_link: bool = False) -> StreamOrder:
    """Return the order for a source with one link."""

    def make_request(stream: Stream, renew: Renewal) -> FetchRequest:
        return FetchRequest(stream=stream, destination=folder / "film.mp4", renew=renew)

    return StreamOrder(
        source=MediaSource(provider="p", hoster="hoster", url=LINK),
        quality=Quality.BEST,
        make_request=make_request,
        is_link=is_link,
    )


@pytest.mark.parametrize("kind", [StreamKind.HLS, StreamKind.DASH])
async def test_a_fresh_link_has_the_kind_that_was_found(kind: StreamKind, tmp_path: Path) -> None:
    """A renewed link to a manifest is a manifest, though its resolver calls it a file."""
    fetcher = FakeFetcher(kinds={LINK: kind})
    await StreamFetch(resolvers=[_Resolver([LINK])], fetchers=[fetcher]).fetch(order(tmp_path))

    first, second = fetcher.requests
    assert (first.stream.kind, second.stream.kind) == (StreamKind.DIRECT, kind)
    assert second.renew is not None
    fresh = await second.renew()
    assert (fresh.url, fresh.kind) == (f"{LINK}?2", kind)


async def test_a_link_that_changes_its_kind_twice_is_unsupported(tmp_path: Path) -> None:
    """The second fetcher's finding is final, so that no server can cause an endless loop."""

    @attrs.define(eq=False)
    class Changing(FakeFetcher):
        def _other_kind(self, stream: Stream) -> OtherKind | None:
            found = StreamKind.DASH if stream.kind is StreamKind.HLS else StreamKind.HLS
            return OtherKind(what="a playlist", kind=found)

    fetcher = Changing()
    with pytest.raises(UnsupportedSourceError, match="the server sent a playlist"):
        await StreamFetch(resolvers=[_Resolver([LINK])], fetchers=[fetcher]).fetch(order(tmp_path))
    assert len(fetcher.requests) == 2


@pytest.mark.parametrize("is_link", [True, False])
async def test_a_page_under_the_name_of_a_file_goes_to_the_resolver_of_pages(
    tmp_path: Path, *, is_link: bool
) -> None:
    """The media that the page names are fetched, in the queue as well as by `fetch`."""
    media = "https://cdn.invalid/a.mp4"
    fetcher = FakeFetcher(kinds={LINK: None})
    resolvers = [_Resolver([media], fallback=True), _Resolver([LINK])]
    await StreamFetch(resolvers=resolvers, fetchers=[fetcher]).fetch(
        order(tmp_path, is_link=is_link)
    )
    assert [request.stream.url for request in fetcher.requests] == [LINK, media]


async def test_a_page_that_no_resolver_reads_is_unsupported(tmp_path: Path) -> None:
    """The reason names what the server sent."""
    streams = StreamFetch(resolvers=[_Resolver([LINK])], fetchers=[FakeFetcher(kinds={LINK: None})])
    with pytest.raises(UnsupportedSourceError, match="hoster: the server sent a web page"):
        await streams.fetch(order(tmp_path))


async def test_a_hosters_page_is_not_fetched_as_media(tmp_path: Path) -> None:
    """Without a resolver for its name it goes straight to the resolver of pages."""
    media = "https://cdn.invalid/a.mp4"
    fetcher = FakeFetcher()
    streams = StreamFetch(resolvers=[_Resolver([media], fallback=True)], fetchers=[fetcher])
    await streams.fetch(order(tmp_path))
    assert [request.stream.url for request in fetcher.requests] == [media]


async def test_a_hoster_that_no_resolver_accepts_is_unsupported(tmp_path: Path) -> None:
    """Nothing is requested from it."""
    fetcher = FakeFetcher()
    with pytest.raises(UnsupportedSourceError, match="no installed resolver knows this hoster"):
        await StreamFetch(resolvers=[], fetchers=[fetcher]).fetch(order(tmp_path))
    assert not fetcher.requests


async def test_the_next_stream_is_fetched_when_one_fails(tmp_path: Path) -> None:
    """An error of one stream is no error of the source."""
    fetcher = FakeFetcher(errors=[BadMediaError("broken")])
    resolver = _Resolver(["https://a.invalid/1.mp4", "https://a.invalid/2.mp4"])
    await StreamFetch(resolvers=[resolver], fetchers=[fetcher]).fetch(order(tmp_path))
    assert len(fetcher.requests) == 2


async def test_an_error_that_affects_all_streams_ends_the_fetch(tmp_path: Path) -> None:
    """A full disk is no reason to try the next stream."""
    fetcher = FakeFetcher(errors=[DiskFullError("/media")])
    resolver = _Resolver(["https://a.invalid/1.mp4", "https://a.invalid/2.mp4"])
    with pytest.raises(DiskFullError):
        await StreamFetch(resolvers=[resolver], fetchers=[fetcher]).fetch(order(tmp_path))
    assert len(fetcher.requests) == 1


GONE = SourceGoneError("a")
PERSON = NeedsPersonError("site", LINK)
PASSING = FetchInterruptedError("reset")


@pytest.mark.parametrize(
    ("errors", "raised"),
    [
        ([GONE, PERSON, PASSING], PASSING),
        ([GONE, PERSON], PERSON),
        ([GONE, BadMediaError("b")], GONE),
    ],
)
async def test_the_most_hopeful_error_is_raised(
    errors: list[AniworldError], raised: AniworldError, tmp_path: Path
) -> None:
    """A temporary failure comes first, then one that a person can solve, then the first."""
    fetcher = FakeFetcher(errors=[*errors])
    resolver = _Resolver([f"https://a.invalid/{n}.mp4" for n in range(len(errors))])
    with pytest.raises(type(raised)) as caught:
        await StreamFetch(resolvers=[resolver], fetchers=[fetcher]).fetch(order(tmp_path))
    assert caught.value is raised


async def test_a_kind_that_no_fetcher_accepts_is_unsupported(tmp_path: Path) -> None:
    """The error names the hoster and the kind."""

    @attrs.define(eq=False)
    class Refusing(FakeFetcher):
        def accepts(self, stream: Stream) -> bool:
            return False

    with pytest.raises(UnsupportedSourceError, match="direct") as caught:
        await StreamFetch(resolvers=[_Resolver([LINK])], fetchers=[Refusing()]).fetch(
            order(tmp_path)
        )
    assert "hoster" in str(caught.value)


async def test_an_error_counts_more_than_a_page(tmp_path: Path) -> None:
    """When one stream fails and another is a page, the failure is reported."""
    fetcher = FakeFetcher(errors=[BadMediaError("damaged")], kinds={f"{LINK}/2": None})
    resolver = _Resolver([LINK, f"{LINK}/2"])
    with pytest.raises(BadMediaError, match="damaged"):
        await StreamFetch(resolvers=[resolver], fetchers=[fetcher]).fetch(order(tmp_path))
