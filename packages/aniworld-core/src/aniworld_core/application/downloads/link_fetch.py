"""Fetch links given by hand through the download engine, without library and database."""

import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

import attrs

from aniworld_core.application.downloads.bandwidth import SharedThrottle
from aniworld_core.application.downloads.stream_fetch import StreamFetch, StreamOrder
from aniworld_core.domain.library import link_file_name
from aniworld_core.domain.media import Extra, MediaSource, Quality, Stream, TrackRole
from aniworld_core.domain.retry_policy import RequestedWaits, RetryPolicy
from aniworld_core.errors import (
    DiskFullError,
    InvalidLinkError,
    LibraryUnavailableError,
    LinkRefusedError,
    UnavailableError,
)
from aniworld_core.messages import Message, utc
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.fetcher import (
    FetchedFile,
    FetchPlan,
    FetchRequest,
    ProgressCallback,
    Renewal,
)

T = TypeVar("T")
#: The transfer engine has its own retries; these repeat an attempt that failed early.
RETRIES: Final = RetryPolicy(
    limit=2,
    base=timedelta(seconds=1),
    total=timedelta(seconds=30),
    requested=RequestedWaits(longest=timedelta(seconds=10)),
)


@attrs.frozen(kw_only=True)
class LinkOrder:
    """A link and how to fetch it.

    Attributes:
        url: The link: a file, a manifest, or a page that a resolver reads.
        folder: Folder for the file, which is named after the link.
        file: Path of the file, instead of `folder`.
        headers: Request headers the link needs, as pairs; may hold secrets.
        connections: Most connections at a time.
        stall_timeout: Seconds without progress after which the fetch fails.
        quality: Wanted variant where there are several.
        digest: Whether to compute the file's SHA-256.
        subtitles: Whether to write subtitles beside the file.
        role: Role of the picture or sound to choose from a manifest.
        extras: What to add to the file or beside it, where a page has it.
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
    extras: frozenset[Extra] = frozenset()

    @property
    def destination(self) -> Path:
        """Path of the file; its suffix may still change to that of the container."""
        return self.file or self.folder / link_file_name(self.url)


@attrs.define(eq=False, kw_only=True)
class LinkFetch:
    """Fetches single links and resumes where an earlier call stopped.

    The content of a link decides what it is; its name is only the first guess. A web page goes
    to the resolvers of pages.

    Attributes:
        throttle: Bandwidth limit and pause switch of all its transfers.
    """

    throttle: SharedThrottle
    _streams: StreamFetch
    _clock: Clock
    _retries: RetryPolicy = RETRIES

    async def plan(self, order: LinkOrder) -> FetchPlan:
        """Find out what fetching a link would do; fetches no media and writes nothing.

        Raises:
            InvalidLinkError: If the link cannot be fetched.
            LinkGoneError: If there is nothing at the link.
            What `StreamFetch.plan` raises.
        """
        plan, _ = await self._retried(_stream_order(order), self._streams.plan)
        return plan

    async def fetch(
        self, order: LinkOrder, *, on_progress: ProgressCallback | None = None
    ) -> FetchedFile:
        """Fetch a link; retry temporary failures a few times.

        An existing file that is the very media is returned with nothing fetched.

        Raises:
            InvalidLinkError: If the link cannot be fetched.
            LinkGoneError: If there is nothing at the link.
            FileExistsConflictError: If another file has the name.
            What `StreamFetch.fetch` raises.
        """
        fetch = partial(self._streams.fetch, on_progress=on_progress)
        file, retries = await self._retried(_stream_order(order), fetch)
        return attrs.evolve(file, attempts=file.attempts + retries)

    async def _retried(
        self, order: StreamOrder, action: Callable[[StreamOrder], Awaitable[T]]
    ) -> tuple[T, int]:
        """Call until it works or no retry is allowed; return the number of retries as well."""
        state, started = self._retries.start(), self._clock.now()
        while True:
            try:
                return await action(order), state.retries
            except UnavailableError as error:
                if not _may_pass(error):
                    raise
                elapsed = self._clock.now() - started
                draw = random.random()  # noqa: S311 - spreads load, protects nothing
                next_state = state.failed(requested=error.retry_after, elapsed=elapsed, draw=draw)
                if next_state is None or getattr(error, "gave_up", False):
                    self._add_hint(error)
                    raise
                state = next_state
            await self._clock.sleep(state.delay)

    def _add_hint(self, error: UnavailableError) -> None:
        """Name the time after which to come back, if the server asks for a long wait."""
        longest = self._retries.requested.longest
        if error.retry_after is not None and longest is not None and error.retry_after > longest:
            until = self._clock.now() + error.retry_after
            error.hint = Message("try_after.hint", until_at=utc(until))


def _may_pass(error: UnavailableError) -> bool:
    """Return whether a retry after a short wait may help."""
    if isinstance(error, (DiskFullError, LibraryUnavailableError, LinkRefusedError)):
        return False
    return error.retryable


def _stream_order(order: LinkOrder) -> StreamOrder:
    """Return the link as a source.

    Raises:
        InvalidLinkError: If the link cannot be fetched.
    """
    source = _source(order)

    def make_request(stream: Stream, renew: Renewal) -> FetchRequest:
        return FetchRequest(
            stream=stream,
            destination=order.destination,
            exact_name=order.file is not None,
            quality=order.quality,
            # A link that a person gave cannot be replaced by a fresh one.
            renew=renew if stream.url != source.url else None,
            connections=order.connections,
            stall_timeout=order.stall_timeout,
            digest=order.digest,
            text_languages=None if order.subtitles else frozenset(),
            role=order.role,
        )

    return StreamOrder(
        source=source, quality=order.quality, make_request=make_request, is_link=True
    )


def _source(order: LinkOrder) -> MediaSource:
    shown = order.url.partition("?")[0]
    try:
        parts = urlsplit(order.url.strip())
        host = parts.hostname
    except ValueError as error:
        raise InvalidLinkError(shown, Message("not_a_link")) from error
    if parts.scheme.lower() not in {"http", "https"}:
        raise InvalidLinkError(shown, Message("not_http" if parts.scheme else "not_a_link"))
    if not host:
        raise InvalidLinkError(shown, Message("link_without_host"))
    if any(character.isspace() for character in host):
        raise InvalidLinkError(shown, Message("not_a_link"))
    return MediaSource(
        provider="link",
        hoster=host,
        url=order.url.strip(),
        headers=order.headers,
        extras=order.extras,
    )
