"""How much the queue still has to download, and how long that takes."""

from collections.abc import Sequence

import attrs

from aniworld_core.domain.downloads import (
    HELD_STATUSES,
    DownloadItem,
    DownloadStatus,
    QueueOverview,
)


@attrs.frozen(kw_only=True)
class Outlook:
    """Speed and remaining work of the queue at one moment.

    Attributes:
        rate: Bytes per second of all active items together.
        active_bytes: Remaining bytes of the active items; `None` if one of them has no known size.
        pending_bytes: Estimated bytes of the pending items: their number times the mean size of
            completed and active items, less what is downloaded already. `None` without a size.
        slowest: Seconds until the last active item is complete; `None` if unknown.
    """

    rate: float
    active_bytes: float | None
    pending_bytes: int | None
    slowest: float | None

    @classmethod
    def of(cls, overview: QueueOverview) -> "Outlook":
        """Return the outlook of a queue, of which the active items are listed."""
        active = active_items(overview)
        sizes = [item.progress.total_bytes for item in active]
        left = [_left(item) for item in active]
        known_left = [each for each in left if each is not None]
        times = [item.progress.eta_seconds for item in active]
        known_times = [each for each in times if each is not None]
        return cls(
            rate=sum(item.progress.moving_rate for item in active),
            active_bytes=sum(known_left) if len(known_left) == len(left) else None,
            pending_bytes=_pending_bytes(overview, [size for size in sizes if size]),
            slowest=max(known_times) if known_times and len(known_times) == len(times) else None,
        )

    @property
    def seconds(self) -> float | None:
        """Estimated seconds until no item is pending or active; `None` if unknown."""
        if self.slowest is None or self.active_bytes is None or self.pending_bytes is None:
            return None
        # The slowest item may outlast all others.
        return max(self.slowest, (self.active_bytes + self.pending_bytes) / self.rate)


def active_items(overview: QueueOverview) -> Sequence[DownloadItem]:
    """Return the items that are being downloaded."""
    return [entry.item for status in HELD_STATUSES for entry in overview.lists[status]]


def _left(item: DownloadItem) -> float | None:
    progress = item.progress
    return None if progress.total_bytes is None else progress.total_bytes * (1.0 - progress.done)


def _pending_bytes(overview: QueueOverview, sizes: Sequence[int]) -> int | None:
    pending = overview.counts[DownloadStatus.PENDING]
    if not pending:
        return 0
    samples = overview.counts[DownloadStatus.COMPLETED] + len(sizes)
    measured = overview.downloaded[DownloadStatus.COMPLETED] + sum(sizes)
    if not samples or not measured:
        return None
    begun = overview.downloaded[DownloadStatus.PENDING]
    return max(pending * measured // samples - begun, 0)
