"""`aniworld calendar`."""

from datetime import tzinfo
from typing import Annotated

from cyclopts import Parameter

from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.texts import tr
from aniworld_cli.session import CurrentSession
from aniworld_core.application.automation import CalendarEntryView, parse_calendar_range
from aniworld_core.domain.automation import Airing, ExpectedVersion


async def calendar(
    *,
    first: Annotated[str | None, Parameter(name="--from")] = None,
    last: Annotated[str | None, Parameter(name="--to")] = None,
    tz: str | None = None,
    session: CurrentSession,
) -> int:
    """Show what airs, what is here, and which versions are expected.

    Air dates come from the entries that `aniworld identify` found. The days of an expected version
    are learned from earlier episodes.

    Args:
        first: First day, such as 2026-12-01; today by default.
        last: Last day; 30 days later by default.
        tz: Time zone of the days, such as Europe/Berlin; that of the system by default.
        session: The run it belongs to.
    """
    output = session.output
    async with session.bookkeeping() as app:
        days = parse_calendar_range(first, last, tz, app.clock.now())
        entries = await app.calendar.entries(days)
    if output.is_json:
        output.documents(entries=[CalendarEntryView.of(entry, days.zone) for entry in entries])
    elif not entries:
        output.talk(
            tr("nothing from {first} to {last}", first=str(days.first), last=str(days.last))
        )
    else:
        output.table(
            ("Day", "Time", "Series", "Episode", "State"),
            [
                (
                    entry.days(days.zone)[0].isoformat(),
                    f"{entry.at.astimezone(days.zone):%H:%M}" if isinstance(entry, Airing) else "",
                    entry.name,
                    entry.code,
                    _state(entry, days.zone),
                )
                for entry in entries
            ],
        )
    return DONE


def _state(entry: Airing | ExpectedVersion, zone: tzinfo | None) -> str:
    if isinstance(entry, Airing):
        return tr(entry.state.value)
    text = (
        "{language} expected until {day}"
        " ({share}, from {n:# earlier episode|# earlier episodes}[ {extent}])"
    )
    return tr(
        text,
        language=entry.language.label,
        day=str(entry.days(zone)[1]),
        share=f"{entry.learned.confidence:.0%}",
        n=entry.learned.episodes,
        extent=None if entry.learned.of_series else tr("of all series"),
    )
