"""Search a site: with its own search, otherwise in its list of all series."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

import attrs

from aniworld_core.domain.catalogue import SeriesMatch
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import ProviderChangedError
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_providers.catalogues.aniworld.layouts.common import ResponseFormat, SearchForm
from aniworld_providers.catalogues.aniworld.layouts.hits import search_index
from aniworld_providers.catalogues.aniworld.layouts.markup import (
    DamagedPageError,
    FailedPageError,
    MissingPieceError,
    NoSuchPageError,
    is_whole,
)
from aniworld_providers.catalogues.aniworld.layouts.text_cleanup import clean_text
from aniworld_providers.catalogues.aniworld.links import SiteLinks
from aniworld_providers.catalogues.aniworld.page_requests import PageReader
from aniworld_providers.catalogues.aniworld.site import Site
from aniworld_providers.catalogues.aniworld.values import Hit
from aniworld_providers.network.pages import NotJsonError, PageClient, PageMissingError

logger: logging.Logger = logging.getLogger(__name__)

#: How long to use the list of all series.
_INDEX_HOLDS: Final = timedelta(hours=1)
#: Headers that the page's own script sends with its form.
_FORM_HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        "X-Requested-With": "XMLHttpRequest",
    }
)
_LONGEST_QUERY = 200


@attrs.define(eq=False, kw_only=True)
class SiteSearch:
    """Search with the site's own search, and in its list of all series if that fails.

    After a refusal or a bot check no other way is tried.
    """

    _site: Site
    _links: SiteLinks
    _pages: PageClient
    _reader: PageReader
    _clock: Clock
    _index: tuple[datetime, Sequence[Hit]] | None = attrs.field(init=False, default=None)

    async def find(self, query: str) -> Sequence[SeriesMatch]:
        """Return the series that match, each once."""
        words = clean_text(query, _LONGEST_QUERY)
        if not any(character.isalnum() for character in words):
            return []
        for form in self._site.layout.searches:
            hits = await self._ask(form, words)
            if hits is not None:
                return self._matches(hits)
        return self._matches(search_index(words, await self._all()))

    async def _ask(self, form: SearchForm, words: str) -> Sequence[Hit] | None:
        """Search in one way; return `None` if the response is unusable."""
        try:
            answer = await self._answer(form, [(form.field, words), *form.extra])
            return self._site.layout.parse_hits(form, answer)
        except (
            NotJsonError,
            PageMissingError,
            MissingPieceError,
            NoSuchPageError,
            FailedPageError,
            DamagedPageError,
        ) as error:
            logger.info("%s: no answer from %s: %s", self._site.name, form.path, error)
            return None

    async def _answer(self, form: SearchForm, parameters: Sequence[tuple[str, str]]) -> object:
        url = self._links.page(form.path)
        if form.is_posted:
            body = urlencode(parameters).encode("ascii")
            page = await self._pages.ask("POST", url, headers=_FORM_HEADERS, body=body)
            return self._pages.read_json(page)
        if form.format is ResponseFormat.JSON:
            return await self._pages.get_json(url, params=parameters)
        is_own_page = self._site.layout.is_own_page
        page = await self._pages.get(url, params=parameters, expects=is_own_page)
        if not is_whole(page.text):
            raise DamagedPageError(Message("page_ends_early"))
        return page.text

    async def _all(self) -> Sequence[Hit]:
        if self._index is not None and self._clock.now() - self._index[0] < _INDEX_HOLDS:
            return self._index[1]
        url = self._links.page(self._site.index)
        read = await self._reader.read(url, self._site.layout.parse_index)
        if read is None:
            raise ProviderChangedError(self._site.name, Message("piece_all_series"))
        self._index = (self._clock.now(), read.content)
        return read.content

    def _matches(self, hits: Sequence[Hit]) -> Sequence[SeriesMatch]:
        found: dict[SeriesKey, SeriesMatch] = {}
        for hit in hits:
            key = self._links.key_of(hit.target)
            if key is not None and key not in found:
                found[key] = SeriesMatch(
                    key=key,
                    name=hit.name or key.replace("-", " ").title(),
                    site=self._site.title,
                    provider=self._site.name,
                    link=self._links.series(key),
                    cover_url=self._links.picture(hit.cover) if hit.cover else None,
                    year=hit.year,
                    description=hit.description,
                )
        return list(found.values())
