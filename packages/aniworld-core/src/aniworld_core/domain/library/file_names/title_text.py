"""Titles in file names: the text before and behind the numbers."""

import re
from collections.abc import Sequence
from typing import Final

from aniworld_core.domain.library.entry_rules import is_extra_folder
from aniworld_core.domain.library.file_names import languages, marks
from aniworld_core.domain.library.file_names.found import NameText
from aniworld_core.domain.library.file_names.noise import RELEASE, gap
from aniworld_core.domain.library.file_names.titles import GAP

_SPACES: Final = re.compile(r"\s+")
_CHECKSUM: Final = re.compile(r"[0-9a-f]{8}", re.IGNORECASE)
_PAIRS: Final = {"(": ")", "[": "]", "{": "}"}
#: Brackets of Chinese and Japanese names.
_WIDE: Final = str.maketrans("【】（）", "[]()")
_YEAR: Final = re.compile(r"(?:19|20)[0-9]{2}")


def title_before(text: NameText, parents: Sequence[str], start: int) -> str:
    """Return the title of the series: the known one, the text before *start*, or a folder."""
    if text.found_title is not None:
        return text.found_title.title
    before = _readable(_without_season(text.stem[:start]))
    return before or folder_title(parents)


def episode_title(text: NameText, end: int) -> str:
    """Return the title of the episode: the text behind *end*, unless it is a language."""
    if not end:
        return ""
    after = text.stem[end:]
    release = RELEASE.search(after)
    after = _closed(_readable(after[: release.start()] if release else after))
    return "" if languages.is_language_word(after) else after


def _readable(part: str) -> str:
    """Return part of a name as words: brackets removed, dots and underscores as spaces."""
    part = languages.BRACKETS.sub(lambda match: _kept(match[0]), part.translate(_WIDE))
    part = part.partition(GAP)[0] if part.strip(f"{GAP} ._-") and part[0] != GAP else part
    part = part.replace(GAP, " ")
    if " " not in part.strip():
        part = part.replace(".", " ")
    return _SPACES.sub(" ", part.replace("_", " ")).strip(" -.~")


def _closed(title: str) -> str:
    """Return a title without a bracket that does not end, which begins before release words."""
    opened: list[tuple[int, str]] = []
    for place, character in enumerate(title):
        if character in _PAIRS:
            opened.append((place, _PAIRS[character]))
        elif opened and character == opened[-1][1]:
            opened.pop()
    return title[: opened[0][0]].strip(" -.~") if opened else title


def _kept(bracket: str) -> str:
    """Return what stays of a bracket: round ones that are no remark belong to the title."""
    inside = bracket[1:-1]
    return " " if bracket[0] != "(" or GAP in inside or _is_remark(inside) else bracket


def _without_season(part: str) -> str:
    match = marks.find_season(part)
    return part if match is None else part[: match.start()] + gap(match) + part[match.end() :]


def _is_remark(inside: str) -> bool:
    is_digest = _CHECKSUM.fullmatch(inside) or _YEAR.search(inside)
    return bool(is_digest or RELEASE.search(f" {inside}")) or languages.is_language_word(inside)


def folder_title(parents: Sequence[str]) -> str:
    """Return the title in the name of the nearest folder that has one."""
    for folder in reversed(parents):
        if folder.casefold() not in marks.SPECIAL_FOLDERS and not is_extra_folder(folder):
            words = _readable(_without_season(folder))
            if words:
                return words
    return ""
