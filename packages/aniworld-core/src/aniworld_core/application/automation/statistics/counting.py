"""Results of downloads from events, and the size of the library of each day."""

from collections.abc import Iterator, Sequence

import attrs

from aniworld_core.application.library import LibraryOverview
from aniworld_core.domain.automation import DownloadResult, LibrarySize
from aniworld_core.domain.catalogue import SeriesQuery
from aniworld_core.events import DownloadCompleted, DownloadFailed, Event
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.statistics import StatisticsRepository


def results_of(events: Sequence[Event]) -> Iterator[DownloadResult]:
    """Yield the results of downloads; files that were in the library already are none."""
    for event in events:
        if not isinstance(event, DownloadCompleted | DownloadFailed):
            continue
        item, is_success = event.item, isinstance(event, DownloadCompleted)
        hoster = item.hoster or item.provider
        if is_success and not hoster:
            continue
        begun, ended = item.started_at, item.completed_at
        yield DownloadResult(
            at=event.at,
            hoster=hoster,
            language=item.language.code if item.language else "",
            is_success=is_success,
            is_upgrade=item.replaces,
            bytes=item.progress.downloaded_bytes,
            # Negative if the clock was set back meanwhile; then the duration is unknown.
            seconds=(ended - begun).total_seconds() if begun and ended else 0,
        )


@attrs.define(eq=False, kw_only=True)
class LibraryMeasurement:
    """Stores one size of the library for each day."""

    _overview: LibraryOverview
    _statistics: StatisticsRepository
    _clock: Clock

    async def measure(self) -> Message:
        """Store the present size as that of today; return the result in one line.

        Raises:
            StorageUnavailableError: If the library cannot be read, or the size not be stored.
        """
        totals = await self._overview.totals(SeriesQuery())
        size = LibrarySize(
            day=self._clock.now().date(),
            series=totals.series,
            episodes=totals.have,
            missing=totals.missing,
            bytes=totals.size_bytes,
        )
        await self._statistics.save_size(size)
        return Message("task_measured", count=size.episodes, size_bytes=size.bytes)
