"""Parse file names of any tool.

Rules from most to least reliable: `SxxEyy`, `NxNN`, extras that are no episode, films and
specials by name, the word *Episode* or *Folge*, a season folder with a leading number, a number
after a dash or in brackets, a leading number. Nothing else is guessed.
"""

import re
import unicodedata
from collections.abc import Sequence

import attrs

from aniworld_core.domain.library.file_names import patterns as patterns
from aniworld_core.domain.library.file_names.patterns import (
    VIDEO_SUFFIXES,
    find_language,
    is_ignored_name,
    is_video_name,
    video_suffix,
)
from aniworld_core.domain.library.file_names.reading import NameKind, NameRule, ParsedName
from aniworld_core.domain.library.file_names.rules import (
    GAP,
    NAME_LIMIT,
    RULES,
    Found,
    NameText,
    fold_title,
    gap,
    prepare,
    season_of_folder,
)
from aniworld_core.domain.library.safe_names import (
    COMPONENT_LIMIT,
    cut_to_bytes,
    fold_name,
    safe_component,
    same_name,
)
from aniworld_core.domain.media import Language

__all__ = [
    "COMPONENT_LIMIT",
    "VIDEO_SUFFIXES",
    "EpisodeFileName",
    "cut_to_bytes",
    "fold_name",
    "fold_title",
    "is_ignored_name",
    "is_video_name",
    "parse_episode_file_name",
    "parse_file_name",
    "safe_component",
    "same_name",
    "season_of_folder",
    "video_suffix",
]


@attrs.frozen(kw_only=True)
class EpisodeFileName:
    """Result of parsing a file name.

    Attributes:
        season: Season; `None` if the number is absolute or the name has no season.
        episodes: Episode numbers, ascending; empty for extras without a number (an opening, a
            recap `12.5`, an unnumbered special).
        absolute: Number across all seasons, if the name may mean that.
        version: Release version, 1 unless the name contains `v2`.
        special: Whether it is a film, special, recap or extra.
        language: Language, if the name states one.
        title: Name of the series in the file name.
        episode_title: Title of the episode, if the name has one.
        why: Description of the rule that matched.
    """

    season: int | None = None
    episodes: tuple[int, ...] = ()
    absolute: int | None = None
    version: int = 1
    special: bool = False
    language: Language | None = None
    title: str = ""
    episode_title: str = ""
    why: str = ""


def parse_file_name(
    name: str, *, parents: Sequence[str] = (), titles: Sequence[str] = ()
) -> ParsedName:
    """Read a file name.

    Args:
        name: File name with or without suffix; folders before a slash count as parents.
        parents: Folders between the library root and the file, outermost first.
        titles: Titles of the series in all languages and its aliases, if known. They are
            removed from the name before numbers are looked for.
    """
    title = next(iter(titles), "")
    found = parse_episode_file_name(name, parents=parents, title=title)
    if found is None:
        return ParsedName()
    return ParsedName(
        kind=NameKind.SPECIAL if found.special else NameKind.EPISODE,
        season=found.season,
        episodes=found.episodes,
        absolute=() if found.absolute is None else (found.absolute,),
        version=found.version,
        rule=NameRule.SEASON_EPISODE,
        title=found.title,
        episode_title=found.episode_title,
        language=found.language,
    )


def parse_episode_file_name(
    name: str, *, parents: Sequence[str] = (), title: str = ""
) -> EpisodeFileName | None:
    """Parse a file name; return `None` if it names no episode.

    Args:
        name: File name with or without suffix; folders before a slash count as parents.
        parents: Folders between the library root and the file, outermost first.
        title: Title of the series, if known, so that numbers in it are not parsed.
    """
    *folders, base = name.split("/")
    parents = [folder[:NAME_LIMIT] for folder in (*parents, *folders) if folder]
    stem = unicodedata.normalize("NFC", base[:NAME_LIMIT])
    stem = stem.removesuffix(video_suffix(stem))
    text = prepare(stem, parents, title)
    for rule in RULES:
        found = rule(text)
        if found is not None:
            return _described(found, text, parents, title)
    return None


def _described(found: Found, text: NameText, parents: Sequence[str], title: str) -> EpisodeFileName:
    before = _readable(text.text[: found.start])
    if text.has_title:
        before = title
    after = _readable(text.text[found.end :])
    return EpisodeFileName(
        season=found.season,
        episodes=found.episodes,
        absolute=found.absolute,
        version=found.version,
        special=found.special,
        language=find_language(text.stem, text.stem[found.end :]),
        title=before or _folder_title(parents),
        episode_title="" if patterns.is_language_word(after) else after,
        why=found.why,
    )


def _readable(part: str) -> str:
    """Return part of a name as words: brackets removed, dots and underscores as spaces."""
    for bracket in patterns.BRACKETS.findall(part):
        inside = bracket[1:-1]
        if bracket[0] != "(" or GAP in inside or _is_remark(inside):
            part = part.replace(bracket, " ", 1)
    part = part.partition(GAP)[0] if part.strip(f"{GAP} ._-") and part[0] != GAP else part
    part = part.replace(GAP, " ")
    if " " not in part.strip():
        part = part.replace(".", " ")
    return re.sub(r"\s+", " ", part.replace("_", " ")).strip(" -.~")


def _is_remark(inside: str) -> bool:
    is_digest = patterns.CHECKSUM.fullmatch(inside) or patterns.YEAR.search(inside)
    return bool(is_digest) or patterns.is_language_word(inside)


def _folder_title(parents: Sequence[str]) -> str:
    for folder in reversed(parents):
        if not patterns.SPECIALS_FOLDER.fullmatch(folder):
            words = _readable(patterns.SEASON_WORD.sub(gap, folder))
            if words:
                return words
    return ""
