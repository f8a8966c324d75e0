"""Totals of several downloads."""

import attrs

from aniworld_cli.rendering.formats import bytes_text, rounded_rate, seconds_text
from aniworld_core.domain.downloads import Progress
from aniworld_core.domain.identity import ItemId


@attrs.define(eq=False)
class DownloadTotals:
    """Totals of the downloads of a command.

    Attributes:
        total: Number of items known so far.
        in_bits: Whether rates are shown in Mbit/s instead of MB/s.
    """

    total: int
    in_bits: bool = False
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
        """Bytes per second: the sum of the rates of the active items as they are shown."""
        active = self._active.values()
        return sum(rounded_rate(p.moving_rate, in_bits=self.in_bits) for p in active)

    @property
    def is_finishing(self) -> bool:
        """Whether all active items are finishing."""
        return bool(self._active) and all(p.is_finishing for p in self._active.values())

    @property
    def time_left(self) -> float | None:
        """Estimated seconds left at the current rate; `None` if unknown.

        Items that have not started count with the mean size of the others.
        """
        rate, pending = self.rate, self.total - len(self._settled) - len(self._active)
        sizes = [size for size in self._settled.values() if size]
        sizes += [size for p in self._active.values() if (size := p.known_size)]
        if not rate or (pending and not sizes):
            return None
        left = sum(p.remaining_bytes for p in self._active.values())
        if pending:
            left += pending * sum(sizes) / len(sizes)
        return left / rate if left else None


def amount_text(progress: Progress) -> str:
    """Format received and total bytes of a transfer: `1.2 MB/4.5 MB`."""
    received = bytes_text(progress.downloaded_bytes)
    # An early estimate of the total can be lower than the received bytes.
    if progress.known_size is None:
        return received if progress.downloaded_bytes else ""
    about = "~" if progress.fraction is not None and progress.fraction < 1 else ""
    return f"{received}/{about}{bytes_text(progress.known_size)}"


def left_text(progress: Progress) -> str:
    """Format the remaining time of a transfer."""
    return seconds_text(None if progress.known_size is None else progress.eta_seconds)
