"""When the library is scanned by itself."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Final, TypeAlias

import attrs
from msgspec import Meta

from aniworld_core.application.automation import ScheduleStatus
from aniworld_core.application.catalogue import wire_time
from aniworld_core.domain.configuration import SchedulerConfig
from aniworld_core.errors import InvalidConfigError, InvalidFieldsError
from aniworld_http.schemas.reading import structured

_SECTION: Final = "scheduler"
_TimeOfDay: TypeAlias = Annotated[
    str, Meta(pattern=r"^([01]?[0-9]|2[0-3]):[0-5][0-9]$", examples=["03:30"])
]


@attrs.frozen(kw_only=True)
class Schedule:
    """When the library is scanned; of a change, what is left out stays as it is.

    Attributes:
        interval_minutes: Minutes between scans, when no times are given.
        times: Times of day in the server's zone; replace the interval when given.
        queue_missing: Also queue what is missing of monitored series.
    """

    enabled: bool = True
    interval_minutes: Annotated[int, Meta(ge=1, le=10_080)] = 60
    times: Annotated[tuple[_TimeOfDay, ...], Meta(max_length=1440)] = ()
    queue_missing: bool = False

    @classmethod
    def of(cls, config: SchedulerConfig) -> "Schedule":
        """Show the section of the configuration."""
        return cls(**attrs.asdict(config))


@attrs.frozen(kw_only=True)
class ScheduleView:
    """How the schedule stands.

    Attributes:
        next_run: When the next scan is due; null while the schedule is off.
        last_run: When the last one began.
        last_result: How it ended, in one line; null while it runs or before the first.
    """

    enabled: bool
    next_run: str | None
    last_run: str | None
    last_result: str | None
    is_running: bool

    @classmethod
    def of(cls, status: ScheduleStatus) -> "ScheduleView":
        """Show a status."""
        return cls(
            enabled=status.enabled,
            next_run=wire_time(status.next_run),
            last_run=wire_time(status.last_run),
            last_result=status.last_result or None,
            is_running=status.is_running,
        )


def read_change(document: Mapping[str, object]) -> dict[str, object]:
    """Read a change of the schedule as a part of the configuration.

    Raises:
        InvalidFieldsError: With one entry for each bad field.
    """
    given = attrs.asdict(structured(document, Schedule))
    return {_SECTION: {name: _plain(given[name]) for name in document}}


def _plain(value: object) -> object:
    """Spell a value as JSON does."""
    return list(value) if isinstance(value, tuple) else value


@contextmanager
def in_section() -> Iterator[None]:
    """Point at the fields of the body where the configuration points at its settings."""
    try:
        yield
    except InvalidConfigError as error:
        problems = [(p.removeprefix(f"/{_SECTION}"), detail) for p, detail in error.problems]
        raise InvalidFieldsError(problems) from error
