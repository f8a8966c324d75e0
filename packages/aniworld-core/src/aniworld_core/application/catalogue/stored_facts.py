"""Facts about series beside their listing: metadata, and when language versions appeared."""

from datetime import datetime

import attrs

from aniworld_core.domain.catalogue import (
    Series,
    is_resting,
    newly_seen,
    with_metadata,
    without_unaired,
)
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.metadata import MetadataRepository
from aniworld_core.ports.versions import VersionRepository


@attrs.define(eq=False, kw_only=True)
class StoredFacts:
    """Adds stored metadata to new listings, and stores which versions they add."""

    _metadata: MetadataRepository
    _versions: VersionRepository
    _clock: Clock
    #: When this process last read each listing.
    _checked: dict[SeriesKey, datetime] = attrs.field(factory=dict, init=False)

    async def applied_to(self, series: Series) -> Series:
        """Return a listing with the facts of the stored entries of its series."""
        entries = [m.entry for m in await self._metadata.of_series(series.key)]
        for entry in entries:
            series = with_metadata(series, entry)
        return without_unaired(series, entries, self._clock.now())

    async def note_listing(self, before: Series, after: Series) -> None:
        """Store the versions that appeared with a new listing of a series."""
        now = self._clock.now()
        self._checked[after.key] = now
        if seen := newly_seen(before, after, now):
            await self._versions.add(seen)

    async def is_resting(self, series: Series) -> bool:
        """Return whether a scheduled scan need not read the listing of a series again."""
        checked = self._checked.get(series.key)
        if checked is None:
            return False
        entries = await self._metadata.of_series(series.key)
        air_dates = [each.at for m in entries for each in m.entry.all_air_dates]
        return is_resting(air_dates, checked, self._clock.now())
