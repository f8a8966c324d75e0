"""Loader for everything that yt-dlp can list; a list is a series, its entries are episodes."""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urldefrag, urlsplit

import attrs

from aniworld_core.domain.catalogue import ListPreview, ListRules, Series, SeriesMatch
from aniworld_core.domain.identity import EpisodeRef, SeriesKey
from aniworld_core.domain.media import Language, MediaSource
from aniworld_core.errors import (
    AniworldError,
    EpisodeNotFoundError,
    InvalidLinkError,
    SeriesNotFoundError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.loader import Breadth, ListLoader
from aniworld_providers.catalogues.ytdlp.episodes import (
    NAME,
    SITE,
    is_available,
    language_of,
    reason_of,
    series_of,
    source_of,
    why_unavailable,
)
from aniworld_providers.catalogues.ytdlp.lists import VideoLists
from aniworld_providers.catalogues.ytdlp.stored import StoredListing, key_of_link
from aniworld_providers.listings import ListingStorage, preview_of

#: Top-level domains that never exist on the internet (RFC 6761).
_NO_SITES: Final = (".invalid", ".example", ".test")


@attrs.define(eq=False, kw_only=True)
class YtDlpLoader(ListLoader):
    """Loader for links that no other catalogue takes."""

    _lists: VideoLists

    @property
    def name(self) -> str:
        return NAME

    @property
    def site(self) -> str:
        return SITE

    @property
    def breadth(self) -> Breadth:
        return Breadth.ANY

    def owns(self, link: str) -> bool:
        return _is_link(link)

    def key_from_link(self, link: str) -> SeriesKey:
        if not _is_link(link):
            raise InvalidLinkError(link, Message("not_a_link"))
        plain = urldefrag(link.strip()).url
        return self._storage.key_of(plain) or key_of_link(plain)

    @property
    def can_search(self) -> bool:
        return False

    async def search(self, query: str) -> Sequence[SeriesMatch]:
        return self._storage.search(query, site=SITE, provider=NAME)

    async def get_list(self, key: SeriesKey, ref: str, rules: ListRules) -> Series:
        link = self._link(key, ref)
        return await self._series(await self._lists.updated(key, link, rules, None), rules)

    async def peek(self, key: SeriesKey, ref: str, rules: ListRules) -> Series:
        return await self._series(await self._lists.previewed(self._link(key, ref), rules), rules)

    async def refresh(self, known: Series) -> Series:
        link = self._link(known.key, known.provider_ref or known.link)
        rules = _rules(known)
        return await self._series(await self._lists.updated(known.key, link, rules, known), rules)

    async def choose(self, known: Series) -> Series:
        stored = await self._storage.load(known.key)
        if stored is None:
            return await self.refresh(known)
        return await self._series(stored, _rules(known))

    async def note_refusal(self, episode: EpisodeRef, error: AniworldError) -> Message | None:
        state = await self._lists.refused(episode, error)
        return None if state is None else reason_of(state)

    async def _series(self, stored: StoredListing, rules: ListRules) -> Series:
        return series_of(await self._lists.shown(stored), rules)

    async def preview(self, link: str, rules: ListRules, *, limit: int) -> ListPreview:
        if not _is_link(link):
            raise InvalidLinkError(link, Message("not_a_link"))
        listing = await self._lists.shown(await self._lists.previewed(link, rules))
        return preview_of(
            listing.entries,
            rules,
            name=listing.name,
            link=listing.link,
            limit=limit,
            describe=lambda stored: (stored.entry.url, why_unavailable(stored)),
        )

    async def get_episodes(self, key: SeriesKey) -> Mapping[int, Sequence[int]]:
        seasons: dict[int, list[int]] = {}
        for stored in (await self._stored(key, "")).entries:
            if is_available(stored):
                seasons.setdefault(stored.season, []).append(stored.number)
        return seasons

    async def get_sources(
        self, episode: EpisodeRef, language: Language, ref: str = ""
    ) -> Sequence[MediaSource]:
        listing = await self._stored(episode.series_key, ref)
        for stored in listing.entries:
            if (stored.season, stored.number) == (episode.season, episode.number):
                if not is_available(stored) or language_of(stored) not in {None, language}:
                    return []
                return [source_of(stored)]
        raise EpisodeNotFoundError(episode.series_key, episode.code)

    @property
    def _storage(self) -> ListingStorage[StoredListing]:
        return self._lists.storage

    def _link(self, key: SeriesKey, ref: str) -> str:
        link = ref if _is_link(ref) else self._storage.links.get(key, "")
        if not link:
            raise SeriesNotFoundError(key, where=SITE)
        return link

    async def _stored(self, key: SeriesKey, ref: str) -> StoredListing:
        link = ref if _is_link(ref) else ""
        stored = await self._storage.require(key, link, provider=NAME, site=SITE)
        return await self._lists.shown(stored)


def _rules(known: Series) -> ListRules:
    return known.list_rules or ListRules()


def _is_link(link: str) -> bool:
    text = link.strip()
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").rstrip(".")
        usable = parts.scheme in {"http", "https"} and bool(host) and parts.port != 0
    except ValueError:
        return False
    is_plain = text.isprintable() and " " not in text and "@" not in parts.netloc
    return usable and is_plain and not host.endswith(_NO_SITES)
