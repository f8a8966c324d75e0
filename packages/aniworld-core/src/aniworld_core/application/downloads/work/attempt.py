"""Attempt at one item: from its claim to its settlement, whatever happens in between."""

import logging
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager, suppress

import attrs

from aniworld_core.application.downloads.episode_download import EpisodeDownload
from aniworld_core.application.downloads.work.active_items import ActiveItems
from aniworld_core.application.downloads.work.claim_session import ItemSession
from aniworld_core.application.downloads.work.context import WorkContext
from aniworld_core.application.downloads.work.settlement import ItemSettlement
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.downloads import DownloadItem, Failure
from aniworld_core.domain.identity import FolderName, ItemId
from aniworld_core.errors import (
    AniworldError,
    ClaimLostError,
    DiskFullError,
    ItemNotFoundError,
    LibraryUnavailableError,
    StaleItemError,
    StorageUnavailableError,
    UnavailableError,
)
from aniworld_core.events import DownloadStarted
from aniworld_core.messages import Message
from aniworld_core.ports.series import SeriesRepository

logger: logging.Logger = logging.getLogger(__name__)


@attrs.define(eq=False, kw_only=True)
class ItemAttempt:
    """Downloads claimed items and settles them."""

    _context: WorkContext
    _series: SeriesRepository
    _episodes: EpisodeDownload
    _settlement: ItemSettlement
    _sessions: dict[ItemId, ItemSession] = attrs.field(factory=dict, init=False)
    _active: ActiveItems = attrs.field(factory=ActiveItems, init=False)

    async def make(
        self, item: DownloadItem, on_obstacle: Callable[[UnavailableError], Awaitable[None]]
    ) -> DownloadItem:
        """Download one claimed item and settle it, also when it is cancelled.

        Args:
            item: An item that this worker has claimed.
            on_obstacle: Called with an error that stops the whole queue.

        Returns:
            The item after its settlement.

        Raises:
            StorageUnavailableError: If the settlement cannot be stored.
        """
        with self._active.running(item.id) as scope:
            with scope:
                return await self._attempted(item, on_obstacle)
            return await self._settlement.cancelled(item)

    @property
    def active(self) -> Collection[ItemId]:
        """Return the items with a running attempt."""
        return self._active.ids

    async def cancel(self, item_id: ItemId) -> bool:
        """Cancel the attempt at an item, wait for its settlement, return whether there was one."""
        return await self._active.cancel(item_id)

    async def repeat_progress(self) -> None:
        """Publish the progress of every active item again after a pause or its end."""
        for session in tuple(self._sessions.values()):
            await session.repeat_progress()

    async def _attempted(
        self, item: DownloadItem, on_obstacle: Callable[[UnavailableError], Awaitable[None]]
    ) -> DownloadItem:
        try:
            return await self._settled(item, on_obstacle)
        except (ClaimLostError, StaleItemError):
            logger.warning("%s was taken over by another worker", item.episode)
        except ItemNotFoundError:
            return item  # removed meanwhile
        with suppress(ItemNotFoundError):
            return await self._context.queue.get(item.id)
        return item

    async def _settled(
        self, item: DownloadItem, on_obstacle: Callable[[UnavailableError], Awaitable[None]]
    ) -> DownloadItem:
        folder = FolderName("")
        try:
            series = await self._series.get(item.episode.series_key)
            folder = series.folder
            with self._session(item, folder) as session:
                try:
                    return await self._deliver(item, series, session)
                finally:
                    # The received bytes stay on disk, so the item shows them.
                    item = session.recorded(item)
        except (ClaimLostError, StaleItemError, ItemNotFoundError, StorageUnavailableError):
            raise
        except AniworldError as error:
            settled = await self._settlement.failed(item, folder, error)
            if isinstance(error, DiskFullError | LibraryUnavailableError):
                await on_obstacle(error)
            return settled
        except Exception as error:
            # The worker must survive a programming error in an adapter: this item fails with
            # the traceback in the log, the others continue.
            logger.exception("%s failed unexpectedly", item.episode)
            failure = Failure.from_message(Message("unexpected", error=repr(error)))
            return await self._settlement.given_up(item, folder, failure)

    @contextmanager
    def _session(self, item: DownloadItem, folder: FolderName) -> Iterator[ItemSession]:
        session = self._sessions[item.id] = ItemSession(
            item=item, folder=folder, context=self._context
        )
        try:
            yield session
        finally:
            del self._sessions[item.id]

    async def _deliver(
        self, item: DownloadItem, series: Series, session: ItemSession
    ) -> DownloadItem:
        await self._context.bus.publish(
            DownloadStarted(item=item, folder=series.folder, at=self._context.clock.now())
        )
        logger.info("downloading %s", item.episode)
        async with session.holding():
            delivered = await self._episodes.deliver(
                item, series, on_progress=session.on_progress, on_source=session.on_source
            )
        return await self._settlement.completed(
            item, series.folder, delivered, session.final_progress()
        )
