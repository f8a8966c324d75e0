"""Read names in the most frequent forms without the whole parser."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from aniworld_core.domain.library.entry_rules import EXTRA_SUFFIX, video_suffix
from aniworld_core.domain.library.file_names import marks
from aniworld_core.domain.library.file_names.folders import FolderHint
from aniworld_core.domain.library.file_names.languages import find_language, is_language_word
from aniworld_core.domain.library.file_names.noise import TRANSLATED
from aniworld_core.domain.library.file_names.reading import (
    NameKind,
    NameRule,
    ParsedName,
    SeasonSource,
)
from aniworld_core.domain.library.file_names.sequels import mark_of_folders
from aniworld_core.domain.library.file_names.titles import NAME_LIMIT, find_title
from aniworld_core.domain.media import Language

#: ` - S01E05 - Title (German Dub)`; a title with digits or brackets is left to the parser.
_OWN: Final = re.compile(
    r" - S(\d{2,4})E(\d{2,4}) - ([^\d\[\](){}\x00_~]{1,200})"
    r" \(([A-Z][A-Za-z]{2,12} ?[A-Za-z]{0,12})\)",
    re.ASCII,
)
#: ` - S01E05`, ` - S01E05 - Title`; no digit or bracket can be a further number.
_PLAIN: Final = re.compile(
    r" - S([0-9]{2,4})E([0-9]{2,4})((?: - [A-Za-zÄÖÜäöüßéèáà ,.!?'&:;-]{1,200})?)"
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


def read_plain_name(
    stem: str, titles: Sequence[str], hint: FolderHint, parents: Sequence[str]
) -> ParsedName | None:
    """Return the reading of `<title> - S01E05` or `<title> - S01E05 - Title`, or `None`.

    The result is that of `parse_file_name` without titles and span.

    Args:
        stem: File name without suffix.
        titles: Known titles of the series.
        hint: What the folders above the file say.
        parents: These folders, outermost first.
    """
    title = next((title for title in titles if stem.startswith(f"{title} - S")), None)
    match = _PLAIN.fullmatch(stem, len(title)) if title else None
    if title is None or match is None or hint.mark or len(stem) > NAME_LIMIT:
        return None
    season, rest = int(match[1]), match[3]
    if season and hint.season not in (None, season):
        return None
    rule = NameRule.OWN_NAME
    if rest:
        rule = NameRule.SEASON_EPISODE
        found = find_title(stem.translate(TRANSLATED), titles)
        if (
            found is None
            or (found.start, found.end) != (0, len(title))
            or video_suffix(stem)
            or EXTRA_SUFFIX.search(rest)
            or marks.CREDITLESS.search(rest)
            or (parents and mark_of_folders(tuple(parents), tuple(titles)))
        ):
            return None
    language = find_language(stem, rest)
    return _plain_reading(rule, season, int(match[2]), language)


@lru_cache(maxsize=4096)
def _plain_reading(
    rule: NameRule, season: int, number: int, language: Language | None
) -> ParsedName:
    """Return a reading, which all series share."""
    return ParsedName(
        kind=NameKind.EPISODE if season else NameKind.SPECIAL,
        season=season,
        season_from=SeasonSource.NAME,
        episodes=(number,),
        rule=rule,
        language=language,
    )


@lru_cache(maxsize=4096)
def _reading(season: int, number: int, label: str) -> ParsedName | None:
    """Return a reading, which all series share; `None` if the label is no language."""
    language = _language(label)
    if language is None:
        return None
    return _plain_reading(NameRule.OWN_NAME, season, number, language)


@lru_cache(maxsize=256)
def _language(label: str) -> Language | None:
    words = f"({label})"
    return find_language(words, words) if is_language_word(label) else None
