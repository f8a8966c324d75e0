"""From a stream to a whole, checked file."""

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
    """Is told how far a transfer is; called in the event loop, must return soon."""

    async def __call__(self, progress: Progress) -> None:
        """Take note of *progress*."""
        ...


#: Asks for a fresh link to the same media; raises what `StreamResolver.resolve` raises.
Renewal: TypeAlias = Callable[[], Awaitable[Stream]]


@attrs.frozen(kw_only=True)
class FetchRequest:
    """What is to be fetched, and where to.

    Attributes:
        stream: What to fetch.
        destination: The final path. Its suffix is replaced by that of the container found,
            never by anything the remote side says, unless `exact_name` is set.
        exact_name: Use `destination` as it is: a person chose it.
        quality: Which variant of a manifest is wanted.
        languages: Wanted languages in order, to choose and to check audio tracks.
        renew: Gives a fresh link when the stream's own has expired; `None` if nobody can.
        connections: Most connections for this file.
        stall_timeout: Seconds without progress after which the fetch is given up.
        max_bytes: Largest file that is accepted.
        reserve_bytes: Free space that must stay.
        digest: Whether the file's SHA-256 is wanted. It takes as long as writing the file does;
            what is fetched is checked without it.
        text_languages: ISO 639-3 codes of the subtitles that are wanted beside the file; `None`
            means all there are, and none means none.
        role: What the picture or sound chosen from a manifest is there for. Ordinary picture and
            sound come first unless another role is asked for.
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
    """A file that arrived.

    Attributes:
        path: Where it is.
        bytes: Its size.
        sha256: Its digest in lower-case hexadecimal; `None` where it was not wanted.
        duration: Playing time in seconds, where the container says so.
        audio_languages: ISO 639-3 codes of its audio tracks, in order, where tagged.
        verified: Whether everything that can be checked was checked; False where nothing could.
        resumed_bytes: Bytes that an earlier attempt had left and that were not fetched again.
        attempts: How many times the transfer had to start a connection anew, 1 if never.
        subtitles: The subtitle files that lie beside it under its name, `<stem>.de.srt`.
        notices: What is worth knowing although the file is whole: which subtitle is missing, why.
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
    """What a fetch would do, found out without fetching media.

    Attributes:
        bytes: Whole size where known.
        segments: How many segments a manifest lists.
        duration_seconds: Playing time where known.
        variants: Picture heights a manifest offers, tallest first.
        audio_languages: Languages a manifest offers as ordinary sound, as tags.
        roles: Which picture or sound a manifest offers besides, such as audio descriptions.
        notices: What is wrong with a manifest and does no harm.
        is_protected: Whether the media are protected and would be refused.
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
        what: What the server sent, for messages, such as `a web page`.
        kind: Kind to fetch the link as; `None` for a web page.
    """

    what: str
    kind: StreamKind | None


class MediaFetcher(ABC):
    """Fetches streams it accepts.

    A file has its final name only when it is whole and checked. Until then its bytes lie in
    `<destination>.part` (and further files whose names start with it) together with a ledger
    of what is done. Killed at any instant, a later call goes on from there and fetches at most
    one segment or block per connection again, also when the link had to be resolved anew.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """The name it is installed under."""

    @abstractmethod
    def accepts(self, stream: Stream) -> bool:
        """Whether it can fetch the stream; never raises, no I/O."""

    @abstractmethod
    async def plan(self, request: FetchRequest) -> FetchPlan | OtherKind:
        """Find out what a fetch would do; fetches no media and writes nothing.

        Returns:
            The plan, or what the link leads to instead, as `fetch` does.

        Raises:
            What `fetch` raises, except for protected and live streams, which the plan names.
        """

    @abstractmethod
    async def fetch(
        self, request: FetchRequest, *, on_progress: ProgressCallback | None = None
    ) -> FetchedFile | OtherKind:
        """Fetch, check and publish.

        An existing file of the final name is never overwritten with something else: when it
        checks out as the very media asked for it is returned as it is, with nothing fetched.
        Cancelled or failed, everything needed to go on stays beside the destination; after
        success nothing but the file and its subtitles is left. Rename is the last step.

        Wanted subtitles come along as text files that never replace one that is there. One that
        cannot be had, in whatever way it fails, is a notice and no failure.

        Returns:
            The file; or, if the link leads to media or a manifest of another kind or (where a
            file is expected) to a web page, what it leads to. Then nothing is left on disk.

        Raises:
            FetchInterruptedError: If the connection failed more often than is worth trying, or
                nothing arrived within the stall timeout.
            LinkRefusedError: If the link is refused or expired, and `renew` is `None` or gave no
                better one.
            SourceGoneError: If the media no longer exist.
            ProtectedError: If the media are protected.
            UnsupportedSourceError: If the stream is live or of a kind that cannot be handled.
            BadPlaylistError: If the manifest cannot be read.
            BadMediaError: If what arrived is not the media promised; the bytes are discarded.
            AddressRefusedError: If a link leads to an address that must not be reached.
            DiskFullError: If there is not enough space.
            LibraryUnavailableError: If the destination cannot be written.
            FileExistsConflictError: If another file has the final name.
            NeedsPersonError: If the server answers with a bot check.
        """


#: Opens a fetcher in its surroundings.
FetcherFactory: TypeAlias = Callable[[AdapterContext], AbstractAsyncContextManager[MediaFetcher]]
