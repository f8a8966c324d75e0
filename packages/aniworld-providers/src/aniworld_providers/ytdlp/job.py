"""Input and output of the process that runs an extraction or a listing."""

import enum
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self, TypeAlias
from urllib.parse import urlsplit

import attrs

from aniworld_core.domain.media import MediaSource, Stream
from aniworld_core.errors import AniworldError


@attrs.frozen(kw_only=True)
class Job:
    """One extraction.

    Attributes:
        source: The page.
        allowed: `host:port` pairs that may be reached besides the public internet.
        now: Current time.
        answer_within: Timeout of a server in seconds.
        pause: Seconds between two requests.
        cookies: Text of the owner's cookie file; never logged.
    """

    source: MediaSource
    allowed: frozenset[str]
    now: datetime
    answer_within: float
    pause: float = 0.0
    cookies: str = attrs.field(default="", repr=False)


class EntryState(enum.StrEnum):
    """Whether people may watch an entry of a list, as the site states it."""

    AVAILABLE = "available"
    LIVE = "live"
    UPCOMING = "upcoming"
    PRIVATE = "private"
    MEMBERS_ONLY = "members-only"
    LOGIN = "login"
    AGE = "age"
    REGION = "region"
    GONE = "gone"
    AUDIO_ONLY = "audio-only"

    @property
    def is_waited_for(self) -> bool:
        """Return whether it becomes available later without an action by a person."""
        return self in {EntryState.LIVE, EntryState.UPCOMING}


@attrs.frozen(kw_only=True)
class ListingJob:
    """One listing of a channel, playlist, series page or single video.

    Attributes:
        url: The page.
        known: Ids of stored entries. The listing ends at several in a row; empty reads all.
        allowed: `host:port` pairs that may be reached besides the public internet.
        now: Current time.
        answer_within: Timeout of a server in seconds.
        pause: Seconds between two requests.
        cookies: Text of the owner's cookie file; never logged.
    """

    url: str
    known: frozenset[str]
    allowed: frozenset[str]
    now: datetime
    answer_within: float
    pause: float
    cookies: str = attrs.field(default="", repr=False)

    @property
    def source(self) -> MediaSource:
        """Return the page as the source that errors name."""
        return MediaSource(
            provider="ytdlp", hoster=urlsplit(self.url).hostname or "ytdlp", url=self.url
        )


@attrs.frozen(kw_only=True)
class ListedEntry:
    """One entry of a list, with the fields that its extractor gave.

    Attributes:
        id: Extractor and id, or the link if the list names no id.
        season: Season number.
        number: Episode number.
        published: Date as `YYYY-MM-DD`.
        duration: Seconds.
        language: Language tag.
        is_live: Whether it is, was or will be a live stream or premiere.
        is_short: Whether its site calls it a short.
    """

    id: str
    url: str
    title: str = ""
    season: int | None = None
    number: int | None = None
    published: str | None = None
    duration: float | None = None
    language: str | None = None
    state: EntryState = EntryState.AVAILABLE
    is_live: bool = False
    is_short: bool = False


@attrs.frozen(kw_only=True)
class Listing:
    """A list as its extractor returned it.

    Attributes:
        extractor: Name of the extractor.
        id: Id of the list in its extractor.
        link: Canonical link of the list.
        is_whole: False if the listing ended at known entries.
        is_single: True for one video.
        entries: In the order of the list, each id once.
    """

    extractor: str
    id: str
    link: str
    title: str
    description: str = ""
    cover_url: str | None = None
    is_whole: bool = True
    is_single: bool = False
    entries: tuple[ListedEntry, ...] = ()


@attrs.frozen
class Failure:
    """An error in transit between processes; its constructor takes other arguments."""

    kind: type[AniworldError]
    message: str
    fields: Mapping[str, Any]

    @classmethod
    def of(cls, error: AniworldError) -> Self:
        """Pack an error."""
        return cls(type(error), str(error), dict(vars(error)))

    def unpacked(self) -> AniworldError:
        """Return the packed error."""
        error = self.kind.__new__(self.kind, self.message)
        vars(error).update(self.fields)
        return error


Outcome: TypeAlias = tuple[Stream, ...] | Listing | Failure
