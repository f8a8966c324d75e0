"""Values that the rules for file names share."""

import datetime
import re
from collections.abc import Sequence
from typing import Final

import attrs

from aniworld_core.domain.library.file_names.folders import FolderHint
from aniworld_core.domain.library.file_names.reading import (
    NameKind,
    NameRule,
    Numbers,
    SeasonSource,
    SequelMark,
)
from aniworld_core.domain.library.file_names.titles import FoundTitle
from aniworld_core.messages import Message

_VERSION: Final = re.compile(r"[ ._]{0,2}[\[(]?v([0-9])[\])]?(?![^\W_])", re.IGNORECASE | re.ASCII)


@attrs.frozen
class NameText:
    """A file name prepared for the rules; all texts have the same positions.

    Attributes:
        stem: The name without suffix.
        plain: The stem with brackets, dashes and digits of other scripts replaced.
        text: `plain` with a gap for the known title.
        found_title: The known title in the name.
        has_titles: Whether titles of the series are known.
        hint: What the folders say.
        outer_sequel: The mark of a later part behind the known title in the name of a folder.
    """

    stem: str
    plain: str
    text: str
    found_title: FoundTitle | None
    has_titles: bool
    hint: FolderHint
    outer_sequel: SequelMark | None = None


@attrs.frozen(kw_only=True)
class Found:
    """Result of a rule between *start* and *end*; other fields as in `ParsedName`."""

    start: int
    end: int
    rule: NameRule
    kind: NameKind = NameKind.EPISODE
    season: int | None = None
    season_from: SeasonSource | None = None
    episodes: tuple[int, ...] = ()
    absolute: tuple[int, ...] = ()
    mark: str = ""
    sequel: SequelMark | None = None
    version: int = 1
    date: datetime.date | None = None
    fraction: float | None = None
    doubt: Message | None = None
    candidates: tuple[Numbers, ...] = ()

    @property
    def is_special(self) -> bool:
        """Whether it is a special or a film."""
        return self.kind in {NameKind.SPECIAL, NameKind.MOVIE}


def in_doubt(found: Found, doubt: Message, candidates: Sequence[Numbers]) -> Found:
    """Return a result whose numbers are only candidates."""
    return attrs.evolve(
        found,
        season=None,
        season_from=None,
        episodes=(),
        absolute=(),
        doubt=doubt,
        candidates=tuple(dict.fromkeys(candidates)),
    )


def disagreement(
    rule: NameRule,
    span: tuple[int, int],
    first: tuple[int | None, tuple[int, ...]],
    second: tuple[int | None, tuple[int, ...]],
) -> Found:
    """Return a result in doubt because a name holds two readings that contradict each other."""
    readings = (Numbers(*first), Numbers(*second))
    doubt = Message("name_numbers_disagree", first=readings[0].text, second=readings[1].text)
    return in_doubt(Found(start=span[0], end=span[1], rule=rule), doubt, readings)


def version_at(text: str, end: int, version: int = 1) -> tuple[int, int]:
    """Return the release version behind a number, and the place behind it."""
    match = _VERSION.match(text, end)
    return (int(match[1]), match.end()) if match else (version, end)
