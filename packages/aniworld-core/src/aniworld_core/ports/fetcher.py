"""Fetcher: write a stream to disk as a complete, checked file."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol, TypeAlias

import attrs

from aniworld_core.domain.downloads import Progress
from aniworld_core.domain.media import Language, Quality, Stream, StreamKind, TrackRole
from aniworld_core.ports.context import AdapterContext


class ProgressCallback(Protocol):
    """Callback for the progress of a transfer; called in the event loop, must return soon."""

    async def __call__(self, progress: Progress) -> None:
        """Receive *progress*."""
        ...


#: Return a fresh link to the same media; raises the errors of `StreamResolver.resolve`.
Renewal: TypeAlias = Callable[[], Awaitable[Stream]]


@attrs.frozen(kw_only=True)
class FetchRequest:
    """What to fetch, and where to.

    Attributes:
        stream: Stream to fetch.
        destination: Final path. Its suffix is replaced by that of the detected container, unless
            `exact_name` is set.
        exact_name: Use `destination` unchanged, because a person chose it.
        quality: Variant of a manifest.
        languages: Preferred languages in order, to choose and check audio tracks.
        renew: Returns a fresh link if the stream's link has expired; `None` if there is no way.
        connections: Highest number of connections for this file.
        stall_timeout: Seconds without progress after which the fetch fails.
        max_bytes: Largest accepted file in bytes.
        reserve_bytes: Bytes of free space that must remain.
        digest: Whether to compute the SHA-256 of the file, which takes as long as writing it. The
            file is checked without it too.
        text_languages: ISO 639-3 codes of the subtitles to fetch; `None` means all, an empty
            tuple none.
        role: Role of the tracks chosen from a manifest; the main tracks by default.
    """

    stream: Stream
    destination: Path
    exact_name: bool = False
    quality: Quality = Quality.BEST
    languages: tuple[Language, ...] = ()
    renew: Renewal | None = None
    connections: int = 8
    stall_timeout: float = 80.0
    max_bytes: int = 20 * 1024**3
    reserve_bytes: int = 0
    digest: bool = True
    text_languages: frozenset[str] | None = frozenset()
    role: TrackRole = TrackRole.MAIN


@attrs.frozen(kw_only=True)
class FetchedFile:
    """A fetched file.

    Attributes:
        path: Path of the file.
        bytes: Size of the file.
        sha256: Digest in lower-case hexadecimal; `None` if it was not requested.
        duration: Playing time in seconds, if the container has one.
        audio_languages: ISO 639-3 codes of the tagged audio tracks, in order.
        verified: Whether anything proves that nothing is missing.
        resumed_bytes: Bytes of an earlier attempt that were not fetched again.
        attempts: Number of attempts, 1 if no connection had to be renewed.
        subtitles: Subtitle files beside the file, `<stem>.de.srt`.
        notices: Remarks about a complete file, such as a missing subtitle with the reason.
    """

    path: Path
    bytes: int
    sha256: str | None
    duration: float | None = None
    audio_languages: tuple[str, ...] = ()
    verified: bool = True
    resumed_bytes: int = 0
    attempts: int = 1
    subtitles: tuple[Path, ...] = ()
    notices: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class FetchPlan:
    """What a fetch would do, determined without fetching media.

    Attributes:
        bytes: Whole size, if known.
        segments: Number of segments of a manifest.
        duration_seconds: Playing time, if known.
        variants: Picture heights of a manifest, highest first.
        audio_languages: Language tags of the main audio tracks of a manifest.
        roles: Other roles of tracks of a manifest, such as audio description.
        notices: Harmless mistakes of a manifest.
        is_protected: Whether the media are encrypted and would be refused.
        is_live: Whether the manifest has no end and would be refused.
    """

    kind: StreamKind
    bytes: int | None = None
    segments: int | None = None
    duration_seconds: float | None = None
    variants: tuple[int, ...] = ()
    audio_languages: tuple[str, ...] = ()
    roles: tuple[TrackRole, ...] = ()
    notices: tuple[str, ...] = ()
    is_protected: bool = False
    is_live: bool = False


@attrs.frozen(kw_only=True)
class OtherKind:
    """Result for a link that leads to something other than the stream says.

    Attributes:
        what: Description of the response for messages, such as `a web page`.
        kind: Kind to fetch the link as; `None` for a web page.
    """

    what: str
    kind: StreamKind | None


class MediaFetcher(ABC):
    """Fetch streams that it accepts.

    A file gets its final name only when it is complete and checked. Until then its bytes are in
    `<destination>.part` and further files with that prefix, with a ledger of the completed parts.
    After a kill at any time, the next call resumes there and fetches at most one segment or block
    per connection again, also with a new link.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """Return the name of its entry point."""

    @abstractmethod
    def accepts(self, stream: Stream) -> bool:
        """Return whether it can fetch the stream; never raises, no I/O."""

    @abstractmethod
    async def plan(self, request: FetchRequest) -> FetchPlan | OtherKind:
        """Return what a fetch would do; fetches no media and writes nothing.

        Returns:
            The plan, or the other kind of the link as in `fetch`.

        Raises:
            The errors of `fetch`, except for protected and live streams, which the plan marks.
        """

    @abstractmethod
    async def fetch(
        self, request: FetchRequest, *, on_progress: ProgressCallback | None = None
    ) -> FetchedFile | OtherKind:
        """Fetch, check and publish.

        An existing file with the final name is never replaced: if its checks show that it is the
        requested media, it is returned and nothing is fetched. After a cancellation or failure,
        everything needed to resume stays beside the destination. After success only the file and
        its subtitles remain. The rename is the last step.

        Requested subtitles are written as text files and never replace existing ones. A failed
        subtitle is a notice, not a failure.

        Returns:
            The file; or, if the link leads to media or a manifest of another kind or (where a
            file is expected) to a web page, what it leads to. Then nothing is left on disk.

        Raises:
            FetchInterruptedError: If the retries are used up, or no bytes arrived within the stall
                timeout.
            LinkRefusedError: If the link is refused or expired, and `renew` is `None` or returned
                no better one.
            SourceGoneError: If the media no longer exist.
            ProtectedError: If the media are encrypted.
            UnsupportedSourceError: If the stream is live or of an unsupported kind.
            BadPlaylistError: If the manifest cannot be parsed.
            BadMediaError: If the received bytes are not the expected media; they are discarded.
            AddressRefusedError: If a link has an address that must not be reached.
            DiskFullError: If there is not enough space.
            LibraryUnavailableError: If the destination cannot be written.
            FileExistsConflictError: If another file has the final name.
            NeedsPersonError: If the server answers with a bot check.
        """


#: Open a fetcher with its context.
FetcherFactory: TypeAlias = Callable[[AdapterContext], AbstractAsyncContextManager[MediaFetcher]]
