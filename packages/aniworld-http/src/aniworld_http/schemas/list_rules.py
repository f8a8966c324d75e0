"""Filters and numbering of series that are lists, in bodies of `/api/anime`."""

from datetime import date
from typing import Annotated, Literal, TypeAlias

import attrs
from msgspec import Meta

from aniworld_core.domain.catalogue import (
    MAX_NEWEST,
    MAX_PATTERN,
    MAX_PATTERNS,
    MAX_SECONDS,
    ListOrder,
    ListRules,
    SeasonRule,
)
from aniworld_core.errors import InvalidFieldsError
from aniworld_core.messages import Message

_Pattern: TypeAlias = Annotated[
    str, Meta(min_length=1, max_length=MAX_PATTERN, pattern=r"\S", examples=["Folge *"])
]
_Patterns: TypeAlias = Annotated[tuple[_Pattern, ...], Meta(max_length=MAX_PATTERNS)]
_Day: TypeAlias = Annotated[
    str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", examples=["2026-01-31"])
]


@attrs.frozen(kw_only=True)
class ListRulesBody:
    """Filters and numbering of a series that is a list; a missing field has its default.

    A pattern matches a title that contains it, ignoring case; `*` stands for any characters.

    Attributes:
        include: Patterns of titles, of which one must match; empty for all titles.
        exclude: Patterns of titles, of which none may match.
        published_from: First day; entries without a date are left out.
        published_until: Last day; entries without a date are left out.
        min_seconds: Shortest duration; entries without a duration are left out.
        max_seconds: Longest duration; entries without a duration are left out.
        live: Whether live streams and premieres are episodes; their recordings are awaited.
        shorts: Whether shorts are episodes.
        newest: Number of the newest entries that are episodes; null for all.
        seasons: Numbers of the site, one season, or one per year; null for the setting of the
            catalogue. Numbers once given stay.
        order: Order in which new entries are numbered: by date, as in the list, or from its end.
    """

    include: _Patterns = ()
    exclude: _Patterns = ()
    published_from: _Day | None = None
    published_until: _Day | None = None
    min_seconds: Annotated[int, Meta(ge=0, le=MAX_SECONDS)] | None = None
    max_seconds: Annotated[int, Meta(ge=1, le=MAX_SECONDS)] | None = None
    live: bool = True
    shorts: bool = True
    newest: Annotated[int, Meta(ge=1, le=MAX_NEWEST)] | None = None
    seasons: Literal["site", "one", "year"] | None = None
    order: Literal["uploaded", "list", "reversed"] = "uploaded"

    def to_domain(self, pointer: str) -> ListRules:
        """Return the rules in the type of the core.

        Args:
            pointer: JSON pointer of this object, for problems.

        Raises:
            InvalidFieldsError: If a day does not exist, or no entry could pass.
        """
        days = {name: self._day(name, pointer) for name in ("published_from", "published_until")}
        try:
            return ListRules(
                include=self.include,
                exclude=self.exclude,
                **days,
                min_seconds=self.min_seconds,
                max_seconds=self.max_seconds,
                live=self.live,
                shorts=self.shorts,
                newest=self.newest,
                seasons=None if self.seasons is None else SeasonRule(self.seasons),
                order=ListOrder(self.order),
            )
        except InvalidFieldsError as error:
            problems = [(f"{pointer}{place}", problem) for place, problem in error.problems]
            raise InvalidFieldsError(problems) from error

    def _day(self, name: str, pointer: str) -> date | None:
        text: str | None = getattr(self, name)
        try:
            return None if text is None else date.fromisoformat(text)
        except ValueError as error:
            raise InvalidFieldsError([(f"{pointer}/{name}", Message("rule_no_date"))]) from error


@attrs.frozen(kw_only=True)
class ListPreviewBody:
    """What to preview.

    Attributes:
        link: Link of a list, or key of a series of the library.
        list_rules: Filters and numbering to try.
    """

    link: Annotated[str, Meta(min_length=1, max_length=2048)]
    list_rules: ListRulesBody = ListRulesBody()
