"""Where download items are kept."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from aniworld_core.domain.downloads import Claim, DownloadItem, DownloadStatus, Progress
from aniworld_core.domain.identity import ItemId, WorkerId


class QueueRepository(ABC):
    """Keeps download items for any number of workers, in one process or several.

    Every call is one transaction. Any method may raise `StorageUnavailableError`.
    The *claim order* is that of `aniworld_core.domain.downloads.items.claim_order`.
    """

    @abstractmethod
    async def add(self, items: Sequence[DownloadItem]) -> None:
        """Keep new items, all or none; they are stored with revision 0.

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
        self, *, statuses: Collection[DownloadStatus] | None = None, limit: int | None = None
    ) -> Sequence[DownloadItem]:
        """Return the items of these statuses (all when `None`) in claim order."""

    async def marks(self) -> Mapping[ItemId, tuple[int, DownloadStatus]]:
        """Return revision and status of every item; adapters make it cheaper than `find`."""
        return {item.id: (item.revision, item.status) for item in await self.find()}

    @abstractmethod
    async def counts(self) -> Mapping[DownloadStatus, int]:
        """Count the items by status; every status is present."""

    @abstractmethod
    async def revision(self) -> str:
        """Return a mark of what is stored: as long as it is the same, so is every answer.

        It differs after each change, also one by another process, and may differ without one.
        Much cheaper than asking for what is stored.
        """

    @abstractmethod
    async def claim_next(self, claim: Claim) -> DownloadItem | None:
        """Start the first item that is claimable at `claim.at`, in claim order.

        Selecting and starting are one step: two callers never get the same item, also not
        from two processes. The stored item equals `item.start(claim)` with the next revision.

        Returns:
            The started item, or `None` when nothing is claimable.
        """

    @abstractmethod
    async def renew(self, item_id: ItemId, claim: Claim) -> None:
        """Prolong the claim of the worker that holds the item; no revision bump.

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
        """Store the progress of a transfer; no revision bump, may be lost in a crash.

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
        """Requeue every item the worker holds; for its stop, or when it is known to be dead.

        Returns:
            The items as stored, in claim order.
        """

    @abstractmethod
    async def remove(self, item_ids: Collection[ItemId]) -> int:
        """Delete the items, all or none; unknown ids are passed over.

        Returns:
            How many were deleted.

        Raises:
            ItemActiveError: If one of them is downloading; nothing is deleted.
        """

    @abstractmethod
    async def prune(self, *, status: DownloadStatus, keep: int) -> int:
        """Delete all but the *keep* newest settled items of a status, by completion time.

        Only COMPLETED and FAILED are ever pruned; other statuses delete nothing.

        Returns:
            How many were deleted.
        """
