"""Measure the speed of a transfer and report its progress."""

import math
import time
from collections.abc import Callable
from typing import Final

from aniworld_core.domain.downloads import Phase, Progress
from aniworld_core.ports.fetcher import ProgressCallback

#: Seconds between two reports.
_EVERY: Final = 0.1
#: Seconds after which a measured speed counts with a weight of 1/e.
_MEMORY: Final = 3.0


class SpeedMeter:
    """Exponentially weighted average of the speed."""

    def __init__(self) -> None:
        self._rate = 0.0
        self._weight = 0.0
        self._last: float | None = None
        self._waiting = 0

    @property
    def rate(self) -> float:
        """Bytes per second; 0 before the first measurement."""
        # Dividing by the weight so far makes the first averages correct, too.
        return self._rate / self._weight if self._weight > 0 else 0.0

    def add(self, amount: int, now: float) -> None:
        """Add *amount* bytes received since the last call."""
        if self._last is None:
            self._last = now
        passed = now - self._last
        amount, self._waiting = amount + self._waiting, 0
        if passed <= 0:
            self._waiting = amount
            return
        keep = math.exp(-passed / _MEMORY)
        self._rate = keep * self._rate + (1 - keep) * (amount / passed)
        self._weight = keep * self._weight + (1 - keep)
        self._last = now


class ProgressMeter:
    """Report the progress of a transfer, at most ten times per second.

    Attributes:
        downloaded: Bytes on disk.
        total: Total size in bytes, `None` if unknown.
        fraction: Completed share, if it is not `downloaded / total`.
    """

    def __init__(
        self,
        callback: ProgressCallback | None,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._callback = callback
        self._now = now
        self._speed = SpeedMeter()
        self._fresh = 0
        self._reported = -math.inf
        self._is_reporting = False
        self._phase = Phase.FETCHING
        self.downloaded = 0
        self.total: int | None = None
        self.fraction: float | None = None

    def start(self, downloaded: int, total: int | None) -> None:
        """Set the bytes already on disk; they do not count as speed."""
        self.downloaded, self.total = downloaded, total
        self._speed.add(0, self._now())

    async def advance(self, amount: int) -> None:
        """Add *amount* bytes and report if a report is due."""
        self.downloaded += amount
        self._fresh += amount
        now = self._now()
        if now - self._reported >= _EVERY and not self._is_reporting:
            await self._report(now)

    async def enter(self, phase: Phase) -> None:
        """Report the start of another phase."""
        self._phase = phase
        await self._report(self._now())

    async def _report(self, now: float) -> None:
        self._speed.add(self._fresh, now)
        self._fresh, self._reported = 0, now
        if self._callback is None:
            return
        self._is_reporting = True
        try:
            await self._callback(
                Progress(
                    downloaded_bytes=self.downloaded,
                    total_bytes=self.total,
                    rate=self._speed.rate,
                    fraction=self.fraction,
                    phase=self._phase,
                )
            )
        finally:
            self._is_reporting = False
