"""Queries and bodies of `/api/library/files`, and what pages need to play files."""

from typing import Annotated, Literal, TypeAlias

import attrs
from msgspec import Meta

from aniworld_core.application.library import FileFactsView
from aniworld_core.domain.identity import (
    EpisodeRef,
    EpisodeSelection,
    SeriesKey,
    parse_episode_selection,
)
from aniworld_core.errors import InvalidEpisodeError, InvalidFieldsError
from aniworld_http.schemas.anime import SelectionCode
from aniworld_http.schemas.paging import Limit, Offset

StateName: TypeAlias = Literal[
    "present", "version", "unsure", "damaged", "suspect", "extra", "ignored"
]
AttentionName: TypeAlias = Literal[
    "losses", "deleted", "folders", "unsure", "damaged", "suspect", "version", "extra"
]

#: Code of one episode.
EpisodeCode: TypeAlias = Annotated[
    str, Meta(pattern=r"^[Ss][0-9]{1,4}[Ee][0-9]{1,4}$", examples=["S01E05"])
]


@attrs.frozen(kw_only=True)
class FilesQuery:
    """Which files to list.

    Attributes:
        state: States of the files; all by default.
        series: Key of the series of the files; all files by default.
    """

    state: Annotated[tuple[StateName, ...], Meta(max_length=7)] = ()
    series: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    limit: Limit = 1000
    offset: Offset = 0


@attrs.frozen(kw_only=True)
class AttentionQuery:
    """Which entries to list.

    Attributes:
        kind: Kinds whose entries are listed; all by default.
        limit: Maximum number of entries of each kind; 0 returns the numbers only.
        offset: Number of entries of each kind to skip.
    """

    kind: Annotated[tuple[AttentionName, ...], Meta(max_length=8)] = ()
    limit: Annotated[int, Meta(ge=0, le=1000)] = 50
    offset: Offset = 0


@attrs.frozen(kw_only=True)
class DeleteFileBody:
    """A file to move to the recycle bin.

    Attributes:
        path: Path of the file, as the list gives it.
        unwanted: Mark its episodes as not wanted, so that they are not downloaded again.
    """

    path: Annotated[str, Meta(min_length=1, max_length=4096)]
    unwanted: bool = False


@attrs.frozen(kw_only=True)
class DeletedEpisode:
    """An episode whose file was deleted."""

    key: Annotated[str, Meta(min_length=1, max_length=200)]
    season: Annotated[int, Meta(ge=0, le=999)]
    episode: Annotated[int, Meta(ge=0, le=9999)]


@attrs.frozen(kw_only=True)
class LeaveMissingBody:
    """Episodes whose deleted files were not deleted for good.

    Attributes:
        episodes: The episodes, as the list of deleted files gives them.
    """

    episodes: Annotated[tuple[DeletedEpisode, ...], Meta(min_length=1, max_length=1000)]

    def to_domain(self) -> tuple[EpisodeRef, ...]:
        """Return the episodes in the types of the core."""
        return tuple(EpisodeRef(SeriesKey(e.key), e.season, e.episode) for e in self.episodes)


@attrs.frozen(kw_only=True)
class PinBody:
    """A file and the episodes that it is.

    Attributes:
        path: Path of the file, as the list gives it.
        key: Series of the episodes; null for the series of the file.
        episode: An episode or a range such as `S01E03`; null to remove the pin.
    """

    path: Annotated[str, Meta(min_length=1, max_length=4096)]
    key: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    episode: SelectionCode | None

    def selection(self) -> EpisodeSelection | None:
        """Return the episodes in the type of the core; `None` to remove the pin.

        Raises:
            InvalidFieldsError: If a range counts backwards.
        """
        try:
            return None if self.episode is None else parse_episode_selection(self.episode)
        except InvalidEpisodeError as error:
            raise InvalidFieldsError([("/episode", error.message)]) from error


@attrs.frozen(kw_only=True)
class PlaylistQuery:
    """Query of a playlist: an episode, a range or a season; all episodes when left out."""

    episodes: SelectionCode | None = None


@attrs.frozen(kw_only=True)
class NeighbourView:
    """The nearest episode with a file before or after another one."""

    code: str
    title: str


@attrs.frozen(kw_only=True)
class SubtitleView:
    """A text subtitle beside a file.

    Attributes:
        label: The part of its name that follows the name of the film, such as `de.forced`.
        language: The first part of the label if it is a language, such as `de`; null otherwise.
        link: Address of the subtitle as WebVTT, below the base path of the server.
    """

    label: str
    language: str | None
    link: str


@attrs.frozen(kw_only=True)
class PlaybackView:
    """What a page needs to play an episode.

    Attributes:
        key: Key of the series.
        name: Name of the series.
        size: Size of the file at the last scan, in bytes; null before a scan.
        media_type: Media type of the container; `application/octet-stream` if it is unknown.
        facts: Facts about the media; null if the file was not inspected yet.
        link: Address of the file, below the base path of the server. It needs no other
            credentials, and opens this episode only.
        expires_at: When the links stop working.
        previous: Null if there is none.
        next: Null if there is none.
    """

    key: str
    name: str
    code: str
    season: int
    title: str
    file: str
    size: int | None
    media_type: str
    facts: FileFactsView | None
    link: str
    subtitles: tuple[SubtitleView, ...]
    previous: NeighbourView | None
    next: NeighbourView | None
    expires_at: str
