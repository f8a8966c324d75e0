"""Loader for feeds; the items with videos are the episodes."""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

import attrs

from aniworld_core.domain.catalogue import (
    Episode,
    ListPreview,
    ListRules,
    Series,
    SeriesMatch,
    Titles,
)
from aniworld_core.domain.identity import MAX_NAME_LENGTH, EpisodeRef, SeriesKey
from aniworld_core.domain.media import Chapter, Extra, Language, MediaSource, parse_language
from aniworld_core.domain.subtitles import Subtitle
from aniworld_core.errors import (
    AniworldError,
    EpisodeNotFoundError,
    InvalidLanguageError,
    InvalidLinkError,
    SeriesNotFoundError,
    UnusableAnswerError,
    shown_link,
)
from aniworld_core.messages import Message
from aniworld_core.ports.loader import Breadth, ListLoader
from aniworld_providers.catalogues.feed.chapters import read_chapters
from aniworld_providers.catalogues.feed.feed import FeedItem, FeedMedia, NotAFeedError
from aniworld_providers.catalogues.feed.links import is_feed_link, key_of_link, web_link
from aniworld_providers.catalogues.feed.reading import NAME, FeedReader
from aniworld_providers.catalogues.feed.settings import FeedSettings
from aniworld_providers.catalogues.feed.stored import StoredFeed, merge_feed
from aniworld_providers.listings import (
    ListingStorage,
    Numbering,
    StoredEntry,
    entries_of_series,
    preview_of,
    series_of_list,
)
from aniworld_providers.media.probe.language_names import language_named
from aniworld_providers.network.pages import Page, PageClient, PageMissingError

logger: logging.Logger = logging.getLogger(__name__)

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
class FeedLoader(ListLoader):
    """Loader for links of feeds on any site."""

    _storage: ListingStorage[StoredFeed]
    _pages: PageClient
    _read: FeedReader
    _settings: FeedSettings = FeedSettings()
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

    async def get_list(self, key: SeriesKey, ref: str, rules: ListRules) -> Series:
        return _series(await self._updated(key, ref, rules, None), rules)

    async def peek(self, key: SeriesKey, ref: str, rules: ListRules) -> Series:
        link = web_link(ref) or self._storage.links.get(key, "")
        if not link:
            raise SeriesNotFoundError(key, where=SITE)
        return _series(await self._peeked(link, rules), rules)

    async def refresh(self, known: Series) -> Series:
        # The key of the catalogue: the library's own may have a suffix.
        key, rules = known.catalogue_key or known.key, _rules(known)
        ref = known.provider_ref or known.link
        return _series(await self._updated(key, ref, rules, known), rules)

    async def choose(self, known: Series) -> Series:
        stored = await self._storage.load(known.catalogue_key or known.key)
        return await self.refresh(known) if stored is None else _series(stored, _rules(known))

    async def preview(self, link: str, rules: ListRules, *, limit: int) -> ListPreview:
        if not web_link(link):
            raise InvalidLinkError(link, Message("feed_no_link"))
        feed = await self._peeked(web_link(link), rules)
        return preview_of(
            feed.entries,
            rules,
            name=feed.name,
            link=feed.link,
            limit=limit,
            describe=lambda each: (_page_of(each), _why_unavailable(each)),
        )

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
                chapters = await self._chapters(stored.entry) if fitting else ()
                return [_source(media, own, stored.entry, chapters) for own, media in fitting]
        raise EpisodeNotFoundError(episode.series_key, episode.code)

    async def _chapters(self, item: FeedItem) -> tuple[Chapter, ...]:
        """Return the chapters of an item if they are wanted; a file of them may be missing."""
        if not self._settings.chapters or item.chapters or item.chapters_url is None:
            return item.chapters if self._settings.chapters else ()
        try:
            page = await self._pages.get(item.chapters_url, expects=_starts_like_json)
        except AniworldError as error:
            logger.warning("no chapters for %s: %s", item.title or item.id, error)
            return ()
        return read_chapters(page.text)

    async def _stored(self, key: SeriesKey, ref: str) -> StoredFeed:
        return await self._storage.require(key, web_link(ref), provider=NAME, site=SITE)

    async def _updated(
        self, key: SeriesKey, ref: str, rules: ListRules, known: Series | None
    ) -> StoredFeed:
        link = web_link(ref) or self._storage.links.get(key, "")
        if not link:
            raise SeriesNotFoundError(key, where=SITE)
        key = key_of_link(link)
        stored = await self._storage.load(key)
        merged, is_new = await self._read_merged(key, link, rules, stored, known)
        if is_new:
            await self._storage.save(merged)
        return merged

    async def _peeked(self, link: str, rules: ListRules) -> StoredFeed:
        """Return the stored feed of a link, else what would be stored."""
        key = key_of_link(link)
        stored = await self._storage.load(key)
        return stored or (await self._read_merged(key, link, rules, None, None))[0]

    async def _read_merged(
        self,
        key: SeriesKey,
        link: str,
        rules: ListRules,
        stored: StoredFeed | None,
        known: Series | None,
    ) -> tuple[StoredFeed, bool]:
        """Return a feed with its stored items, and whether it differs from the stored one."""
        page = await self._page(key if known else shown_link(link), link)
        digest = hashlib.sha256(page.text.encode("utf-8", "replace")).hexdigest()
        if stored is not None and stored.digest == digest:
            return stored, False
        try:
            feed = await self._read(page.text, page.url)
        except NotAFeedError as error:
            raise InvalidLinkError(link, error.reason) from error
        before = stored.entries if stored else ()
        if stored is None and known is not None:
            before = entries_of_series(known, feed.items, _placeholder)
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
            entries=merge_feed(before, feed, Numbering.of(rules)),
        )
        return merged, True

    async def _page(self, name: str, link: str) -> Page:
        """Return the answer of a link; errors name the series, or the link if it is new."""
        host = urlsplit(link).hostname or SITE
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
            raise SeriesNotFoundError(name, where=host, reason=error.reason) from error
        except UnusableAnswerError as error:
            # The catalogue is not one site: name the link.
            raise UnusableAnswerError(shown_link(link), error.reason) from error


def _starts_like_a_feed(text: str) -> bool:
    head = text.lstrip("\ufeff \t\r\n")[:5].lower()
    return head in {"<?xml", "<rss ", "<feed", "<rdf:"} or _starts_like_json(text)


def _starts_like_json(text: str) -> bool:
    return text.lstrip()[:1] == "{"


def _rules(known: Series) -> ListRules:
    return known.list_rules or ListRules()


def _placeholder(episode: Episode) -> FeedItem:
    return FeedItem(
        id=episode.catalogue_id or f"episode {episode.season}/{episode.number}",
        title=episode.titles.en or episode.titles.de or "",
    )


def _is_available(stored: StoredEntry[FeedItem]) -> bool:
    return _why_unavailable(stored) is None


def _why_unavailable(stored: StoredEntry[FeedItem]) -> Message | None:
    """Return why an item cannot be downloaded; `None` if it can."""
    if not stored.is_listed:
        return Message("entry_not_listed")
    if stored.entry.media:
        return None
    return Message("entry_audio_only" if stored.entry.is_audio else "feed_item_without_media")


def _page_of(stored: StoredEntry[FeedItem]) -> str | None:
    return next((m.url for m in stored.entry.media if m.kind is None), None)


def _language(media: FeedMedia) -> Language | None:
    try:
        return parse_language(media.language) if media.language else None
    except InvalidLanguageError:
        return None


def _source(
    media: FeedMedia, language: Language | None, item: FeedItem, chapters: tuple[Chapter, ...]
) -> MediaSource:
    # Sizes and durations in feeds are often wrong, so nothing is checked against them.
    return MediaSource(
        provider=NAME,
        hoster=urlsplit(media.url).hostname or SITE,
        url=media.url,
        language=language,
        kind=media.kind,
        height=media.height,
        subtitles=tuple(
            Subtitle.called("", url=text.url, language=language_named(text.language, ""))
            for text in item.texts
        ),
        extras=frozenset({Extra.CHAPTERS}) if chapters else frozenset(),
        chapters=chapters,
    )


def _series(feed: StoredFeed, rules: ListRules) -> Series:
    return series_of_list(feed, rules, _episode, provider=NAME, site=SITE, genres=feed.genres)


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
        unavailable=_why_unavailable(stored),
        link=_page_of(stored),
        catalogue_id=stored.entry.id,
    )
