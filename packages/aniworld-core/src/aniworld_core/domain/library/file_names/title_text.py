"""Titles in file names: the text before and behind the numbers."""

import re
from collections.abc import Sequence
from typing import Final

from aniworld_core.domain.library.entry_rules import is_extra_folder
from aniworld_core.domain.library.file_names import languages, marks
from aniworld_core.domain.library.file_names.folders import is_number_of_season
from aniworld_core.domain.library.file_names.found import NameText
from aniworld_core.domain.library.file_names.noise import RELEASE, TRANSLATED, gap
from aniworld_core.domain.library.file_names.titles import GAP

#: Where the numbers of a release folder begin.
_CODE: Final = re.compile(r"[ ._-][\[(]?S[0-9]{1,4}[ .]?E[0-9]{1,4}", re.IGNORECASE | re.ASCII)
_SPACES: Final = re.compile(r"\s+")
_CHECKSUM: Final = re.compile(r"[0-9a-f]{8}", re.IGNORECASE)
_PAIRS: Final = {"(": ")", "[": "]", "{": "}"}
#: Brackets of Chinese and Japanese names.
_WIDE: Final = str.maketrans("【】（）", "[]()")
#: An article before the word for a film.
_ARTICLE_BEHIND: Final = re.compile(r"[ -]{1,3}(?:the|der|le|la|el|il)\Z", re.IGNORECASE)
#: What is no title of an episode: the end of a series, a part of a file, subtitles.
_REMARK: Final = re.compile(
    r"\(?(?:end|fin|final|recap|pt ?[0-9]|cd ?[0-9]|v[0-9]|vf|vostfr"
    r"|xvid|divx)\)?",
    re.IGNORECASE,
)
_YEAR: Final = re.compile(r"(?:19|20)[0-9]{2}")


def title_before(text: NameText, parents: Sequence[str], start: int) -> str:
    """Return the title of the series: the known one, the text before *start*, or a folder.

    A name that is nothing but brackets has its title in the last one before *start*.
    """
    if text.found_title is not None:
        return text.found_title.title
    before = text.stem[:start]
    words = _readable(_without_season(before))
    title = _closed(words) or words
    return title or folder_title(parents) or _bracketed_title(before)


def title_of_all(text: NameText, parents: Sequence[str]) -> str:
    """Return the title of a name without an episode: the text before season and release words."""
    stem = _before_release(text.stem)
    plain = stem.translate(TRANSLATED)
    season = marks.SEASONS.search(plain) or marks.find_season(plain)
    at = season.start() if season and _readable(stem[: season.start()]) else len(stem)
    return title_before(text, parents, at)


def film_title(before: str, after: str) -> str:
    """Return the title of the series of a film, without the article of `The Movie`.

    Args:
        before: The title before the word for a film.
        after: The title behind it: `Gekijouban Alpha - The Tide`.
    """
    return _ARTICLE_BEHIND.sub("", before) or after.partition(" - ")[0]


def episode_title(text: NameText, end: int) -> str:
    """Return the title of the episode: the text behind *end*, unless it is a remark."""
    if not end:
        return ""
    after = _before_release(text.stem[end:])
    after = _closed(_readable(_opened(after.translate(_WIDE))))
    return "" if languages.is_language_word(after) or _REMARK.fullmatch(after) else after


def _readable(part: str) -> str:
    """Return part of a name as words: brackets removed, dots and underscores as spaces."""
    part = languages.BRACKETS.sub(lambda match: _kept(match[0]), part.translate(_WIDE))
    part = part.partition(GAP)[0] if part.strip(f"{GAP} ._-") and part[0] != GAP else part
    part = part.replace(GAP, " ")
    if " " not in part.strip():
        part = part.replace(".", " ")
    return _SPACES.sub(" ", part.replace("_", " ")).strip(" -.~,")


def _closed(title: str) -> str:
    """Return a title without a bracket that does not end, which begins before release words."""
    opened: list[tuple[int, str]] = []
    for place, character in enumerate(title):
        if character in _PAIRS:
            opened.append((place, _PAIRS[character]))
        elif opened and character == opened[-1][1]:
            opened.pop()
    return title[: opened[0][0]].strip(" -.~") if opened else title


def _opened(title: str) -> str:
    """Return a title without the rest of the bracket that holds the numbers: `(1-8 of 8) Title`."""
    for place, character in enumerate(title):
        if character in _PAIRS:
            break
        if character in _PAIRS.values():
            return title[place + 1 :]
    return title


def _before_release(part: str) -> str:
    release = RELEASE.search(part)
    return part[: release.start()] if release else part


def _bracketed_title(before: str) -> str:
    """Return the title in `[Group][Title][`: the last bracket of several that is no remark."""
    brackets = [bracket[1:-1] for bracket in languages.BRACKETS.findall(before.translate(_WIDE))]
    titles = [_readable(_without_season(inside)) for inside in brackets[1:]]
    return next((title for title in reversed(titles) if title and not _is_remark(title)), "")


def _kept(bracket: str) -> str:
    """Return what stays of a bracket: round ones that are no remark belong to the title."""
    inside = bracket[1:-1]
    return " " if bracket[0] != "(" or GAP in inside or _is_remark(inside) else bracket


def _without_season(part: str) -> str:
    match = marks.find_season(part.translate(TRANSLATED))
    return part if match is None else part[: match.start()] + gap(match) + part[match.end() :]


def _is_remark(inside: str) -> bool:
    is_digest = _CHECKSUM.fullmatch(inside) or _YEAR.search(inside)
    return bool(is_digest or RELEASE.search(f" {inside}")) or languages.is_language_word(inside)


def folder_title(parents: Sequence[str]) -> str:
    """Return the title in the name of the nearest folder that has one."""
    of_season = ""
    for folder in reversed(parents):
        if folder.casefold() in marks.SPECIAL_FOLDERS or is_extra_folder(folder):
            continue
        if marks.SEASON_FOLDER.fullmatch(folder) or (
            folder != parents[0] and is_number_of_season(folder)
        ):
            continue
        code = _CODE.search(folder)
        name = _before_release(folder[: code.start()] if code else folder)
        season = marks.find_season(name.translate(TRANSLATED))
        if words := _readable(name[: season.start()] if season else name):
            return words
        # `Season 02 - The Great Tide` is the title of the season
        of_season = of_season or (_readable(name[season.end() :]) if season else "")
    return of_season
