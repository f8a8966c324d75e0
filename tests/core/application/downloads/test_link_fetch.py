"""Link fetch: kinds of links, retries and errors."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import anyio.lowlevel
import attrs
import pytest

from aniworld_core.application.downloads import LinkFetch, LinkOrder, SharedThrottle, StreamFetch
from aniworld_core.domain.media import MediaSource, Stream, StreamKind, stream_from_source
from aniworld_core.errors import (
    AniworldError,
    DiskFullError,
    FetchInterruptedError,
    InvalidLinkError,
    LinkGoneError,
    LinkRefusedError,
    NeedsPersonError,
    SourceGoneError,
    UnsupportedSourceError,
)
from aniworld_core.ports.fetcher import (
    FetchedFile,
    FetchPlan,
    FetchRequest,
    MediaFetcher,
    OtherKind,
    ProgressCallback,
)
from aniworld_core.ports.resolver import StreamResolver
from aniworld_core.testing.fakes import FakeClock

pytestmark = pytest.mark.anyio

URL = "https://media.invalid/watch"


@attrs.define
class _KnowingFetcher(MediaFetcher):
    """Fetches links as their kind and returns that kind for any other.

    Attributes:
        kinds: Kind of each link; `None` for a web page.
        errors: Errors to raise, one per call.
        fetched: Requests that were fetched, in order.
    """

    kinds: dict[str, StreamKind | None]
    errors: list[AniworldError] = attrs.field(factory=list)
    fetched: list[FetchRequest] = attrs.field(factory=list)
    tried: int = 0

    @property
    def name(self) -> str:
        return "knowing"

    def accepts(self, stream: Stream) -> bool:
        return True

    async def plan(self, request: FetchRequest) -> FetchPlan | OtherKind:
        other = await self._look(request.stream)
        return other or FetchPlan(kind=request.stream.kind)

    async def fetch(
        self, request: FetchRequest, *, on_progress: ProgressCallback | None = None
    ) -> FetchedFile | OtherKind:
        other = await self._look(request.stream)
        if other is not None:
            return other
        self.fetched.append(request)
        return FetchedFile(path=request.destination, bytes=1, sha256="0")

    async def _look(self, stream: Stream) -> OtherKind | None:
        await anyio.lowlevel.checkpoint()
        self.tried += 1
        if self.errors:
            raise self.errors.pop(0)
        kind = self.kinds[stream.url]
        return None if stream.kind is kind else OtherKind(what="a web page", kind=kind)


@attrs.define
class _OneResolver(StreamResolver):
    """Accepts links with a certain ending and returns given streams."""

    ending: str
    streams: Sequence[tuple[str, StreamKind]] = ()
    fallback: bool = False
    asked: int = 0

    @property
    def name(self) -> str:
        return self.ending

    @property
    def is_fallback(self) -> bool:
        return self.fallback

    def accepts(self, source: MediaSource) -> bool:
        return source.url.endswith(self.ending)

    async def resolve(self, source: MediaSource) -> Sequence[Stream]:
        await anyio.lowlevel.checkpoint()
        self.asked += 1
        given = self.streams or ((source.url, StreamKind.HLS),)
        return [attrs.evolve(stream_from_source(source, k), url=url) for url, k in given]


def _links(fetcher: MediaFetcher, *resolvers: StreamResolver) -> tuple[LinkFetch, FakeClock]:
    clock = FakeClock()
    return (
        LinkFetch(
            throttle=SharedThrottle(),
            streams=StreamFetch(resolvers=resolvers, fetchers=[fetcher]),
            clock=clock,
        ),
        clock,
    )


@pytest.mark.parametrize("kind", list(StreamKind))
async def test_the_content_decides_when_the_name_has_no_kind(kind: StreamKind) -> None:
    """A link without a suffix is fetched as a file, HLS or DASH, as its content is."""
    fetcher = _KnowingFetcher({URL: kind})
    links, _ = _links(fetcher)

    await links.fetch(LinkOrder(url=URL))

    assert [request.stream.kind for request in fetcher.fetched] == [kind]
    assert (await links.plan(LinkOrder(url=URL))).kind is kind


@pytest.mark.parametrize("kind", list(StreamKind))
async def test_the_content_decides_when_the_name_has_another_kind(kind: StreamKind) -> None:
    """A link named `.m3u8` may lead to a file or to a DASH manifest."""
    url = "https://media.invalid/a.m3u8"
    fetcher = _KnowingFetcher({url: kind})
    links, _ = _links(fetcher, _OneResolver(".m3u8"))

    await links.fetch(LinkOrder(url=url))

    assert [request.stream.kind for request in fetcher.fetched] == [kind]


async def test_a_page_is_resolved(tmp_path: Path) -> None:
    """The link of its media can be renewed; the file is named after the given link."""
    media = "https://cdn.invalid/x1.mp4?sig=1"
    page = _OneResolver("watch", ((media, StreamKind.DIRECT),), fallback=True)
    fetcher = _KnowingFetcher({URL: None, media: StreamKind.DIRECT})
    links, _ = _links(fetcher, page)

    file = await links.fetch(LinkOrder(url=URL, folder=tmp_path, headers=(("A", "b"),)))

    (request,) = fetcher.fetched
    assert file.path == tmp_path / "watch.mp4"
    assert (request.stream.url, request.stream.headers) == (media, (("A", "b"),))
    assert request.renew is not None
    assert (await request.renew()).url == media


async def test_media_links_are_not_resolved_as_pages() -> None:
    """The resolver of pages is slow and not called."""
    page = _OneResolver("watch", fallback=True)
    links, _ = _links(_KnowingFetcher({URL: StreamKind.DIRECT}), page)

    await links.fetch(LinkOrder(url=URL))

    assert page.asked == 0


async def test_a_page_without_a_resolver_is_unsupported() -> None:
    """A web page is not saved as media."""
    links, _ = _links(_KnowingFetcher({URL: None}))

    with pytest.raises(UnsupportedSourceError):
        await links.fetch(LinkOrder(url=URL))


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://h.invalid/a", "watch", "http://["])
async def test_only_web_links_are_fetched(url: str) -> None:
    """Other schemes and texts are invalid input."""
    links, _ = _links(_KnowingFetcher({}))

    with pytest.raises(InvalidLinkError):
        await links.fetch(LinkOrder(url=url))


async def test_a_link_to_nothing_is_not_found() -> None:
    """The error is `LinkGoneError`, without a retry."""
    fetcher = _KnowingFetcher({URL: StreamKind.DIRECT}, [SourceGoneError("media.invalid")])
    links, clock = _links(fetcher)

    with pytest.raises(LinkGoneError):
        await links.fetch(LinkOrder(url=URL))
    assert clock.slept == []


async def test_temporary_errors_are_retried() -> None:
    """A requested short wait is kept exactly; each retry counts as an attempt."""
    asked = timedelta(seconds=7)
    interruptions = [
        FetchInterruptedError("reset"),
        FetchInterruptedError("busy", retry_after=asked),
    ]
    fetcher = _KnowingFetcher({URL: StreamKind.DIRECT}, [*interruptions])
    links, clock = _links(fetcher)

    file = await links.fetch(LinkOrder(url=URL))

    assert file.attempts == 3
    assert clock.slept[1] == asked


async def test_the_retries_are_limited() -> None:
    """After two retries the last error is raised."""
    fetcher = _KnowingFetcher({URL: StreamKind.DIRECT}, [FetchInterruptedError("x")] * 9)
    links, clock = _links(fetcher)

    with pytest.raises(FetchInterruptedError):
        await links.fetch(LinkOrder(url=URL))
    assert len(clock.slept) == 2


async def test_a_long_attempt_is_not_retried() -> None:
    """The engine has retried for 30 seconds already."""
    clock = FakeClock()

    class Slow(_KnowingFetcher):
        async def _look(self, stream: Stream) -> OtherKind | None:
            clock.advance(timedelta(seconds=31))
            return await super()._look(stream)

    fetcher = Slow({URL: StreamKind.DIRECT}, [FetchInterruptedError("stalls")])
    streams = StreamFetch(resolvers=[], fetchers=[fetcher])
    links = LinkFetch(throttle=SharedThrottle(), streams=streams, clock=clock)

    with pytest.raises(FetchInterruptedError):
        await links.fetch(LinkOrder(url=URL))
    assert clock.slept == []


@pytest.mark.parametrize(
    "error",
    [
        FetchInterruptedError("busy", retry_after=timedelta(seconds=11)),
        NeedsPersonError("media.invalid", URL),
        LinkRefusedError("media.invalid", "HTTP 403"),
        DiskFullError("here"),
    ],
)
async def test_errors_that_a_short_wait_cannot_solve_are_not_retried(error: AniworldError) -> None:
    """Long requested waits, bot checks, refused links and full disks."""
    fetcher = _KnowingFetcher({URL: StreamKind.DIRECT}, [error])
    links, clock = _links(fetcher)

    with pytest.raises(type(error)):
        await links.fetch(LinkOrder(url=URL))
    assert clock.slept == []
    assert fetcher.tried == 1


async def test_the_hint_names_the_end_of_a_long_wait() -> None:
    """The user learns when to try again."""
    error = FetchInterruptedError("busy", retry_after=timedelta(seconds=90))
    links, clock = _links(_KnowingFetcher({URL: StreamKind.DIRECT}, [error]))

    with pytest.raises(FetchInterruptedError) as raised:
        await links.fetch(LinkOrder(url=URL))
    until = clock.now() + timedelta(seconds=90)
    assert raised.value.hint is not None
    assert f"{until:%Y-%m-%d %H:%M:%S} UTC" in raised.value.hint


async def test_secrets_are_not_shown() -> None:
    """Neither headers nor signed links appear in the text of an order."""
    shown = repr(LinkOrder(url=f"{URL}?sig=topsecret", headers=(("Cookie", "topsecret"),)))

    assert "topsecret" not in shown
