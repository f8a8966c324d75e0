"""Statistics: results of downloads by hour, sizes of the library by day, and the disk forecast."""

import enum
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

import attrs

#: Largest stored number; JSON readers keep integers up to it exact (RFC 8259, section 6).
MOST: Final = 2**53 - 1
#: Longest stored name of a hoster, in characters.
LONGEST_NAME: Final = 64
#: Days that the forecast looks back.
FORECAST_DAYS: Final = 28
#: Days between the first and the last size that a forecast needs.
LEAST_DAYS: Final = 14
#: Longest forecast. A longer one says nothing about the disk.
LONGEST_FORECAST: Final = 3650
_WEEK: Final = timedelta(days=7)


@attrs.frozen(kw_only=True)
class DownloadResult:
    """How one attempt to download an episode ended.

    Attributes:
        hoster: Name of the hoster; empty if none was found.
        language: Code of the language; empty if unknown.
        bytes: Received bytes.
        seconds: Duration of the attempt; 0 if unknown.
    """

    at: datetime
    hoster: str
    language: str
    is_success: bool
    is_upgrade: bool = False
    bytes: int = 0
    seconds: float = 0.0

    @property
    def hour(self) -> datetime:
        """The hour in UTC that the result counts to."""
        return self.at.replace(minute=0, second=0, microsecond=0)

    def figures(self) -> "DownloadFigures":
        """Return the figures of this result alone."""
        if not self.is_success:
            return DownloadFigures(failed=1)
        seconds = max(self.seconds, 0.0)
        return DownloadFigures(
            completed=1,
            upgraded=int(self.is_upgrade),
            bytes=min(max(self.bytes, 0), MOST),
            timed_bytes=min(max(self.bytes, 0), MOST) if seconds else 0,
            seconds=seconds,
        )


@attrs.frozen(kw_only=True)
class DownloadFigures:
    """Sums of results.

    Attributes:
        completed: Downloaded episodes, upgrades included.
        upgraded: Episodes that replaced another file.
        failed: Failed attempts.
        bytes: Received bytes of completed downloads.
        timed_bytes: Those of downloads with a known duration.
        seconds: Known durations of completed downloads.
    """

    completed: int = 0
    upgraded: int = 0
    failed: int = 0
    bytes: int = 0
    timed_bytes: int = 0
    seconds: float = 0.0

    def __add__(self, other: "DownloadFigures") -> "DownloadFigures":
        """Return the sums of both, at most the largest number."""
        mine, others = attrs.astuple(self), attrs.astuple(other)
        values = [min(a + b, MOST) for a, b in zip(mine, others, strict=True)]
        return DownloadFigures(**dict(zip(FIGURES, values, strict=True)))

    @property
    def rate(self) -> float | None:
        """Average rate in bytes per second; `None` if no duration is known."""
        return self.timed_bytes / self.seconds if self.seconds else None


#: Names of the figures in their order.
FIGURES: Final = tuple(field.name for field in attrs.fields(DownloadFigures))


@attrs.frozen(kw_only=True)
class DownloadSums:
    """Figures of a period, by part, hoster and language; each of the three has the same sum."""

    parts: Sequence[DownloadFigures]
    hosters: Mapping[str, DownloadFigures]
    languages: Mapping[str, DownloadFigures]


@attrs.frozen(kw_only=True)
class LibrarySize:
    """Size of the library on one day.

    Attributes:
        day: Day in UTC.
        episodes: Episodes in the library.
        bytes: Size of their files.
    """

    day: date
    series: int
    episodes: int
    missing: int
    bytes: int


@attrs.frozen(kw_only=True)
class Week:
    """Figures of one week.

    Attributes:
        start: Its Monday.
        is_current: Whether it has not ended yet.
    """

    start: date
    is_current: bool
    figures: DownloadFigures


def week_starts(now: datetime, count: int, zone: tzinfo | None) -> Sequence[date]:
    """Return the Mondays of the last weeks in a time zone, oldest first, the present one last."""
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    return [monday - _WEEK * back for back in range(count - 1, -1, -1)]


def week_bounds(starts: Sequence[date], zone: tzinfo | None) -> Sequence[datetime]:
    """Return the moments at which weeks begin in a time zone, and that at which the last one ends.

    An hour counts to the week in which it begins, also in zones that are not whole hours from UTC.
    """
    return [_begin_of(day, zone) for day in (*starts, starts[-1] + _WEEK)]


def _begin_of(day: date, zone: tzinfo | None) -> datetime:
    """Return the moment at which a day begins in a time zone; `None` is that of the system."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def weeks_of(starts: Sequence[date], parts: Sequence[DownloadFigures]) -> Sequence[Week]:
    """Return the weeks that begin on these Mondays, with their figures."""
    return [
        Week(start=start, is_current=start == starts[-1], figures=figures)
        for start, figures in zip(starts, parts, strict=True)
    ]


def total(figures: Iterable[DownloadFigures]) -> DownloadFigures:
    """Return the sums of all."""
    return sum(figures, DownloadFigures())


class ForecastKind(enum.StrEnum):
    """What can be said about the disk."""

    TOO_FEW_DAYS = "too_few_days"  #: sizes of more days are needed
    UNKNOWN_SPACE = "unknown_space"  #: the free space cannot be read
    NOT_GROWING = "not_growing"
    FULL = "full"  #: no usable space is left
    FULL_IN = "full_in"  #: it is full after `days` at the present rate
    NOT_SOON = "not_soon"  #: not within ten years


@attrs.frozen(kw_only=True)
class Forecast:
    """When the disk of the library is full if it grows as before.

    Attributes:
        measured_days: Days between the first and the last size that were used.
        bytes_per_day: Average growth; `None` while it is unknown.
        days: Days until the disk is full; only for `FULL_IN`.
    """

    kind: ForecastKind
    measured_days: int
    bytes_per_day: float | None = None
    days: int | None = None


def forecast(sizes: Sequence[LibrarySize], usable: int | None, today: date) -> Forecast:
    """Return the forecast from the sizes of the last days.

    Sizes after *today* were stored before the clock was set back, and are ignored.

    Args:
        sizes: Sizes of the library.
        usable: Free bytes of its disk without the reserve; `None` if unknown.
        today: The present day in UTC.
    """
    oldest = today - timedelta(days=FORECAST_DAYS)
    used = sorted((s for s in sizes if oldest <= s.day <= today), key=lambda size: size.day)
    measured = (used[-1].day - used[0].day).days if used else 0
    if usable is not None and usable <= 0:
        return Forecast(kind=ForecastKind.FULL, measured_days=measured)
    if measured < LEAST_DAYS:
        return Forecast(kind=ForecastKind.TOO_FEW_DAYS, measured_days=measured)
    rate = (used[-1].bytes - used[0].bytes) / measured
    found = Forecast(
        kind=ForecastKind.NOT_GROWING, measured_days=measured, bytes_per_day=round(rate, 1)
    )
    if rate <= 0:
        return found
    if usable is None:
        return attrs.evolve(found, kind=ForecastKind.UNKNOWN_SPACE)
    days = usable / rate
    if days > LONGEST_FORECAST:
        return attrs.evolve(found, kind=ForecastKind.NOT_SOON)
    return attrs.evolve(found, kind=ForecastKind.FULL_IN, days=int(days))
