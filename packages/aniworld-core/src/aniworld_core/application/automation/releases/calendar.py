"""Calendar of the library: broadcasts and expected language versions of its series."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from aniworld_core.application.catalogue import wire_time
from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.application.library import TitlesView
from aniworld_core.domain.automation import (
    Airing,
    CalendarEntry,
    ReleaseDelays,
    airings,
    between,
    expected_versions,
    in_order,
    is_release_near,
)
from aniworld_core.domain.catalogue import air_dates_of
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import InvalidFieldsError
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.metadata import MetadataRepository
from aniworld_core.ports.series import SeriesRepository
from aniworld_core.ports.versions import VersionRepository

#: Days of a calendar whose range is not given.
USUAL_DAYS: Final = 30
#: Longest range of a calendar, in days.
MOST_DAYS: Final = 400
#: Years of a calendar.
YEARS: Final = range(1970, 2200)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
#: Age of a version after which its series expects no other versions of that episode.
_LONGEST_DELAY: Final = timedelta(days=400)


@attrs.frozen(kw_only=True)
class CalendarRange:
    """Days of a calendar.

    Attributes:
        first: First day.
        last: Last day, included.
        zone: Time zone of the days; `None` is that of the system.
    """

    first: date
    last: date
    zone: ZoneInfo | None


def parse_calendar_range(
    first: str | None, last: str | None, zone: str | None, now: datetime
) -> CalendarRange:
    """Return the days that a request names.

    Args:
        first: First day as `YYYY-MM-DD`; today when not given.
        last: Last day, included; 30 days after the first one when not given.
        zone: Time zone of the IANA database, such as `Europe/Berlin`; that of the system when not
            given.
        now: The current time.

    Raises:
        InvalidFieldsError: If a value is invalid, the range counts backwards or is too long.
    """
    problems: list[tuple[str, str]] = []
    found = None
    if zone is not None:
        try:
            found = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            problems.append(("/tz", Message("unknown_time_zone", name=zone[:60])))
    start = now.astimezone(found).date()
    days = {"/from": first, "/to": last}
    parsed = {name: _date(text) for name, text in days.items() if text is not None}
    problems += [(name, Message("must_be_date")) for name, day in parsed.items() if day is None]
    if problems:
        raise InvalidFieldsError(sorted(problems))
    start = parsed.get("/from") or start
    end = parsed.get("/to") or start + timedelta(days=USUAL_DAYS)
    if end < start:
        raise InvalidFieldsError([("/to", Message("date_before_start", start=start.isoformat()))])
    if (end - start).days >= MOST_DAYS:
        raise InvalidFieldsError([("/to", Message("range_too_long", days=MOST_DAYS))])
    return CalendarRange(first=start, last=end, zone=found)


def _date(text: str) -> date | None:
    """Return a date in the years of a calendar, or `None`."""
    try:
        found = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None
    return found if found is not None and found.year in YEARS else None


@attrs.define(eq=False, kw_only=True)
class ReleaseCalendar:
    """Lists what airs, what is here, and which versions are expected."""

    _series: SeriesRepository
    _metadata: MetadataRepository
    _versions: VersionRepository
    _config: CurrentConfig
    _clock: Clock

    async def entries(self, days: CalendarRange) -> Sequence[CalendarEntry]:
        """Return the entries of these days in order."""
        return in_order(
            between(iter(await self._all()), days.first, days.last, days.zone), days.zone
        )

    async def near_releases(self) -> Collection[SeriesKey]:
        """Return the monitored series of which something can appear in its catalogue now."""
        now = self._clock.now()
        found: dict[SeriesKey, list[CalendarEntry]] = {}
        for entry in await self._all(is_monitored=True):
            found.setdefault(entry.key, []).append(entry)
        return {key for key, entries in found.items() if is_release_near(entries, now)}

    async def _all(self, *, is_monitored: bool = False) -> list[CalendarEntry]:
        """Return the entries of all days, optionally only those of monitored series."""
        now = self._clock.now()
        seen = await self._versions.find()
        keys = {s.key for s in await self._series.heads() if s.monitored or not is_monitored}
        metadata = await self._metadata.of_many(keys)
        wanted = keys & ({*metadata} | {v.key for v in seen if now - v.at < _LONGEST_DELAY})
        library = await self._series.get_many(wanted)
        dates = {
            s.key: air_dates_of(s, [m.entry for m in metadata.get(s.key, ())]) for s in library
        }
        delays = ReleaseDelays.learned(seen, _by_place(dates))
        order = self._config.value.languages.order
        return [
            *chain.from_iterable(airings(s, dates[s.key], now) for s in library),
            *chain.from_iterable(
                expected_versions(s, delays, s.languages or order, now, air_dates=dates[s.key])
                for s in library
            ),
        ]


def _by_place(
    dates: Mapping[SeriesKey, Mapping[tuple[int, int], datetime]],
) -> dict[tuple[SeriesKey, int, int], datetime]:
    return {(key, *place): at for key, found in dates.items() for place, at in found.items()}


@attrs.frozen(kw_only=True)
class CalendarEntryView:
    """An entry of the calendar.

    Attributes:
        kind: `episode` for a broadcast, `version` for an expected version in another language.
        titles: Titles of the episode; null where its catalogue names none.
        day: First day in the requested time zone.
        last_day: Last day; the same as the first one for a broadcast.
        at: Time of the broadcast, or start of the range.
        state: `expected`, `aired`, `downloaded` or `unwanted`; versions are `expected`.
        language: Language of the version; null for a broadcast.
        until: End of the range; null for a broadcast.
        confidence: Probability in percent that the version appears in the range.
        episodes: Number of earlier episodes that the range was learned from.
        of_series: Whether they are episodes of the same series.
    """

    kind: Literal["episode", "version"]
    key: str
    name: str
    season: int
    episode: int
    code: str
    titles: TitlesView
    day: str
    last_day: str
    at: str
    state: Literal["expected", "aired", "downloaded", "unwanted"]
    language: str | None = None
    until: str | None = None
    confidence: int | None = None
    episodes: int | None = None
    of_series: bool | None = None

    @classmethod
    def of(cls, entry: CalendarEntry, zone: ZoneInfo | None) -> "CalendarEntryView":
        """Return the view of an entry with its days in a time zone."""
        day, last_day = entry.days(zone)
        view = cls(
            kind="episode",
            key=entry.key,
            name=entry.name,
            season=entry.season,
            episode=entry.number,
            code=entry.code,
            titles=TitlesView(de=entry.titles.de, en=entry.titles.en),
            day=day.isoformat(),
            last_day=last_day.isoformat(),
            at=_wire(entry.at if isinstance(entry, Airing) else entry.earliest),
            state=entry.state.value if isinstance(entry, Airing) else "expected",
        )
        if isinstance(entry, Airing):
            return view
        return attrs.evolve(
            view,
            kind="version",
            language=entry.language.code,
            until=_wire(entry.latest),
            confidence=round(entry.learned.confidence * 100),
            episodes=entry.learned.episodes,
            of_series=entry.learned.of_series,
        )


def _wire(moment: datetime) -> str:
    return wire_time(moment.astimezone(UTC)) or ""
