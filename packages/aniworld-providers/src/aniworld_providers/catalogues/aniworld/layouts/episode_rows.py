"""Rows of episode lists: the part that is the same in every layout."""

from collections.abc import Iterable

import attrs

from aniworld_core.domain.identity import MAX_EPISODE
from aniworld_core.domain.media import Language
from aniworld_core.messages import Message
from aniworld_providers.catalogues.aniworld.layouts.markup import MissingPieceError
from aniworld_providers.catalogues.aniworld.layouts.text_cleanup import (
    episode_titles,
    is_announcement,
)
from aniworld_providers.catalogues.aniworld.values import EpisodeRow


@attrs.define
class Cells:
    """Parsed cells of one row.

    Attributes:
        numbers: Candidates for the episode number, most reliable first.
        flags: Number of language flags, at least one if there are several.
        languages: Known languages of the flags. Only filled if the flags show available languages,
            not possible ones.
        hosters: Number of hosters, at least one if there are several.
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
        """The most reliable episode number, if any."""
        for text in self.numbers.values():
            if _is_number(text):
                return int(text)
        return None

    def row(self, number: int) -> EpisodeRow | None:
        """Return the row of an episode, or `None` for a placeholder.

        An episode without hosters is only announced if it also has no languages, or if a title says
        so. An episode 0 without hosters and languages is a placeholder.
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


def rows_from_cells(lines: Iterable[Cells]) -> tuple[EpisodeRow, ...]:
    """Return the rows of an episode list; the first row of each number counts.

    Raises:
        MissingPieceError: If there are rows, but none with a number.
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
        raise MissingPieceError(Message("piece_episode_numbers"))
    return tuple(found.values())


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4 and int(text) <= MAX_EPISODE
