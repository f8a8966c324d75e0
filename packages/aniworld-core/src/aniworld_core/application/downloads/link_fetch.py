"""Links that somebody has in hand, through the download engine; no library, no database."""

import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias, TypeVar
from urllib.parse import urlsplit

import attrs

from aniworld_core.application.downloads.bandwidth import SharedThrottle
from aniworld_core.application.downloads.episode_download import most_hopeful
from aniworld_core.domain.downloads import Phase, Progress, rank_streams
from aniworld_core.domain.library import link_file_name
from aniworld_core.domain.media import (
    MediaSource,
    Quality,
    Stream,
    StreamKind,
    TrackRole,
    stream_from_source,
)
from aniworld_core.domain.retry_policy import RetryPolicy
from aniworld_core.errors import (
    AniworldError,
    BadPlaylistError,
    DiskFullError,
    FileExistsConflictError,
    InvalidLinkError,
    LibraryUnavailableError,
    LinkGoneError,
    LinkRefusedError,
    OtherKindError,
    SourceGoneError,
    UnavailableError,
    UnsupportedSourceError,
)
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.fetcher import (
    FetchedFile,
    FetchPlan,
    FetchRequest,
    MediaFetcher,
    ProgressCallback,
    Renewal,
)
from aniworld_core.ports.resolver import StreamResolver

T = TypeVar("T")
#: What is done with a stream once its kind is known.
_Step: TypeAlias = Callable[[Stream, Renewal | None], Awaitable[T]]

#: Longest wait asked for by a server that is sat out.
LONGEST_WAIT: Final = timedelta(seconds=10)
#: Time after which no further attempt starts; the transfer engine has its own retries.
LONG_ATTEMPT: Final = timedelta(seconds=30)
#: Errors that neither time nor another stream of the same link helps against.
_HOPELESS = (DiskFullError, LibraryUnavailableError, FileExistsConflictError)


@attrs.frozen(kw_only=True)
class LinkOrder:
    """One link, and how it is wanted.

    Attributes:
        url: The link: a file, a manifest, or a page that a resolver reads.
        folder: Where the file goes, named after the link.
        file: The very file it becomes instead.
        headers: Request headers the link needs, as pairs; may hold secrets.
        connections: Most connections at a time.
        stall_timeout: Seconds without progress after which it is given up.
        quality: Which variant is wanted where there are several.
        digest: Whether the file's SHA-256 is wanted.
        subtitles: Whether subtitles are put beside the file.
        role: What the picture or sound chosen from a manifest is there for.
    """

    url: str = attrs.field(repr=False)  # signed links are as good as a password
    folder: Path = Path()
    file: Path | None = None
    headers: tuple[tuple[str, str], ...] = attrs.field(default=(), repr=False)
    connections: int = 8
    stall_timeout: float = 80.0
    quality: Quality = Quality.BEST
    digest: bool = True
    subtitles: bool = True
    role: TrackRole = TrackRole.MAIN

    @property
    def destination(self) -> Path:
        """The final path; its suffix may still change to that of the container."""
        return self.file or self.folder / link_file_name(self.url)


@attrs.define(eq=False, kw_only=True)
class LinkFetch:
    """Fetches single links: whole, checked, and going on where an earlier call stopped.

    What a link leads to is told by its content. Its name is only the first guess; a web page
    goes to the resolvers.

    Attributes:
        throttle: Bandwidth limit and pause switch of all its transfers.
    """

    throttle: SharedThrottle
    _resolvers: Sequence[StreamResolver]
    _fetchers: Sequence[MediaFetcher]
    _clock: Clock
    _retries: RetryPolicy = RetryPolicy(limit=2, base=timedelta(seconds=1))

    async def plan(self, order: LinkOrder) -> FetchPlan:
        """Find out what fetching a link would do; fetches no media and writes nothing.

        Raises:
            InvalidLinkError: If it is no link that can be fetched.
            LinkGoneError: If it leads to nothing.
            What `MediaFetcher.plan` and `StreamResolver.resolve` raise.
        """

        async def step(stream: Stream, renew: Renewal | None) -> FetchPlan:
            return await self._fetcher(stream).plan(_request(order, stream, renew))

        plan, _ = await self._patiently(partial(self._carry_out, order, step))
        return plan

    async def fetch(
        self, order: LinkOrder, *, on_progress: ProgressCallback | None = None
    ) -> FetchedFile:
        """Fetch a link; what passes by itself is tried again a few times.

        A file that is there already and is the very media is returned with nothing fetched.

        Raises:
            InvalidLinkError: If it is no link that can be fetched.
            LinkGoneError: If it leads to nothing.
            FileExistsConflictError: If another file has the name.
            What `MediaFetcher.fetch` and `StreamResolver.resolve` raise.
        """

        async def step(stream: Stream, renew: Renewal | None) -> FetchedFile:
            request = _request(order, stream, renew)
            if on_progress is not None:
                await on_progress(Progress(phase=Phase.FETCHING, total_bytes=stream.size))
            return await self._fetcher(stream).fetch(request, on_progress=on_progress)

        file, retries = await self._patiently(partial(self._carry_out, order, step))
        return attrs.evolve(file, attempts=file.attempts + retries)

    async def _patiently(self, attempt: Callable[[], Awaitable[T]]) -> tuple[T, int]:
        """Try until it works or is not worth it; gives the retries as well."""
        retries, started = 0, self._clock.now()
        while True:
            try:
                return await attempt(), retries
            except UnavailableError as error:
                hopeless = isinstance(error, (*_HOPELESS, LinkRefusedError))
                if hopeless or not error.retryable:
                    raise
                jitter = random.random()  # noqa: S311 - spreads load, protects nothing
                wait = error.retry_after or self._retries.delay(retries, draw=jitter)
                if wait > LONGEST_WAIT:
                    until = self._clock.now() + wait
                    error.hint = f"come back after {until:%Y-%m-%d %H:%M:%S} UTC"
                    raise
                has_tried_enough = (
                    getattr(error, "gave_up", False) or self._clock.now() - started > LONG_ATTEMPT
                )
                if has_tried_enough or retries >= self._retries.limit:
                    raise
            retries += 1
            await self._clock.sleep(wait)

    async def _carry_out(self, order: LinkOrder, step: _Step[T]) -> T:
        """Take the streams of a link, from the resolvers of pages only if it is a page."""
        source = _source(order)
        resolver = self._resolver(source, is_fallback=False)
        if resolver is None:
            guess = stream_from_source(source, StreamKind.DIRECT)
            attempt = self._as_it_is(guess, None, step)
        else:
            attempt = self._first(resolver, source, order.quality, step)
        try:
            return await attempt
        except SourceGoneError as error:
            if error.is_part:
                raise
            # The request was for the link itself.
            raise LinkGoneError(source.hoster, error.reason) from error
        except OtherKindError as page:
            reader = self._resolver(source, is_fallback=True)
            if reader is None or page.found is not None:
                raise UnsupportedSourceError(source.hoster, page.reason) from page
            return await self._first(reader, source, order.quality, step)

    async def _first(
        self, resolver: StreamResolver, source: MediaSource, quality: Quality, step: _Step[T]
    ) -> T:
        """Carry out the first stream of a source that works."""
        errors: list[AniworldError] = []
        for stream in rank_streams(await resolver.resolve(source), quality):

            async def renew(height: int | None = stream.height) -> Stream:
                fresh = rank_streams(await resolver.resolve(source), quality)
                return next((s for s in fresh if s.height == height), fresh[0])

            # Whoever gave a link in hand has no other.
            renewal = renew if stream.url != source.url else None
            try:
                return await self._as_it_is(stream, renewal, step)
            except _HOPELESS:
                raise
            except AniworldError as error:
                errors.append(error)
        raise most_hopeful(errors)

    async def _as_it_is(self, stream: Stream, renew: Renewal | None, step: _Step[T]) -> T:
        """Carry out a stream as what it turns out to be."""
        try:
            return await step(stream, renew)
        except OtherKindError as error:
            found = None if error.found is None else StreamKind(error.found)
            if found in {None, stream.kind}:
                raise
        except BadPlaylistError:
            found = await self._kind_behind(stream)
            if found in {None, stream.kind}:
                raise
        return await step(attrs.evolve(stream, kind=found or stream.kind), renew)

    async def _kind_behind(self, stream: Stream) -> StreamKind | None:
        """Tell what kind a link leads to that is not the kind its name says, if any."""
        file = attrs.evolve(stream, kind=StreamKind.DIRECT)
        try:
            await self._fetcher(file).plan(FetchRequest(stream=file, destination=Path("file")))
        except OtherKindError as error:
            return None if error.found is None else StreamKind(error.found)
        except AniworldError:
            return None
        return StreamKind.DIRECT

    def _resolver(self, source: MediaSource, *, is_fallback: bool) -> StreamResolver | None:
        willing = (r for r in self._resolvers if r.is_fallback is is_fallback)
        return next((r for r in willing if r.accepts(source)), None)

    def _fetcher(self, stream: Stream) -> MediaFetcher:
        for fetcher in self._fetchers:
            if fetcher.accepts(stream):
                return fetcher
        raise UnsupportedSourceError(stream.hoster, f"no fetcher for {stream.kind.value}")


def _source(order: LinkOrder) -> MediaSource:
    shown = order.url.partition("?")[0]
    try:
        parts = urlsplit(order.url.strip())
        host = parts.hostname
    except ValueError as error:
        raise InvalidLinkError(shown, "it is no link") from error
    if parts.scheme.lower() not in {"http", "https"} or not host:
        raise InvalidLinkError(shown, "only http and https links can be fetched")
    return MediaSource(provider="link", hoster=host, url=order.url.strip(), headers=order.headers)


def _request(order: LinkOrder, stream: Stream, renew: Renewal | None) -> FetchRequest:
    return FetchRequest(
        stream=stream,
        destination=order.destination,
        exact_name=order.file is not None,
        quality=order.quality,
        renew=renew,
        connections=order.connections,
        stall_timeout=order.stall_timeout,
        digest=order.digest,
        text_languages=None if order.subtitles else frozenset(),
        role=order.role,
    )
