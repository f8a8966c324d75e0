"""Browse lists of a site: popular series, new episodes, calendar."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, partial
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import anyio
import attrs

from aniworld_core.domain.catalogue import BrowseEntry, BrowseListName, arranged
from aniworld_core.errors import BrowseListNotFoundError, ProviderChangedError
from aniworld_core.ports.clock import Clock
from aniworld_providers.catalogues.aniworld.layouts.browse_rows import LIST_NAMES
from aniworld_providers.catalogues.aniworld.links import SiteLinks
from aniworld_providers.catalogues.aniworld.page_requests import PageReader
from aniworld_providers.catalogues.aniworld.site import Site
from aniworld_providers.catalogues.aniworld.values import BrowseRow

#: How long to use a browse list before it is requested again, as the sites ask of programs.
LIST_MAX_AGE: Final = timedelta(minutes=20)
_ZONE: Final = "Europe/Berlin"


@attrs.define(eq=False, kw_only=True)
class BrowseLists:
    """Read the browse lists of one site, each at most three times an hour."""

    _site: Site
    _links: SiteLinks
    _reader: PageReader
    _clock: Clock
    _read: dict[BrowseListName, tuple[datetime, Sequence[BrowseRow]]] = attrs.field(
        init=False, factory=dict
    )
    _turns: defaultdict[BrowseListName, anyio.Lock] = attrs.field(
        init=False, factory=lambda: defaultdict(anyio.Lock)
    )

    @property
    def names(self) -> frozenset[BrowseListName]:
        """Names of the available browse lists."""
        return frozenset(self._site.browse_lists)

    async def rows(self, browse_list: BrowseListName) -> Sequence[BrowseRow]:
        """Return the rows of a browse list in the order of the page.

        Raises:
            BrowseListNotFoundError: If the site has no such list.
            ProviderChangedError: If the page is missing or cannot be parsed.
        """
        path = self._site.browse_lists.get(browse_list)
        if path is None:
            raise BrowseListNotFoundError(self._site.name, browse_list)
        async with self._turns[browse_list]:
            kept = self._read.get(browse_list)
            if kept is not None and self._clock.now() - kept[0] < LIST_MAX_AGE:
                return kept[1]
            read = await self._reader.read(
                self._links.page(path),
                partial(self._site.layout.parse_browse_list, browse_list),
                holds=LIST_MAX_AGE,
            )
            if read is None:
                raise ProviderChangedError(self._site.name, LIST_NAMES[browse_list])
            self._read[browse_list] = self._clock.now(), read.content
            return read.content

    async def entries(self, browse_list: BrowseListName) -> Sequence[BrowseEntry]:
        """Return the entries of a browse list; raises as `rows` does."""
        return arranged(browse_list, (self._entry(row) for row in await self.rows(browse_list)))

    def _entry(self, row: BrowseRow) -> BrowseEntry:
        key = row.target.key
        return BrowseEntry(
            key=key,
            name=row.name or key.replace("-", " ").title(),
            site=self._site.title,
            provider=self._site.name,
            link=self._links.series(key),
            cover_url=self._links.picture(row.cover) if row.cover else None,
            season=row.target.season,
            number=row.target.number,
            languages=row.languages or None,
            day=row.day,
            at=moment_of(row.day, row.hour),
        )


def moment_of(day: date | None, hour: time | None) -> datetime | None:
    """Convert a local time of the site to UTC.

    Returns `None` if day or hour is missing. A local time that occurs twice or never because of a
    clock change has no unique UTC time, so it also returns `None`.
    """
    zone = _zone()
    if day is None or hour is None or zone is None:
        return None
    local = datetime.combine(day, hour, zone)
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        return None
    return local.astimezone(UTC)


@cache
def _zone() -> ZoneInfo | None:
    try:
        return ZoneInfo(_ZONE)
    except ZoneInfoNotFoundError:
        # Some systems have no time zone database; entries then have a day but no time.
        return None
