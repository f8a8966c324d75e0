"""Request bodies, queries and answers of `/api/queue`."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import attrs
from msgspec import Meta

from aniworld_core.application.downloads import DownloadItemView, EpisodeRequest, SkippedView
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.downloads import (
    DownloadStatus,
    ItemQuery,
    ListOrder,
    Priority,
    SeriesItems,
)
from aniworld_core.domain.identity import (
    MAX_EPISODE,
    EpisodeSelection,
    ItemId,
    SeriesKey,
    format_episode_code,
    parse_episode_code,
)
from aniworld_core.errors import EpisodeNotFoundError, InvalidFieldsError
from aniworld_core.messages import Message
from aniworld_http.schemas.anime import LanguageCode, read_languages
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
#: The most values that one part of a filter can have.
_Keys: TypeAlias = Annotated[tuple[Annotated[str, Meta(max_length=200)], ...], Meta(max_length=500)]
#: The same in a query: all of them fit into 8 KiB, to which proxies limit the first line.
_QueryKeys: TypeAlias = Annotated[tuple[SeriesKeyText, ...], Meta(max_length=35)]
_Kind: TypeAlias = Annotated[
    str, Meta(max_length=100, pattern=r"^[a-z0-9_]+$", examples=["needs_person"])
]
_Kinds: TypeAlias = Annotated[tuple[_Kind, ...], Meta(max_length=50)]
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
        languages: Languages in order for these downloads; null for those of the series.
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
    languages: Annotated[tuple[LanguageCode, ...], Meta(min_length=1, max_length=20)] | None = None
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
            languages=None if self.languages is None else read_languages(self.languages),
            again=self.replace,
        )

    def episode_problems(self, error: EpisodeNotFoundError) -> list[tuple[str, str]]:
        """Return one problem for each unknown episode, with its pointer into the body."""
        return [
            (f"/episodes/{n}", Message("no_episode", code=_code(self.episodes[n])))
            for n in error.positions
        ]


@attrs.frozen(kw_only=True)
class ItemFilter:
    """Which items; all parts must fit. Every part but `search` may have several values.

    Attributes:
        status: Items with one of these statuses.
        serie_id: Items of one of these series.
        search: Part of the series' name or key, or of the episode's code or title.
        error_kind: Items whose `error_kind` is one of these.
        error_kind_not: Items whose `error_kind` is none of these.
        resting: False leaves out items that wait for a catalogue which is not asked for a while.
    """

    status: tuple[StatusName, ...] = ()
    serie_id: _Keys = ()
    search: Needle = ""
    error_kind: _Kinds = ()
    error_kind_not: _Kinds = ()
    resting: bool = True

    def as_item_query(self, now: datetime) -> ItemQuery:
        """Return the filter as a value of the core at a time."""
        return ItemQuery(
            statuses=frozenset(DownloadStatus(name) for name in self.status),
            series_keys=frozenset(map(SeriesKey, self.serie_id)),
            search=self.search,
            failure_kinds=frozenset(self.error_kind),
            without_kinds=frozenset(self.error_kind_not),
            awake_at=None if self.resting else now,
        )


@attrs.frozen(kw_only=True)
class ItemsQuery(ItemFilter):
    """A part of the items that a filter selects.

    Attributes:
        serie_id: Items of one of these series.
        order: `next` is the order in which items start, `newest` begins with the item that was
            completed or failed last.
    """

    serie_id: _QueryKeys = ()
    order: Literal["next", "newest"] = "next"
    limit: Limit | None = None
    offset: Offset = 0

    def as_item_query(self, now: datetime) -> ItemQuery:
        """Return the query as a value of the core at a time."""
        order = ListOrder.NEXT_FIRST if self.order == "next" else ListOrder.NEWEST_FIRST
        return attrs.evolve(
            super().as_item_query(now), order=order, limit=self.limit, offset=self.offset
        )


@attrs.frozen(kw_only=True)
class ItemChoice:
    """The items to change: by their ids, or all that a filter selects at that moment.

    Attributes:
        item_ids: The ids of the items.
        filter: The filter, instead of ids.
    """

    item_ids: _Ids | None = None
    filter: ItemFilter | None = None

    def chosen(self, now: datetime) -> list[ItemId] | ItemQuery:
        """Return each id once, in the order given, or the query of the filter.

        Raises:
            InvalidFieldsError: If there are both, or neither.
        """
        if self.filter is not None and self.item_ids is None:
            return self.filter.as_item_query(now)
        if self.item_ids is None or self.filter is not None:
            raise InvalidFieldsError([("/item_ids", Message("ids_or_filter"))])
        return [ItemId(each) for each in dict.fromkeys(self.item_ids)]


@attrs.frozen(kw_only=True)
class RetryBody(ItemChoice):
    """The failed items to retry; all when ids and filter are left out or null."""

    def chosen(self, now: datetime) -> list[ItemId] | ItemQuery:
        """Return the ids, or the query of the filter or of all items.

        Raises:
            InvalidFieldsError: If there are both.
        """
        if self.item_ids is None and self.filter is None:
            return ItemQuery()
        return super().chosen(now)


@attrs.frozen(kw_only=True)
class TryAgain:
    """The catalogue to ask again before its time; all that are resting when left out or null."""

    catalogue: Annotated[str, Meta(min_length=1, max_length=300)] | None = None


@attrs.frozen(kw_only=True)
class Released:
    """The number of items that do not wait any longer."""

    released: int


@attrs.frozen(kw_only=True)
class SeriesInQueue:
    """The listed items of one series.

    Attributes:
        serie_name: The name of the series, or its key when the library no longer has it.
        items: Number of listed items.
        counts: Number of listed items of each status that has any.
    """

    serie_id: str
    serie_name: str
    items: int
    counts: Mapping[str, int]

    @classmethod
    def of(cls, series: SeriesItems) -> "SeriesInQueue":
        """Return the view of an entry."""
        return cls(
            serie_id=series.series_key,
            serie_name=series.name,
            items=sum(series.counts.values()),
            counts={status.value: number for status, number in series.counts.items()},
        )


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
    """The number of moved items, and the first of them in their new order."""

    moved: int
    items: tuple[DownloadItemView, ...]


def _numbers(wanted: str | EpisodePlace) -> tuple[int, int]:
    if isinstance(wanted, EpisodePlace):
        return wanted.season, wanted.episode
    return parse_episode_code(wanted)


def _code(wanted: str | EpisodePlace) -> str:
    return format_episode_code(*_numbers(wanted))
