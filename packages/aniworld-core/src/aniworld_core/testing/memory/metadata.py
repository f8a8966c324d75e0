"""Metadata of series in memory."""

from collections.abc import Collection, Mapping, Sequence

import anyio.lowlevel
import attrs

from aniworld_core.domain.catalogue import MetadataDetails, SeriesMetadata
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.ports.metadata import MetadataRepository


@attrs.define(eq=False)
class MemoryMetadataRepository(MetadataRepository):
    """Entries in a dict."""

    _stored: dict[tuple[SeriesKey, str], SeriesMetadata] = attrs.field(factory=dict, init=False)

    async def of_series(self, key: SeriesKey) -> Sequence[SeriesMetadata]:
        return (await self.of_many([key])).get(key, ())

    async def of_many(
        self, keys: Collection[SeriesKey]
    ) -> Mapping[SeriesKey, Sequence[SeriesMetadata]]:
        await anyio.lowlevel.checkpoint()
        found: dict[SeriesKey, list[SeriesMetadata]] = {}
        for (key, _), metadata in sorted(self._stored.items()):
            if key in keys:
                entry = attrs.evolve(metadata.entry, details=MetadataDetails())
                found.setdefault(key, []).append(attrs.evolve(metadata, entry=entry))
        return {key: tuple(entries) for key, entries in found.items()}

    async def details(self, key: SeriesKey) -> Mapping[str, MetadataDetails]:
        await anyio.lowlevel.checkpoint()
        return {
            source: metadata.entry.details
            for (owner, source), metadata in sorted(self._stored.items())
            if owner == key
        }

    async def save(self, metadata: SeriesMetadata) -> None:
        await anyio.lowlevel.checkpoint()
        self._stored[metadata.key, metadata.entry.source] = metadata

    async def forget(self, key: SeriesKey, source: str) -> None:
        await anyio.lowlevel.checkpoint()
        self._stored.pop((key, source), None)
