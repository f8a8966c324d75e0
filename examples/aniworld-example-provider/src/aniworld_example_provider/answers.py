"""Reading what the catalogue answers: every piece is checked here, and nowhere else."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

import attrs
from aniworld_core.domain.catalogue import Episode, Titles
from aniworld_core.domain.identity import SeriesKey, parse_series_key
from aniworld_core.domain.media import Language, parse_language
from aniworld_core.errors import InvalidInputError, ProviderChangedError

NAME = "example"


@attrs.frozen(kw_only=True)
class Film:
    """A file of an episode; `language` is `None` when the catalogue does not say."""

    url: str
    language: Language | None


@attrs.frozen(kw_only=True)
class Entry:
    """A series in the list of all."""

    key: SeriesKey
    name: str
    year: int | None


@attrs.frozen(kw_only=True)
class Record:
    """A series with the films of each episode, by season and number."""

    entry: Entry
    episodes: Sequence[Episode]
    films: Mapping[tuple[int, int], Sequence[Film]]


def read_catalogue(answer: object) -> Sequence[Entry]:
    """Read the list of all series.

    Raises:
        ProviderChangedError: If it is none.
    """
    listed = answer.get("series") if _is_object(answer) else None
    if not isinstance(listed, list):
        raise ProviderChangedError(NAME, "the list of series")
    return [read_entry(each) for each in listed]


def read_entry(told: object) -> Entry:
    """Read one series of the list.

    Raises:
        ProviderChangedError: If its key or name is missing.
    """
    if not _is_object(told) or not isinstance(told.get("name"), str) or not told["name"].strip():
        raise ProviderChangedError(NAME, "the name of a series")
    try:
        key = parse_series_key(str(told.get("key", "")))
    except InvalidInputError as error:
        raise ProviderChangedError(NAME, "the key of a series") from error
    year = told.get("year")
    return Entry(key=key, name=told["name"].strip(), year=year if isinstance(year, int) else None)


def read_record(answer: object) -> Record:
    """Read a series with its episodes.

    Raises:
        ProviderChangedError: If a piece is missing.
    """
    entry = read_entry(answer)
    listed = answer.get("episodes") if _is_object(answer) else None
    if not isinstance(listed, list):
        raise ProviderChangedError(NAME, "the list of episodes")
    films = {_place(each): _films(each) for each in listed}
    titles = {_place(each): _titles(each) for each in listed}
    episodes = [
        Episode(
            season=season,
            number=number,
            titles=titles[season, number],
            languages=_languages(films[season, number]),
            # An episode without any film was only announced.
            available=bool(films[season, number]),
        )
        for season, number in sorted(films)
    ]
    return Record(entry=entry, episodes=episodes, films=films)


def _place(told: object) -> tuple[int, int]:
    season, number = (told.get("season"), told.get("number")) if _is_object(told) else (None, None)
    if not isinstance(season, int) or not isinstance(number, int) or season < 0 or number < 0:
        raise ProviderChangedError(NAME, "the number of an episode")
    return season, number


def _titles(told: Mapping[str, Any]) -> Titles:
    titles = told.get("titles")
    if not _is_object(titles):
        return Titles()
    german, english = titles.get("de"), titles.get("en")
    return Titles(
        de=german if isinstance(german, str) else None,
        en=english if isinstance(english, str) else None,
    )


def _films(told: Mapping[str, Any]) -> Sequence[Film]:
    listed = told.get("films", [])
    if not isinstance(listed, list):
        raise ProviderChangedError(NAME, "the list of films")
    return [_film(each) for each in listed]


def _film(told: object) -> Film:
    if not _is_object(told) or not str(told.get("url", "")).startswith(("http://", "https://")):
        raise ProviderChangedError(NAME, "the link of a film")
    try:
        language = parse_language(told["language"]) if told.get("language") else None
    except InvalidInputError:
        language = None  # better a film in a language nobody named than none
    return Film(url=told["url"], language=language)


def _languages(films: Sequence[Film]) -> frozenset[Language] | None:
    known = {film.language for film in films if film.language is not None}
    # Only what was seen to exist is listed; with films that do not say, nothing is known.
    return frozenset(known) if len(known) == len({film.language for film in films}) else None


def _is_object(value: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping)
