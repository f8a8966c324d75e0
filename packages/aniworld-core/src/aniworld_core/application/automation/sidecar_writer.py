"""Write NFO files and pictures beside finished downloads."""

import logging
from collections.abc import Collection

import attrs

from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.application.library import LibraryChanges, SidecarRequest
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import AniworldError, SubscriberLaggedError
from aniworld_core.events import DownloadCompleted
from aniworld_core.ports.bus import ProgressBus

logger: logging.Logger = logging.getLogger(__name__)


@attrs.define(eq=False, kw_only=True)
class SidecarWriter:
    """Write the sidecars of a series after each of its downloads, if the configuration asks.

    A failure is logged; the next download of the series, or `aniworld sidecars`, tries again.
    """

    _bus: ProgressBus
    _changes: LibraryChanges
    _config: CurrentConfig

    async def run(self) -> None:
        """Follow the events of the bus until cancelled or the bus ends."""
        async with self._bus.subscribe(DownloadCompleted) as events:
            while True:
                try:
                    event = await anext(events, None)
                except SubscriberLaggedError as error:
                    logger.warning("cannot write sidecars: %s", error)
                    continue
                if event is None:
                    return
                await self.write([event.item.episode.series_key])

    async def write(self, keys: Collection[SeriesKey]) -> None:
        """Write the sidecars of these series, if the configuration asks for them."""
        if not keys or not self._config.value.library.sidecars:
            return
        try:
            await self._changes.write_sidecars(SidecarRequest(keys=tuple(dict.fromkeys(keys))))
        except AniworldError as error:
            logger.warning("cannot write the sidecars of %s: %s", ", ".join(keys), error)
