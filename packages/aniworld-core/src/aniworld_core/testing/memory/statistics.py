"""The statistics in memory."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

import anyio.lowlevel
import attrs

from aniworld_core.domain.automation import (
    LONGEST_NAME,
    DownloadFigures,
    DownloadResult,
    DownloadSums,
    LibrarySize,
)
from aniworld_core.ports.statistics import StatisticsRepository


@attrs.define(eq=False)
class MemoryStatisticsRepository(StatisticsRepository):
    """Sums and sizes in dicts."""

    _sums: dict[tuple[datetime, str, str], DownloadFigures] = attrs.field(factory=dict, init=False)
    _sizes: dict[date, LibrarySize] = attrs.field(factory=dict, init=False)

    async def count(self, results: Sequence[DownloadResult]) -> None:
        await anyio.lowlevel.checkpoint()
        for each in results:
            names = (each.hoster, each.language)
            hoster, language = (name.replace("\0", "")[:LONGEST_NAME] for name in names)
            key = (each.hour, hoster, language)
            self._sums[key] = self._sums.get(key, DownloadFigures()) + each.figures()

    async def sums(self, bounds: Sequence[datetime]) -> DownloadSums:
        await anyio.lowlevel.checkpoint()
        parts = [DownloadFigures()] * (len(bounds) - 1)
        hosters: dict[str, DownloadFigures] = defaultdict(DownloadFigures)
        languages: dict[str, DownloadFigures] = defaultdict(DownloadFigures)
        for (hour, hoster, language), figures in self._sums.items():
            if bounds[0] <= hour < bounds[-1]:
                parts[bisect_right(bounds, hour) - 1] += figures
                hosters[hoster] += figures
                languages[language] += figures
        return DownloadSums(parts=parts, hosters=dict(hosters), languages=dict(languages))

    async def first_hour(self) -> datetime | None:
        await anyio.lowlevel.checkpoint()
        return min((hour for hour, _, _ in self._sums), default=None)

    async def save_size(self, size: LibrarySize) -> None:
        await anyio.lowlevel.checkpoint()
        self._sizes[size.day] = size

    async def sizes(self, first: date, last: date) -> Sequence[LibrarySize]:
        await anyio.lowlevel.checkpoint()
        return tuple(self._sizes[day] for day in sorted(self._sizes) if first <= day <= last)
