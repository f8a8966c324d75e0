"""Queries and bodies of `/api/library/files`."""

from typing import Annotated, Literal, TypeAlias

import attrs
from msgspec import Meta

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
