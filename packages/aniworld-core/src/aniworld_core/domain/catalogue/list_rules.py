"""Rules of one series whose catalogue is a list, such as a channel, a playlist or a feed.

The filters decide which entries of the list are episodes. The numbering decides which numbers
entries get that have none yet; a number once given never changes.
"""

import enum
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, Protocol, TypeVar

import attrs

from aniworld_core.errors import InvalidFieldsError
from aniworld_core.messages import Message

#: Most patterns of one list, and most characters of a pattern.
MAX_PATTERNS: Final = 50
MAX_PATTERN: Final = 200
#: Longest duration and largest number of newest entries.
MAX_SECONDS: Final = 1_000_000
MAX_NEWEST: Final = 100_000


class SeasonRule(enum.StrEnum):
    """How entries are divided into seasons."""

    SITE = "site"  #: numbers of the site; entries without them are specials
    ONE = "one"  #: one season, whatever the site says
    YEAR = "year"  #: one season per year, whatever the site says


class ListOrder(enum.StrEnum):
    """In which order entries are numbered."""

    UPLOADED = "uploaded"  #: oldest first by date; without dates in the order of the list
    LIST = "list"  #: as in the list
    REVERSED = "reversed"  #: from the end of the list to its start


class LeftOut(enum.StrEnum):
    """Which filter leaves an entry out."""

    TITLE = "title"
    DATE = "date"
    NO_DATE = "no_date"  #: dates are filtered, and the list gives none for the entry
    DURATION = "duration"
    NO_DURATION = "no_duration"  #: likewise
    LIVE = "live"
    SHORT = "short"
    NEWEST = "newest"


class RuledEntry(Protocol):
    """What the filters need to know about an entry."""

    @property
    def title(self) -> str:
        """Return its title."""

    @property
    def published(self) -> str | None:
        """Return its date, or date and time, in ISO 8601."""

    @property
    def duration(self) -> float | None:
        """Return its length in seconds."""

    @property
    def is_live(self) -> bool:
        """Return whether it is, was or will be a live stream or premiere."""

    @property
    def is_short(self) -> bool:
        """Return whether its site calls it a short."""


@attrs.frozen(kw_only=True)
class ListRules:
    """Filters and numbering of one series.

    A pattern matches a title that contains it, ignoring case; `*` stands for any characters.

    Attributes:
        include: Patterns of titles, of which one must match; empty for all titles.
        exclude: Patterns of titles, of which none may match.
        published_from: First day.
        published_until: Last day.
        min_seconds: Shortest duration.
        max_seconds: Longest duration.
        live: Whether live streams and premieres are episodes; they are waited for until their
            recording is there.
        shorts: Whether shorts are episodes.
        newest: Number of the newest entries that are episodes; `None` for all.
        seasons: Division into seasons; `None` for numbers of the site, else as the catalogue's
            own setting says.
        order: Order in which entries are numbered.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    published_from: date | None = None
    published_until: date | None = None
    min_seconds: int | None = None
    max_seconds: int | None = None
    live: bool = True
    shorts: bool = True
    newest: int | None = None
    seasons: SeasonRule | None = None
    order: ListOrder = ListOrder.UPLOADED

    def __attrs_post_init__(self) -> None:
        """Check limits that concern several values.

        Raises:
            InvalidFieldsError: If no entry could pass, or a value is too long or too large.
        """
        problems = [*self._pattern_problems(), *self._range_problems()]
        if problems:
            raise InvalidFieldsError(problems)

    def _pattern_problems(self) -> Iterable[tuple[str, str]]:
        for name, patterns in (("include", self.include), ("exclude", self.exclude)):
            if len(patterns) > MAX_PATTERNS:
                yield f"/{name}", Message("rule_too_many_patterns", limit=MAX_PATTERNS)
            for index, pattern in enumerate(patterns):
                if not pattern.strip():
                    yield f"/{name}/{index}", Message("rule_empty_pattern")
                elif len(pattern) > MAX_PATTERN:
                    yield f"/{name}/{index}", Message("rule_pattern_too_long", limit=MAX_PATTERN)

    def _range_problems(self) -> Iterable[tuple[str, str]]:
        if (self.published_until or date.max) < (self.published_from or date.min):
            yield "/published_until", Message("rule_backwards")
        for name, least, most in (
            ("min_seconds", 0, MAX_SECONDS),
            ("max_seconds", 1, MAX_SECONDS),
            ("newest", 1, MAX_NEWEST),
        ):
            value = getattr(self, name)
            if value is not None and not least <= value <= most:
                yield f"/{name}", Message("rule_out_of_range", least=least, most=most)
        if (
            (MAX_SECONDS if self.max_seconds is None else self.max_seconds)
            < (self.min_seconds or 0)
            <= MAX_SECONDS
        ):
            yield "/max_seconds", Message("rule_backwards")


E = TypeVar("E", bound=RuledEntry)


def choose_entries(entries: Sequence[E], rules: ListRules) -> tuple[list[E], Mapping[LeftOut, int]]:
    """Return the entries that the filters take, in their order, and why others are left out.

    Args:
        entries: The entries in the order of their numbers; without dates the last is the newest.
        rules: The filters.
    """
    include = [_parts(pattern) for pattern in rules.include]
    exclude = [_parts(pattern) for pattern in rules.exclude]
    counts: dict[LeftOut, int] = {}
    taken: list[E] = []
    for entry in entries:
        title = _folded(entry.title) if include or exclude else ""
        cause = _title_cause(title, include, exclude) or _cause(entry, rules)
        if cause is None:
            taken.append(entry)
        else:
            counts[cause] = counts.get(cause, 0) + 1
    if rules.newest is not None and len(taken) > rules.newest:
        counts[LeftOut.NEWEST] = len(taken) - rules.newest
        taken = _newest(taken, rules.newest)
    return taken, counts


def _title_cause(
    title: str,
    include: Sequence[Sequence[str]],
    exclude: Sequence[Sequence[str]],
) -> LeftOut | None:
    is_in = not include or any(_matches(pattern, title) for pattern in include)
    if is_in and not any(_matches(pattern, title) for pattern in exclude):
        return None
    return LeftOut.TITLE


def _cause(entry: RuledEntry, rules: ListRules) -> LeftOut | None:
    if entry.is_live and not rules.live:
        return LeftOut.LIVE
    if entry.is_short and not rules.shorts:
        return LeftOut.SHORT
    if rules.published_from or rules.published_until:
        if entry.published is None:
            return LeftOut.NO_DATE
        day = date.fromisoformat(entry.published[:10])
        if not (rules.published_from or date.min) <= day <= (rules.published_until or date.max):
            return LeftOut.DATE
    if rules.min_seconds is not None or rules.max_seconds is not None:
        if entry.duration is None:
            return LeftOut.NO_DURATION
        if not (rules.min_seconds or 0) <= entry.duration <= (rules.max_seconds or MAX_SECONDS):
            return LeftOut.DURATION
    return None


def _newest(entries: Sequence[E], most: int) -> list[E]:
    dated = all(entry.published for entry in entries)
    places = range(len(entries))
    by_age = sorted(places, key=lambda p: (entries[p].published or "", p)) if dated else places
    return [entries[place] for place in sorted(by_age[-most:])]


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _parts(pattern: str) -> list[str]:
    """Return the texts between the `*` of a pattern."""
    return [part for part in _folded(pattern).split("*") if part]


def _matches(parts: Sequence[str], title: str) -> bool:
    """Find the parts one after the other; the first place of each is always good enough."""
    place = 0
    for part in parts:
        found = title.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return True


def rules_to_json(rules: ListRules) -> dict[str, Any]:
    """Return rules as a JSON object."""
    return attrs.asdict(rules) | {
        "published_from": rules.published_from and rules.published_from.isoformat(),
        "published_until": rules.published_until and rules.published_until.isoformat(),
    }


def rules_from_json(raw: Mapping[str, Any]) -> ListRules:
    """Return the rules of a JSON object that `rules_to_json` made."""
    return ListRules(
        include=tuple(raw["include"]),
        exclude=tuple(raw["exclude"]),
        published_from=_day(raw["published_from"]),
        published_until=_day(raw["published_until"]),
        min_seconds=raw["min_seconds"],
        max_seconds=raw["max_seconds"],
        live=raw["live"],
        shorts=raw["shorts"],
        newest=raw["newest"],
        seasons=raw["seasons"] and SeasonRule(raw["seasons"]),
        order=ListOrder(raw["order"]),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


@attrs.frozen(kw_only=True)
class PreviewEntry:
    """An entry that would be an episode.

    Attributes:
        published: Date as `YYYY-MM-DD`.
        duration: Seconds.
        unavailable: Why it cannot be downloaded now.
    """

    season: int
    number: int
    title: str
    link: str | None
    published: str | None
    duration: float | None
    unavailable: Message | None


@attrs.frozen(kw_only=True)
class ListPreview:
    """What rules would take from a list.

    Attributes:
        name: Name of the list.
        link: Canonical link of the list.
        total: Number of entries of the list.
        taken: Number of entries that would be episodes.
        left_out: Number of the other entries by the filter that leaves them out.
        entries: The first entries that would be episodes.
    """

    name: str
    link: str
    total: int
    taken: int
    left_out: Mapping[LeftOut, int]
    entries: tuple[PreviewEntry, ...]
