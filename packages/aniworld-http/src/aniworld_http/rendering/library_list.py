"""Lists of series as JSON, encoded once for each revision of the database."""

from collections import OrderedDict
from typing import Final

import anyio
import attrs
from aiohttp import web

from aniworld_core.application.library import LibraryOverview
from aniworld_core.domain.catalogue import SeriesQuery
from aniworld_http.schemas import Encoded, encoded_list

#: Queries in the cache; the pages send a handful.
_MAX_QUERIES: Final = 16


@attrs.define(eq=False)
class LibraryList:
    """Returns lists of series, and reads them again only when the revision changed.

    The revision is read before the list. A change during the read therefore belongs to the next
    revision, and a list is never older than its request.
    """

    _overview: LibraryOverview
    _answers: OrderedDict[SeriesQuery, tuple[str, Encoded]] = attrs.field(
        factory=OrderedDict, init=False
    )
    _reading: anyio.Lock = attrs.field(factory=anyio.Lock, init=False)

    async def find(self, query: SeriesQuery) -> Encoded:
        """Return the series that match a query, as encoded JSON."""
        revision = await self._overview.revision()
        if (known := self._known(query, revision)) is not None:
            return known
        # After a change many clients send the same query; one request reads the list.
        async with self._reading:
            revision = await self._overview.revision()
            if (known := self._known(query, revision)) is not None:
                return known
            return await self._read(query, revision)

    def _known(self, query: SeriesQuery, revision: str) -> Encoded | None:
        known = self._answers.get(query)
        if known is None or known[0] != revision:
            return None
        self._answers.move_to_end(query)
        return known[1]

    async def _read(self, query: SeriesQuery, revision: str) -> Encoded:
        page = await self._overview.find(query)
        answer = encoded_list(page.items, page.total)
        self._answers[query] = (revision, answer)
        self._answers.move_to_end(query)
        if len(self._answers) > _MAX_QUERIES:
            self._answers.popitem(last=False)
        return answer


#: The lists of this server.
LIBRARY_LIST: Final = web.AppKey("LIBRARY_LIST", LibraryList)
