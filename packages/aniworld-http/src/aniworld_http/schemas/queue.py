"""Request bodies, queries and answers of `/api/queue`."""

from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import attrs
from msgspec import Meta

from aniworld_core.application.downloads import DownloadItemView, EpisodeRequest, SkippedView
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.downloads import DownloadStatus, ItemQuery, Priority
from aniworld_core.domain.identity import (
    MAX_EPISODE,
    EpisodeSelection,
    ItemId,
    SeriesKey,
    format_episode_code,
    parse_episode_code,
)
from aniworld_core.errors import EpisodeNotFoundError
from aniworld_core.messages import Message
from aniworld_http.schemas.paging import Limit, Needle, Offset, SeriesKeyText

if TYPE_CHECKING:
    StatusName: TypeAlias = str
else:
    # Type checkers require literals here; the names are those of the statuses.
    StatusName = Literal[tuple(status.value for status in DownloadStatus)]
EpisodeCode: TypeAlias = Annotated[
    str, Meta(pattern=r"^[Ss][0-9]{1,4}[Ee][0-9]{1,4}$", examples=["S01E05"])
]
ItemIdText: TypeAlias = Annotated[str, Meta(min_length=1, max_length=100)]
#: The most ids that a request body can hold.
_Ids: TypeAlias = Annotated[tuple[ItemIdText, ...], Meta(min_length=1, max_length=10_000)]
_Number: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_EPISODE)]


@attrs.frozen(kw_only=True)
class EpisodePlace:
    """An episode by season and number; films and specials have season 0."""

    season: _Number
    episode: _Number


@attrs.frozen(kw_only=True)
class DownloadRequest:
    """The episodes of a series to download.

    Attributes:
        serie_id: The key of the series.
        serie_folder: Ignored; if given, it must be the folder of the series.
        serie_name: Ignored.
        episodes: Codes such as S01E05, or seasons and numbers.
        priority: 0, 1, 2 or low, normal, high.
        replace: Download episodes again that the library holds; the old file goes to the recycle
            bin after the new one is checked.
    """

    serie_id: SeriesKeyText
    serie_folder: Annotated[str, Meta(max_length=4096)] | None = None
    serie_name: Annotated[str, Meta(max_length=4096)] | None = None
    episodes: Annotated[
        tuple[EpisodeCode | EpisodePlace, ...], Meta(min_length=1, max_length=10_000)
    ]
    priority: Literal[0, 1, 2, "low", "normal", "high"] = "normal"
    replace: bool = False

    def folder_problems(self, series: Series) -> list[tuple[str, str]]:
        """Return the problem of a folder that is not that of the series, if there is one."""
        if self.serie_folder in (None, series.folder):
            return []
        return [("/serie_folder", Message("other_folder"))]

    def episode_request(self) -> EpisodeRequest:
        """Return the request as a value of the core."""
        given = self.priority
        numbers = [_numbers(each) for each in self.episodes]
        return EpisodeRequest(
            selections=tuple(EpisodeSelection(season, n, n) for season, n in numbers),
            priority=Priority[given.upper()] if isinstance(given, str) else Priority(given),
            again=self.replace,
        )

    def episode_problems(self, error: EpisodeNotFoundError) -> list[tuple[str, str]]:
        """Return one problem for each unknown episode, with its pointer into the body."""
        return [
            (f"/episodes/{n}", Message("no_episode", code=_code(self.episodes[n])))
            for n in error.positions
        ]


@attrs.frozen(kw_only=True)
class ItemsQuery:
    """Filter of a list of items; `status` may be repeated."""

    status: tuple[StatusName, ...] = ()
    serie_id: Annotated[str, Meta(max_length=200)] | None = None
    search: Needle = ""
    limit: Limit | None = None
    offset: Offset = 0

    def as_item_query(self) -> ItemQuery:
        """Return the query as a value of the core."""
        return ItemQuery(
            statuses=frozenset(DownloadStatus(name) for name in self.status),
            series_key=None if self.serie_id is None else SeriesKey(self.serie_id),
            search=self.search,
            limit=self.limit,
            offset=self.offset,
        )


@attrs.frozen(kw_only=True)
class ItemIds:
    """The ids of some items."""

    item_ids: _Ids

    def unique(self) -> list[ItemId]:
        """Return each id once, in the order given."""
        return [ItemId(each) for each in dict.fromkeys(self.item_ids)]


@attrs.frozen(kw_only=True)
class RetryBody:
    """The failed items to retry; all when left out or null."""

    item_ids: _Ids | None = None

    def unique(self) -> list[ItemId] | None:
        """Return each id once, in the order given, or `None` for all failed items."""
        if self.item_ids is None:
            return None
        return [ItemId(each) for each in dict.fromkeys(self.item_ids)]


@attrs.frozen(kw_only=True)
class Submitted:
    """The new items, and the episodes that were not queued."""

    items: tuple[DownloadItemView, ...]
    skipped: tuple[SkippedView, ...]


@attrs.frozen(kw_only=True)
class Removed:
    """The number of removed items."""

    removed: int


@attrs.frozen(kw_only=True)
class Retried:
    """The number of retried items."""

    retried: int


@attrs.frozen(kw_only=True)
class Reordered:
    """The moved items, in their new order."""

    items: tuple[DownloadItemView, ...]


def _numbers(wanted: str | EpisodePlace) -> tuple[int, int]:
    if isinstance(wanted, EpisodePlace):
        return wanted.season, wanted.episode
    return parse_episode_code(wanted)


def _code(wanted: str | EpisodePlace) -> str:
    return format_episode_code(*_numbers(wanted))
