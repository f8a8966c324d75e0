"""Times of language versions in memory."""

from collections.abc import Collection, Sequence

import anyio.lowlevel
import attrs

from aniworld_core.domain.catalogue import VersionSeen
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.media import Language
from aniworld_core.ports.versions import VersionRepository


@attrs.define(eq=False)
class MemoryVersionRepository(VersionRepository):
    """Versions in a dict."""

    _stored: dict[tuple[SeriesKey, int, int, Language], VersionSeen] = attrs.field(
        factory=dict, init=False
    )

    async def find(self) -> Sequence[VersionSeen]:
        await anyio.lowlevel.checkpoint()
        return tuple(seen for _, seen in sorted(self._stored.items()))

    async def add(self, seen: Collection[VersionSeen]) -> None:
        await anyio.lowlevel.checkpoint()
        for each in seen:
            self._stored.setdefault((each.key, each.season, each.number, each.language), each)
