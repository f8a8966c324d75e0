"""Bodies, queries and responses of `/api/scheduler`, `/api/calendar` and `/api/history`."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any, Final, Literal, TypeAlias

import attrs
from msgspec import Meta

from aniworld_core.application.automation import (
    MOST_WEEKS,
    CalendarEntryView,
    ScheduleStatus,
)
from aniworld_core.application.catalogue import wire_time
from aniworld_core.domain.automation import HistoryKind, HistoryQuery
from aniworld_core.domain.configuration import SchedulerConfig
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import InvalidConfigError, InvalidFieldsError
from aniworld_core.messages import MessageView, kind_field, values_field
from aniworld_http.schemas.paging import Needle, Offset, SeriesKeyText
from aniworld_http.schemas.reading import structured

_SECTION: Final = "scheduler"
_TimeOfDay: TypeAlias = Annotated[
    str, Meta(pattern=r"^([01]?[0-9]|2[0-3]):[0-5][0-9]$", examples=["03:30"])
]


@attrs.frozen(kw_only=True)
class Schedule:
    """Schedule of automatic scans; in a change, missing fields stay unchanged.

    Attributes:
        enabled: Whether scans start automatically.
        interval_minutes: Minutes between scans, when no times are given.
        times: Times of day in the time zone of the server; they replace the interval.
        queue_missing: Whether missing episodes of monitored series are queued after a scan.
    """

    enabled: bool = True
    interval_minutes: Annotated[int, Meta(ge=1, le=10_080)] = 60
    times: Annotated[tuple[_TimeOfDay, ...], Meta(max_length=1440)] = ()
    queue_missing: bool = False

    @classmethod
    def of(cls, config: SchedulerConfig) -> "Schedule":
        """Return the view of the section of the configuration."""
        return cls(**attrs.asdict(config))


@attrs.frozen(kw_only=True)
class ScheduleView(MessageView):
    """State of the schedule.

    Attributes:
        enabled: Whether scans start automatically.
        next_run: Time of the next scan; null while the schedule is disabled.
        last_run: Start of the last scan.
        last_result: Result of the last scan in one line; null while it runs or before the first.
        is_running: Whether a scan is running.
    """

    enabled: bool
    next_run: str | None
    last_run: str | None
    last_result: str | None
    last_result_kind: str | None = kind_field("last_result")
    last_result_values: Mapping[str, Any] = values_field("last_result")
    is_running: bool

    @classmethod
    def of(cls, status: ScheduleStatus) -> "ScheduleView":
        """Return the view of a status."""
        return cls(
            enabled=status.enabled,
            next_run=wire_time(status.next_run),
            last_run=wire_time(status.last_run),
            last_result=status.last_result or None,
            is_running=status.is_running,
        )


def read_change(document: Mapping[str, object]) -> dict[str, object]:
    """Parse a change of the schedule as a part of the configuration.

    Raises:
        InvalidFieldsError: With one entry for each bad field.
    """
    given = attrs.asdict(structured(document, Schedule))
    return {_SECTION: {name: _plain(given[name]) for name in document}}


def _plain(value: object) -> object:
    """Return a value as JSON decodes it."""
    return list(value) if isinstance(value, tuple) else value


@contextmanager
def in_section() -> Iterator[None]:
    """Turn pointers into the configuration into pointers into the body."""
    try:
        yield
    except InvalidConfigError as error:
        problems = [(p.removeprefix(f"/{_SECTION}"), detail) for p, detail in error.problems]
        raise InvalidFieldsError(problems) from error


#: The years of a calendar; whether the day exists is checked later.
_Day: TypeAlias = Annotated[
    str,
    Meta(
        pattern=r"^(19[7-9][0-9]|20[0-9]{2}|21[0-9]{2})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
        examples=["2026-12-31"],
    ),
]
_Zone: TypeAlias = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=60,
        pattern=r"^[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+)*$",
        description="Time zone of the IANA database; by default that of the server",
        examples=["Europe/Berlin"],
    ),
]


@attrs.frozen(kw_only=True)
class CalendarQuery:
    """Days of the calendar.

    Attributes:
        from_: First day; today by default.
        to: Last day, included; 30 days later by default.
        tz: Time zone of the days.
    """

    from_: _Day | None = None
    to: _Day | None = None
    tz: _Zone | None = None


@attrs.frozen(kw_only=True)
class CalendarView:
    """Days of the calendar with their entries.

    Attributes:
        first: First day.
        last: Last day, included.
        today: The present day in the time zone.
        entries: By day; on one day broadcasts by time, then expected versions.
    """

    first: str
    last: str
    today: str
    entries: tuple[CalendarEntryView, ...]


@attrs.frozen(kw_only=True)
class FeedQuery:
    """Token and language of the feed.

    Attributes:
        lang: Language of its texts.
        token: Token of the feed; not needed with another token or API key.
    """

    lang: Literal["de", "en"] = "en"
    token: Annotated[str, Meta(max_length=200)] | None = attrs.field(default=None, repr=False)


@attrs.frozen(kw_only=True)
class StatisticsQuery:
    """Query of `GET /api/statistics`.

    Attributes:
        weeks: Number of weeks, with the present one.
        tz: Time zone of the weeks.
    """

    weeks: Annotated[int, Meta(ge=1, le=MOST_WEEKS)] = 12
    tz: _Zone | None = None


_Kind: TypeAlias = Literal[
    "added", "removed", "queued", "completed", "upgraded", "failed", "bulk", "changed"
]
_Rows: TypeAlias = Annotated[int, Meta(ge=1, le=500, description="Maximum number of rows")]
#: Number of a season or an episode.
_Position: TypeAlias = Annotated[int, Meta(ge=0, le=100_000)]


@attrs.frozen(kw_only=True)
class HistoryListQuery:
    """Part of the history; `kind` may be given more than once."""

    kind: tuple[_Kind, ...] = ()
    key: SeriesKeyText | None = None
    season: _Position | None = None
    episode: _Position | None = None
    search: Needle = ""
    limit: _Rows = 100
    offset: Offset = 0

    def to_domain(self) -> HistoryQuery:
        """Return the query as a domain value."""
        return HistoryQuery(
            kinds=frozenset(map(HistoryKind, self.kind)),
            key=None if self.key is None else SeriesKey(self.key),
            season=self.season,
            number=self.episode,
            search=self.search,
            limit=self.limit,
            offset=self.offset,
        )
