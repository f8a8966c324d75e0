"""Read the name of a media file with the folders above it.

Rules from most to least reliable: `SxxEyy`, `NxNN`, bonus clips, words such as *Episode*, films
and specials, a season folder with a leading number, a number after a dash or in brackets, a
date, a leading number, a number behind the title. What remains is unknown, and numbers that
contradict each other are a doubt, never an episode.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

import attrs

from aniworld_core.domain.library.entry_rules import EXTRA_SUFFIX, video_suffix
from aniworld_core.domain.library.file_names import marks
from aniworld_core.domain.library.file_names.codes import by_code, by_cross, by_own_name
from aniworld_core.domain.library.file_names.folders import (
    EXTRA_MARK,
    FolderHint,
    read_folders,
    read_folders_of_series,
    season_of_folder,
)
from aniworld_core.domain.library.file_names.found import Found, NameText, in_doubt
from aniworld_core.domain.library.file_names.languages import find_language
from aniworld_core.domain.library.file_names.noise import OBFUSCATED, TRANSLATED
from aniworld_core.domain.library.file_names.reading import (
    NameKind,
    NameRule,
    Numbers,
    ParsedName,
    SeasonSource,
)
from aniworld_core.domain.library.file_names.remaining import BRACKETS, prepare_numbers
from aniworld_core.domain.library.file_names.rules.specials import extra
from aniworld_core.domain.library.file_names.rules.table import RULES
from aniworld_core.domain.library.file_names.sequels import mark_of_folders, without_other_season
from aniworld_core.domain.library.file_names.title_text import (
    episode_title,
    film_title,
    folder_title,
    title_before,
    title_of_all,
)
from aniworld_core.domain.library.file_names.titles import (
    GAP,
    NAME_LIMIT,
    FoundTitle,
    find_title,
)
from aniworld_core.messages import Message

__all__ = ["parse_file_name", "season_of_folder"]

#: Folders above a file that are read.
_DEPTH = 8
#: Rules that say less than a code of season and episode in the name of a folder.
_WEAK_RULES = frozenset(
    {NameRule.DATE, NameRule.DASH, NameRule.BRACKETS, NameRule.LEADING, NameRule.COMPACT}
    | {NameRule.AFTER_TITLE, NameRule.BATCH, NameRule.SEASON_FOLDER, NameRule.NONE}
)
#: Folders above a file that may be a release folder with a code.
_RELEASE_DEPTH = 2
#: A number in brackets behind a number that a dash joins to it. Behind a code and a spaced dash it
#: counts through all seasons: `S01E05 - (017)`.
_BRACKETED: Final = re.compile(
    r"[\])]?\s{0,2}[-~]\s{0,2}[\[(](?:EP?)?([0-9]{1,4})[\])]", re.IGNORECASE | re.ASCII
)
_BRACKETED_CODE: Final = re.compile(
    r"(?:[\])]\s*[-~]\s*|[-~])[\[(](?:EP?)?([0-9]{1,4})[\])]", re.IGNORECASE | re.ASCII
)
#: A number that follows a word directly at the end of a name.
_ATTACHED_NUMBER: Final = re.compile(
    r"(?<=[^\W\d_])[0-9]{2,4}(?:v[0-9])?(?=[ ]?(?:\Z|[\[(]))", re.IGNORECASE
)
#: Most episodes that a span may have behind its first number.
_LONGEST_SPAN: Final = 12
_OPENING: Final = "[({【"
_CLOSING: Final = "])}】"
_ANY_BRACKET: Final = re.compile(f"[{re.escape(_OPENING + _CLOSING)}]")
#: Most slashes in a name that are no separators of folders.
_SLASHES_IN_NAMES: Final = 4


def parse_file_name(
    name: str, *, parents: Sequence[str] = (), titles: Sequence[str] = ()
) -> ParsedName:
    """Read a file name.

    Args:
        name: File name with or without suffix; folders before a slash count as parents.
        parents: Folders between the library root and the file, outermost first.
        titles: Titles of the series in all languages and its aliases, if known. They are
            removed from the name before numbers are looked for, and a mark of a later part
            without its season is a doubt.
    """
    base = name[_start_of_name(name) :]
    if base != name:
        above = name[: -len(base) - 1] if base else name
        parents = (*parents, *above[-_DEPTH * NAME_LIMIT :].split("/"))
    parents = tuple(folder for folder in parents[-_DEPTH:] if folder.strip(". "))
    stem = unicodedata.normalize("NFC", base[:NAME_LIMIT])
    stem = stem.removesuffix(video_suffix(stem))
    hint = read_folders_of_series(parents, titles)
    text = _prepared(stem, titles, hint, parents)
    found = _find(text)
    if parents and (found is None or found.rule in _WEAK_RULES):
        found, text = _in_release_folder(parents, titles) or (found, text)
    if found is None:
        return ParsedName(title=title_of_all(text, parents))
    return _described(found, text, parents)


def _start_of_name(path: str) -> int:
    """Return where the file name begins.

    A slash in brackets or between spaces belongs to it: `[A/B][05]`, `Alpha / Beta - 05`.
    """
    at = path.rfind("/")
    for _ in range(_SLASHES_IN_NAMES):
        if at < 0:
            break
        if path[at - 1 : at + 2] == " / ":
            at = path.rfind("/", 0, at)
            continue
        closing = _ANY_BRACKET.search(path, at)
        if closing is None or closing[0] not in _CLOSING:
            break
        opened, closed = (max(path.rfind(c, 0, at) for c in some) for some in (_OPENING, _CLOSING))
        if opened <= closed:
            break
        at = path.rfind("/", 0, opened)
    return at + 1


def _prepared(
    stem: str, titles: Sequence[str], hint: FolderHint, parents: Sequence[str] = ()
) -> NameText:
    plain = stem.translate(TRANSLATED)
    title = find_title(plain, titles) if titles else _folder_title_in(plain, parents)
    if title is None and titles:
        title = _title_with_number(plain, titles)
    text = plain
    if title is not None:
        text = plain[: title.start] + GAP * (title.end - title.start) + plain[title.end :]
    has_titles = any(map(str.strip, titles))
    sequel = mark_of_folders(tuple(parents), tuple(titles)) if has_titles and parents else None
    return NameText(stem, plain, text, title, has_titles, hint, sequel)


def _title_with_number(plain: str, titles: Sequence[str]) -> FoundTitle | None:
    """Return the known title in `SilverHarbour05`, if nothing but remarks follows the number."""
    number = _ATTACHED_NUMBER.search(plain)
    found = find_title(plain[: number.start()], titles) if number else None
    return found if number and found and found.end == number.start() else None


def _folder_title_in(plain: str, parents: Sequence[str]) -> FoundTitle | None:
    """Return the title of the folder, if the name begins with it."""
    title = folder_title(parents)
    found = find_title(plain, [title]) if title else None
    is_first = found is not None and not any(
        map(str.isalnum, BRACKETS.sub("", plain[: found.start]))
    )
    return found if is_first else None


def _find(text: NameText) -> Found | None:
    if text.hint.mark == EXTRA_MARK:
        return Found(start=0, end=0, rule=NameRule.FOLDER, kind=NameKind.EXTRA, mark=text.hint.mark)
    if suffix := EXTRA_SUFFIX.search(text.text):
        return extra(suffix)
    if found := by_own_name(text):
        return _agreed(found, text.hint)
    found = by_code(text) or by_cross(text)
    if (found is None or found.season != 0) and (word := marks.CREDITLESS.search(text.text)):
        return extra(word)
    if found is not None:
        found = _without_open_span(found, text.plain, _BRACKETED_CODE)
        found = without_other_season(found, text)
        return _agreed(found, text.hint)
    if text.found_title is None and OBFUSCATED.fullmatch(text.plain):
        return None
    numbers = prepare_numbers(text)
    for rule in RULES:
        if found := rule(numbers):
            return _without_open_span(found, text.plain, _BRACKETED)
    return _by_folder_alone(text)


def _without_open_span(found: Found, plain: str, bracketed: re.Pattern[str]) -> Found:
    """Put a number in doubt if another one in brackets may end a span: `[05]-[06]`, `01-[02]`."""
    if found.doubt is not None or found.kind is not NameKind.EPISODE or not found.episodes:
        return found
    behind = bracketed.match(plain, found.end)
    last = found.episodes[-1]
    if behind is None or not last < int(behind[1]) <= last + _LONGEST_SPAN:
        return found
    span = tuple(range(found.episodes[0], int(behind[1]) + 1))
    candidates = [Numbers(found.season, numbers) for numbers in (span, found.episodes)]
    doubt = Message("name_numbers_disagree", first=candidates[0].text, second=candidates[1].text)
    return in_doubt(found, doubt, candidates)


def _agreed(found: Found, hint: FolderHint) -> Found:
    """Put a code in doubt if the folder is of another season; specials may lie anywhere."""
    if not found.season or hint.season in {None, found.season} or hint.mark:
        return found
    doubt = Message("name_season_disagrees", named=found.season, folder=hint.season)
    candidates = [Numbers(season, found.episodes) for season in (found.season, hint.season)]
    return in_doubt(found, doubt, candidates)


def _by_folder_alone(text: NameText) -> Found | None:
    """Read a file without numbers in a folder of films or specials."""
    if not text.hint.mark:
        return None
    kind = NameKind.MOVIE if text.hint.mark == "movie" else NameKind.SPECIAL
    return Found(
        start=0,
        end=0,
        rule=NameRule.FOLDER,
        kind=kind,
        season=0,
        season_from=SeasonSource.FOLDER,
        mark=text.hint.mark,
    )


def _in_release_folder(
    parents: Sequence[str], titles: Sequence[str]
) -> tuple[Found, NameText] | None:
    """Read the code in the name of the folder, for a file whose own name says nothing."""
    for depth, folder in enumerate(parents[: -_RELEASE_DEPTH - 1 : -1], 1):
        stem = unicodedata.normalize("NFC", folder[:NAME_LIMIT])
        text = _prepared(stem, titles, read_folders(parents[:-depth]))
        found = by_code(text) or by_cross(text)
        if found is not None:
            found = _agreed(found, text.hint)
            return attrs.evolve(found, rule=NameRule.FOLDER, start=0, end=0), text
    return None


def _described(found: Found, text: NameText, parents: Sequence[str]) -> ParsedName:
    title = text.found_title
    of_series = title_before(text, parents, found.start)
    if not title and found.kind is NameKind.BATCH and not found.end:
        of_series = title_of_all(text, parents)
    elif not title and found.kind is NameKind.MOVIE:
        of_series = film_title(of_series, episode_title(text, found.end))
    return ParsedName(
        kind=found.kind,
        season=found.season,
        season_from=found.season_from,
        episodes=found.episodes,
        absolute=found.absolute,
        mark=found.mark,
        sequel=found.sequel,
        version=found.version,
        date=found.date,
        fraction=found.fraction,
        doubt=found.doubt,
        candidates=found.candidates,
        rule=found.rule,
        span=(found.start, found.end),
        title=of_series,
        removed=text.stem[title.start : title.end] if title else "",
        episode_title=episode_title(text, found.end),
        language=find_language(text.stem, text.stem[found.end :]),
    )
