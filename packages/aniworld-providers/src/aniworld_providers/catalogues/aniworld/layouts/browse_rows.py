"""Rows of browse lists: the part that is the same in every layout."""

import re
from collections.abc import Iterable
from datetime import date, time
from typing import Final

import attrs

from aniworld_core.domain.catalogue import BrowseListName
from aniworld_core.domain.media import Language
from aniworld_core.messages import Message
from aniworld_providers.catalogues.aniworld.links import LinkTarget
from aniworld_providers.catalogues.aniworld.values import BrowseRow

#: Description of each browse list, for errors about a missing one.
LIST_NAMES: Final = {
    BrowseListName.POPULAR: Message("piece_popular"),
    BrowseListName.NEW: Message("piece_new_episodes"),
    BrowseListName.CALENDAR: Message("piece_calendar"),
}
#: Most rows of a browse list to return.
MOST_ROWS: Final = 1000
_CODE = re.compile(r"(?<![A-Z0-9])S(\d{1,3})\s*E(\d{1,4})(?!\d)", re.ASCII | re.IGNORECASE)
_TIME = re.compile(r"(?<!\d)([01]?\d|2[0-3]):([0-5]\d)(?!\d)(?=\s*Uhr|\s*$)", re.ASCII)


@attrs.define
class RowParts:
    """Parsed parts of one row."""

    target: LinkTarget
    name: str = ""
    cover: str = ""
    languages: set[Language] = attrs.field(factory=set)
    day: date | None = None
    hour: time | None = None

    def read_code(self, text: str) -> bool:
        """Set season and number from a text such as `S01 E05`, unless the link gave them."""
        match = _CODE.search(text)
        if match is None:
            return False
        if self.target.number is None:
            self.target = attrs.evolve(self.target, season=int(match[1]), number=int(match[2]))
        return True

    def read_time(self, text: str) -> bool:
        """Set the time from a text such as `~ 12:00 Uhr`."""
        match = _TIME.search(text)
        if match is None:
            return False
        self.hour = time(int(match[1]), int(match[2]))
        return True


def merged_rows(found: Iterable[RowParts]) -> tuple[BrowseRow, ...]:
    """Merge the lines of an episode, one for each language, into one row."""
    rows: dict[tuple[LinkTarget, date | None], RowParts] = {}
    for parts in found:
        if len(rows) >= MOST_ROWS:
            break
        known = rows.setdefault((parts.target, parts.day), parts)
        if known is not parts:
            known.languages |= parts.languages
            known.name = known.name or parts.name
            known.cover = known.cover or parts.cover
            known.hour = known.hour or parts.hour
    return tuple(
        BrowseRow(
            target=parts.target,
            name=parts.name,
            cover=parts.cover,
            languages=frozenset(parts.languages),
            day=parts.day,
            hour=parts.hour,
        )
        for parts in rows.values()
    )
