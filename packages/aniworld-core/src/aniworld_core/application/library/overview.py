"""List the series of the library with the sizes of their files, and sum them up."""

from collections.abc import Mapping

import attrs

from aniworld_core.application.library.views import AnimeSummary
from aniworld_core.domain.catalogue import Page, SeriesQuery
from aniworld_core.ports.library_files import LibraryFileRepository
from aniworld_core.ports.series import SeriesRepository


@attrs.frozen(kw_only=True)
class LibraryTotalsView:
    """Totals of a list of series.

    Attributes:
        series: Number of series.
        incomplete: Number of series with missing episodes.
        have: Episodes in the library.
        total: Episodes that can be had: those in the library, and available wanted ones.
        missing: Missing episodes.
        announced: Wanted episodes that are not available yet.
        size_bytes: Size of all files of the series.
        letters: For each initial, `A` to `Z` and `#` for all others, the number of series before
            the first one with it in a list by name.
    """

    series: int
    incomplete: int
    have: int
    total: int
    missing: int
    announced: int
    size_bytes: int
    letters: Mapping[str, int]


@attrs.define(eq=False, kw_only=True)
class LibraryOverview:
    """Lists and sums up series."""

    _series: SeriesRepository
    _files: LibraryFileRepository

    async def find(self, query: SeriesQuery) -> Page[AnimeSummary]:
        """Return a page of series with counts and sizes, and without episodes."""
        page = await self._series.summaries(query)
        is_whole = query.limit is None and not query.offset
        sizes = await self._files.sizes(None if is_whole else [each.key for each in page.items])
        views = (AnimeSummary.of(each, sizes.get(each.key, 0)) for each in page.items)
        return Page(tuple(views), page.total)

    async def totals(self, query: SeriesQuery) -> LibraryTotalsView:
        """Return the totals of all series of a query, whatever part of them it asks for."""
        sizes = await self._files.sizes()
        keys = await self._series.matching(query)
        totals = await self._series.totals(query)
        return LibraryTotalsView(
            **attrs.asdict(totals), size_bytes=sum(sizes.get(key, 0) for key in keys)
        )

    async def revision(self) -> str:
        """Return a value that changes whenever the results may change."""
        return await self._series.revision()
