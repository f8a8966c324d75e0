"""The library as a list that is encoded once for each state of the database."""

from collections import OrderedDict
from typing import Final

import anyio
import attrs
from aiohttp import web

from aniworld_core.application.catalogue import Catalogue
from aniworld_core.application.library import AnimeSummary
from aniworld_core.domain.catalogue import SeriesQuery
from aniworld_http.schemas import Encoded, encoded_list

#: So many different questions are remembered; pages ask a handful.
_MOST: Final = 16


@attrs.define(eq=False)
class LibraryList:
    """Answers lists of series; what did not change is not read again.

    The revision is asked for first: what changes while the list is read belongs to the next
    one, so that an answer is never older than the question.
    """

    _catalogue: Catalogue
    _answers: OrderedDict[SeriesQuery, tuple[str, Encoded]] = attrs.field(
        factory=OrderedDict, init=False
    )
    _reading: anyio.Lock = attrs.field(factory=anyio.Lock, init=False)

    async def find(self, query: SeriesQuery) -> Encoded:
        """Return the part of the library that is asked for."""
        revision = await self._catalogue.revision()
        if (known := self._known(query, revision)) is not None:
            return known
        # Many ask the same at once when something changed; one of them reads it for all.
        async with self._reading:
            revision = await self._catalogue.revision()
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
        page = await self._catalogue.list(query)
        answer = encoded_list([AnimeSummary.of(each) for each in page.items], page.total)
        self._answers[query] = (revision, answer)
        self._answers.move_to_end(query)
        if len(self._answers) > _MOST:
            self._answers.popitem(last=False)
        return answer


#: The lists of this server's library.
LIBRARY_LIST: Final = web.AppKey("LIBRARY_LIST", LibraryList)
