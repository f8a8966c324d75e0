"""Lines of lists of episodes, the same in every layout once their cells are found."""

from collections.abc import Iterable

import attrs

from aniworld_core.domain.identity import MAX_EPISODE
from aniworld_core.domain.media import Language
from aniworld_providers.catalogues.aniworld.layouts.markup import MissingPieceError
from aniworld_providers.catalogues.aniworld.layouts.text_cleanup import (
    episode_titles,
    is_announcement,
)
from aniworld_providers.catalogues.aniworld.values import EpisodeRow


@attrs.define
class Cells:
    """What was found in one line so far.

    Attributes:
        numbers: What could be the number, most reliable first.
        flags: How many languages are shown; of several at least one is counted.
        languages: Those of them that are known here; filled only where the flags of a list
            tell what is to be had, not what might be.
        hosters: How many hosters are shown; of several at least one is counted.
    """

    season: int | None = None
    numbers: dict[str, str] = attrs.field(factory=dict)
    german: str = ""
    english: str = ""
    flags: int = 0
    languages: set[Language] = attrs.field(factory=set)
    hosters: int = 0

    @property
    def number(self) -> int | None:
        """The most reliable number, if there is any."""
        for text in self.numbers.values():
            if _is_number(text):
                return int(text)
        return None

    def row(self, number: int) -> EpisodeRow | None:
        """Judge the line of an episode.

        Without any hoster and any language an episode is only announced, as it is where a
        title says so and there is no hoster. An episode 0 is a placeholder then.
        """
        is_announced = not self.hosters and (
            not self.flags or is_announcement(self.german, self.english)
        )
        if number == 0 and not (self.hosters or self.flags):
            return None
        return EpisodeRow(
            season=self.season,
            number=number,
            titles=episode_titles(self.german, self.english),
            languages=frozenset(self.languages) or None,
            available=not is_announced,
        )


def judged_rows(lines: Iterable[Cells]) -> tuple[EpisodeRow, ...]:
    """Judge all lines of a list; the first one of a number counts.

    Raises:
        MissingPieceError: If there are lines, but none with a number.
    """
    found: dict[tuple[int | None, int], EpisodeRow] = {}
    total = unnumbered = 0
    for cells in lines:
        total += 1
        number = cells.number
        row = cells.row(number) if number is not None else None
        unnumbered += number is None
        if row is not None:
            found.setdefault((row.season, row.number), row)
    if total and total == unnumbered:
        raise MissingPieceError("the numbers of the episodes")
    return tuple(found.values())


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4 and int(text) <= MAX_EPISODE
