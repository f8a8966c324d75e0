"""Number the films below a folder as episodes."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import count

import attrs

from aniworld_core.domain.catalogue import Episode, Titles
from aniworld_core.domain.identity import MAX_EPISODE
from aniworld_core.domain.library import (
    NameKind,
    NameRule,
    ParsedName,
    find_language,
    is_ignored_name,
    parse_file_name,
    season_of_folder,
    video_suffix,
)
from aniworld_core.domain.media import Language
from aniworld_providers.catalogues.index.server import Film

_DIGITS = re.compile(r"(\d+)", re.ASCII)
_HEIGHT = re.compile(r"(?<![^\W_])(\d{3,4})p(?![^\W_])", re.ASCII | re.IGNORECASE)
_HEIGHTS = range(144, 4321)


@attrs.frozen(kw_only=True)
class IndexFile:
    """A film with its parsed name.

    Attributes:
        language: Language by its name or a folder's name, or `None` if neither states one.
        height: Picture height in lines, if the name states it.
    """

    film: Film
    language: Language | None = None
    height: int | None = None


@attrs.frozen(kw_only=True)
class IndexEpisode:
    """One episode with its files, in natural order."""

    season: int
    number: int
    last_number: int | None = None
    titles: Titles = Titles()
    files: tuple[IndexFile, ...]

    def listed(self) -> Episode:
        """Return the episode as a value of the core."""
        languages = frozenset(file.language for file in self.files if file.language)
        return Episode(
            season=self.season,
            number=self.number,
            last_number=self.last_number,
            titles=self.titles,
            languages=languages or None,
        )


@attrs.frozen
class _Read:
    """A film, its parsed name, and the season by name and folders."""

    film: Film
    name: ParsedName
    season: int


def number_episodes(films: Iterable[Film], title: str) -> tuple[IndexEpisode, ...]:
    """Return the episodes, ordered.

    Season and number come from the name of the file, otherwise of its folder. In a season without
    any number, films are numbered in the natural order of their names. Beside numbered episodes,
    films without a number are ignored. A single film without a number is season 0, episode 1.
    """
    shown = [film for film in films if not is_ignored_name(film.names[-1])]
    read = sorted((_read(film, title) for film in shown), key=lambda r: _natural(r.film.names))
    read = [r for r in read if r.name.kind is not NameKind.EXTRA] or read
    placed: defaultdict[tuple[int, int], list[_Read]] = defaultdict(list)
    strays: list[_Read] = []
    for film in read:
        numbers = film.name.episodes
        if numbers and numbers[-1] <= MAX_EPISODE and film.season <= MAX_EPISODE:
            placed[film.season, numbers[0]].append(film)
        else:
            strays.append(film)
    if len(read) == 1 and strays:
        placed[0, 1] = strays
        return (_episode(0, 1, strays),)
    numbered = {season for season, _ in placed}
    following = {film.season: count(1) for film in strays}
    for film in strays:
        if film.season not in numbered and film.season <= MAX_EPISODE:
            placed[film.season, next(following[film.season])].append(film)
    return tuple(_episode(*place, placed[place]) for place in sorted(placed))


def _read(film: Film, title: str) -> _Read:
    *folders, base = film.names
    name = parse_file_name(base, parents=folders, titles=(title,))
    return _Read(film, name, _season(name, folders))


def _season(name: ParsedName, folders: Sequence[str]) -> int:
    if name.season is not None:
        return name.season
    if name.is_special:
        return 0
    named = (season_of_folder(folder) for folder in reversed(folders))
    return next((season for season in named if season is not None), 1)


def _episode(season: int, number: int, films: Sequence[_Read]) -> IndexEpisode:
    first = films[0]
    last = first.name.episodes[-1] if first.name.episodes else number
    return IndexEpisode(
        season=season,
        number=number,
        last_number=last if last > number else None,
        titles=_titles(films),
        files=tuple(
            IndexFile(film=f.film, language=_language(f), height=_height(f.film.names[-1]))
            for f in films
        ),
    )


def _titles(films: Sequence[_Read]) -> Titles:
    """Return the first title of German files as German title, of other files as English title."""
    found: dict[bool, str] = {}
    for read in films:
        language, title = _language(read), _title_of(read)
        is_german = language is not None and "deu" in (language.audio, language.subtitles)
        if title:
            found.setdefault(is_german, title)
    return Titles(de=found.get(True), en=found.get(False))


def _title_of(read: _Read) -> str:
    if read.name.rule is not NameRule.NONE:
        return read.name.episode_title
    base = read.film.names[-1]
    return " ".join(base.removesuffix(video_suffix(base)).replace("_", " ").split())


def _language(read: _Read) -> Language | None:
    if read.name.language is not None:
        return read.name.language
    *folders, base = read.film.names
    stem = base.removesuffix(video_suffix(base))
    for name in (stem, *reversed(folders)):
        found = find_language(name, name)
        if found is not None:
            return found
    return None


def _height(name: str) -> int | None:
    match = _HEIGHT.search(name)
    return int(match[1]) if match and int(match[1]) in _HEIGHTS else None


def _natural(names: Sequence[str]) -> list[list[tuple[int, int, str]]]:
    """Return a sort key that puts `9` before `10`, folder by folder."""
    return [
        [(0, int(p), "") if p.isdigit() and p.isascii() else (1, 0, p) for p in pieces if p]
        for pieces in (_DIGITS.split(name.casefold()) for name in names)
    ]
