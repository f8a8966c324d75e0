"""Calendar: broadcasts of episodes, and language versions that are expected."""

import enum
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import TypeAlias

import attrs

from aniworld_core.domain.automation.release_delays import DelayRange, ReleaseDelays
from aniworld_core.domain.catalogue import Episode, Series, Titles
from aniworld_core.domain.identity import EpisodeRef, SeriesKey
from aniworld_core.domain.media import Language


class AiringState(enum.StrEnum):
    """State of an episode in the calendar."""

    EXPECTED = "expected"  #: its broadcast is in the future
    AIRED = "aired"  #: broadcast, and not in the library
    DOWNLOADED = "downloaded"  #: in the library
    UNWANTED = "unwanted"  #: not in the library, and the owner does not want it


@attrs.frozen(kw_only=True)
class Airing:
    """The broadcast of an episode.

    Attributes:
        key: Its series.
        name: Name of the series.
        titles: Titles of the episode, where the catalogue lists it.
        at: Time of the broadcast.
    """

    key: SeriesKey
    name: str
    season: int
    number: int
    at: datetime
    state: AiringState
    titles: Titles = Titles()

    @property
    def code(self) -> str:
        """Return the code of the episode, such as `S01E02`."""
        return EpisodeRef(self.key, self.season, self.number).code

    def days(self, zone: tzinfo | None) -> tuple[date, date]:
        """Return its first and last day, which are the same; `None` is the system's time zone."""
        day = self.at.astimezone(zone).date()
        return day, day


@attrs.frozen(kw_only=True)
class ExpectedVersion:
    """A version of an episode in another language that is expected in a range of time.

    Attributes:
        language: Language of the version.
        earliest: Start of the range.
        latest: End of the range.
        learned: The delays from which the range follows.
    """

    key: SeriesKey
    name: str
    season: int
    number: int
    language: Language
    earliest: datetime
    latest: datetime
    learned: DelayRange
    titles: Titles = Titles()

    @property
    def code(self) -> str:
        """Return the code of the episode, such as `S01E02`."""
        return EpisodeRef(self.key, self.season, self.number).code

    def days(self, zone: tzinfo | None) -> tuple[date, date]:
        """Return the first and last day of the range; `None` is the system's time zone."""
        return self.earliest.astimezone(zone).date(), self.latest.astimezone(zone).date()


CalendarEntry: TypeAlias = Airing | ExpectedVersion


def airings(
    series: Series, air_dates: Mapping[tuple[int, int], datetime], now: datetime
) -> Iterator[Airing]:
    """Yield the broadcasts of a series, also of episodes that its catalogue does not list yet."""
    known = _by_number(series)
    for (season, number), at in air_dates.items():
        episode = known.get((season, number))
        yield Airing(
            key=series.key,
            name=series.name,
            season=season,
            number=number,
            at=at,
            state=_state(series, season, episode, at, now),
            titles=episode.titles if episode is not None else Titles(),
        )


def expected_versions(
    series: Series,
    delays: ReleaseDelays,
    order: Sequence[Language],
    now: datetime,
    *,
    air_dates: Mapping[tuple[int, int], datetime],
) -> Iterator[ExpectedVersion]:
    """Yield the versions of a monitored series that are preferred to those it has.

    A version whose range has passed is not expected any more.

    Args:
        series: The series.
        delays: What was learned.
        order: Preferred languages, best first.
        now: The current time.
        air_dates: Air dates of the series.
    """
    if not series.monitored:
        return
    ranges = {language: delays.expected(series.key, language) for language in order}
    if not any(ranges.values()):
        return
    known = _by_number(series)
    for season, number in sorted({*known, *air_dates}):
        episode = known.get((season, number))
        start = delays.start_of((series.key, season, number))
        if start is None or not _is_wanted(series, season, episode):
            continue
        for language in _better(episode, order):
            learned = ranges[language]
            if learned is None or start + learned.longest < now:
                continue
            yield ExpectedVersion(
                key=series.key,
                name=series.name,
                season=season,
                number=number,
                language=language,
                earliest=start + learned.shortest,
                latest=start + learned.longest,
                learned=learned,
                titles=episode.titles if episode is not None else Titles(),
            )


def between(
    entries: Iterator[CalendarEntry], first: date, last: date, zone: tzinfo | None
) -> Iterator[CalendarEntry]:
    """Yield the entries with a day from *first* to *last*, both included, in a time zone."""
    for entry in entries:
        start, end = entry.days(zone)
        if start <= last and end >= first:
            yield entry


def in_order(entries: Iterator[CalendarEntry], zone: tzinfo | None) -> tuple[CalendarEntry, ...]:
    """Return the entries by day; on one day broadcasts by time, then expected versions."""

    def place(entry: CalendarEntry) -> tuple[object, ...]:
        at = entry.earliest if isinstance(entry, ExpectedVersion) else entry.at
        is_version = isinstance(entry, ExpectedVersion)
        return (entry.days(zone)[0], is_version, at, entry.name.casefold(), entry.code)

    return tuple(sorted(entries, key=place))


def _by_number(series: Series) -> dict[tuple[int, int], Episode]:
    return {
        (e.season, number): e
        for e in series.episodes
        for number in range(e.number, (e.last_number or e.number) + 1)
    }


def _is_wanted(series: Series, season: int, episode: Episode | None) -> bool:
    return episode.wanted if episode is not None else season not in series.unwanted_seasons


def _state(
    series: Series, season: int, episode: Episode | None, at: datetime, now: datetime
) -> AiringState:
    if episode is not None and episode.downloaded:
        return AiringState.DOWNLOADED
    if not _is_wanted(series, season, episode):
        return AiringState.UNWANTED
    return AiringState.EXPECTED if at > now else AiringState.AIRED


def _better(episode: Episode | None, order: Sequence[Language]) -> Sequence[Language]:
    """Return the languages that are preferred to those that exist."""
    if episode is None or not episode.available:
        return order
    held = episode.languages or frozenset()
    if episode.file_language is not None:
        held |= {episode.file_language}
    best = next((index for index, language in enumerate(order) if language in held), len(order))
    return order[:best]


#: Days around the time of a broadcast in which its catalogue is checked often.
_AROUND: timedelta = timedelta(days=2)


def is_release_near(entries: Sequence[CalendarEntry], now: datetime) -> bool:
    """Return whether one of these entries can appear in its catalogue now.

    An episode that aired counts for two days; a version counts in its whole range.
    """
    return any(
        entry.earliest <= now <= entry.latest
        if isinstance(entry, ExpectedVersion)
        else entry.state in _OPEN and timedelta(0) <= now - entry.at <= _AROUND
        for entry in entries
    )


_OPEN = (AiringState.EXPECTED, AiringState.AIRED)
