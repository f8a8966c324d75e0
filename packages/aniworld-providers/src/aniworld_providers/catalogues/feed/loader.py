"""Loader for feeds; the items with videos are the episodes."""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

import attrs

from aniworld_core.domain.catalogue import Episode, Series, SeriesMatch, Titles
from aniworld_core.domain.identity import MAX_NAME_LENGTH, EpisodeRef, FolderName, SeriesKey
from aniworld_core.domain.library import safe_component
from aniworld_core.domain.media import Language, MediaSource, parse_language
from aniworld_core.errors import (
    AniworldError,
    EpisodeNotFoundError,
    InvalidLanguageError,
    InvalidLinkError,
    ProviderUnavailableError,
    SeriesNotFoundError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.loader import Breadth, Loader
from aniworld_providers.catalogues.feed.feed import FeedItem, FeedMedia, NotAFeedError
from aniworld_providers.catalogues.feed.links import is_feed_link, key_of_link, web_link
from aniworld_providers.catalogues.feed.reading import NAME, FeedReader
from aniworld_providers.catalogues.feed.stored import StoredFeed, entries_of_series, merge_feed
from aniworld_providers.listings import ListingStorage, StoredEntry
from aniworld_providers.network.pages import Page, PageClient, PageMissingError

logger = logging.getLogger(__name__)

SITE: Final = "Feeds"
_ACCEPT: Final = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9,"
    " text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)
#: Media types that only feeds have, and those that feeds often have.
_TYPES: Final = frozenset(
    {
        *("application/rss+xml", "application/atom+xml", "application/rdf+xml"),
        *("application/feed+json", "application/xml", "text/xml", "text/rss+xml"),
    }
)
#: Most links that were recognised by a request to remember.
_MOST_RECOGNISED: Final = 1000


@attrs.define(eq=False, kw_only=True)
class FeedLoader(Loader):
    """Loader for links of feeds on any site."""

    _storage: ListingStorage[StoredFeed]
    _pages: PageClient
    _read: FeedReader
    _recognised: dict[str, None] = attrs.field(init=False, factory=dict)

    @property
    def name(self) -> str:
        return NAME

    @property
    def site(self) -> str:
        return SITE

    @property
    def breadth(self) -> Breadth:
        return Breadth.FORMAT

    def owns(self, link: str) -> bool:
        plain = web_link(link)
        known = plain in self._recognised or self._storage.key_of(plain) is not None
        return bool(plain) and (known or is_feed_link(link))

    async def recognises(self, link: str) -> bool:
        plain = web_link(link)
        if not plain or self.owns(link):
            return bool(plain)
        try:
            page = await self._pages.get(
                plain, headers={"Accept": _ACCEPT}, fresh=True, wants_body=False
            )
        except AniworldError as error:
            logger.info("cannot tell whether a link leads to a feed: %s", error)
            return False
        if page.headers.get("content-type", "").partition(";")[0].strip().lower() not in _TYPES:
            return False
        if len(self._recognised) >= _MOST_RECOGNISED:
            del self._recognised[next(iter(self._recognised))]
        self._recognised[plain] = None
        return True

    def key_from_link(self, link: str) -> SeriesKey:
        if not self.owns(link):
            raise InvalidLinkError(link, Message("feed_no_link"))
        return key_of_link(web_link(link))

    @property
    def can_search(self) -> bool:
        return False

    async def search(self, query: str) -> Sequence[SeriesMatch]:
        return self._storage.search(query, site=SITE, provider=NAME)

    async def get_series(self, key: SeriesKey, ref: str = "") -> Series:
        return _series(await self._updated(key, ref, None))

    async def refresh(self, known: Series) -> Series:
        # The key of the catalogue: the library's own may have a suffix.
        key = known.catalogue_key or known.key
        return _series(await self._updated(key, known.provider_ref or known.link, known))

    async def get_episodes(self, key: SeriesKey) -> Mapping[int, Sequence[int]]:
        seasons: dict[int, list[int]] = {}
        for stored in (await self._stored(key, "")).entries:
            if _is_available(stored):
                seasons.setdefault(stored.season, []).append(stored.number)
        return seasons

    async def get_sources(
        self, episode: EpisodeRef, language: Language, ref: str = ""
    ) -> Sequence[MediaSource]:
        feed = await self._stored(episode.series_key, ref)
        for stored in feed.entries:
            if (stored.season, stored.number) == (episode.season, episode.number):
                offers = [(_language(m), m) for m in stored.entry.media if stored.is_listed]
                fitting = [pair for pair in offers if pair[0] in {None, language}]
                fitting.sort(key=lambda pair: pair[0] is None)
                return [_source(media, own) for own, media in fitting]
        raise EpisodeNotFoundError(episode.series_key, episode.code)

    async def _stored(self, key: SeriesKey, ref: str) -> StoredFeed:
        """Return the stored feed: only it knows which item has which number.

        Raises:
            SeriesNotFoundError: If there is no feed with this key.
            ProviderUnavailableError: If its file is lost.
        """
        stored = await self._storage.load(key)
        if stored is not None:
            return stored
        if web_link(ref) or key in self._storage.links:
            raise ProviderUnavailableError(NAME, Message("feed_numbers_lost"))
        raise SeriesNotFoundError(key, where=SITE)

    async def _updated(self, key: SeriesKey, ref: str, known: Series | None) -> StoredFeed:
        link = web_link(ref) or self._storage.links.get(key, "")
        if not link:
            raise SeriesNotFoundError(key, where=SITE)
        key = key_of_link(link)
        page = await self._page(key, link)
        digest = hashlib.sha256(page.text.encode("utf-8", "replace")).hexdigest()
        stored = await self._storage.load(key)
        if stored is not None and stored.digest == digest:
            return stored
        try:
            feed = await self._read(page.text, page.url)
        except NotAFeedError as error:
            raise InvalidLinkError(link, error.reason) from error
        before = stored.entries if stored else ()
        if stored is None and known is not None:
            before = entries_of_series(known, feed)
        if not before and not any(item.media for item in feed.items):
            reason = Message("feed_only_audio") if feed.items else Message("feed_without_video")
            raise InvalidLinkError(link, reason)
        merged = StoredFeed(
            key=key,
            link=link,
            name=(feed.title or urlsplit(link).hostname or key)[:MAX_NAME_LENGTH].strip(),
            description=feed.description,
            cover_url=feed.cover_url,
            genres=feed.genres,
            digest=digest,
            entries=merge_feed(before, feed),
        )
        await self._storage.save(merged)
        return merged

    async def _page(self, key: SeriesKey, link: str) -> Page:
        try:
            return await self._pages.get(
                link,
                headers={"Accept": _ACCEPT},
                # Words such as "captcha" in an item are no bot check.
                expects=_starts_like_a_feed,
                fresh=True,
                declared_charset=True,
            )
        except PageMissingError as error:
            raise SeriesNotFoundError(key, where=urlsplit(link).hostname or SITE) from error


def _starts_like_a_feed(text: str) -> bool:
    return text.lstrip("\ufeff \t\r\n")[:5].lower() in {"<?xml", "<rss ", "<feed", "<rdf:"} or (
        text.lstrip()[:1] == "{"
    )


def _is_available(stored: StoredEntry[FeedItem]) -> bool:
    return stored.is_listed and bool(stored.entry.media)


def _language(media: FeedMedia) -> Language | None:
    try:
        return parse_language(media.language) if media.language else None
    except InvalidLanguageError:
        return None


def _source(media: FeedMedia, language: Language | None) -> MediaSource:
    # Sizes and durations in feeds are often wrong, so nothing is checked against them.
    return MediaSource(
        provider=NAME,
        hoster=urlsplit(media.url).hostname or SITE,
        url=media.url,
        language=language,
        kind=media.kind,
        height=media.height,
    )


def _series(feed: StoredFeed) -> Series:
    years = [int(s.entry.published[:4]) for s in feed.entries if s.entry.published]
    return Series(
        key=feed.key,
        name=feed.name,
        site=SITE,
        provider=NAME,
        folder=FolderName(safe_component(feed.name, fallback=feed.key)),
        link=feed.link,
        provider_ref=feed.link,
        description=feed.description,
        year=min(years, default=None),
        genres=feed.genres,
        cover_url=feed.cover_url,
        episodes=tuple(_episode(stored) for stored in feed.entries),
    )


def _episode(stored: StoredEntry[FeedItem]) -> Episode:
    languages = frozenset(filter(None, map(_language, stored.entry.media)))
    title = stored.entry.title or None
    is_german = any(language.audio == "deu" for language in languages)
    return Episode(
        season=stored.season,
        number=stored.number,
        titles=Titles(de=title) if is_german else Titles(en=title),
        languages=languages or None,
        available=_is_available(stored),
    )
