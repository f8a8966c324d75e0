"""Rules that find episode numbers in a file name, most reliable first."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Final

import attrs

from aniworld_core.domain.library.file_names import patterns as patterns

#: Most characters of a name that are parsed.
NAME_LIMIT: Final = 300
#: Replaces recognised text so that it is not parsed again.
GAP: Final = "\x00"
_LONGEST_RANGE = 200
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


@attrs.frozen
class NameText:
    """A file name prepared for the rules; all texts have the same positions.

    Attributes:
        stem: The name without suffix.
        text: The stem with gaps for the known title, noise and season words.
        open: `text` with gaps for brackets too.
        season: Season that a word in the name or a folder states.
        has_folder: Whether the season comes from a folder.
        has_title: Whether the known title was found and removed.
    """

    stem: str
    text: str
    open: str
    season: int | None
    has_folder: bool
    has_title: bool


@attrs.frozen(kw_only=True)
class Found:
    """Result of a rule between *start* and *end*; other fields as in `EpisodeFileName`."""

    start: int
    end: int
    why: str
    season: int | None = None
    episodes: tuple[int, ...] = ()
    absolute: int | None = None
    version: int = 1
    special: bool = False


def prepare(stem: str, parents: Sequence[str], title: str) -> NameText:
    """Remove text that is no episode number, and record the season."""
    text, has_title = _without_title(stem, title)
    if _own_code(text):
        return NameText(stem, text, text, None, has_folder=False, has_title=has_title)
    text = patterns.NOISE.sub(gap, text)
    word = patterns.SEASON_WORD.search(text)
    in_folder = next((s for s in map(season_of_folder, reversed(parents)) if s is not None), None)
    season = in_folder
    if word and not patterns.SEASON_EPISODE.match(text, word.start()):
        season = _season_number(word)
        text = text[: word.start()] + GAP * len(word[0]) + text[word.end() :]
    return NameText(
        stem,
        text,
        patterns.BRACKETS.sub(gap, text),
        season,
        has_folder=in_folder is not None,
        has_title=has_title,
    )


def _own_code(text: str) -> re.Match[str] | None:
    """Find a code in the form of Aniworld's own names with no further numbers after it."""
    match = patterns.OWN_CODE.search(text)
    if match is None or "[" in text[match.end() :]:
        return None
    return None if patterns.NOISE.search(text, match.end()) else match


def _by_own_name(text: NameText) -> Found | None:
    match = _own_code(text.text)
    if match is None:
        return None
    season, first, last = int(match[1]), int(match[2]), int(match[3] or 0)
    if last and not first < last <= first + _LONGEST_RANGE:
        return None
    return Found(
        start=match.start(),
        end=match.end(),
        season=season,
        episodes=tuple(range(first, max(first, last) + 1)),
        special=season == 0,
        why="season and episode code such as S01E05",
    )


def season_of_folder(name: str) -> int | None:
    """Return the season of a folder name: `Season 2`, `Staffel 2`, `Filme` (0)."""
    if patterns.SPECIALS_FOLDER.fullmatch(name.strip()):
        return 0
    match = patterns.SEASON_WORD.search(name)
    return _season_number(match) if match else None


def fold_title(title: str) -> str:
    """Return a title for comparison: letters and digits only, umlauts written out."""
    return "".join(_fold_character(c) for c in unicodedata.normalize("NFC", title[:NAME_LIMIT]))


def _by_code(text: NameText) -> Found | None:
    for source in (text.text, text.stem):
        match = patterns.SEASON_EPISODE.search(source)
        if match is None:
            continue
        numbers, end = _continued(source, match.end(), int(match[2]))
        version, end = _version(source, end)
        absolute = patterns.ABSOLUTE_AFTER.match(source, end)
        return Found(
            start=match.start(),
            end=absolute.end() if absolute else end,
            season=int(match[1]),
            episodes=numbers,
            absolute=int(absolute[1]) if absolute else None,
            version=version,
            special=int(match[1]) == 0,
            why="season and episode code such as S01E05",
        )
    return None


def _continued(source: str, end: int, first: int) -> tuple[tuple[int, ...], int]:
    """Parse the further numbers of `S01E01-E03`, `S01E01E02` and `S01E01-02-03`."""
    numbers = [first]
    for follower in (patterns.NEXT_EPISODE, patterns.NEXT_NUMBER):
        while match := follower.match(source, end):
            number, is_span = int(match[1]), "-" in match[0]
            if not numbers[-1] < number <= numbers[-1] + _LONGEST_RANGE:
                break
            numbers += range(numbers[-1] + 1, number + 1) if is_span else [number]
            end = match.end()
    return tuple(numbers), end


def _by_cross(text: NameText) -> Found | None:
    match = patterns.CROSS.search(text.text)
    if match is None:
        return None
    numbers, end = [int(match[2])], match.end()
    while following := patterns.NEXT_CROSS.match(text.text, end):
        number = int(following[1])
        if not numbers[-1] < number <= numbers[-1] + _LONGEST_RANGE:
            break
        numbers += range(numbers[-1] + 1, number + 1)
        end = following.end()
    version, end = _version(text.text, end)
    season = int(match[1])
    return Found(
        start=match.start(),
        end=end,
        season=season,
        episodes=tuple(numbers),
        version=version,
        special=season == 0,
        why="season and episode written as 1x05",
    )


def _as_extra(text: NameText) -> Found | None:
    match = patterns.EXTRA.search(text.text)
    if match is None:
        return None
    why = "an opening, ending or preview, not an episode"
    return Found(start=match.start(), end=match.end(), season=0, special=True, why=why)


def _as_special(text: NameText) -> Found | None:
    match = patterns.SPECIAL.search(text.text)
    if match is None:
        return None
    version, end = _version(text.text, match.end())
    return Found(
        start=match.start(),
        end=end,
        season=0,
        episodes=(int(match[2]),),
        version=version,
        special=True,
        why=f"numbered {match[1].lower()}",
    )


def _by_word(text: NameText) -> Found | None:
    match = patterns.EPISODE_WORD.search(text.open) or patterns.EPISODE_CJK.search(text.open)
    if match is None:
        return None
    version, end = _version(text.text, match.end())
    return _counted(
        text, int(match[1]), version=version, span=(match.start(), end), why="the word Episode"
    )


def _in_season_folder(text: NameText) -> Found | None:
    if not text.has_folder:
        return None
    return _leading(text, patterns.LEADING_LOOSE, "a leading number in a season folder")


def _after_dash(text: NameText) -> Found | None:
    why = "a number after a dash"
    found = (_numbered(text, m, why) for m in patterns.DASH_NUMBER.finditer(text.open))
    return next((f for f in found if f), None)


def _in_brackets(text: NameText) -> Found | None:
    for bracket in patterns.BRACKETS.finditer(text.text):
        match = patterns.BRACKET_NUMBER.fullmatch(text.text, bracket.start() + 1, bracket.end() - 1)
        if match and int(match[1]) not in patterns.HEIGHTS:
            found = _numbered(text, match, "a number in brackets")
            if found:
                return attrs.evolve(found, start=bracket.start(), end=bracket.end())
    return None


def _at_start(text: NameText) -> Found | None:
    return _leading(text, patterns.LEADING_NUMBER, "a leading number")


def _after_title(text: NameText) -> Found | None:
    if not text.has_title:
        return None
    return _leading(text, patterns.LEADING_LOOSE, "a number after the series' title")


def _as_unnumbered(text: NameText) -> Found | None:
    match = patterns.SPECIAL_WORD.search(text.text)
    if match is None:
        return None
    why = "a film or special without a number"
    return Found(start=match.start(), end=match.end(), season=0, special=True, why=why)


RULES: tuple[Callable[[NameText], Found | None], ...] = (
    _by_own_name,
    _by_code,
    _by_cross,
    _as_extra,
    _as_special,
    _by_word,
    _in_season_folder,
    _after_dash,
    _in_brackets,
    _at_start,
    _after_title,
    _as_unnumbered,
)


def _leading(text: NameText, pattern: re.Pattern[str], why: str) -> Found | None:
    start = next((i for i, c in enumerate(text.open) if c not in f"{GAP} ._-"), None)
    match = None if start is None else pattern.match(text.open, start)
    return _numbered(text, match, why) if match else None


def _numbered(text: NameText, match: re.Match[str], why: str) -> Found | None:
    """Parse a match of the common number pattern, unless it is a year."""
    if patterns.YEAR.fullmatch(match[1]):
        return None
    if match[2]:
        return Found(
            start=match.start(), end=match.end(), season=0, special=True, why="a recap such as 12.5"
        )
    number, last = int(match[1]), int(match[4] or 0)
    version, span = int(match[3] or 1), match.span()
    if not number < last <= number + _LONGEST_RANGE:
        return _counted(text, number, version=version, span=span, why=why)
    return _counted(text, number, last, version=version, span=span, why=f"{why}, a range")


def _counted(
    text: NameText, number: int, last: int = 0, *, version: int, span: tuple[int, int], why: str
) -> Found:
    season = text.season
    return Found(
        start=span[0],
        end=span[1],
        season=season,
        episodes=tuple(range(number, max(number, last) + 1)),
        absolute=number if season is None else None,
        version=version,
        special=season == 0,
        why=why if season is None or text.has_folder else f"{why}, with the season in the name",
    )


def _version(source: str, end: int) -> tuple[int, int]:
    match = patterns.VERSION.match(source, end)
    return (int(match[1]), match.end()) if match else (1, end)


def _without_title(stem: str, title: str) -> tuple[str, bool]:
    """Replace the known title at the start, or after brackets, with a gap."""
    if title and stem.startswith(title) and not stem[len(title) : len(title) + 1].isalnum():
        return GAP * len(title) + stem[len(title) :], True
    wanted = fold_title(title)
    starts = [0]
    while bracket := patterns.BRACKETS.match(stem, starts[-1]):
        rest = stem[bracket.end() :]
        starts.append(bracket.end() + len(rest) - len(rest.lstrip(" _")))
    # Other positions would be a guess.
    for start in {starts[0], starts[-1]} if wanted else ():
        end = _end_of_title(stem, start, wanted)
        if end:
            return stem[:start] + GAP * (end - start) + stem[end:], True
    return stem, False


def _end_of_title(stem: str, start: int, wanted: str) -> int | None:
    folded = ""
    for index in range(start, len(stem)):
        folded += _fold_character(stem[index])
        if folded == wanted and not stem[index + 1 : index + 2].isalnum():
            return index + 1
        if not wanted.startswith(folded):
            break
    return None


def _fold_character(character: str) -> str:
    plain = character.casefold().translate(_UMLAUTS)
    return "".join(c for c in unicodedata.normalize("NFKD", plain) if c.isalnum())


def _season_number(match: re.Match[str]) -> int:
    return int(next(group for group in match.groups() if group))


def gap(match: re.Match[str]) -> str:
    """Return a gap as long as the match, so that positions stay."""
    return GAP * len(match[0])
