"""Options for filters and numbering of series that are lists, and `aniworld preview`."""

from datetime import date
from typing import Annotated, Any, Literal, TypeAlias

import attrs
from cyclopts import Parameter

from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.texts import said, tr
from aniworld_cli.session import CurrentSession
from aniworld_core.application.library import ListPreviewView, PreviewEntryView
from aniworld_core.domain.catalogue import ListOrder, ListRules, SeasonRule
from aniworld_core.errors import InvalidFieldsError, UsageError
from aniworld_core.messages import Message

#: Word for the value that all series have, and for no limit.
_DEFAULT = "default"
_NONE = "none"


@attrs.frozen(kw_only=True)
class RuleOptions:
    """Filters and numbering of a channel, playlist or feed.

    Attributes:
        include: Take only titles that contain this; * stands for any characters. Repeatable.
        exclude: Leave out titles that contain this. Repeatable.
        published_from: First day, such as 2026-01-31; none for no limit.
        published_until: Last day; none for no limit.
        min_duration: Shortest duration, such as 90s, 5m or 1h30m; none for no limit.
        max_duration: Longest duration; none for no limit.
        live: Take live streams and premieres when their recordings are there.
        shorts: Take shorts.
        newest: Take only this many of the newest entries; 0 for all.
        seasons: Seasons of the site, one season, or one per year. Assigned numbers never change.
        order: Number new entries by date, as in the list, or from its end.
        all_entries: Remove the filters that the series has.
    """

    include: Annotated[tuple[str, ...], Parameter(negative=())] = ()
    exclude: Annotated[tuple[str, ...], Parameter(negative=())] = ()
    published_from: Annotated[str | None, Parameter(name="--from")] = None
    published_until: Annotated[str | None, Parameter(name="--until")] = None
    min_duration: str | None = None
    max_duration: str | None = None
    live: Annotated[bool | None, Parameter(negative="--no-live")] = None
    shorts: Annotated[bool | None, Parameter(negative="--no-shorts")] = None
    newest: int | None = None
    seasons: Literal["site", "one", "year", "default"] | None = None
    order: Literal["uploaded", "list", "reversed"] | None = None
    all_entries: Annotated[bool, Parameter(negative=())] = False

    def applied_to(self, stored: ListRules | None) -> ListRules | None:
        """Return changed rules; `None` if no option was given.

        Args:
            stored: Rules so far.

        Raises:
            UsageError: If a value has the wrong form, or no entry could pass.
        """
        if self == RuleOptions():
            return None
        before = ListRules() if stored is None else stored
        if self.all_entries:
            before = ListRules(seasons=before.seasons, order=before.order)
        try:
            return attrs.evolve(before, **self._changes())
        except InvalidFieldsError as error:
            raise UsageError("; ".join(problem for _, problem in error.problems)) from error

    def _changes(self) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for name in ("include", "exclude"):
            if patterns := getattr(self, name):
                given[name] = patterns
        for name in ("live", "shorts"):
            if (value := getattr(self, name)) is not None:
                given[name] = value
        for name in ("published_from", "published_until"):
            if (text := getattr(self, name)) is not None:
                given[name] = None if text == _NONE else _day(text)
        for option, name in (("min_duration", "min_seconds"), ("max_duration", "max_seconds")):
            if (text := getattr(self, option)) is not None:
                given[name] = None if text == _NONE else _seconds(text)
        if self.newest is not None:
            given["newest"] = self.newest or None
        if self.seasons is not None:
            given["seasons"] = None if self.seasons == _DEFAULT else SeasonRule(self.seasons)
        if self.order is not None:
            given["order"] = ListOrder(self.order)
        return given


#: The options as parameters of a command.
Rules: TypeAlias = Annotated[RuleOptions, Parameter(name="*")]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r}: {said(Message('rule_no_date'))}") from error


def _seconds(text: str) -> int:
    """Return the seconds of a duration such as `90`, `90s`, `5m` or `1h30m`."""
    total, digits, units = 0, "", {"h": 3600, "m": 60, "s": 1}
    for letter in text.lower() if text[-1:].isalpha() else f"{text}s".lower():
        if letter.isascii() and letter.isdigit() and len(digits) < 9:
            digits += letter
        elif letter in units and digits:
            total, digits = total + int(digits) * units.pop(letter), ""
        else:
            raise UsageError(
                tr("{text} is no duration", text=repr(text)), hint="write 90s, 5m or 1h30m"
            )
    return total


async def preview(
    link: Annotated[str, Parameter(name="LINK|KEY")],
    /,
    *,
    rules: Rules = RuleOptions(),
    session: CurrentSession,
) -> int:
    """Show which entries of a channel, playlist or feed would be episodes.

    Args:
        link: Link of a list, or key of a series of the library.
        rules: Filters and numbering to try; those of the series if none are given.
        session: The run of the command.
    """
    output = session.output
    async with session.catalogues() as app:
        stored = None
        if "/" not in link:
            key = await app.catalogue.key_of(link)
            stored = (await app.catalogue.get(key)).list_rules
            link = key
        tried = rules.applied_to(stored) or stored or ListRules()
        view = ListPreviewView.of(await app.catalogue.preview(link, tried))
    if output.is_json:
        output.view(view)
        return DONE
    left_out = ", ".join(f"{n} {_CAUSES[cause]}" for cause, n in view.left_out.items())
    output.facts(
        {
            "Name": view.name,
            "Link": view.link,
            "Entries": str(view.total),
            "Taken": str(view.taken),
            "Left out": left_out,
        }
    )
    output.table(
        ("Episode", "Title", "Date", "Duration", "State"), [_row(each) for each in view.entries]
    )
    if view.taken > len(view.entries):
        output.talk(tr("and {n} more", n=view.taken - len(view.entries)))
    return DONE


#: What the filters are called in the summary.
_CAUSES = {
    "title": "by title",
    "date": "by date",
    "no_date": "without a date",
    "duration": "by duration",
    "no_duration": "without a duration",
    "live": "live",
    "short": "shorts",
    "newest": "older",
}


def _row(entry: PreviewEntryView) -> tuple[str, ...]:
    seconds = entry.duration_seconds
    return (
        f"S{entry.season:02}E{entry.episode:02}",
        entry.title,
        entry.published or "",
        "" if seconds is None else f"{int(seconds) // 60}:{int(seconds) % 60:02}",
        "" if entry.unavailable is None else entry.unavailable.text,
    )
