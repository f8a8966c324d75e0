"""The list of new episodes, which tells of all series at once."""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

import attrs

from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import ProviderChangedError, ProviderUnavailableError
from aniworld_core.ports.clock import Clock
from aniworld_providers.catalogues.aniworld.links import SiteLinks
from aniworld_providers.catalogues.aniworld.site import Site
from aniworld_providers.catalogues.aniworld.values import NewsPage
from aniworld_providers.catalogues.aniworld.visits import Visitor

logger = logging.getLogger(__name__)

#: How long the list is good for.
_NEWS_HOLDS: Final = timedelta(minutes=15)
#: The days in the list are those of the site, wherever it keeps its clock.
_ANYWHERE: Final = timedelta(days=1)


@attrs.define(eq=False, kw_only=True)
class NewsBoard:
    """Knows whether a series may have new episodes, for one request every quarter of an hour."""

    _site: Site
    _links: SiteLinks
    _visitor: Visitor
    _clock: Clock
    _page: tuple[datetime, NewsPage | None] | None = attrs.field(init=False, default=None)

    async def is_silent_about(
        self, key: SeriesKey, season: int, known: Collection[int], since: datetime
    ) -> bool:
        """Whether a season has had no new episode.

        Args:
            key: Which series.
            season: Which season.
            known: Numbers of its episodes when it was last looked at.
            since: When that was. A list that does not reach back to then says nothing.
        """
        page = await self._read()
        if page is None or page.oldest is None or page.oldest >= (since - _ANYWHERE).date():
            return False
        told = (p for p in page.places if p.key == key and p.season in {season, None})
        return all(place.number in known for place in told)

    async def _read(self) -> NewsPage | None:
        now = self._clock.now()
        if self._page is None or now - self._page[0] >= _NEWS_HOLDS:
            self._page = (now, await self._asked())
        return self._page[1]

    async def _asked(self) -> NewsPage | None:
        layout = self._site.layout
        if layout.news is None:
            return None
        try:
            visit = await self._visitor.read(self._links.page(layout.news), layout.read_news)
        except (ProviderChangedError, ProviderUnavailableError) as error:
            # Only a short cut is lost: every season can still be looked at.
            logger.info("%s: no list of new episodes: %s", self._site.name, error)
            return None
        return visit.content if visit is not None else None
