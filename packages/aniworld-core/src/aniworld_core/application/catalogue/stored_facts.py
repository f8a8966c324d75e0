"""Facts about series beside their listing: metadata, and when language versions appeared."""

import attrs

from aniworld_core.domain.catalogue import Series, newly_seen, with_metadata, without_unaired
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.metadata import MetadataRepository
from aniworld_core.ports.versions import VersionRepository


@attrs.define(eq=False, kw_only=True)
class StoredFacts:
    """Adds stored metadata to new listings, and stores which versions they add."""

    _metadata: MetadataRepository
    _versions: VersionRepository
    _clock: Clock

    async def applied_to(self, series: Series) -> Series:
        """Return a listing with the facts of the stored entries of its series."""
        entries = [m.entry for m in await self._metadata.of_series(series.key)]
        for entry in entries:
            series = with_metadata(series, entry)
        return without_unaired(series, entries, self._clock.now())

    async def note_versions(self, before: Series, after: Series) -> None:
        """Store the versions that appeared between two listings of a series."""
        await self._versions.add(newly_seen(before, after, self._clock.now()))
