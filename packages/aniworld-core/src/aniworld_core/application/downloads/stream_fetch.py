"""Fetch a source: resolve it to streams and fetch the best one with the fetcher of its kind."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol, TypeAlias, TypeVar

import attrs

from aniworld_core.domain.downloads import Phase, Progress, rank_streams
from aniworld_core.domain.media import (
    Language,
    MediaSource,
    Quality,
    Stream,
    StreamKind,
    stream_from_source,
)
from aniworld_core.errors import (
    AniworldError,
    ConflictError,
    DiskFullError,
    LibraryUnavailableError,
    LinkGoneError,
    NeedsPersonError,
    PartInUseError,
    SetupError,
    SourceBlockedError,
    SourceGoneError,
    UnsupportedSourceError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.fetcher import (
    FetchedFile,
    FetchPlan,
    FetchRequest,
    MediaFetcher,
    OtherKind,
    ProgressCallback,
    Renewal,
)
from aniworld_core.ports.resolver import StreamResolver

T = TypeVar("T")
#: What is done with a request by the fetcher of its kind.
_Step: TypeAlias = Callable[[MediaFetcher, FetchRequest], Awaitable[T | OtherKind]]

NO_PROGRESS: Final = Progress()
#: Errors that every other stream or source would meet as well.
AFFECTS_ALL_SOURCES: Final = (
    DiskFullError,
    LibraryUnavailableError,
    PartInUseError,
    ConflictError,
    SetupError,
)


class MakeRequest(Protocol):
    """Makes the request for a stream; called again when a link leads to another kind."""

    def __call__(self, stream: Stream, renew: Renewal) -> FetchRequest:
        """Return the request for *stream*, whose link *renew* replaces when it has expired."""
        ...


@attrs.frozen(kw_only=True)
class StreamOrder:
    """A source and how it is fetched.

    Attributes:
        source: The source to resolve.
        quality: Wanted quality where the source has several streams.
        languages: Wanted languages where its streams have several, best first.
        make_request: Makes the request for one of its streams.
        is_link: Whether a person gave the link of the source. Then its content is tried as media
            before it is read as a page, and a missing one is `LinkGoneError`.
    """

    source: MediaSource
    quality: Quality
    make_request: MakeRequest
    languages: tuple[Language, ...] = ()
    is_link: bool = False


@attrs.define(eq=False, kw_only=True)
class StreamFetch:
    """Fetches sources as what their content is; names and declared kinds are a first guess."""

    _resolvers: Sequence[StreamResolver]
    _fetchers: Sequence[MediaFetcher]

    async def plan(self, order: StreamOrder) -> FetchPlan:
        """Find out what fetching a source would do; fetches no media and writes nothing.

        Raises:
            UnsupportedSourceError: If no resolver or fetcher handles the source.
            LinkGoneError: If a link that a person gave leads to no file or page.
            What `StreamResolver.resolve` and `MediaFetcher.plan` raise.
        """

        async def step(fetcher: MediaFetcher, request: FetchRequest) -> FetchPlan | OtherKind:
            return await fetcher.plan(request)

        return await self._carry_out(order, step)

    async def fetch(
        self,
        order: StreamOrder,
        *,
        kept: Progress = NO_PROGRESS,
        on_progress: ProgressCallback | None = None,
    ) -> FetchedFile:
        """Fetch the best stream of a source that works.

        Args:
            order: The source and how it is fetched.
            kept: Progress of an earlier attempt, reported until the fetcher reports its own.
            on_progress: Receives the progress.

        Raises:
            UnsupportedSourceError: If no resolver or fetcher handles the source.
            LinkGoneError: If a link that a person gave leads to no file or page.
            What `StreamResolver.resolve` and `MediaFetcher.fetch` raise.
        """

        async def step(fetcher: MediaFetcher, request: FetchRequest) -> FetchedFile | OtherKind:
            if on_progress is not None:
                total = kept.total_bytes or request.stream.size
                await on_progress(
                    attrs.evolve(kept, phase=Phase.FETCHING, rate=0.0, total_bytes=total)
                )
            return await fetcher.fetch(request, on_progress=on_progress)

        return await self._carry_out(order, step)

    async def _carry_out(self, order: StreamOrder, step: _Step[T]) -> T:
        """Try the link as what its name says, then as what its content is."""
        resolver = self._resolver(order.source, is_fallback=False)
        reader = self._resolver(order.source, is_fallback=True)
        if resolver is None and not order.is_link:
            resolver, reader = reader, None
            if resolver is None:
                reason: str = Message("no_resolver")
                raise UnsupportedSourceError(order.source.hoster, reason)
        try:
            result = await self._first_working(resolver, order, step)
        except SourceGoneError as error:
            is_blocked = isinstance(error, SourceBlockedError)
            if error.is_part or is_blocked or not order.is_link:
                raise
            raise LinkGoneError(order.source.hoster, error.reason) from error
        if isinstance(result, OtherKind) and result.kind is None and reader is not None:
            result = await self._first_working(reader, order, step)
        if isinstance(result, OtherKind):
            reason = Message("other_content", what=result.what)
            raise UnsupportedSourceError(order.source.hoster, reason)
        return result

    async def _first_working(
        self, resolver: StreamResolver | None, order: StreamOrder, step: _Step[T]
    ) -> T | OtherKind:
        """Carry out the first stream of a source that works; without a resolver, the link."""
        errors: list[AniworldError] = []
        other: OtherKind | None = None
        for stream in await _streams(resolver, order):
            try:
                result = await self._as_its_kind(resolver, stream, order, step)
            except AFFECTS_ALL_SOURCES:
                raise
            except AniworldError as error:
                errors.append(error)
                continue
            if not isinstance(result, OtherKind):
                return result
            other = result
        if errors or other is None:
            raise most_hopeful(errors)
        return other

    async def _as_its_kind(
        self,
        resolver: StreamResolver | None,
        stream: Stream,
        order: StreamOrder,
        step: _Step[T],
    ) -> T | OtherKind:
        """Carry out a stream; if its link leads to another kind, carry it out as that one."""
        result = await self._as_kind(stream.kind, resolver, stream, order, step)
        found = result.kind if isinstance(result, OtherKind) else None
        if found is None or found is stream.kind:
            return result
        return await self._as_kind(found, resolver, stream, order, step)

    async def _as_kind(
        self,
        kind: StreamKind,
        resolver: StreamResolver | None,
        stream: Stream,
        order: StreamOrder,
        step: _Step[T],
    ) -> T | OtherKind:
        async def renew() -> Stream:
            fresh = await _streams(resolver, order)
            same = _same_stream(fresh, stream)
            # A fresh link to the same media has the kind that was found, not the declared one.
            return attrs.evolve(same, kind=kind) if same.kind is stream.kind else same

        request = order.make_request(attrs.evolve(stream, kind=kind), renew)
        return await step(self._fetcher(request.stream), request)

    def _resolver(self, source: MediaSource, *, is_fallback: bool) -> StreamResolver | None:
        accepting = (r for r in self._resolvers if r.is_fallback is is_fallback)
        return next((r for r in accepting if r.accepts(source)), None)

    def _fetcher(self, stream: Stream) -> MediaFetcher:
        for fetcher in self._fetchers:
            if fetcher.accepts(stream):
                return fetcher
        raise UnsupportedSourceError(stream.hoster, Message("no_fetcher", stream=stream.kind.value))


async def _streams(resolver: StreamResolver | None, order: StreamOrder) -> Sequence[Stream]:
    """Return the streams of a source, best first; without a resolver, the link as a file."""
    if resolver is None:
        return (stream_from_source(order.source, StreamKind.DIRECT),)
    return rank_streams(await resolver.resolve(order.source), order.quality, order.languages)


def _same_stream(fresh: Sequence[Stream], stream: Stream) -> Stream:
    """Return the fresh stream of the same format, else of the same height and parts, else the best.

    A format can disappear. Another one has another version, with which the fetcher starts anew.
    """
    alike = [s for s in fresh if s.height == stream.height] or list(fresh)
    parted = [s for s in alike if (s.sound is None) is (stream.sound is None)] or alike
    named = [s for s in parted if (s.variant, s.language) == (stream.variant, stream.language)]
    return (named or parted)[0]


def most_hopeful(errors: Sequence[AniworldError]) -> AniworldError:
    """Return the error that decides what to do next.

    The first that may pass by itself, else the first that a person can solve, else the first.
    """
    for error in errors:
        if error.retryable:
            return error
    for error in errors:
        if isinstance(error, NeedsPersonError):
            return error
    return errors[0]
