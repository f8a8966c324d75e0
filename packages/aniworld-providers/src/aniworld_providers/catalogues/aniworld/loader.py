"""A site of the family as a catalogue."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import attrs

from aniworld_core.domain.identity import EpisodeRef, SeriesKey, parse_series_key
from aniworld_core.domain.media import Language, MediaSource
from aniworld_core.domain.series import Series, SeriesMatch
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
from aniworld_providers.catalogues.aniworld.links import Place, SiteLinks, web_link
from aniworld_providers.catalogues.aniworld.listing import Listing, SeasonRows, rows_of
from aniworld_providers.catalogues.aniworld.news import NewsBoard
from aniworld_providers.catalogues.aniworld.search import SiteSearch
from aniworld_providers.catalogues.aniworld.site import ANIWORLD, SERIENSTREAM, Site
from aniworld_providers.catalogues.aniworld.values import EpisodePage
from aniworld_providers.catalogues.aniworld.visits import Visit, Visitor
from aniworld_providers.network.capsule_keeper import keep_capsules
from aniworld_providers.network.pages import open_page_client, origin_of

#: More seasons than any series has; a page that names more would cost a request for each.
_MOST_SEASONS: Final = 200
#: How long the page of an episode answers for its languages one after the other. Short, since
#: its links may be good for one use only.
_EPISODE_HOLDS: Final = timedelta(seconds=10)
#: How long a listing answers whether an episode exists.
_LISTING_HOLDS: Final = timedelta(minutes=5)
#: How long seasons are taken as they were while the list of new episodes is silent about them.
_SEASONS_HOLD: Final = timedelta(hours=24)
_MOST_LISTINGS: Final = 1000


@attrs.define(eq=False, kw_only=True)
class AniworldLoader(Loader):
    """Knows the series of one site.

    Attributes:
        links: Its links.
        reach: The `host:port` of a base the owner configured.
    """

    _where: Site
    links: SiteLinks
    reach: frozenset[str]
    _visitor: Visitor
    _search: SiteSearch
    _clock: Clock
    _news: NewsBoard
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
        # The core may know the series by a key of its own; only the site's counts here.
        is_moved = listing.key != asked
        return listing.series(listing.key if is_moved else key, self._where, self.links)

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
            # Gone, never there, or announced without a page of its own.
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
        """The site's own key: *ref* is one, or a link with one, or empty."""
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

    async def _look(self, key: SeriesKey) -> Listing:
        """Read the page of a series and that of each season it does not show itself."""
        looked_at: dict[int, SeasonRows] = {}
        glance = await self._glance(key, looked_at)
        if glance is not None:
            return self._kept(glance)
        now = self._clock.now()
        read = partial(self._where.layout.read_series, speech=self._where.speech)
        visit = await self._visitor.read(self.links.series(key), read)
        if visit is None or visit.place is None:
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
                seasons[season] = SeasonRows(now, rows_of(season, page.rows))
            elif found == key and season in looked_at:
                seasons[season] = looked_at[season]
            else:
                seasons[season] = await self._season(found, season, now)
        return self._kept(
            Listing(
                key=found,
                url=visit.url,
                page=page,
                seasons=seasons,
                described_at=now,
                read_at=now,
            )
        )

    async def _glance(self, key: SeriesKey, looked_at: dict[int, SeasonRows]) -> Listing | None:
        """Look at the newest season alone, where no list of new episodes speaks of the others.

        Its page links to all seasons, so that a new one is noticed; the rest is looked at once a
        day. `None` means that there is reason to look at everything else; what was seen on the
        way is left in *looked_at*, for nothing is asked for twice.
        """
        now, known = self._clock.now(), self._listings.get(key)
        if self._where.layout.news is not None or known is None or len(known.seasons) < 2:
            return None
        if now - known.described_at >= _SEASONS_HOLD:
            return None
        newest = max(known.seasons)
        read = partial(self._where.layout.read_season, speech=self._where.speech)
        visit = await self._visitor.read(self.links.season(key, newest), read)
        if visit is None or visit.place is None or visit.place.key != key:
            return None
        looked_at[newest] = SeasonRows(now, rows_of(newest, visit.content.rows))
        if set(visit.content.seasons or ()) != set(known.seasons):
            return None
        return attrs.evolve(known, seasons={**known.seasons, **looked_at}, read_at=now)

    def _kept(self, listing: Listing) -> Listing:
        self._listings.pop(listing.key, None)
        self._listings[listing.key] = listing
        while len(self._listings) > _MOST_LISTINGS:
            del self._listings[next(iter(self._listings))]
        return listing

    async def _season(self, key: SeriesKey, season: int, now: datetime) -> SeasonRows:
        known = self._listings[key].seasons.get(season) if key in self._listings else None
        if known is not None and now - known.read_at < _SEASONS_HOLD:
            numbers = {row.number for row in known.rows if row.available}
            if await self._news.is_silent_about(key, season, numbers, known.read_at):
                return known
        read = partial(self._where.layout.read_season, speech=self._where.speech)
        visit = await self._visitor.read(self.links.season(key, season), read)
        # A season that is linked but not there has no episodes; the rest of the series has.
        return SeasonRows(now, rows_of(season, visit.content.rows) if visit is not None else ())

    async def _episode_page(self, key: SeriesKey, episode: EpisodeRef) -> Visit[EpisodePage] | None:
        """Return the page of an episode, or `None` if there is none that is its own."""
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


def _is_of(visit: Visit[EpisodePage], wanted: Place) -> bool:
    """Whether a page belongs to the episode asked for, by its link and by what it says."""
    told = visit.content
    is_number_right = told.number in {None, wanted.number}
    # Pages of films number their season in ways of their own.
    is_season_right = wanted.season == 0 or told.season in {None, wanted.season}
    return visit.place == wanted and is_number_right and is_season_right


def open_loader(context: AdapterContext) -> AbstractAsyncContextManager[Loader]:
    """Open aniworld.to, or wherever `providers.aniworld.base_url` says it lives.

    Raises:
        InvalidConfigError: If the configured base URL or proxy cannot be used.
    """
    return open_site(context, ANIWORLD)


def open_serienstream(context: AdapterContext) -> AbstractAsyncContextManager[Loader]:
    """Open s.to, or wherever `providers.serienstream.base_url` says it lives.

    Raises:
        InvalidConfigError: If the configured base URL or proxy cannot be used.
    """
    return open_site(context, SERIENSTREAM)


@asynccontextmanager
async def open_site(context: AdapterContext, site: Site) -> AsyncIterator[Loader]:
    """Open one site of the family."""
    configured = context.config.provider(site.name).base_url.strip()
    links = site.links(configured)
    # One request at a time: the sites watch out for more.
    async with open_page_client(context, site.name, site=site.title, concurrency=1) as pages:
        visitor = Visitor(site=site, pages=pages)
        loader = AniworldLoader(
            where=site,
            links=links,
            reach=frozenset({origin_of(configured)}) if configured else frozenset(),
            visitor=visitor,
            search=SiteSearch(
                site=site, links=links, pages=pages, visitor=visitor, clock=context.clock
            ),
            news=NewsBoard(site=site, links=links, visitor=visitor, clock=context.clock),
            clock=context.clock,
        )
        yield keep_capsules(loader, context)
