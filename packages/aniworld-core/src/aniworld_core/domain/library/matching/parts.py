"""Later parts of a series in names: `Alpha II`, `Alpha Part 2`, or the title of a sequel."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import attrs

from aniworld_core.domain.catalogue import SeasonPart, Series
from aniworld_core.domain.library.file_names.reading import ParsedName, SequelKind, SequelMark
from aniworld_core.domain.library.matching.folder_names import read_folder_name
from aniworld_core.domain.library.matching.folding import title_keys
from aniworld_core.domain.library.matching.numbering import Claim, EpisodeTable, Place


def marked_part(parts: Iterable[SeasonPart], mark: SequelMark | None) -> SeasonPart | None:
    """Return the part that a mark behind the title of the series means, or `None`.

    `II` and `Part 2` mean the second entry of the story if it is the second season as well;
    `Part 2` and `Cour 2` also if it is the second half of the first season. Otherwise seasons and
    entries are counted differently, and nobody can say which of them the mark counts.
    """
    if mark is None or mark.kind is SequelKind.FINAL:
        return None
    for part in parts:
        if part.ordinal == mark.number:
            is_season = part.season == part.ordinal and not part.before
            is_half = mark.kind is not SequelKind.NUMERAL and part.season == 1
            return part if is_season or is_half else None
    return None


@attrs.frozen
class PartTitles:
    """The later parts of a series by their folded titles.

    Attributes:
        own_keys: Folded titles of the series.
    """

    parts: tuple[SeasonPart, ...]
    own_keys: frozenset[str]
    _by_key: Mapping[str, SeasonPart]

    @classmethod
    def of(cls, series: Series, own_keys: frozenset[str]) -> "PartTitles":
        """Return the titles of the parts that are no titles of the series.

        Args:
            series: The series.
            own_keys: Folded titles of the series.
        """
        found: dict[str, SeasonPart] = {}
        for part in series.parts:
            for title in part.titles:
                for key in title_keys(title).strict:
                    found.setdefault(key, part)
        for key in own_keys:
            found.pop(key, None)
        return cls(series.parts, own_keys, MappingProxyType(found))

    def titled(self, title: str) -> SeasonPart | None:
        """Return the part with this title."""
        if not self._by_key:
            return None
        return next((self._by_key[k] for k in title_keys(title).strict if k in self._by_key), None)

    def of_folders(self, folders: Sequence[str]) -> SeasonPart | None:
        """Return the part that the innermost of these folders names."""
        for folder in reversed(folders if self.parts else ()):
            name = read_folder_name(folder)
            part = self.titled(name.literal) or self.titled(name.title)
            if part is None and title_keys(name.base).strict & self.own_keys:
                part = marked_part(self.parts, name.mark)
            if part is not None:
                return part
        return None

    def named(self, parsed: ParsedName) -> SeasonPart | None:
        """Return the part that a file name names by its title or by a mark."""
        if not self.parts:
            return None
        if parsed.sequel is not None:
            whole = f"{parsed.title} {parsed.sequel.text}"
            return self.titled(whole) or marked_part(self.parts, parsed.sequel)
        return self.titled(parsed.removed) or self.titled(parsed.title)


def places_in_part(
    table: EpisodeTable, part: SeasonPart, numbers: Sequence[int]
) -> tuple[Place, ...]:
    """Return the episodes of numbers in the name of a part; empty if it is not sure which."""
    counted = part.numbers_in_season(numbers)
    if counted is not None:
        return table.within_season(Claim(part.season, counted))
    through = table.through_seasons(Claim(None, tuple(numbers)))
    is_beyond = part.count is not None and all(number > part.count for number in numbers)
    return through if is_beyond and all(season == part.season for season, _ in through) else ()
