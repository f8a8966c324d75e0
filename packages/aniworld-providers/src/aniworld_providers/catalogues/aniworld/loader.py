"""Loader for a site of the aniworld.to family."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Final

import anyio
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
)
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues.aniworld.browse_lists import SiteShelves
from aniworld_providers.catalogues.aniworld.full_refresh_log import Look, LookBook
from aniworld_providers.catalogues.aniworld.links import Place, SiteLinks, web_link
from aniworld_providers.catalogues.aniworld.listing import (
    Listing,
    SeasonRows,
    refreshed,
    rows_of,
)
from aniworld_providers.catalogues.aniworld.new_episodes import NewsBoard
from aniworld_providers.catalogues.aniworld.page_requests import Visit, Visitor
from aniworld_providers.catalogues.aniworld.search import SiteSearch
from aniworld_providers.catalogues.aniworld.site import (
    ANIWORLD,
    SERIENSTREAM,
    Site,
    laid_out,
)
from aniworld_providers.catalogues.aniworld.values import EpisodePage, SeasonPage
from aniworld_providers.network.capsules import record_capsules
from aniworld_providers.network.pages import open_page_client, origin_of

#: Most seasons of a series; a page that links to more would cost a request for each.
_MOST_SEASONS: Final = 200
#: How long to reuse the page of an episode for its further languages. Short, because its links may
#: work only once.
_EPISODE_HOLDS: Final = timedelta(seconds=10)
#: How long to use a listing to check whether an episode exists.
_LISTING_HOLDS: Final = timedelta(minutes=5)
_MOST_LISTINGS: Final = 1000


@attrs.define(eq=False, kw_only=True)
class AniworldLoader(Loader):
    """Loader for the series of one site.

    Attributes:
        links: Links of the site.
        reach: The `host:port` of a configured base URL.
    """

    _where: Site
    links: SiteLinks
    reach: frozenset[str]
    _visitor: Visitor
    _search: SiteSearch
    _clock: Clock
    _browse_lists: SiteShelves
    _news: NewsBoard
    _looks: LookBook
    _listings: dict[SeriesKey, Listing] = attrs.field(init=False, factory=dict)
    _episode: tuple[datetime, str, Visit[EpisodePage]] | None = attrs.field(
        init=False, default=None
    )

    @property
    def name(self) -> str:
        return self._where.name

    @property
    def site(self) -> str:
        return self._where.title

    def owns(self, link: str) -> bool:
        return self.links.owns(link)

    def key_from_link(self, link: str) -> SeriesKey:
        if not self.owns(link):
            raise InvalidLinkError(link, f"it does not lead to {self.site}")
        place = self.links.place(link)
        if place is None:
            hint = f"try {self.links.base}{self.links.root}/<key>"
            raise InvalidLinkError(link, "it names no series", hint=hint)
        return place.key

    async def search(self, query: str) -> Sequence[SeriesMatch]:
        return await self._search.find(query)

    async def get_series(self, key: SeriesKey, ref: str = "") -> Series:
        asked = self._named(key, ref)
        listing = await self._look(asked)
        # The core may use a key of its own; only the key of the site matters here.
        is_moved = listing.key != asked
        return listing.series(listing.key if is_moved else key, self._where, self.links)

    async def refresh(self, known: Series) -> Series:
        key = self._named(known.key, known.provider_ref or known.link)
        looked_at: dict[int, SeasonRows] = {}
        seen = await self._glance(key, known, looked_at)
        if seen is not None:
            return refreshed(known, key, self.links, seen)
        listing = await self._look(key, looked_at)
        is_moved = listing.key != key
        return listing.series(listing.key if is_moved else known.key, self._where, self.links)

    @property
    def browse_lists(self) -> frozenset[BrowseListName]:
        return self._browse_lists.names

    async def browse(self, browse_list: BrowseListName) -> Sequence[BrowseEntry]:
        return await self._browse_lists.entries(browse_list)

    async def get_episodes(self, key: SeriesKey) -> Mapping[int, Sequence[int]]:
        listing = await self._remembered(key)
        seasons = {
            season: sorted(row.number for row in read.rows if row.available)
            for season, read in sorted(listing.seasons.items())
        }
        return {season: numbers for season, numbers in seasons.items() if numbers}

    async def get_sources(
        self, episode: EpisodeRef, language: Language, ref: str = ""
    ) -> Sequence[MediaSource]:
        key = self._named(episode.series_key, ref)
        visit = await self._episode_page(key, episode)
        if visit is None:
            # The episode is gone, never existed, or is announced without a page.
            if (await self._remembered(key)).lists(episode.season, episode.number):
                return []
            raise EpisodeNotFoundError(episode.series_key, episode.code)
        told = [(h, web_link(visit.url, h.link)) for h in visit.content.hosters]
        sources = [
            MediaSource(
                provider=self.name,
                hoster=hoster.hoster,
                url=url,
                language=hoster.language,
                reach=self.reach,
            )
            for hoster, url in told
            if url is not None and hoster.language in {language, None}
        ]
        return sorted(sources, key=lambda source: source.language is None)

    def _named(self, key: SeriesKey, ref: str) -> SeriesKey:
        """Return the site's key of a series: from *ref*, a link or a key, if it is not empty."""
        place = self.links.place(ref)
        if place is not None:
            return place.key
        try:
            return parse_series_key(ref)
        except InvalidKeyError:
            return key

    async def _remembered(self, key: SeriesKey) -> Listing:
        kept = self._listings.get(key)
        if kept is not None and self._clock.now() - kept.read_at < _LISTING_HOLDS:
            return kept
        listing = await self._look(key)
        if listing.key != key:
            reason = f"it moved to {listing.key}"
            raise SeriesNotFoundError(key, where=self.site, reason=reason)
        return listing

    async def _look(
        self, key: SeriesKey, looked_at: Mapping[int, SeasonRows] = MappingProxyType({})
    ) -> Listing:
        """Read the page of a series and the pages of the seasons that it does not show.

        Args:
            key: Key of the series on the site.
            looked_at: Seasons that were read just before and are not requested again.
        """
        now = self._clock.now()
        read = partial(self._where.layout.read_series, speech=self._where.speech)
        visit = await self._visitor.read(self.links.series(key), read)
        if visit is None or visit.place is None:
            await self._looks.forget(key)
            self._listings.pop(key, None)
            raise SeriesNotFoundError(key, where=self.site)
        page = visit.content
        shown = {row.season for row in page.rows or () if row.season is not None}
        numbers = sorted({*(page.seasons or ()), *shown})
        if len(numbers) > _MOST_SEASONS:
            raise ProviderChangedError(self.name, "a plausible number of seasons")
        found = visit.place.key
        seasons: dict[int, SeasonRows] = {}
        for season in numbers:
            if season in shown:
                seasons[season] = SeasonRows(rows_of(season, page.rows))
            elif found == key and season in looked_at:
                seasons[season] = looked_at[season]
            else:
                seasons[season] = await self._season(found, season)
        listing = Listing(key=found, url=visit.url, page=page, seasons=seasons, read_at=now)
        counts = {season: len(read.rows) for season, read in seasons.items()}
        await self._looks.note(found, Look(at=now, rows=counts))
        return self._kept(listing)

    def _kept(self, listing: Listing) -> Listing:
        self._listings.pop(listing.key, None)
        self._listings[listing.key] = listing
        while len(self._listings) > _MOST_LISTINGS:
            del self._listings[next(iter(self._listings))]
        return listing

    async def _season(self, key: SeriesKey, season: int) -> SeasonRows:
        visit = await self._season_page(key, season)
        # A season that is linked but missing has no episodes; the other seasons stay usable.
        return SeasonRows(rows_of(season, visit.content.rows) if visit is not None else ())

    async def _season_page(self, key: SeriesKey, season: int) -> Visit[SeasonPage] | None:
        read = partial(self._where.layout.read_season, speech=self._where.speech)
        return await self._visitor.read(self.links.season(key, season), read)

    async def _glance(
        self, key: SeriesKey, known: Series, looked_at: dict[int, SeasonRows]
    ) -> Mapping[int, SeasonRows] | None:
        """Read the newest season and the seasons with new episodes, without the others.

        The page of the newest season links to all seasons, so a new one is noticed. Finished
        seasons are read again by a full refresh every day or two. Returns `None` if a full refresh
        is needed now; seasons that were read on the way are in *looked_at*.
        """
        look = await self._looks.recent(key, self._clock.now())
        if look is None or not look.rows or not _holds(known, look):
            return None
        newest = max(look.rows)
        try:
            visit = await self._season_page(key, newest)
        except ProviderChangedError:
            return None  # the full refresh reports what has changed
        if visit is None or visit.place is None or visit.place.key != key:
            return None
        looked_at[newest] = SeasonRows(rows_of(newest, visit.content.rows))
        linked = visit.content.seasons or ((newest,) if len(look.rows) == 1 else ())
        if set(linked) != set(look.rows):
            return None
        there = {(e.season, e.number) for e in known.episodes if e.available}
        told = {p.season for p in await self._news.about(key) if (p.season, p.number) not in there}
        for season in sorted(told & set(look.rows) - {newest, None}, key=lambda s: s or 0):
            if season is not None:
                looked_at[season] = await self._season(key, season)
        return looked_at

    async def _episode_page(self, key: SeriesKey, episode: EpisodeRef) -> Visit[EpisodePage] | None:
        """Return the page of an episode, or `None` if the site has none for it."""
        url = self.links.episode(key, episode.season, episode.number)
        now = self._clock.now()
        if self._episode is not None and self._episode[1] == url:
            asked_at, _, kept = self._episode
            if now - asked_at < _EPISODE_HOLDS:
                return kept
        read = partial(self._where.layout.read_episode, speech=self._where.speech)
        visit = await self._visitor.read(url, read, fresh=True)
        if visit is None or not _is_of(visit, Place(key, episode.season, episode.number)):
            return None
        self._episode = (now, url, visit)
        return visit


def _holds(known: Series, look: Look) -> bool:
    """Return whether the library has all episodes of the last full refresh."""
    held = Counter(episode.season for episode in known.episodes)
    return all(held[season] >= count for season, count in look.rows.items())


def _is_of(visit: Visit[EpisodePage], wanted: Place) -> bool:
    """Return whether a page belongs to the requested episode, by its link and its content."""
    told = visit.content
    is_number_right = told.number in {None, wanted.number}
    # Pages of films use other season numbers.
    is_season_right = wanted.season == 0 or told.season in {None, wanted.season}
    return visit.place == wanted and is_number_right and is_season_right


def open_loader(context: AdapterContext) -> AbstractAsyncContextManager[Loader]:
    """Open the loader for aniworld.to, or for the site at `providers.aniworld.base_url`.

    Raises:
        InvalidConfigError: If the configured base URL or proxy cannot be used.
    """
    return open_site(context, ANIWORLD)


def open_serienstream(context: AdapterContext) -> AbstractAsyncContextManager[Loader]:
    """Open the loader for s.to, or for the site at `providers.serienstream.base_url`.

    Raises:
        InvalidConfigError: If the configured base URL or proxy cannot be used.
    """
    return open_site(context, SERIENSTREAM)


@asynccontextmanager
async def open_site(context: AdapterContext, site: Site) -> AsyncIterator[Loader]:
    """Open the loader for one site of the family."""
    section = context.config.provider(site.name)
    site = laid_out(site, section.layout)
    configured = section.base_url.strip()
    links = site.links(configured)
    clock = context.clock
    looks = LookBook(context.data_dir / "cache" / site.name / "looks.json")
    # One request at a time, because the sites block clients that send more.
    async with open_page_client(context, site.name, site=site.title, concurrency=1) as pages:
        visitor = Visitor(site=site, pages=pages)
        browse_lists = SiteShelves(site=site, links=links, visitor=visitor, clock=clock)
        loader = AniworldLoader(
            where=site,
            links=links,
            reach=frozenset({origin_of(configured)}) if configured else frozenset(),
            visitor=visitor,
            search=SiteSearch(site=site, links=links, pages=pages, visitor=visitor, clock=clock),
            browse_lists=browse_lists,
            news=NewsBoard(site=site, browse_lists=browse_lists, clock=clock),
            looks=looks,
            clock=clock,
        )
        try:
            yield record_capsules(loader, context)
        finally:
            with anyio.CancelScope(shield=True):
                await looks.save()
