"""What the folders above a file say: a season, specials, films, bonus clips."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import attrs

from aniworld_core.domain.library.entry_rules import is_extra_folder
from aniworld_core.domain.library.file_names import marks
from aniworld_core.domain.library.file_names.noise import TRANSLATED
from aniworld_core.domain.library.file_names.titles import NAME_LIMIT

EXTRA_MARK = "extra"
#: What the lower case of the Turkish `İ` has behind its `i`.
_DOT_ABOVE = "\u0307"
#: A folder that is only a number.
_NUMBER: Final = re.compile(r"0?[1-9]|[12][0-9]", re.ASCII)
#: A higher number is rather a title: `86`.
_MOST_SEASONS: Final = 20
#: Folders above a file that are read, innermost first.
_DEPTH = 8


@attrs.frozen
class FolderHint:
    """What a folder says about the files in it.

    Attributes:
        season: Season; 0 for specials; `None` if it states none.
        mark: `extra`, `ova`, `oad`, `ona`, `movie`, `special`, or empty.
        name: Name of the folder.
    """

    season: int | None = None
    mark: str = ""
    name: str = ""


def read_folders(parents: Sequence[str]) -> FolderHint:
    """Return what the innermost folder with a meaning says; bonus folders count anywhere."""
    hints = [_hint(folder[:NAME_LIMIT]) for folder in parents[: -_DEPTH - 1 : -1]]
    for hint in hints:
        if hint.mark == EXTRA_MARK:
            return hint
    return next((h for h in hints if h.season is not None or h.mark), FolderHint())


def read_folders_of_series(parents: Sequence[str], titles: Sequence[str]) -> FolderHint:
    """Return what the folders say, also `Alpha/02` without a word.

    A number that is a title of the series says nothing, nor does the outermost folder if no
    title is known.
    """
    hint = read_folders(parents)
    if hint.season is not None or hint.mark or not parents:
        return hint
    folder = parents[-1]
    if not is_number_of_season(folder) or folder in titles:
        return hint
    return FolderHint(int(folder), "", folder) if len(parents) > 1 or any(titles) else hint


def is_number_of_season(folder: str) -> bool:
    """Return whether the name of a folder is nothing but a number that may be a season."""
    return bool(_NUMBER.fullmatch(folder)) and int(folder) <= _MOST_SEASONS


def season_of_folder(name: str) -> int | None:
    """Return the season of a folder name: `Season 2`, `Staffel 2`, `Filme` (0)."""
    hint = _hint(name[:NAME_LIMIT])
    return None if hint.mark == EXTRA_MARK and hint.season is None else hint.season


def season_number(text: str) -> tuple[int, int, int] | None:
    """Return the first season that a text names, and its place: number, start, end."""
    match = marks.find_season(text)
    if match is None:
        return None
    word = match[match.lastindex or 0]
    ordinal = marks.SEASON_NUMBERS.get(word.casefold().replace(_DOT_ABOVE, ""))
    number = marks.cjk_number(word) if ordinal is None else ordinal
    return (number, match.start(), match.end())


@lru_cache(maxsize=4096)
def _hint(folder: str) -> FolderHint:
    name = folder.translate(TRANSLATED).strip()
    lowered = name.casefold()
    if is_extra_folder(name):
        # `Extras` was always read as season 0 by catalogues of folders.
        season = 0 if lowered in {"extra", "extras"} else None
        return FolderHint(season, EXTRA_MARK, folder)
    mark = marks.SPECIAL_FOLDERS.get(lowered)
    if mark is not None:
        return FolderHint(0, "" if mark == "special" else mark, folder)
    if marks.SEASONS.search(name):
        return FolderHint()
    found = season_number(name)
    if found is None and (short := marks.SEASON_FOLDER.fullmatch(name)):
        return FolderHint(int(short[1]), "", folder)
    if found is None or found[0] > 2100:
        return FolderHint()
    return FolderHint(found[0], "", folder)
