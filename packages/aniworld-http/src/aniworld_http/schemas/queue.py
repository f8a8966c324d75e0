"""The queue: what is asked, and what is shown besides the shared shapes."""

from typing import Annotated, Literal, TypeAlias

import attrs
from msgspec import Meta

from aniworld_core.application.downloads import (
    DownloadItemView,
    EpisodeRequest,
    ItemQuery,
    SkippedView,
)
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.downloads import DownloadStatus, Priority
from aniworld_core.domain.identity import (
    MAX_EPISODE,
    EpisodeSelection,
    format_episode_code,
    parse_episode_code,
)
from aniworld_core.errors import EpisodeNotFoundError, InvalidFieldsError
from aniworld_http.schemas.paging import Limit, Needle, Offset, SeriesKeyText

StatusName: TypeAlias = Literal["pending", "downloading", "completed", "failed"]
EpisodeCode: TypeAlias = Annotated[
    str, Meta(pattern=r"^[Ss][0-9]{1,4}[Ee][0-9]{1,4}$", examples=["S01E05"])
]
ItemIdText: TypeAlias = Annotated[str, Meta(min_length=1, max_length=100)]
#: More than any queue needs at once, and no more than a body can hold.
_Ids: TypeAlias = Annotated[tuple[ItemIdText, ...], Meta(min_length=1, max_length=10_000)]
_Number: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_EPISODE)]


@attrs.frozen(kw_only=True)
class EpisodePlace:
    """An episode by its numbers; films and specials are season 0."""

    season: _Number
    episode: _Number


@attrs.frozen(kw_only=True)
class DownloadRequest:
    """Which episodes of a series to download.

    Attributes:
        serie_id: The key of the series.
        serie_folder: Of no use; if given, it must be the series' own.
        serie_name: Of no use.
        episodes: Codes such as S01E05, or seasons and numbers.
        priority: 0, 1, 2 or low, normal, high.
        replace: Fetch episodes again that are there; the old file goes to the recycle bin when
            the new one is checked.
    """

    serie_id: SeriesKeyText
    serie_folder: Annotated[str, Meta(max_length=4096)] | None = None
    serie_name: Annotated[str, Meta(max_length=4096)] | None = None
    episodes: Annotated[
        tuple[EpisodeCode | EpisodePlace, ...], Meta(min_length=1, max_length=10_000)
    ]
    priority: Literal[0, 1, 2, "low", "normal", "high"] = "normal"
    replace: bool = False

    def episode_request(self, series: Series) -> EpisodeRequest:
        """Return what is wished for of the series.

        Raises:
            InvalidFieldsError: If it has no such episode, or lives in another folder.
        """
        problems: list[tuple[str, str]] = []
        if self.serie_folder is not None and self.serie_folder != series.folder:
            problems.append(("/serie_folder", "is not the folder of the series; leave it out"))
        selections = []
        for index, wanted in enumerate(self.episodes):
            season, number = _place(wanted)
            try:
                series.episode(season, number)
            except EpisodeNotFoundError:
                code = format_episode_code(season, number)
                problems.append((f"/episodes/{index}", f"there is no episode {code}"))
            selections.append(EpisodeSelection(season, number, number))
        if problems:
            raise InvalidFieldsError(problems)
        given = self.priority
        priority = Priority[given.upper()] if isinstance(given, str) else Priority(given)
        return EpisodeRequest(selections=tuple(selections), priority=priority, again=self.replace)


@attrs.frozen(kw_only=True)
class ItemsQuery:
    """Which items are listed; `status` may be given several times."""

    status: tuple[StatusName, ...] = ()
    serie_id: Annotated[str, Meta(max_length=200)] | None = None
    search: Needle = ""
    limit: Limit | None = None
    offset: Offset = 0

    def asked(self) -> ItemQuery:
        """Return the same in the words of the core."""
        return ItemQuery(
            statuses=frozenset(DownloadStatus(name) for name in self.status),
            series_key=self.serie_id,
            search=self.search,
            limit=self.limit,
            offset=self.offset,
        )


@attrs.frozen(kw_only=True)
class ItemIds:
    """Some items by their ids."""

    item_ids: _Ids


@attrs.frozen(kw_only=True)
class RetryBody:
    """Which failed items to try again; all when left out or null."""

    item_ids: _Ids | None = None


@attrs.frozen(kw_only=True)
class Submitted:
    """What asking for episodes came to."""

    items: tuple[DownloadItemView, ...]
    skipped: tuple[SkippedView, ...]


@attrs.frozen(kw_only=True)
class QueueState:
    """Whether the queue is worked, and whether its transfers stand still."""

    is_running: bool
    is_paused: bool


@attrs.frozen(kw_only=True)
class Removed:
    """How many items were taken out."""

    removed: int


@attrs.frozen(kw_only=True)
class Retried:
    """How many items were put back in the queue."""

    retried: int


@attrs.frozen(kw_only=True)
class Reordered:
    """The moved items, in their new order."""

    items: tuple[DownloadItemView, ...]


def _place(wanted: str | EpisodePlace) -> tuple[int, int]:
    if isinstance(wanted, EpisodePlace):
        return wanted.season, wanted.episode
    return parse_episode_code(wanted)
