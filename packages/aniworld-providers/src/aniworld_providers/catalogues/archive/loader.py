"""Loader for the Internet Archive.

Endpoints and formats follow the Archive's developer pages, and so do the request rules: few
connections, a descriptive User-Agent, and respect for `Retry-After`.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final

import attrs

from aniworld_core.domain.catalogue import (
    BrowseEntry,
    BrowseListName,
    Series,
    SeriesMatch,
    arranged,
)
from aniworld_core.domain.identity import EpisodeRef, SeriesKey
from aniworld_core.domain.media import Language, MediaSource, StreamKind
from aniworld_core.domain.subtitles import Subtitle
from aniworld_core.errors import (
    BrowseListNotFoundError,
    EpisodeNotFoundError,
    InvalidLinkError,
    ProviderChangedError,
    ProviderUnavailableError,
    RestrictedError,
    SeriesNotFoundError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues.archive import fields
from aniworld_providers.catalogues.archive.episodes import (
    ArchiveEpisode,
    has_only_private_videos,
    number_episodes,
)
from aniworld_providers.catalogues.archive.item import (
    NAME,
    SITE,
    ArchiveItem,
    read_item,
)
from aniworld_providers.catalogues.archive.links import ArchiveLinks, is_identifier
from aniworld_providers.network.capsules import record_capsules
from aniworld_providers.network.pages import (
    PageClient,
    PageMissingError,
    open_page_client,
    origin_of,
)

_DEFAULT_BASE: Final = "https://archive.org"
_ROWS = 50
_FIELDS = ("identifier", "title", "description", "year", "date", "mediatype", "publicdate")
#: Query for browse lists: films only, without lent and restricted items.
_FILMS: Final = "mediatype:(movies) AND NOT access-restricted-item:(true)"
_SORTED_BY: Final = {
    BrowseListName.POPULAR: "downloads desc",
    BrowseListName.NEW: "publicdate desc",
}
_LIST_LIFETIME: Final = timedelta(minutes=20)
_WORDS = re.compile(r"[^\W_]+")
#: Time to reuse an item for further requests about its episodes.
_REMEMBERED_FOR = timedelta(minutes=5)
_REMEMBERED = 64
_REMEMBERED_NAMES = 10_000


@attrs.define(eq=False, kw_only=True)
class ArchiveLoader(Loader):
    """Loader for the items of one archive.

    Attributes:
        links: Its links.
        reach: The `host:port` of a configured base URL, without the servers it redirects to.
    """

    links: ArchiveLinks
    reach: frozenset[str]
    _pages: PageClient
    _clock: Clock
    _identifiers: dict[SeriesKey, str] = attrs.field(init=False, factory=dict)
    _items: dict[str, tuple[datetime, ArchiveItem]] = attrs.field(init=False, factory=dict)

    @property
    def name(self) -> str:
        return NAME

    @property
    def site(self) -> str:
        return SITE

    def owns(self, link: str) -> bool:
        return self.links.owns(link)

    def key_from_link(self, link: str) -> SeriesKey:
        if not self.owns(link):
            raise InvalidLinkError(link, Message("link_leads_elsewhere", where=self.links.base))
        identifier = self.links.identifier_in(link)
        key = fields.key_of(identifier) if identifier else None
        if key is None:
            raise InvalidLinkError(
                link,
                Message("link_names_no_item"),
                hint=Message("link_form.hint", example=f"{self.links.base}/details/<identifier>"),
            )
        return key

    async def search(self, query: str) -> Sequence[SeriesMatch]:
        # Words only, because other characters have a meaning in the site's query language.
        words = " AND ".join(word.lower() for word in _WORDS.findall(query)[:20])
        if not words:
            return []
        hits: dict[SeriesKey, SeriesMatch] = {}
        for doc in await self._found(f"title:({words}) AND mediatype:(movies)"):
            match = self._match(doc)
            if match is not None:
                hits.setdefault(match.key, match)
        return list(hits.values())

    async def get_series(self, key: SeriesKey, ref: str = "") -> Series:
        item = await self._item(key, ref, remembered=False)
        episodes = tuple(episode.listed() for episode in number_episodes(item))
        return attrs.evolve(item.described(key, self.links), episodes=episodes)

    async def get_episodes(self, key: SeriesKey) -> Mapping[int, Sequence[int]]:
        seasons: dict[int, list[int]] = {}
        for episode in number_episodes(await self._item(key, "", remembered=True)):
            seasons.setdefault(episode.season, []).append(episode.number)
        return seasons

    async def get_sources(
        self, episode: EpisodeRef, language: Language, ref: str = ""
    ) -> Sequence[MediaSource]:
        item = await self._item(episode.series_key, ref, remembered=True)
        for candidate in number_episodes(item):
            last = candidate.last_number or candidate.number
            is_season = candidate.season == episode.season
            if is_season and candidate.number <= episode.number <= last:
                return self._sources(item, candidate, language)
        raise EpisodeNotFoundError(episode.series_key, episode.code)

    def _sources(
        self, item: ArchiveItem, episode: ArchiveEpisode, language: Language
    ) -> Sequence[MediaSource]:
        if episode.languages and language not in episode.languages:
            return []
        return [
            MediaSource(
                provider=NAME,
                hoster=SITE,
                url=self.links.file(item.identifier, file.name),
                language=language if episode.languages else None,
                kind=StreamKind.DIRECT,
                height=file.height,
                size=file.size,
                checksum=file.checksum,
                duration=file.duration,
                reach=self.reach,
                subtitles=tuple(
                    Subtitle(
                        url=self.links.file(item.identifier, text.name),
                        language=text.track.language,
                        forced=text.track.forced,
                        hearing_impaired=text.track.hearing_impaired,
                    )
                    for text in file.texts
                ),
            )
            for file in episode.files
        ]

    async def _item(self, key: SeriesKey, ref: str, *, remembered: bool) -> ArchiveItem:
        """Return the item of a key; *ref* or an earlier answer gives its exact identifier."""
        named = self.links.identifier_in(ref) or (ref if is_identifier(ref) else "")
        identifier = named or self._identifiers.get(key, "")
        # Most identifiers are in lower case, so try the key first.
        item = await self._asked(identifier or key, remembered=remembered)
        if item is None and not identifier:
            found = await self._look_up(key)
            item = await self._asked(found, remembered=remembered) if found else None
        if item is None:
            raise SeriesNotFoundError(key, where=SITE)
        if item.unavailable:
            raise SeriesNotFoundError(key, where=SITE, reason=item.unavailable)
        if item.restricted:
            raise RestrictedError(item.identifier, item.restricted)
        if has_only_private_videos(item):
            raise RestrictedError(item.identifier, Message("videos_private"))
        self._identifiers[key] = item.identifier
        return item

    async def _asked(self, identifier: str, *, remembered: bool) -> ArchiveItem | None:
        kept = self._items.get(identifier)
        if remembered and kept is not None and self._clock.now() - kept[0] < _REMEMBERED_FOR:
            return kept[1]
        try:
            answer = await self._pages.get_json(
                self.links.metadata(identifier), fresh=not remembered
            )
        except PageMissingError:
            return None
        checked = self._checked(answer, Message("an_item"))
        if not checked:
            return None
        item = read_item(identifier, checked)
        self._items.pop(identifier, None)
        self._items[identifier] = (self._clock.now(), item)
        while len(self._items) > _REMEMBERED:
            del self._items[next(iter(self._items))]
        return item

    async def _look_up(self, key: SeriesKey) -> str | None:
        """Return the identifier that converts to a key."""
        parts = key.split("-")
        wanted = f"identifier:({'*'.join(parts)}) OR title:({' '.join(parts)})"
        for doc in await self._found(f"({wanted}) AND mediatype:(movies)"):
            identifier = fields.text(doc.get("identifier"))
            if fields.key_of(identifier) == key:
                return identifier
        return None

    @property
    def browse_lists(self) -> frozenset[BrowseListName]:
        return frozenset(_SORTED_BY)

    async def browse(self, browse_list: BrowseListName) -> Sequence[BrowseEntry]:
        if browse_list not in _SORTED_BY:
            raise BrowseListNotFoundError(NAME, browse_list)
        found: dict[SeriesKey, BrowseEntry] = {}
        for doc in await self._found(_FILMS, sort=_SORTED_BY[browse_list], holds=_LIST_LIFETIME):
            match = self._match(doc)
            if match is not None:
                at = (
                    fields.moment(doc.get("publicdate"))
                    if browse_list is BrowseListName.NEW
                    else None
                )
                found.setdefault(match.key, BrowseEntry.of(match, at))
        return arranged(browse_list, found.values())

    async def _found(
        self, query: str, *, sort: str = "downloads desc", holds: timedelta = timedelta()
    ) -> Sequence[Mapping[str, Any]]:
        params = [("q", query), *(("fl[]", name) for name in _FIELDS)]
        params += [("sort[]", sort), ("rows", str(_ROWS)), ("page", "1")]
        params.append(("output", "json"))
        url = f"{self.links.base}/advancedsearch.php"
        try:
            answer = self._checked(
                await self._pages.get_json(url, params=params, holds=holds), Message("a_result")
            )
        except PageMissingError as error:
            raise ProviderChangedError(NAME, Message("piece_search")) from error
        response = answer.get("response")
        docs = response.get("docs") if isinstance(response, dict) else None
        if not isinstance(docs, list):
            raise ProviderChangedError(NAME, Message("piece_hits"))
        return [doc for doc in docs if isinstance(doc, dict)]

    def _checked(self, answer: object, what: str) -> Mapping[str, Any]:
        """Return an answer that is an object without an error report."""
        if not isinstance(answer, dict):
            raise ProviderChangedError(NAME, Message("piece_in_answer", what=what))
        if "error" in answer:
            reported = " ".join(fields.text(answer["error"]).split())[:200] or Message("an_error")
            raise ProviderUnavailableError(NAME, Message("site_reports", said=reported))
        if fields.flag(answer.get("servers_unavailable")):
            raise ProviderUnavailableError(NAME, Message("item_servers_down"))
        return answer

    def _match(self, doc: Mapping[str, Any]) -> SeriesMatch | None:
        identifier = fields.text(doc.get("identifier"))
        key = fields.key_of(identifier)
        if key is None or fields.text(doc.get("mediatype")) not in {"", "movies"}:
            return None
        if len(self._identifiers) < _REMEMBERED_NAMES:
            self._identifiers.setdefault(key, identifier)
        return SeriesMatch(
            key=key,
            name=" ".join(fields.text(doc.get("title")).split()) or identifier,
            site=SITE,
            provider=NAME,
            link=self.links.details(identifier),
            cover_url=self.links.cover(identifier),
            year=fields.year(doc.get("year"), doc.get("date")),
            description=fields.plain(doc.get("description")),
        )


@asynccontextmanager
async def open_loader(context: AdapterContext) -> AsyncIterator[Loader]:
    """Open the archive at the configured base URL, archive.org by default.

    Raises:
        InvalidConfigError: If the configured base URL is not a link.
    """
    configured = context.config.provider(NAME).base_url.strip()
    async with open_page_client(context, NAME, site=SITE) as pages:
        loader = ArchiveLoader(
            links=ArchiveLinks.below(configured or _DEFAULT_BASE),
            reach=frozenset({origin_of(configured)}) if configured else frozenset(),
            pages=pages,
            clock=context.clock,
        )
        yield record_capsules(loader, context)
