"""Show the statistics of the last weeks."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from aniworld_core.application.catalogue import megabits, wire_time
from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.application.library import LibraryOverview
from aniworld_core.domain.automation import (
    FORECAST_DAYS,
    LEAST_DAYS,
    DownloadFigures,
    Forecast,
    LibrarySize,
    Week,
    forecast,
    total,
    week_bounds,
    week_starts,
    weeks_of,
)
from aniworld_core.domain.catalogue import SeriesQuery
from aniworld_core.errors import AniworldError, InvalidFieldsError, StorageUnavailableError
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.library import MediaLibrary
from aniworld_core.ports.statistics import StatisticsRepository

#: Most weeks of one answer.
MOST_WEEKS: Final = 260
#: Hosters and languages that are listed by name; the others are one entry.
MOST_NAMES: Final = 20


@attrs.frozen(kw_only=True)
class FiguresView:
    """Sums of downloads.

    Attributes:
        completed: Downloaded episodes, upgrades included.
        upgraded: Episodes that replaced another file.
        failed: Failed attempts.
        bytes: Received bytes of completed downloads.
    """

    completed: int
    upgraded: int
    failed: int
    bytes: int

    @classmethod
    def of(cls, figures: DownloadFigures) -> Self:
        """Return the view of sums."""
        return cls(
            completed=figures.completed,
            upgraded=figures.upgraded,
            failed=figures.failed,
            bytes=figures.bytes,
        )


@attrs.frozen(kw_only=True)
class WeekView(FiguresView):
    """Downloads of one week.

    Attributes:
        start: Its Monday.
        end: Its Sunday.
        is_current: Whether it has not ended yet.
    """

    start: str
    end: str
    is_current: bool

    @classmethod
    def of_week(cls, week: Week) -> Self:
        """Return the view of a week."""
        return cls(
            **attrs.asdict(FiguresView.of(week.figures)),
            start=week.start.isoformat(),
            end=(week.start + timedelta(days=6)).isoformat(),
            is_current=week.is_current,
        )


@attrs.frozen(kw_only=True)
class ShareView(FiguresView):
    """Downloads of a hoster or in a language.

    Attributes:
        name: Hoster, or code of the language; empty if unknown; `null` for all others together.
        others: Number of names in an entry without a name.
        success: Share of attempts that completed, from 0 to 1; `null` without attempts.
        speed_mbps: Average speed in megabits per second, with everything that an attempt waits
            for; `null` if no duration is known.
    """

    name: str | None
    others: int
    success: float | None
    speed_mbps: float | None

    @classmethod
    def of_name(cls, name: str | None, figures: DownloadFigures, *, others: int = 0) -> Self:
        """Return the view of a name with its figures."""
        attempts = figures.completed + figures.failed
        return cls(
            **attrs.asdict(FiguresView.of(figures)),
            name=name,
            others=others,
            success=round(figures.completed / attempts, 4) if attempts else None,
            speed_mbps=None if figures.rate is None else megabits(figures.rate),
        )


@attrs.frozen(kw_only=True)
class SizeView:
    """Size of the library on one day in UTC, or now."""

    day: str
    series: int
    episodes: int
    missing: int
    bytes: int

    @classmethod
    def of(cls, size: LibrarySize) -> Self:
        """Return the view of a size."""
        return cls(**{**attrs.asdict(size), "day": size.day.isoformat()})


@attrs.frozen(kw_only=True)
class ForecastView:
    """When the disk of the library is full.

    Attributes:
        kind: `full_in`, `full`, `not_growing`, `not_soon` (not within ten years), `too_few_days` or
            `unknown_space`.
        days: Days until the disk is full; only for `full_in`.
        bytes_per_day: Average growth of the library; `null` while it is unknown.
        measured_days: Days between the first and the last size that were used.
        needed_days: Days that a forecast needs at least.
        free_bytes: Free bytes of the disk; `null` if unknown.
        reserve_bytes: Bytes that downloads always leave free.
    """

    kind: str
    days: int | None
    bytes_per_day: float | None
    measured_days: int
    needed_days: int
    free_bytes: int | None
    reserve_bytes: int

    @classmethod
    def of(cls, found: Forecast, free: int | None, reserve: int) -> Self:
        """Return the view of a forecast."""
        return cls(
            kind=found.kind.value,
            days=found.days,
            bytes_per_day=found.bytes_per_day,
            measured_days=found.measured_days,
            needed_days=LEAST_DAYS,
            free_bytes=free,
            reserve_bytes=reserve,
        )


@attrs.frozen(kw_only=True)
class StatisticsView:
    """Statistics of the last weeks. Weeks, hosters and languages each add up to `downloads`.

    Attributes:
        since: First hour with a counted download; `null` without any.
        library: The library now.
        sizes: Its sizes of the days of the weeks, oldest first.
        downloads: Sums of all weeks.
        weeks: The weeks from Monday to Sunday, oldest first; the last one is the present week.
        hosters: By number of attempts.
        languages: By number of downloads.
        forecast: When the disk of the library is full.
    """

    since: str | None
    library: SizeView
    sizes: tuple[SizeView, ...]
    downloads: FiguresView
    weeks: tuple[WeekView, ...]
    hosters: tuple[ShareView, ...]
    languages: tuple[ShareView, ...]
    forecast: ForecastView


@attrs.define(eq=False, kw_only=True)
class StatisticsReader:
    """Reads the statistics."""

    _statistics: StatisticsRepository
    _overview: LibraryOverview
    _library: MediaLibrary
    _config: CurrentConfig
    _clock: Clock

    async def show(self, *, weeks: int, zone: str | None = None) -> StatisticsView:
        """Return the statistics of the last weeks.

        Args:
            weeks: Number of weeks with the present one, 1 to `MOST_WEEKS`.
            zone: Time zone of the weeks, of the IANA database; that of the system if not given.

        Raises:
            InvalidFieldsError: If the zone is unknown, or the number out of range.
            StorageUnavailableError: If the statistics cannot be read.
        """
        place = _parse(weeks, zone)
        now = self._clock.now()
        starts = week_starts(now, weeks, place)
        sums = await self._statistics.sums(week_bounds(starts, place))
        today = now.date()
        oldest = min(starts[0], today - timedelta(days=FORECAST_DAYS))
        sizes = await self._statistics.sizes(oldest, today)
        present = await self._present()
        since = await self._statistics.first_hour()
        free = await self._free_bytes()
        reserve = self._config.value.downloads.reserve_bytes
        usable = None if free is None else free - reserve
        found = forecast([*(s for s in sizes if s.day < today), present], usable, today)
        shown = weeks_of(starts, sums.parts)
        return StatisticsView(
            since=wire_time(since),
            library=SizeView.of(present),
            sizes=tuple(
                SizeView.of(each)
                for each in (*(s for s in sizes if s.day != today), present)
                if each.day >= starts[0]
            ),
            downloads=FiguresView.of(total(week.figures for week in shown)),
            weeks=tuple(map(WeekView.of_week, shown)),
            hosters=_shares(sums.hosters),
            languages=_shares(sums.languages),
            forecast=ForecastView.of(found, free, reserve),
        )

    async def _present(self) -> LibrarySize:
        totals = await self._overview.totals(SeriesQuery())
        return LibrarySize(
            day=self._clock.now().date(),
            series=totals.series,
            episodes=totals.have,
            missing=totals.missing,
            bytes=totals.size_bytes,
        )

    async def _free_bytes(self) -> int | None:
        try:
            return await self._library.free_bytes()
        except StorageUnavailableError:
            raise
        except AniworldError:
            return None  # the page System says why


def _parse(weeks: int, zone: str | None) -> ZoneInfo | None:
    if not 1 <= weeks <= MOST_WEEKS:
        problem = Message("must_be_between", least=1, most=MOST_WEEKS)
        raise InvalidFieldsError([("/weeks", problem)])
    if zone is None:
        return None
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        problem = Message("unknown_time_zone", name=zone[:60])
        raise InvalidFieldsError([("/tz", problem)]) from error


def _shares(figures: Mapping[str, DownloadFigures]) -> tuple[ShareView, ...]:
    """Return the most frequent names, and all others as one entry."""
    by_size: Sequence[tuple[str, DownloadFigures]] = sorted(
        figures.items(), key=lambda each: (-each[1].completed - each[1].failed, each[0])
    )
    named, rest = by_size[:MOST_NAMES], by_size[MOST_NAMES:]
    shares = [ShareView.of_name(name, sums) for name, sums in named]
    if rest:
        together = total(sums for _, sums in rest)
        shares.append(ShareView.of_name(None, together, others=len(rest)))
    return tuple(shares)
