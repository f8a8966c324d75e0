"""`aniworld statistics`."""

from typing import Annotated, Final

from cyclopts import Parameter
from cyclopts.validators import Number

from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.formats import bytes_text, percent_text, rate_text
from aniworld_cli.rendering.texts import tr
from aniworld_cli.session import CurrentSession
from aniworld_core.application.automation import (
    MOST_WEEKS,
    ForecastView,
    ShareView,
    StatisticsView,
)


async def statistics(
    *,
    weeks: Annotated[int, Parameter(validator=Number(gte=1, lte=MOST_WEEKS))] = 12,
    tz: str | None = None,
    session: CurrentSession,
) -> int:
    """Show the size of the library, downloads per week, languages, hosters and the disk forecast.

    A week begins on Monday at 00:00.

    Args:
        weeks: Number of weeks, including the current one.
        tz: Time zone of the weeks, such as Europe/Berlin; that of the system by default.
        session: The run it belongs to.
    """
    output = session.output
    async with session.bookkeeping() as app:
        view = await app.statistics.show(weeks=weeks, zone=tz)
    if output.is_json:
        output.view(view)
        return DONE
    library = view.library
    output.table(
        ("Series", "Episodes", "Missing", "Size"),
        [
            (
                str(library.series),
                str(library.episodes),
                str(library.missing),
                bytes_text(library.bytes),
            )
        ],
    )
    output.talk(_forecast(view.forecast))
    if view.since is None:
        output.talk("nothing was downloaded yet")
        return DONE
    _tables(session, view)
    return DONE


def _tables(session: CurrentSession, view: StatisticsView) -> None:
    rows = [
        (each.start, str(each.completed), str(each.failed), bytes_text(each.bytes))
        for each in view.weeks
    ]
    sums = view.downloads
    rows.append((tr("total"), str(sums.completed), str(sums.failed), bytes_text(sums.bytes)))
    session.output.table(("Week from", "Downloaded", "Failed", "Size"), rows)
    session.output.table(
        ("Language", "Downloaded", "Size"),
        [
            (_name(each), str(each.completed), bytes_text(each.bytes))
            for each in view.languages
            if each.completed
        ],
    )
    session.output.table(
        ("Hoster", "Downloaded", "Failed", "Success", "Speed"),
        [
            (
                _name(each),
                str(each.completed),
                str(each.failed),
                "" if each.success is None else percent_text(each.success),
                _speed(each, in_bits=session.output.in_bits),
            )
            for each in view.hosters
        ],
    )


def _speed(share: ShareView, *, in_bits: bool) -> str:
    if share.speed_mbps is None:
        return ""
    return rate_text(share.speed_mbps * 125_000, in_bits=in_bits)


#: What is said about the disk, by the kind of the forecast.
_FORECASTS: Final = {
    "full_in": "the disk is full in about {span} at this rate",
    "full": "the disk of the library is full",
    "not_growing": "the library did not grow in the last {measured:# day|# days}",
    "not_soon": "the disk is not full within ten years at this rate",
    "unknown_space": "the free space of the library is unknown",
    "too_few_days": "a forecast of the disk needs sizes of {needed:# day|# days};"
    " there are {measured}",
}


def _name(share: ShareView) -> str:
    if share.name is None:
        return tr("{n:# other|# others}", n=share.others)
    return share.name or tr("unknown")


def _forecast(found: ForecastView) -> str:
    return tr(
        _FORECASTS[found.kind],
        span=_span(found.days or 0),
        measured=found.measured_days,
        needed=found.needed_days,
    )


def _span(days: int) -> str:
    for size, text in (
        (365, "{n:# year|# years}"),
        (30, "{n:# month|# months}"),
        (7, "{n:# week|# weeks}"),
    ):
        if days >= 2 * size:
            return tr(text, n=round(days / size))
    return tr("{n:# day|# days}", n=days)
