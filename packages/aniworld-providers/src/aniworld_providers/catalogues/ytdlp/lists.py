"""Read lists with yt-dlp, one at a time for each site, and join them with the stored ones."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urldefrag, urlsplit

import anyio
import attrs

from aniworld_core.domain.catalogue import Episode, ListRules, Series
from aniworld_core.domain.identity import EpisodeRef, SeriesKey
from aniworld_core.errors import (
    AniworldError,
    InvalidLinkError,
    NeedsPersonError,
    ProviderUnavailableError,
    SeriesNotFoundError,
    SourceGoneError,
    UnsupportedSourceError,
    shown_link,
)
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_providers.catalogues.ytdlp.refusals import Refusal, refused_state
from aniworld_providers.catalogues.ytdlp.stored import StoredListing, key_of_list
from aniworld_providers.listings import (
    ListingStorage,
    Numbering,
    StoredEntry,
    entries_of_series,
    merge_entries,
)
from aniworld_providers.network import AddressGuard
from aniworld_providers.ytdlp import (
    EntryState,
    Failure,
    HostPace,
    ListedEntry,
    Listing,
    ListingJob,
    Pauses,
    Runner,
    YtDlpSettings,
    read_cookies,
    version_of_cookies,
)

#: Longest time for one listing without its pauses.
DEADLINE: Final = timedelta(minutes=10)
#: Pauses between requests that the time is extended by.
_PAUSES: Final = 300
#: Longest silence of a server.
_ANSWER_WITHIN: Final = timedelta(seconds=20)
#: Time after which a refresh reads the whole list, to find removed and changed entries.
_WHOLE_AFTER: Final = timedelta(days=7)
#: Time after which the first listing is confirmed by a second: entries are missed if others are
#: removed between the requests for two pages.
_CONFIRMED_AFTER: Final = timedelta(days=1)
#: Lists up to this length are one or two requests and are always read whole.
_SHORT_LIST: Final = 50
#: How long the listing of a preview is used, and how many are kept.
_PREVIEWED_FOR: Final = timedelta(minutes=10)
_MOST_PREVIEWED: Final = 4


@attrs.define(eq=False, kw_only=True)
class VideoLists:
    """Lists of yt-dlp: read, joined with the stored entries, and stored."""

    storage: ListingStorage[StoredListing]
    _clock: Clock
    _allowed: frozenset[str]
    _run: Runner
    _pace: HostPace
    _requests_pause: float
    _settings: YtDlpSettings = attrs.field(repr=False)
    _deadline: timedelta = DEADLINE
    #: Held from loading a stored list to saving it.
    _writing: anyio.Lock = attrs.field(factory=anyio.Lock, init=False)
    #: Listings of previews by link, so that adding the series sends no request again.
    _previewed: dict[str, tuple[datetime, Listing]] = attrs.field(factory=dict, init=False)

    def _pause(self, host: str) -> float:
        """Return the seconds between two requests to a host."""
        return max(self._requests_pause, self._settings.sleeps(host).requests or 0)

    async def updated(
        self, key: SeriesKey, link: str, rules: ListRules, known: Series | None
    ) -> StoredListing:
        """Read a list, and store its new entries.

        Args:
            key: Key of the series.
            link: Its link.
            rules: Its rules.
            known: The series of the library if this is a refresh, which may stop at stored
                entries.
        """
        former = await self.storage.load(key)
        try:
            listing = await self._read(key, link, former if known else None)
        except (NeedsPersonError, SourceGoneError, SeriesNotFoundError) as error:
            async with self._writing:
                stored = await self.storage.load(key)
                refused = _refused(stored, error)
                if refused is None or stored is None:
                    raise
                return await self._kept(refused, stored)
        own = _own_key(listing)
        # Reading takes minutes: videos may have been refused meanwhile.
        async with self._writing:
            stored = await self.storage.load(key)
            if stored is None or stored.key != own:
                stored = await self.storage.load(own)
            return await self._kept(self._merged(own, stored, listing, rules, known), stored)

    async def refused(self, ref: EpisodeRef, error: AniworldError) -> EntryState | None:
        """Record that a video was refused at its download; return its state.

        Returns `None`, and records nothing, if the error does not describe the video.
        """
        state = refused_state(error)
        if state is None:
            return None
        cookies = await version_of_cookies(self._settings.cookies)
        refusal = Refusal(state=state, at=self._clock.now(), cookies=cookies)
        async with self._writing:
            stored = await self.storage.load(ref.series_key)
            for known in stored.entries if stored else ():
                if stored and (known.season, known.number) == (ref.season, ref.number):
                    refusals = {**stored.refusals, known.entry.id: refusal}
                    await self.storage.save(attrs.evolve(stored, refusals=refusals))
                    return state
        return None

    async def shown(self, stored: StoredListing) -> StoredListing:
        """Return a listing in which videos that were refused at their download are refused."""
        if not stored.refusals:
            return stored
        now, cookies = self._clock.now(), await version_of_cookies(self._settings.cookies)
        states = {id_: r.state for id_, r in stored.refusals.items() if r.holds(now, cookies)}
        return attrs.evolve(
            stored,
            entries=tuple(
                attrs.evolve(s, entry=attrs.evolve(s.entry, state=states[s.entry.id]))
                if s.entry.id in states and s.entry.state is EntryState.AVAILABLE
                else s
                for s in stored.entries
            ),
        )

    async def previewed(self, link: str, rules: ListRules) -> StoredListing:
        """Return what would be stored of a link; it is read, and not stored."""
        plain = urldefrag(link.strip()).url
        known = self.storage.key_of(plain)
        stored = await self.storage.load(known) if known else None
        if stored is not None:
            return stored
        listing = await self._read(SeriesKey(""), plain, None)
        if len(self._previewed) >= _MOST_PREVIEWED:
            del self._previewed[next(iter(self._previewed))]
        self._previewed[plain] = (self._clock.now(), listing)
        own = _own_key(listing)
        return self._merged(own, await self.storage.load(own), listing, rules, None)

    async def _kept(self, merged: StoredListing, stored: StoredListing | None) -> StoredListing:
        if merged != stored:
            await self.storage.save(merged)
        return merged

    def _known_ids(self, stored: StoredListing) -> frozenset[str]:
        """Return the ids at which a refresh may stop; empty if it must read the whole list."""
        is_due = self._clock.now() - stored.read_whole_at >= _WHOLE_AFTER
        if is_due or len(stored.entries) <= _SHORT_LIST or stored.grows_at_end:
            return frozenset()
        # Announced entries are read again, because their state changes.
        return frozenset(s.entry.id for s in stored.entries if not s.entry.state.is_waited_for)

    def _merged(
        self,
        key: SeriesKey,
        stored: StoredListing | None,
        listing: Listing,
        rules: ListRules,
        known: Series | None,
    ) -> StoredListing:
        by_year = self._settings.seasons == "year" if stored is None else stored.by_year
        before = stored.entries if stored else ()
        if stored is None and known is not None:
            before = entries_of_series(known, listing.entries, _placeholder)
        entries = merge_entries(
            before,
            _with_first_dates(listing.entries, before),
            is_whole=listing.is_whole,
            numbering=Numbering.of(rules, by_year=by_year, is_single=listing.is_single),
        )
        if stored is not None and not listing.is_whole:
            return attrs.evolve(stored, entries=tuple(entries))
        return StoredListing(
            key=key,
            link=urldefrag(listing.link).url,
            name=listing.title or listing.id,
            description=listing.description,
            cover_url=listing.cover_url,
            read_whole_at=self._read_whole_at(stored, entries),
            by_year=by_year,
            grows_at_end=_grows_at_end(listing),
            is_single=listing.is_single,
            entries=tuple(entries),
            refusals=stored.refusals if stored else {},
        )

    def _read_whole_at(
        self, stored: StoredListing | None, entries: Sequence[StoredEntry[ListedEntry]]
    ) -> datetime:
        """Return the time that counts as that of a complete listing which returned *entries*."""
        if stored is None:
            return self._clock.now() - _WHOLE_AFTER + _CONFIRMED_AFTER
        gone = {s.entry.id for s in entries if not s.is_listed}
        if any(s.is_listed and s.entry.id in gone for s in stored.entries):
            # Removed, or shifted between two pages; the next refresh reads the whole list again.
            return self._clock.now() - _WHOLE_AFTER
        return self._clock.now()

    async def _read(self, key: SeriesKey, link: str, stored: StoredListing | None) -> Listing:
        """Read a list; up to entries in *stored*, if that is given."""
        plain = urldefrag(link.strip()).url
        previewed = self._previewed.pop(plain, None)
        if previewed is not None and self._clock.now() - previewed[0] < _PREVIEWED_FOR:
            return previewed[1]
        AddressGuard(self._allowed).check_url(plain)
        job = ListingJob(
            url=plain,
            known=self._known_ids(stored) if stored else frozenset(),
            allowed=self._allowed,
            now=self._clock.now(),
            answer_within=_ANSWER_WITHIN.total_seconds(),
            pause=self._pause(urlsplit(plain).hostname or ""),
        )
        # The key of a link that was never read says nothing.
        return await self._carried_out(key if stored else SeriesKey(""), job)

    async def _carried_out(self, key: SeriesKey, job: ListingJob) -> Listing:
        job = attrs.evolve(job, cookies=await read_cookies(self._settings.cookies, job.source))
        host = job.source.hoster
        limit = self._deadline.total_seconds() + _PAUSES * job.pause
        async with self._pace.turn(host, host, Pauses(requests=timedelta(seconds=job.pause))):
            try:
                with anyio.fail_after(limit):
                    outcome = await self._run(job)
            except TimeoutError as error:
                reason = Message("no_answer_within", waited_seconds=limit)
                raise ProviderUnavailableError(host, reason) from error
        failure = outcome.unpacked() if isinstance(outcome, Failure) else None
        if (noted := self._pace.noted(host, failure)) is not None:
            raise _explained(noted, key, job)
        if not isinstance(outcome, Listing):
            raise TypeError("a listing returned streams")
        return outcome


def _explained(error: AniworldError, key: SeriesKey, job: ListingJob) -> AniworldError:
    """Return the error of a listing that fits the port."""
    explained: AniworldError = error
    if isinstance(error, SourceGoneError):
        explained = SeriesNotFoundError(
            key or shown_link(job.url), where=job.source.hoster, reason=error.reason
        )
    elif isinstance(error, UnsupportedSourceError):
        reason = Message("no_catalogue_nor_video", reason=error.reason)
        explained = InvalidLinkError(job.url, reason)
    if explained is not error:
        explained.__cause__ = error
    return explained


def _refused(stored: StoredListing | None, error: AniworldError) -> StoredListing | None:
    """Return the listing of a single video that its site refuses now; `None` for other errors.

    The state is shown beside the episode. As an error, it would repeat at every refresh.
    """
    if stored is None or not stored.is_single:
        return None
    state = refused_state(error)
    if state is None:
        return None
    return attrs.evolve(
        stored,
        entries=tuple(
            attrs.evolve(s, entry=attrs.evolve(s.entry, state=state)) for s in stored.entries
        ),
    )


def _own_key(listing: Listing) -> SeriesKey:
    return key_of_list(listing.extractor, listing.id, urldefrag(listing.link).url)


def _placeholder(episode: Episode) -> ListedEntry:
    return ListedEntry(
        id=episode.catalogue_id or f"episode {episode.season}/{episode.number}",
        url=episode.link or "",
        title=episode.titles.en or episode.titles.de or "",
    )


def _with_first_dates(
    listed: tuple[ListedEntry, ...], before: tuple[StoredEntry[ListedEntry], ...]
) -> list[ListedEntry]:
    """Return entries with the dates of their first listing: rounded dates move with time."""
    first = {
        s.entry.id: s.entry.published
        for s in before
        if s.entry.published and not s.entry.state.is_waited_for
    }
    return [attrs.evolve(entry, published=first.get(entry.id, entry.published)) for entry in listed]


def _grows_at_end(listing: Listing) -> bool:
    """Return whether the first entries are the oldest, by their numbers or dates."""
    numbers = [(e.season or 0, e.number) for e in listing.entries if e.number is not None]
    if len(numbers) > 1:
        return numbers[0] < numbers[-1]
    dates = [e.published for e in listing.entries if e.published]
    return len(dates) > 1 and dates[0] < dates[-1]
