"""Loader for a site of the aniworld.to family."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Final

import attrs

from aniworld_core.domain.catalogue import BrowseEntry, BrowseListName, Series, SeriesMatch
from aniworld_core.domain.identity import EpisodeRef, SeriesKey, parse_series_key
from aniworld_core.domain.media import Language, MediaSource
from aniworld_core.errors import (
    EpisodeNotFoundError,
    InvalidKeyError,
    InvalidLinkError,
    ProviderChangedError,
    SeriesNotFoundError,
    UnusableAnswerError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues.aniworld.browse_lists import BrowseLists
from aniworld_providers.catalogues.aniworld.full_refresh_log import FullRefresh, RefreshLog
from aniworld_providers.catalogues.aniworld.links import LinkTarget, SiteLinks, web_link
from aniworld_providers.catalogues.aniworld.listing import (
    Listing,
    refreshed,
    rows_of_season,
)
from aniworld_providers.catalogues.aniworld.new_episodes import NewEpisodes
from aniworld_providers.catalogues.aniworld.page_requests import PageReader, ReadPage
from aniworld_providers.catalogues.aniworld.search import SiteSearch
from aniworld_providers.catalogues.aniworld.site import (
    Site,
)
from aniworld_providers.catalogues.aniworld.values import EpisodePage, EpisodeRow, SeasonPage

#: Most seasons of a series; a page that links to more would cost a request for each.
_MOST_SEASONS: Final = 200
#: How long to reuse the page of an episode for its further languages. Short, because its links may
#: work only once.
_EPISODE_HOLDS: Final = timedelta(seconds=10)
#: How long to use a listing to check whether an episode exists.
_LISTING_HOLDS: Final = timedelta(minutes=5)
_MOST_LISTINGS: Final = 1000


@attrs.frozen(kw_only=True)
class SitePages:
    """The pages of a site: series and episodes, search, browse lists, new episodes."""

    reader: PageReader
    search: SiteSearch
    browse_lists: BrowseLists
    news: NewEpisodes


@attrs.define(eq=False, kw_only=True)
class AniworldLoader(Loader):
    """Loader for the series of one site.

    Attributes:
        links: Links of the site.
        reach: The `host:port` of a configured base URL.
    """

    _site: Site
    links: SiteLinks
    reach: frozenset[str]
    _pages: SitePages
    _clock: Clock
    _log: RefreshLog
    _listings: dict[SeriesKey, Listing] = attrs.field(init=False, factory=dict)
    _episode: tuple[datetime, str, ReadPage[EpisodePage]] | None = attrs.field(
        init=False, default=None
    )

    @property
    def name(self) -> str:
        return self._site.name

    @property
    def site(self) -> str:
        return self._site.title

    def owns(self, link: str) -> bool:
        return self.links.owns(link)

    def key_from_link(self, link: str) -> SeriesKey:
        if not self.owns(link):
            raise InvalidLinkError(link, Message("link_leads_elsewhere", where=self.site))
        target = self.links.target(link)
        if target is None:
            hint = Message("link_form.hint", example=f"{self.links.base}{self.links.root}/<key>")
            raise InvalidLinkError(link, Message("link_names_no_series"), hint=hint)
        return target.key

    async def search(self, query: str) -> Sequence[SeriesMatch]:
        return await self._pages.search.find(query)

    async def get_series(self, key: SeriesKey, ref: str = "") -> Series:
        asked = self._site_key(key, ref)
        listing = await self._read_series(asked)
        # The core may use a key of its own; only the key of the site matters here.
        is_moved = listing.key != asked
        return listing.series(listing.key if is_moved else key, self._site, self.links)

    async def refresh(self, known: Series) -> Series:
        key = self._site_key(known.key, known.provider_ref or known.link)
        seen: dict[int, tuple[EpisodeRow, ...]] = {}
        if await self._read_newest(key, known, seen):
            return refreshed(known, key, self.links, seen)
        listing = await self._read_series(key, seen)
        is_moved = listing.key != key
        return listing.series(listing.key if is_moved else known.key, self._site, self.links)

    @property
    def browse_lists(self) -> frozenset[BrowseListName]:
        return self._pages.browse_lists.names

    async def browse(self, browse_list: BrowseListName) -> Sequence[BrowseEntry]:
        return await self._pages.browse_lists.entries(browse_list)

    async def get_episodes(self, key: SeriesKey) -> Mapping[int, Sequence[int]]:
        listing = await self._remembered(key)
        seasons = {
            season: sorted(row.number for row in rows if row.available)
            for season, rows in sorted(listing.seasons.items())
        }
        return {season: numbers for season, numbers in seasons.items() if numbers}

    async def get_sources(
        self, episode: EpisodeRef, language: Language, ref: str = ""
    ) -> Sequence[MediaSource]:
        key = self._site_key(episode.series_key, ref)
        read = await self._episode_page(key, episode)
        if read is None:
            # The episode is gone, never existed, or is announced without a page.
            if (await self._remembered(key)).lists(episode.season, episode.number):
                return []
            raise EpisodeNotFoundError(episode.series_key, episode.code)
        links = [(h, web_link(read.url, h.link)) for h in read.content.hosters]
        sources = [
            MediaSource(
                provider=self.name,
                hoster=hoster.hoster,
                url=url,
                language=hoster.language,
                reach=self.reach,
            )
            for hoster, url in links
            if url is not None and hoster.language in {language, None}
        ]
        return sorted(sources, key=lambda source: source.language is None)

    def _site_key(self, key: SeriesKey, ref: str) -> SeriesKey:
        """Return the site's key of a series: from *ref*, a link or a key, if it is not empty."""
        target = self.links.target(ref)
        if target is not None:
            return target.key
        try:
            return parse_series_key(ref)
        except InvalidKeyError:
            return key

    async def _remembered(self, key: SeriesKey) -> Listing:
        kept = self._listings.get(key)
        if kept is not None and self._clock.now() - kept.read_at < _LISTING_HOLDS:
            return kept
        listing = await self._read_series(key)
        if listing.key != key:
            reason = Message("moved_to", key=listing.key)
            raise SeriesNotFoundError(key, where=self.site, reason=reason)
        return listing

    async def _read_series(
        self, key: SeriesKey, seen: Mapping[int, tuple[EpisodeRow, ...]] = MappingProxyType({})
    ) -> Listing:
        """Read the page of a series and the pages of the seasons that it does not show.

        Args:
            key: Key of the series on the site.
            seen: Seasons that were read just before and are not requested again.
        """
        now = self._clock.now()
        read = await self._pages.reader.read(self.links.series(key), self._site.layout.parse_series)
        if read is None or read.target is None:
            await self._log.forget(key)
            self._listings.pop(key, None)
            raise SeriesNotFoundError(key, where=self.site)
        page = read.content
        shown = {row.season for row in page.rows or () if row.season is not None}
        numbers = sorted({*(page.seasons or ()), *shown})
        if len(numbers) > _MOST_SEASONS:
            raise UnusableAnswerError(
                self.name, Message("answer_too_many_seasons", limit=_MOST_SEASONS)
            )
        found = read.target.key
        seasons: dict[int, tuple[EpisodeRow, ...]] = {}
        for season in numbers:
            if season in shown:
                seasons[season] = rows_of_season(season, page.rows)
            elif found == key and season in seen:
                seasons[season] = seen[season]
            else:
                seasons[season] = await self._season(found, season)
        listing = Listing(key=found, url=read.url, page=page, seasons=seasons, read_at=now)
        counts = {season: len(rows) for season, rows in seasons.items()}
        await self._log.note(found, FullRefresh(at=now, rows=counts))
        return self._kept(listing)

    def _kept(self, listing: Listing) -> Listing:
        self._listings.pop(listing.key, None)
        self._listings[listing.key] = listing
        while len(self._listings) > _MOST_LISTINGS:
            del self._listings[next(iter(self._listings))]
        return listing

    async def _season(self, key: SeriesKey, season: int) -> tuple[EpisodeRow, ...]:
        read = await self._season_page(key, season)
        # A season that is linked but missing has no episodes; the other seasons stay usable.
        return rows_of_season(season, read.content.rows) if read is not None else ()

    async def _season_page(self, key: SeriesKey, season: int) -> ReadPage[SeasonPage] | None:
        link = self.links.season(key, season)
        return await self._pages.reader.read(link, self._site.layout.parse_season)

    async def _read_newest(
        self, key: SeriesKey, known: Series, seen: dict[int, tuple[EpisodeRow, ...]]
    ) -> bool:
        """Read the newest season and the seasons with new episodes, and add them to *seen*.

        The page of the newest season links to all seasons, so a new one is noticed. Finished
        seasons are read again by a full refresh every day or two.

        Returns:
            Whether that is enough; if not, a full refresh is needed now.
        """
        last = await self._log.recent(key, self._clock.now())
        if last is None or not last.rows or not _is_complete(known, last):
            return False
        newest = max(last.rows)
        try:
            read = await self._season_page(key, newest)
        except ProviderChangedError:
            return False  # the full refresh reports what has changed
        if read is None or read.target is None or read.target.key != key:
            return False
        seen[newest] = rows_of_season(newest, read.content.rows)
        linked = read.content.seasons or ((newest,) if len(last.rows) == 1 else ())
        if set(linked) != set(last.rows):
            return False
        there = {(e.season, e.number) for e in known.episodes if e.available}
        updated = {
            t.season for t in await self._pages.news.about(key) if (t.season, t.number) not in there
        }
        for season in sorted(updated & set(last.rows) - {newest, None}, key=lambda s: s or 0):
            if season is not None:
                seen[season] = await self._season(key, season)
        return True

    async def _episode_page(
        self, key: SeriesKey, episode: EpisodeRef
    ) -> ReadPage[EpisodePage] | None:
        """Return the page of an episode, or `None` if the site has none for it."""
        url = self.links.episode(key, episode.season, episode.number)
        now = self._clock.now()
        if self._episode is not None and self._episode[1] == url:
            asked_at, _, kept = self._episode
            if now - asked_at < _EPISODE_HOLDS:
                return kept
        parse = partial(self._site.layout.parse_episode, language_keys=self._site.language_keys)
        read = await self._pages.reader.read(url, parse, fresh=True)
        if read is None or not _is_of(read, LinkTarget(key, episode.season, episode.number)):
            return None
        self._episode = (now, url, read)
        return read


def _is_complete(known: Series, last: FullRefresh) -> bool:
    """Return whether the library has all episodes of the last full refresh."""
    held = Counter(episode.season for episode in known.episodes)
    return all(held[season] >= count for season, count in last.rows.items())


def _is_of(read: ReadPage[EpisodePage], wanted: LinkTarget) -> bool:
    """Return whether a page belongs to the requested episode, by its link and its content."""
    stated = read.content
    is_number_right = stated.number in {None, wanted.number}
    # Pages of films use other season numbers.
    is_season_right = wanted.season == 0 or stated.season in {None, wanted.season}
    return read.target == wanted and is_number_right and is_season_right
