"""Storage of queue items."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from aniworld_core.domain.catalogue import Page
from aniworld_core.domain.downloads import (
    CataloguePlace,
    Claim,
    DownloadItem,
    DownloadStatus,
    Failure,
    ItemQuery,
    Progress,
    QueueChanges,
    QueueEntry,
    QueueOverview,
    RestingCatalogue,
    SeriesItems,
)
from aniworld_core.domain.identity import EpisodeRef, ItemId, SeriesKey, WorkerId


class QueueRepository(ABC):
    """Store queue items for any number of workers, in one process or several.

    Every call is one transaction. Any method may raise `StorageUnavailableError`.
    The *claim order* is that of `aniworld_core.domain.downloads.items.claim_order`.

    Costs: `page` in claim order and by status and series only, `overview`, `entries`, `open_items`,
    `counts`, `claim_next`, `next_claim_at`, `changes_since` and `add` depend on the size of their
    arguments and results, not on the number of stored items. A client may list, add to and work a
    queue of 100,000 items.
    """

    @abstractmethod
    async def add(self, items: Sequence[DownloadItem]) -> None:
        """Store new items, all or none, with revision 0.

        Raises:
            AlreadyQueuedError: If an open item, stored or in the batch, has the same episode, or
                any item the same id.
        """

    @abstractmethod
    async def get(self, item_id: ItemId) -> DownloadItem:
        """Return the item.

        Raises:
            ItemNotFoundError: If there is none.
        """

    @abstractmethod
    async def find(
        self,
        *,
        statuses: Collection[DownloadStatus] | None = None,
        series_key: SeriesKey | None = None,
        id_prefix: str = "",
        limit: int | None = None,
    ) -> Sequence[DownloadItem]:
        """Return items in claim order.

        Args:
            statuses: Only items of these statuses; all statuses when `None`.
            series_key: Only items of this series.
            id_prefix: Only items whose id begins so.
            limit: Most items to return.
        """

    @abstractmethod
    async def open_items(self, episodes: Collection[EpisodeRef]) -> Mapping[EpisodeRef, ItemId]:
        """Return the open item of each of the episodes that has one."""

    @abstractmethod
    async def entries(self, item_ids: Collection[ItemId]) -> Sequence[QueueEntry]:
        """Return the items with these ids and the data of their series, in claim order.

        Unknown ids are passed over.
        """

    @abstractmethod
    async def page(self, query: ItemQuery) -> Page[QueueEntry]:
        """Return a part of the items that match, in the order of the query, and how many match.

        The order is total, so pages neither overlap nor leave gaps while nothing changes. An item
        whose series is gone is listed without the data of a series. `ItemQuery.selects` and
        `QueueEntry.matches` define which items match.
        """

    @abstractmethod
    async def ids(self, query: ItemQuery) -> Sequence[ItemId]:
        """Return the ids of the items that `page` would return, in the same order."""

    @abstractmethod
    async def series_page(self, query: ItemQuery) -> Page[SeriesItems]:
        """Return the items that match as one entry for each series, and the number of series.

        A series stands where its first item stands in the order of the query. Limit and offset
        count series.
        """

    @abstractmethod
    async def overview(self, statuses: Collection[DownloadStatus], *, limit: int) -> QueueOverview:
        """Return totals of all statuses and the first *limit* entries of each given status.

        A list is in the order that `StatusTraits.order` names: the claim order, or by completion
        time and id, newest first; items without a completion time come last.
        """

    @abstractmethod
    async def counts(self) -> Mapping[DownloadStatus, int]:
        """Return the number of items by status; every status is present."""

    @abstractmethod
    async def revision(self) -> str:
        """Return a value that differs after each change by any process.

        The mark may also differ without a change. Reading it is much cheaper than any query.
        """

    @abstractmethod
    async def changes_since(self, sequence: int | None) -> QueueChanges:
        """Return the items that were added, removed or got a new revision since *sequence*.

        At least the last 1,000 changes are remembered. Renewed claims and recorded progress are
        no changes.

        Args:
            sequence: The number of the last answer; `None` to get a number to begin with.
        """

    @abstractmethod
    async def claim_next(
        self, claim: Claim, *, only: Collection[ItemId] | None = None
    ) -> DownloadItem | None:
        """Start the first item that is claimable at `claim.at`, in claim order.

        Selecting and starting are one step: two callers never get the same item, also not
        from two processes. The stored item equals `item.start(claim)` with the next revision.

        Args:
            claim: The claim of the worker.
            only: Start one of these items and no other; any item when `None`.

        Returns:
            The started item, or `None` when nothing is claimable.
        """

    @abstractmethod
    async def next_claim_at(
        self, now: datetime, *, only: Collection[ItemId] | None = None
    ) -> datetime | None:
        """Return the earliest time at which a pending item is claimable; `None` without one.

        Args:
            now: The present time, which is returned when an item is claimable already.
            only: Consider these items and no others; all items when `None`.
        """

    @abstractmethod
    async def delay_catalogue(
        self, place: CataloguePlace, failure: Failure, until: datetime
    ) -> int:
        """Delay the pending items of a catalogue that are claimable before *until*.

        Each gets the failure, which has the kind `RESTS` and the name of the place as the value
        `catalogue`. Items whose series is gone stay as they are.

        Returns:
            How many were delayed.
        """

    @abstractmethod
    async def wake_catalogue(self, name: str | None) -> int:
        """Make the items claimable that `delay_catalogue` delayed.

        Args:
            name: The name of the place; every place when `None`.

        Returns:
            How many are claimable now.
        """

    @abstractmethod
    async def resting(self, now: datetime) -> Sequence[RestingCatalogue]:
        """Return the places whose items are delayed beyond *now*, by name.

        The time is the latest one of the items, and the failure is that of such an item.
        """

    @abstractmethod
    async def move_first(self, item_ids: Sequence[ItemId]) -> Sequence[DownloadItem]:
        """Place pending items before all others of their priority, in the order given.

        All of them are moved, or none. Repeated ids count once.

        Returns:
            The items as stored, with the next revision, in claim order.

        Raises:
            ItemNotFoundError: If one of them does not exist.
            IllegalTransitionError: If one of them does not allow `Step.MOVE`.
        """

    @abstractmethod
    async def renew(self, item_id: ItemId, claim: Claim) -> None:
        """Renew the claim of the worker that holds the item; the revision stays.

        Raises:
            ClaimLostError: If the item is not downloading under `claim.worker`.
        """

    @abstractmethod
    async def save(self, item: DownloadItem) -> DownloadItem:
        """Replace the stored item if its revision still is the one given.

        Returns:
            The stored item, with the next revision.

        Raises:
            ItemNotFoundError: If there is none with this id.
            StaleItemError: If the stored revision differs; nothing changes.
            AlreadyQueuedError: If the item becomes open while another open one has its episode.
        """

    @abstractmethod
    async def record_progress(
        self, item_id: ItemId, progress: Progress, *, worker: WorkerId | None = None
    ) -> None:
        """Store the progress of a transfer; the revision stays, and a crash may lose it.

        Args:
            item_id: The item.
            progress: Its progress.
            worker: Who must hold the claim; any worker when `None`.

        Raises:
            ClaimLostError: If the item is not downloading, or not under *worker*.
        """

    @abstractmethod
    async def release_expired(
        self, now: datetime, *, spare: Collection[WorkerId] = ()
    ) -> Sequence[DownloadItem]:
        """Requeue every downloading item whose claim expired at or before *now*.

        Args:
            now: The time.
            spare: Workers whose claims stay, because they are known to be alive.

        Returns:
            The items as stored, in claim order.
        """

    @abstractmethod
    async def release_held_by(self, worker: WorkerId) -> Sequence[DownloadItem]:
        """Requeue every item that the worker holds, for its stop or after its death.

        Returns:
            The items as stored, in claim order.
        """

    @abstractmethod
    async def remove(self, item_ids: Collection[ItemId]) -> int:
        """Delete the items, all or none; unknown ids are ignored.

        Returns:
            How many were deleted.

        Raises:
            ItemActiveError: If one of them is downloading; nothing is deleted.
        """

    @abstractmethod
    async def clear(self, status: DownloadStatus) -> Sequence[ItemId]:
        """Delete every item of a status.

        Returns:
            The ids of the deleted items.

        Raises:
            ItemActiveError: If the status is held by workers and has an item.
        """

    @abstractmethod
    async def prune(self, *, status: DownloadStatus, keep: int) -> int:
        """Delete all but the *keep* newest items of a settled status, by completion time.

        Statuses of open items delete nothing.

        Returns:
            How many were deleted.
        """
