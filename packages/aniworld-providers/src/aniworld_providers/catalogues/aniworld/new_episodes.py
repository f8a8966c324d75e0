"""New episodes of all series, from one browse list."""

import logging
from collections.abc import Collection
from datetime import datetime

import attrs

from aniworld_core.domain.catalogue import BrowseListName
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import ProviderChangedError, ProviderUnavailableError
from aniworld_core.ports.clock import Clock
from aniworld_providers.catalogues.aniworld.browse_lists import LIST_MAX_AGE, BrowseLists
from aniworld_providers.catalogues.aniworld.links import LinkTarget
from aniworld_providers.catalogues.aniworld.site import Site

logger: logging.Logger = logging.getLogger(__name__)


@attrs.define(eq=False, kw_only=True)
class NewEpisodes:
    """Find the new episodes of a series with one request for all series."""

    _site: Site
    _browse_lists: BrowseLists
    _clock: Clock
    _silent_since: datetime | None = attrs.field(init=False, default=None)

    async def about(self, key: SeriesKey) -> Collection[LinkTarget]:
        """Return the new episodes of a series; none if the site does not list them."""
        if not self._site.layout.has_full_news:
            return ()
        now = self._clock.now()
        if self._silent_since is not None and now - self._silent_since < LIST_MAX_AGE:
            return ()
        try:
            rows = await self._browse_lists.rows(BrowseListName.NEW)
        except (ProviderChangedError, ProviderUnavailableError) as error:
            # Only an optimisation is lost: a full refresh still reads every season.
            logger.info("%s: no list of new episodes: %s", self._site.name, error)
            self._silent_since = now
            return ()
        self._silent_since = None
        return [row.target for row in rows if row.target.key == key]
