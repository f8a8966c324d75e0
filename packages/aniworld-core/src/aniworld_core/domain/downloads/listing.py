"""The queue as it is listed: worker state, items joined with their series, totals and changes."""

from collections.abc import Mapping
from datetime import datetime

import attrs

from aniworld_core.domain.catalogue import Series, Titles
from aniworld_core.domain.downloads.items import DownloadItem
from aniworld_core.domain.downloads.resting import rests_at
from aniworld_core.domain.downloads.statuses import DownloadStatus, ListOrder
from aniworld_core.domain.identity import FolderName, ItemId, SeriesKey
from aniworld_core.domain.media import Language
from aniworld_core.errors import EpisodeNotFoundError
from aniworld_core.messages import Message


@attrs.frozen(kw_only=True)
class RunState:
    """State of the queue: whether a worker runs, and whether its transfers are paused."""

    is_running: bool
    is_paused: bool


@attrs.frozen(kw_only=True)
class WorkerState(RunState):
    """The state of the worker of a queue.

    Attributes:
        waiting_for: Why no item is started; its kind is that of an error, such as `disk_full`.
            `None` while items can be started.
    """

    waiting_for: Message | None = None


@attrs.frozen(kw_only=True)
class EntrySeries:
    """Data of a series that is listed with its items.

    Attributes:
        languages: Wanted languages of the series in order, or `None` for the global order.
        titles: The titles of the item's episode; empty when the catalogue no longer lists it.
    """

    name: str
    folder: FolderName
    languages: tuple[Language, ...] | None = None
    titles: Titles = Titles()


@attrs.frozen(kw_only=True)
class QueueEntry:
    """A queue item with the data of its series.

    Attributes:
        series: The data of the series; `None` when the library no longer has it.
    """

    item: DownloadItem
    series: EntrySeries | None

    @classmethod
    def of(
        cls, item: DownloadItem, series: Series | None, titles: Titles | None = None
    ) -> "QueueEntry":
        """Join an item with its series.

        Args:
            item: The item.
            series: Its series; `None` if the library no longer has it.
            titles: Titles of the episode, if known; otherwise they are searched in the series.
        """
        if series is None:
            return cls(item=item, series=None)
        if titles is None:
            try:
                titles = series.episode(item.episode.season, item.episode.number).titles
            except EpisodeNotFoundError:
                titles = Titles()
        data = EntrySeries(
            name=series.name, folder=series.folder, languages=series.languages, titles=titles
        )
        return cls(item=item, series=data)

    @property
    def series_name(self) -> str:
        """The name of the series, or its key when the library no longer has it."""
        return self.series.name if self.series else self.item.episode.series_key

    def title(self, wanted: Language | None = None) -> str:
        """Return the title of the episode in the language of the item.

        Args:
            wanted: The language to use while neither the item nor its series names one.
        """
        order = self.item.languages or (self.series.languages if self.series else None)
        language = self.item.language or (order[0] if order else wanted)
        titles = self.series.titles if self.series else Titles()
        return titles.preferred(language, self.item.episode.number)

    def matches(self, search: str) -> bool:
        """Return whether the series' name or key, the episode's code or a title has *search*.

        Case is ignored. An episode without titles has the title `Episode N`.
        """
        ref = self.item.episode
        titles = self.series.titles if self.series else Titles()
        known = [title for title in (titles.de, titles.en) if title]
        texts = (
            self.series_name,
            ref.series_key,
            ref.code,
            *(known or [titles.preferred(None, ref.number)]),
        )
        return any(search.casefold() in text.casefold() for text in texts)


@attrs.frozen(kw_only=True)
class ItemQuery:
    """Which items are listed, and in which order.

    Attributes:
        statuses: Only items of these statuses; all statuses when empty.
        series_keys: Only items of these series; all series when empty.
        search: Part of the series' name or key, or of the episode's code or title.
        failure_kinds: Only items whose failure has one of these kinds; all items when empty.
        without_kinds: No items whose failure has one of these kinds.
        awake_at: No items that wait for a catalogue which is not asked at this time.
        order: The claim order, or by completion time and id, newest first; items without a
            completion time come last then.
        limit: Most items to return, or `None` for all.
        offset: Number of items to skip.
    """

    statuses: frozenset[DownloadStatus] = frozenset()
    series_keys: frozenset[SeriesKey] = frozenset()
    search: str = ""
    failure_kinds: frozenset[str] = frozenset()
    without_kinds: frozenset[str] = frozenset()
    awake_at: datetime | None = None
    order: ListOrder = ListOrder.NEXT_FIRST
    limit: int | None = None
    offset: int = 0

    def selects(self, entry: QueueEntry) -> bool:
        """Return whether an item is listed, on this or another page."""
        item = entry.item
        kind = item.failure.kind if item.failure else ""
        return (
            (not self.statuses or item.status in self.statuses)
            and (not self.series_keys or item.episode.series_key in self.series_keys)
            and (not self.failure_kinds or kind in self.failure_kinds)
            and kind not in self.without_kinds
            and not (self.awake_at and rests_at(item, self.awake_at))
            and entry.matches(self.search)
        )


@attrs.frozen(kw_only=True)
class SeriesItems:
    """The items of one series in a list, as one entry.

    Attributes:
        name: The name of the series, or its key when the library no longer has it.
        counts: Number of listed items of each status that has any.
    """

    series_key: SeriesKey
    name: str
    counts: Mapping[DownloadStatus, int]


@attrs.frozen(kw_only=True)
class QueueOverview:
    """Totals of the queue, and the beginning of some of its lists, at one moment.

    Attributes:
        counts: Number of items of every status.
        downloaded: Downloaded bytes of the items of every status.
        lists: The first entries of each requested status, in the order of that status.
    """

    counts: Mapping[DownloadStatus, int]
    downloaded: Mapping[DownloadStatus, int]
    lists: Mapping[DownloadStatus, tuple[QueueEntry, ...]]

    @property
    def total(self) -> int:
        """Number of all items."""
        return sum(self.counts.values())

    @property
    def downloaded_bytes(self) -> int:
        """Downloaded bytes of all items."""
        return sum(self.downloaded.values())


@attrs.frozen(kw_only=True)
class ItemChange:
    """One item that was added, changed or removed.

    Attributes:
        before: Status before the first change; `None` when the item was new.
        item: The item as it is stored now; `None` when it was removed.
    """

    item_id: ItemId
    before: DownloadStatus | None
    item: DownloadItem | None


@attrs.frozen(kw_only=True)
class QueueChanges:
    """Items that changed since a sequence number.

    Attributes:
        sequence: The number to continue from.
        changes: Each changed item once, in the order of their last changes.
        is_complete: Whether these are all; if not, the reader must read the queue anew.
    """

    sequence: int
    changes: tuple[ItemChange, ...] = ()
    is_complete: bool = True
