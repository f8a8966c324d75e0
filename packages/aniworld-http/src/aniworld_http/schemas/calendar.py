"""Query and response of `/api/calendar`."""

from typing import Annotated, Literal, TypeAlias

import attrs
from msgspec import Meta

from aniworld_core.application.automation import CalendarEntryView

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
