"""Totals of several downloads."""

import attrs

from aniworld_cli.rendering.formats import bytes_text, seconds_text
from aniworld_core.domain.downloads import Progress
from aniworld_core.domain.identity import ItemId


@attrs.define(eq=False)
class DownloadTotals:
    """Totals of the downloads of a command.

    Attributes:
        total: Number of items known so far.
    """

    total: int
    _seen: set[ItemId] = attrs.field(factory=set)
    _settled: dict[ItemId, int] = attrs.field(factory=dict)
    _active: dict[ItemId, Progress] = attrs.field(factory=dict)

    def start(self, item_id: ItemId) -> None:
        """Count an item as active."""
        self._seen.add(item_id)
        self.total = max(self.total, len(self._seen))
        self._active[item_id] = Progress()

    def move(self, item_id: ItemId, progress: Progress) -> None:
        """Record the progress of an active item."""
        if item_id in self._active:
            self._active[item_id] = progress

    def settle(self, item_id: ItemId, size: int) -> None:
        """Count an item as settled, with its size in bytes."""
        self._active.pop(item_id, None)
        self._settled[item_id] = size

    def release(self, item_id: ItemId) -> None:
        """Count an item as pending again."""
        self._active.pop(item_id, None)
        self._settled.pop(item_id, None)

    @property
    def settled(self) -> int:
        """Number of settled items."""
        return len(self._settled)

    @property
    def share(self) -> float:
        """Completed fraction of everything, in 0..1."""
        done = len(self._settled) + sum(p.done for p in self._active.values())
        return min(done / self.total, 1.0) if self.total else 0.0

    @property
    def received(self) -> int:
        """Received bytes."""
        active = sum(p.downloaded_bytes for p in self._active.values())
        return active + sum(self._settled.values())

    @property
    def rate(self) -> float:
        """Bytes per second of all active items together."""
        return sum(p.rate for p in self._active.values())

    def time_left(self, elapsed: float) -> float | None:
        """Estimated seconds left at the current rate; `None` if unknown."""
        share = self.share
        return elapsed * (1 - share) / share if share > 0.01 else None


def amount_text(progress: Progress) -> str:
    """Format received and total bytes of a transfer: `1.2 MB/4.5 MB`."""
    received = bytes_text(progress.downloaded_bytes)
    # An early estimate of the total can be lower than the received bytes.
    if progress.total_bytes is None or progress.total_bytes < progress.downloaded_bytes:
        return received if progress.downloaded_bytes else ""
    about = "~" if progress.fraction is not None and progress.fraction < 1 else ""
    return f"{received}/{about}{bytes_text(progress.total_bytes)}"


def left_text(progress: Progress) -> str:
    """Format the remaining time of a transfer."""
    return seconds_text(progress.eta_seconds)
