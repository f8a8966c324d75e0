"""Rules for files that are no regular episodes: bonus clips, films, OVAs and specials."""

import re

from aniworld_core.domain.library.file_names import marks
from aniworld_core.domain.library.file_names.counting import HEIGHTS
from aniworld_core.domain.library.file_names.found import Found
from aniworld_core.domain.library.file_names.reading import NameKind, NameRule, SeasonSource
from aniworld_core.domain.library.file_names.remaining import NumberText
from aniworld_core.domain.library.file_names.rules.chains import chain


def as_extra(text: NumberText) -> Found | None:
    """Read a bonus clip: `OP2`, `PV`, `- Opening 2`, `Ep01 Preview`."""
    match = marks.EXTRA.search(text.words) or marks.EXTRA_WORD.search(text.words)
    return extra(match) if match else None


def as_loose_extra(text: NumberText) -> Found | None:
    """Read the word for a bonus clip anywhere in a name without a number."""
    match = marks.EXTRA_LOOSE.search(text.words)
    return extra(match) if match else None


def extra(match: re.Match[str]) -> Found:
    """Return a bonus clip; its mark is the word that says so."""
    mark = match[match.lastindex or 0].strip("-. ").lower()
    return Found(
        start=match.start(), end=match.end(), rule=NameRule.EXTRA, kind=NameKind.EXTRA, mark=mark
    )


def as_special(text: NumberText) -> Found | None:
    """Read `OVA 2`, `SP01-02`, `OVA [03]`, `Movie 1`."""
    match = marks.SPECIAL.search(text.clean)
    if match is None or int(match[3]) in HEIGHTS:
        return None
    numbers = chain(int(match[3]), match[5])
    return special(match.span(), match[1] or match[2], numbers, int(match[4] or 1))


def as_cinema(text: NumberText) -> Found | None:
    """Read a film for the cinema, whatever number follows."""
    is_possible = not text.clean.isascii() or "gekij" in text.clean.lower()
    match = marks.CINEMA.search(text.name.text) if is_possible else None
    return special(match.span(), "movie") if match else None


def as_cjk_special(text: NumberText) -> Found | None:
    """Read `特典映像][01]`, `番外編`."""
    match = None if text.clean.isascii() else marks.SPECIAL_CJK.search(text.clean)
    if match is None:
        return None
    return special(match.span(), "special", (int(match[1]),) if match[1] else ())


def as_unnumbered(text: NumberText) -> Found | None:
    """Read `- OVA`, `Special`, `The Movie`, without a number."""
    match = marks.SPECIAL_WORD.search(text.clean)
    return special(match.span(), match[1] or match[2]) if match else None


def special(
    span: tuple[int, int], word: str, numbers: tuple[int, ...] = (), version: int = 1
) -> Found:
    """Return the film or special that a word marks."""
    mark = marks.special_mark(word)
    is_film = mark == "movie"
    return Found(
        start=span[0],
        end=span[1],
        rule=NameRule.MOVIE if is_film else NameRule.SPECIAL,
        kind=NameKind.MOVIE if is_film else NameKind.SPECIAL,
        season=0,
        season_from=SeasonSource.NAME,
        episodes=numbers,
        mark=mark,
        version=version,
    )
