"""How fast a transfer is, told smoothly and not too often."""

import math
import time
from collections.abc import Callable
from typing import Final

from aniworld_core.domain.downloads import Phase, Progress
from aniworld_core.ports.fetcher import ProgressCallback

_EVERY: Final = 0.1  #: seconds between two reports
_MEMORY: Final = 3.0  #: seconds after which a past speed counts for 1/e


class Speedometer:
    """An average of the speed that forgets exponentially."""

    def __init__(self) -> None:
        self._rate = 0.0
        self._weight = 0.0
        self._last: float | None = None
        self._waiting = 0

    @property
    def rate(self) -> float:
        """Bytes per second; 0 before anything is known."""
        # Divided by the weight so far, the average is right from the first moment on.
        return self._rate / self._weight if self._weight > 0 else 0.0

    def add(self, amount: int, now: float) -> None:
        """Take note that *amount* bytes came since the last call."""
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
    """Reports a transfer's progress, at most ten times per second.

    Attributes:
        downloaded: Bytes that are safely on disk.
        total: Whole size, `None` while unknown.
        fraction: Done share where it is not downloaded/total.
    """

    def __init__(
        self,
        callback: ProgressCallback | None,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._callback = callback
        self._now = now
        self._speed = Speedometer()
        self._fresh = 0
        self._reported = -math.inf
        self._is_reporting = False
        self._phase = Phase.FETCHING
        self.downloaded = 0
        self.total: int | None = None
        self.fraction: float | None = None

    def start(self, downloaded: int, total: int | None) -> None:
        """Begin, or begin anew, with what is there already; it does not count as speed."""
        self.downloaded, self.total = downloaded, total
        self._speed.add(0, self._now())

    async def advance(self, amount: int) -> None:
        """Take note of *amount* further bytes and report if it is time."""
        self.downloaded += amount
        self._fresh += amount
        now = self._now()
        if now - self._reported >= _EVERY and not self._is_reporting:
            await self._report(now)

    async def enter(self, phase: Phase) -> None:
        """Report that another phase begins."""
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
