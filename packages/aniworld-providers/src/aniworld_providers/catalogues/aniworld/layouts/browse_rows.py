"""Rows of shelves, the same in every layout once their parts are found."""

import re
from collections.abc import Iterable
from datetime import date, time
from typing import Final

import attrs

from aniworld_core.domain.catalogue import BrowseListName
from aniworld_core.domain.media import Language
from aniworld_providers.catalogues.aniworld.links import Place
from aniworld_providers.catalogues.aniworld.values import ShelfRow

#: What a page of a shelf lacks when it cannot be read.
PIECES: Final = {
    BrowseListName.POPULAR: "the list of popular series",
    BrowseListName.NEW: "the list of new episodes",
    BrowseListName.CALENDAR: "the calendar",
}
#: Most rows of a shelf that are looked at.
MOST_ROWS: Final = 1000
_CODE = re.compile(r"(?<![A-Z0-9])S(\d{1,3})\s*E(\d{1,4})(?!\d)", re.ASCII | re.IGNORECASE)
_TIME = re.compile(r"(?<!\d)([01]?\d|2[0-3]):([0-5]\d)(?!\d)(?=\s*Uhr|\s*$)", re.ASCII)


@attrs.define
class Parts:
    """What was found of one row so far."""

    place: Place
    name: str = ""
    cover: str = ""
    languages: set[Language] = attrs.field(factory=set)
    day: date | None = None
    hour: time | None = None

    def read_code(self, text: str) -> bool:
        """Take season and number from `S01 E05`, unless the link has said them."""
        match = _CODE.search(text)
        if match is None:
            return False
        if self.place.number is None:
            self.place = attrs.evolve(self.place, season=int(match[1]), number=int(match[2]))
        return True

    def read_time(self, text: str) -> bool:
        """Take the time from `~ 12:00 Uhr`."""
        match = _TIME.search(text)
        if match is None:
            return False
        self.hour = time(int(match[1]), int(match[2]))
        return True


def merged_rows(found: Iterable[Parts]) -> tuple[ShelfRow, ...]:
    """Make one row of the lines of an episode, of which there is one for each language."""
    rows: dict[tuple[Place, date | None], Parts] = {}
    for parts in found:
        if len(rows) >= MOST_ROWS:
            break
        known = rows.setdefault((parts.place, parts.day), parts)
        if known is not parts:
            known.languages |= parts.languages
            known.name = known.name or parts.name
            known.cover = known.cover or parts.cover
            known.hour = known.hour or parts.hour
    return tuple(
        ShelfRow(
            place=parts.place,
            name=parts.name,
            cover=parts.cover,
            languages=frozenset(parts.languages),
            day=parts.day,
            hour=parts.hour,
        )
        for parts in rows.values()
    )
