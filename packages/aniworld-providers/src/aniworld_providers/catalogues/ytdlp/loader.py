"""Loader for everything that yt-dlp can list; a list is a series, its entries are episodes."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final
from urllib.parse import urldefrag, urlsplit

import anyio
import attrs

from aniworld_core.domain.catalogue import Episode, Series, SeriesMatch, Titles
from aniworld_core.domain.identity import EpisodeRef, FolderName, SeriesKey
from aniworld_core.domain.library import safe_component
from aniworld_core.domain.media import Language, MediaSource, parse_language
from aniworld_core.errors import (
    EpisodeNotFoundError,
    InvalidLanguageError,
    InvalidLinkError,
    ProviderUnavailableError,
    SeriesNotFoundError,
    SourceGoneError,
    UnsupportedSourceError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.loader import Breadth, Loader
from aniworld_providers.catalogues.ytdlp.stored import StoredListing, key_of_link, key_of_list
from aniworld_providers.listings import ListingStorage, StoredEntry, merge_entries
from aniworld_providers.network import AddressGuard
from aniworld_providers.ytdlp import (
    EntryState,
    Failure,
    ListedEntry,
    Listing,
    ListingJob,
    Runner,
    YtDlpSettings,
    read_cookies,
)

NAME: Final = "ytdlp"
SITE: Final = "yt-dlp"
#: Longest time for one listing. Thousands of entries are many pages at a limited rate.
DEADLINE: Final = timedelta(minutes=10)
#: Longest silence of a server.
_ANSWER_WITHIN: Final = timedelta(seconds=20)
#: Time after which a refresh reads the whole list, to find removed and changed entries.
_WHOLE_AFTER: Final = timedelta(days=7)
#: Lists up to this length are one or two requests and are always read whole.
_SHORT_LIST: Final = 50
#: Top-level domains that never exist on the internet (RFC 6761).
_NO_SITES: Final = (".invalid", ".example", ".test")


@attrs.define(eq=False, kw_only=True)
class YtDlpLoader(Loader):
    """Loader for links that no other catalogue takes."""

    _storage: ListingStorage[StoredListing]
    _clock: Clock
    _allowed: frozenset[str]
    _run: Runner
    _pause: float
    _settings: YtDlpSettings = attrs.field(repr=False)
    _deadline: timedelta = DEADLINE

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

    async def get_series(self, key: SeriesKey, ref: str = "") -> Series:
        return _series(await self._listed(key, ref, is_lazy=False))

    async def refresh(self, known: Series) -> Series:
        ref = known.provider_ref or known.link
        return _series(await self._listed(known.key, ref, is_lazy=True))

    async def get_episodes(self, key: SeriesKey) -> Mapping[int, Sequence[int]]:
        seasons: dict[int, list[int]] = {}
        for stored in (await self._stored(key, "")).entries:
            if _is_available(stored):
                seasons.setdefault(stored.season, []).append(stored.number)
        return seasons

    async def get_sources(
        self, episode: EpisodeRef, language: Language, ref: str = ""
    ) -> Sequence[MediaSource]:
        listing = await self._stored(episode.series_key, ref)
        for stored in listing.entries:
            if (stored.season, stored.number) == (episode.season, episode.number):
                own = _language(stored)
                if not _is_available(stored) or own not in {None, language}:
                    return []
                return [_source(stored, own)]
        raise EpisodeNotFoundError(episode.series_key, episode.code)

    async def _stored(self, key: SeriesKey, ref: str) -> StoredListing:
        return await self._storage.load(key) or await self._listed(key, ref, is_lazy=False)

    async def _listed(self, key: SeriesKey, ref: str, *, is_lazy: bool) -> StoredListing:
        link = ref if _is_link(ref) else self._storage.links.get(key, "")
        if not link:
            raise SeriesNotFoundError(key, where=SITE)
        stored = await self._storage.load(key)
        known = self._known_ids(stored) if is_lazy and stored else frozenset()
        listing = await self._list(key, urldefrag(link.strip()).url, known)
        own = key_of_list(listing.extractor, listing.id, urldefrag(listing.link).url)
        if stored is None or stored.key != own:
            stored = await self._storage.load(own)
        merged = self._merged(own, stored, listing)
        if merged != stored:
            await self._storage.save(merged)
        return merged

    def _known_ids(self, stored: StoredListing) -> frozenset[str]:
        """Return the ids at which a refresh may stop; empty if it must read the whole list."""
        is_due = self._clock.now() - stored.read_whole_at >= _WHOLE_AFTER
        if is_due or len(stored.entries) <= _SHORT_LIST or stored.grows_at_end:
            return frozenset()
        # Announced entries are read again, because their state changes.
        return frozenset(
            s.entry.id for s in stored.entries if s.entry.state is not EntryState.WAITING
        )

    def _merged(
        self, key: SeriesKey, stored: StoredListing | None, listing: Listing
    ) -> StoredListing:
        by_year = self._settings.seasons == "year" if stored is None else stored.by_year
        entries = merge_entries(
            stored.entries if stored else (),
            listing.entries,
            is_whole=listing.is_whole,
            by_year=by_year,
            is_single=listing.is_single,
        )
        if stored is not None and not listing.is_whole:
            return attrs.evolve(stored, entries=tuple(entries))
        return StoredListing(
            key=key,
            link=urldefrag(listing.link).url,
            name=listing.title or listing.id,
            description=listing.description,
            cover_url=listing.cover_url,
            read_whole_at=self._clock.now(),
            by_year=by_year,
            grows_at_end=_grows_at_end(listing),
            entries=tuple(entries),
        )

    async def _list(self, key: SeriesKey, link: str, known: frozenset[str]) -> Listing:
        AddressGuard(self._allowed).check_url(link)
        job = ListingJob(
            url=link,
            known=known,
            allowed=self._allowed,
            now=self._clock.now(),
            answer_within=_ANSWER_WITHIN.total_seconds(),
            pause=self._pause,
        )
        job = attrs.evolve(job, cookies=await read_cookies(self._settings.cookies, job.source))
        limit = self._deadline.total_seconds()
        try:
            with anyio.fail_after(limit):
                outcome = await self._run(job)
        except TimeoutError as error:
            reason = Message("no_answer_within", waited_seconds=limit)
            raise ProviderUnavailableError(job.source.hoster, reason) from error
        if isinstance(outcome, Failure):
            failure = outcome.unpacked()
            if isinstance(failure, SourceGoneError):
                raise SeriesNotFoundError(key, where=job.source.hoster) from failure
            if isinstance(failure, UnsupportedSourceError):
                reason = Message("no_catalogue_nor_video", reason=failure.reason)
                raise InvalidLinkError(link, reason) from failure
            raise failure
        if not isinstance(outcome, Listing):
            raise TypeError("a listing returned streams")
        return outcome


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


def _grows_at_end(listing: Listing) -> bool:
    """Return whether the first entries are the oldest, by their numbers or dates."""
    numbers = [(e.season or 0, e.number) for e in listing.entries if e.number is not None]
    if len(numbers) > 1:
        return numbers[0] < numbers[-1]
    dates = [e.published for e in listing.entries if e.published]
    return len(dates) > 1 and dates[0] < dates[-1]


def _is_available(stored: StoredEntry[ListedEntry]) -> bool:
    return stored.is_listed and stored.entry.state is EntryState.AVAILABLE


def _language(stored: StoredEntry[ListedEntry]) -> Language | None:
    if stored.entry.language is None:
        return None
    try:
        return parse_language(stored.entry.language)
    except InvalidLanguageError:
        return None


def _source(stored: StoredEntry[ListedEntry], language: Language | None) -> MediaSource:
    return MediaSource(
        provider=NAME,
        hoster=urlsplit(stored.entry.url).hostname or SITE,
        url=stored.entry.url,
        language=language,
        duration=stored.entry.duration,
    )


def _series(listing: StoredListing) -> Series:
    years = [int(s.entry.published[:4]) for s in listing.entries if s.entry.published]
    return Series(
        key=listing.key,
        name=listing.name,
        site=SITE,
        provider=NAME,
        folder=FolderName(safe_component(listing.name, fallback=listing.key)),
        link=listing.link,
        provider_ref=listing.link,
        description=listing.description,
        year=min(years, default=None),
        cover_url=listing.cover_url,
        episodes=tuple(_episode(stored) for stored in listing.entries),
    )


def _episode(stored: StoredEntry[ListedEntry]) -> Episode:
    title, language = stored.entry.title or None, _language(stored)
    is_german = language is not None and language.audio == "deu"
    return Episode(
        season=stored.season,
        number=stored.number,
        titles=Titles(de=title) if is_german else Titles(en=title),
        languages=None if language is None else frozenset({language}),
        available=_is_available(stored),
    )
