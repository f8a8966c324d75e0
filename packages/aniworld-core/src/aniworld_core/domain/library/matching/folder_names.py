"""Read the name of a folder: title, year, ids, season, and mark of a later part."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import attrs

from aniworld_core.domain.library.file_names.marks import ROMAN, SEASON_NUMBERS, find_season
from aniworld_core.domain.library.file_names.reading import SequelKind, SequelMark

_LIMIT: Final = 300
_START = r"(?<![^\W_])"
_END = r"(?![^\W_])"

#: Names of databases in folder names -> the name in use.
DATABASES: Final = MappingProxyType(
    {
        "tvdb": "tvdb",
        "thetvdb": "tvdb",
        "tmdb": "tmdb",
        "themoviedb": "tmdb",
        "imdb": "imdb",
        "anilist": "anilist",
        "anidb": "anidb",
        "mal": "mal",
        "myanimelist": "mal",
        "kitsu": "kitsu",
        "tvmaze": "tvmaze",
        "trakt": "trakt",
        "simkl": "simkl",
    }
)
#: `[tvdbid-81189]`, `{tmdb-1429}`, `[anilist=16498]`, `(imdb-tt2560140)`.
_ID: Final = re.compile(
    r"[\[({]\s?(" + "|".join(DATABASES) + r")(?:id)?\s?[-=: ]\s?(tt\d{4,10}|\d{1,10})\s?[\])}]",
    re.IGNORECASE | re.ASCII,
)
_BRACKETS: Final = re.compile(r"\[[^\[\]]*\]|\([^()]*\)|\{[^{}]*\}|【[^【】]*】")
_BRACKETED_YEAR: Final = re.compile(
    r"[(\[](?:TV[ -])?((?:19|20)\d\d)(?:\s?[-–—]\s?(?:\d{2,4})?)?[)\]]"
)
_YEAR_BEHIND: Final = re.compile(r"(?<=[ .])((?:19|20)\d\d)$")
#: Words of releases that never belong to a title.
_RELEASE: Final = re.compile(
    _START + r"(?:\d{3,4}[pi]|4k|uhd|[xh][. ]?26[45]|hevc|avc|av1|xvid|divx|10[- ]?bit|hi10p?"
    r"|blu-?ray|bd-?(?:rip|mux|remux)|bdrip|brrip|dvd-?(?:rip|mux|remux|r)?|hdtv(?:rip)?|hd-?rip"
    r"|web(?:[- ]?(?:dl|rip))?(?=[ ]|-|$)|remux|repack|proper|dual[- ]audio|multi[- ]?subs?"
    r"|s\d{1,2}(?:[- ]?s?\d{1,2})?(?=[ ]|-|$)|s\d{1,2}e\d{1,4}(?:-?e?\d{1,4})?"
    r"|(?:bd|dvd|bluray)(?=\s*$)|aac\d?|ac3|e-?ac3|flac|dts|ddp?\d|opus)" + _END,
    re.IGNORECASE | re.ASCII,
)
#: Words that may stand between a title and the words of a release, or at the end of a title.
_FLAG: Final = re.compile(
    r"(?<![ .-])"
    r"(?:[ .-]+(?:german|deutsch|ger|eng|english|englisch|jap|jpn|japanese|japanisch|dubbed|subbed"
    r"|ger-?(?:dub|sub)|eng-?(?:dub|sub)|(?:german|deutsch|english)[ -](?:dub|sub)(?:bed)?|dub|sub"
    r"|dl|ml|omu|omdu|(?:ger|eng|jap|jpn){2,3}(?:dub|sub)|complete|komplette?|batch|uncut|uncensored|extended|remastered|limited"
    r"|internal|anime|tv|series|serie)(?=[ .-]|$)){1,16}+$",
    re.IGNORECASE | re.ASCII,
)
#: The same for a name without words of a release, of which fewer are sure to be no title.
_LANGUAGE_BEHIND: Final = re.compile(
    r"(?<![ .-])(?:[ .-]+(?:(?:ger(?:man)?|deutsch|eng(?:lish)?|englisch)[ -]?(?:dub|sub)"
    r"(?:bed|s)?|(?:ger|eng|jap|jpn){2,3}(?:dub|sub)|omd?u"
    r"|(?:complete|komplette?)(?:[ -](?:series|serie|staffeln))?)(?=[ .-]|$)){1,16}+$",
    re.IGNORECASE | re.ASCII,
)
#: A mark of a later part behind a title: `II`, `2`, `Part 2`, `2nd Cour`, `Final Season`.
_SEQUEL: Final = re.compile(
    r"(?<![ :,-])[ :,-]+"
    r"(?:(?:the )?final season"
    r"|(?:part|teil|cour|partie|parte) (?:\d{1,2}|[ivx]{1,4}|two|three|four)"
    r"|(?:\d(?:st|nd|rd|th)|second|third|fourth) (?:cour|part)"
    r"|r2|(?-i:XI{0,3}|IX|VI{0,3}|IV|II{1,2})|[2-9]|1\d)$",
    re.IGNORECASE | re.ASCII,
)
_SEASON_RANGE: Final = re.compile(r"\s?(?:-|&|\+|to|bis)\s?S?\d", re.IGNORECASE | re.ASCII)
_PART: Final = re.compile(
    r"(?:disc|disk|cd|dvd|bd|vol(?:ume)?|box|arc)[ .-]{0,2}\d{1,2}" + _END, re.IGNORECASE | re.ASCII
)
_SPACES: Final = re.compile(r"\s+")


@attrs.frozen(kw_only=True)
class FolderTitle:
    """What the name of a folder says about its series.

    Attributes:
        titles: Possible titles, each with the year that the name states besides it; empty if the
            name has no letter or digit.
        literal: The title as written, with season and marks, without brackets.
        ids: Ids in databases: name of the database -> id.
        season: Season that the name states (`Alpha Staffel 2`); `None` if it states none.
        base: Title without its mark of a later part (`Alpha` of `Alpha II`); empty without mark.
        mark: The mark of a later part; `None` without one.
        is_release: Whether the name has words of a release, such as `1080p`.
        is_only_part: Whether it names a season or disc without a title: `Season 1`, `Disc 2`.
    """

    titles: tuple[tuple[str, int | None], ...] = ()
    literal: str = ""
    ids: Mapping[str, str] = attrs.field(factory=dict)
    season: int | None = None
    base: str = ""
    mark: SequelMark | None = None
    is_release: bool = False
    is_only_part: bool = False

    @property
    def title(self) -> str:
        """Return the title without season and words of a release, or an empty string."""
        return next((title for title, _ in self.titles if title != self.literal), self.literal)

    @property
    def year(self) -> int | None:
        """Return the year that the name states."""
        return next((year for _, year in self.titles if year is not None), None)


@lru_cache(maxsize=32768)
def read_folder_name(name: str) -> FolderTitle:
    """Read the name of one folder (without its parents)."""
    text = name[:_LIMIT]
    ids = {DATABASES[match[1].lower()]: match[2].lower() for match in _ID.finditer(text)}
    text = _ID.sub(" ", text)
    bracketed = _BRACKETED_YEAR.search(text)
    year = int(bracketed[1]) if bracketed and text[: bracketed.start()].strip(" ._-") else None
    plain = _spaced(_without_brackets(text))
    word = find_season(plain)
    cut, is_release = _without_release(plain, word)
    titles = list(_titles(cut, year, _FLAG if is_release else _LANGUAGE_BEHIND))
    literal = _trimmed(plain)
    if cut != plain:
        titles.insert(0, (literal, year))
    if word is None and not is_release and "[" in text:
        titles.append((_trimmed(_spaced(_BRACKETED_YEAR.sub(" ", text).strip("[] "))), year))
    if _is_tag(_trimmed(cut)) and (inside := _title_in_brackets(text)):
        titles.append((inside, year))
    found = tuple(dict.fromkeys((title, when) for title, when in titles if title))
    base, mark = next((each for title, _ in found if (each := split_sequel(title))[0]), ("", None))
    return FolderTitle(
        titles=found,
        literal=literal,
        ids=ids,
        season=_season(word, plain),
        base=base,
        mark=mark,
        is_release=is_release,
        is_only_part=bool(_PART.match(plain) or (word and not plain[: word.start()].strip(" -"))),
    )


def _titles(
    text: str, year: int | None, flags: re.Pattern[str]
) -> Iterator[tuple[str, int | None]]:
    """Yield titles with their year: without flags and year first, then as written."""
    for part in (flags.sub("", text), text):
        behind = _YEAR_BEHIND.search(part) if year is None else None
        if behind and part[: behind.start()].strip(" -"):
            yield _trimmed(part[: behind.start()]), int(behind[1])
        yield _trimmed(part), year


def split_title(title: str, year: int | None) -> tuple[str, int | None]:
    """Return the title of a catalogue without its year, and the year."""
    match = _BRACKETED_YEAR.search(title)
    if match is None or title[match.end() :].strip() or not title[: match.start()].strip():
        return title, year
    return title[: match.start()].strip(), year or int(match[1])


def split_sequel(title: str) -> tuple[str, SequelMark | None]:
    """Return a title without the mark of a later part, and the mark; nothing without a mark."""
    match = _SEQUEL.search(title)
    base = _trimmed(title[: match.start()]) if match else ""
    return (base, _mark(match[0].strip(" :,-"))) if match and base else ("", None)


def _mark(text: str) -> SequelMark:
    words = text.lower()
    if words.endswith("final season"):
        return SequelMark(SequelKind.FINAL, None, text)
    kind = SequelKind.NUMERAL
    if "cour" in words:
        kind = SequelKind.COUR
    elif " " in words:
        kind = SequelKind.PART
    number = next((int(n) for n in re.findall(r"\d+", text)), None)
    named = (SEASON_NUMBERS.get(word) or ROMAN.get(word.upper()) for word in words.split())
    return SequelMark(kind, number or next(filter(None, named), 1), text)


def _without_brackets(text: str) -> str:
    """Remove brackets that hold tags, and a leading group; keep those within a title."""
    return _BRACKETS.sub(lambda m: f" {m[0][1:-1]} " if _is_title_part(m, text) else " ", text)


def _title_in_brackets(text: str) -> str:
    """Return the title of a name that has it in brackets: `[Alpha no Ko] [BD 1080p]`."""
    insides = [_trimmed(_spaced(match[0][1:-1])) for match in _BRACKETS.finditer(text)]
    return next((inside for inside in reversed(insides) if not _is_tag(inside)), "")


def _is_tag(part: str) -> bool:
    """Return whether a part of a name is no title: a year, words of a release, a season."""
    rest = _trimmed(_LANGUAGE_BEHIND.sub("", _FLAG.sub("", f" {part}")))
    year = _BRACKETED_YEAR.fullmatch(f"({rest})")
    return not rest or bool(year or _RELEASE.search(f" {rest}") or find_season(rest))


def _is_title_part(match: re.Match[str], text: str) -> bool:
    inside = match[0][1:-1]
    if (
        match[0][0] != "("
        or _BRACKETED_YEAR.fullmatch(match[0])
        or not text[: match.start()].strip()
    ):
        return False
    words = _spaced(inside)
    return not (_RELEASE.search(f" {words}") or _FLAG.fullmatch(f" {words}") or words.isdecimal())


def _spaced(text: str) -> str:
    """Return text with dots and underscores as spaces, where they separate words."""
    text = text.replace("_", " ")
    if text.strip().count(".") > text.strip().count(" "):
        text = text.replace(".", " ")
    return _SPACES.sub(" ", text).strip()


def _without_release(text: str, season: re.Match[str] | None) -> tuple[str, bool]:
    """Return the text before the first word of a release or of a season."""
    release = _RELEASE.search(text)
    ends = [m.start() for m in (release, season) if m and text[: m.start()].strip(" -")]
    kept = text[: min(ends, default=len(text))]
    return (kept.rstrip(" .-") if ends else kept.rstrip(" -")), release is not None


def _trimmed(text: str) -> str:
    return _SPACES.sub(" ", text).strip(" -._~")


def _season(word: re.Match[str] | None, text: str) -> int | None:
    """Return the season of a folder name; none if it names several (`S01-S03`)."""
    if word is None or _SEASON_RANGE.match(text, word.end()):
        return None
    return next((int(group) for group in word.groups() if group and group.isdecimal()), None)
