"""Read names in the default form of Aniworld without the whole parser: most files have it."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from aniworld_core.domain.library.file_names.folders import FolderHint
from aniworld_core.domain.library.file_names.languages import find_language, is_language_word
from aniworld_core.domain.library.file_names.reading import (
    NameKind,
    NameRule,
    ParsedName,
    SeasonSource,
)
from aniworld_core.domain.media import Language

#: ` - S01E05 - Title (German Dub)`; a title with digits or brackets is left to the parser.
_OWN: Final = re.compile(
    r" - S(\d{2,4})E(\d{2,4}) - ([^\d\[\](){}\x00_~]{1,200})"
    r" \(([A-Z][A-Za-z]{2,12} ?[A-Za-z]{0,12})\)",
    re.ASCII,
)


def read_own_name(stem: str, titles: Sequence[str], hint: FolderHint) -> ParsedName | None:
    """Return the reading of `<title> - S01E05 - Title (German Dub)`, or `None` for other names.

    The result has the numbers and the language that `parse_file_name` finds, and no titles.

    Args:
        stem: File name without suffix.
        titles: Known titles of the series.
        hint: What the folders above the file say.
    """
    title = next((title for title in titles if stem.startswith(f"{title} - S")), None)
    match = _OWN.fullmatch(stem, len(title)) if title else None
    if match is None or "ub" in match[3] or hint.mark:
        return None
    season = int(match[1])
    is_agreed = not season or hint.season in (None, season)
    return _reading(season, int(match[2]), match[4]) if is_agreed else None


@lru_cache(maxsize=4096)
def _reading(season: int, number: int, label: str) -> ParsedName | None:
    """Return a reading, which all series share; `None` if the label is no language."""
    language = _language(label)
    if language is None:
        return None
    return ParsedName(
        kind=NameKind.EPISODE if season else NameKind.SPECIAL,
        season=season,
        season_from=SeasonSource.NAME,
        episodes=(number,),
        rule=NameRule.OWN_NAME,
        language=language,
    )


@lru_cache(maxsize=256)
def _language(label: str) -> Language | None:
    words = f"({label})"
    return find_language(words, words) if is_language_word(label) else None
