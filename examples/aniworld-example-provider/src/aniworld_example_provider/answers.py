"""Parse the answers of the catalogue; only this module checks their parts."""

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
    """A file of an episode; `language` is `None` if the catalogue does not state it."""

    url: str
    language: Language | None


@attrs.frozen(kw_only=True)
class Entry:
    """A series in the list of all series."""

    key: SeriesKey
    name: str
    year: int | None


@attrs.frozen(kw_only=True)
class Record:
    """A series with its episodes, and their files by season and number."""

    entry: Entry
    episodes: Sequence[Episode]
    films: Mapping[tuple[int, int], Sequence[Film]]


def read_catalogue(answer: object) -> Sequence[Entry]:
    """Parse the list of all series.

    Raises:
        ProviderChangedError: If there is no such list.
    """
    listed = answer.get("series") if _is_object(answer) else None
    if not isinstance(listed, list):
        raise ProviderChangedError(NAME, "the list of series")
    return [read_entry(each) for each in listed]


def read_entry(value: object) -> Entry:
    """Parse one series of the list.

    Raises:
        ProviderChangedError: If its key or name is missing.
    """
    if not _is_object(value) or not isinstance(value.get("name"), str) or not value["name"].strip():
        raise ProviderChangedError(NAME, "the name of a series")
    try:
        key = parse_series_key(str(value.get("key", "")))
    except InvalidInputError as error:
        raise ProviderChangedError(NAME, "the key of a series") from error
    year = value.get("year")
    return Entry(key=key, name=value["name"].strip(), year=year if isinstance(year, int) else None)


def read_record(answer: object) -> Record:
    """Parse a series with its episodes.

    Raises:
        ProviderChangedError: If a part is missing.
    """
    entry = read_entry(answer)
    listed = answer.get("episodes") if _is_object(answer) else None
    if not isinstance(listed, list):
        raise ProviderChangedError(NAME, "the list of episodes")
    films = {_number(each): _films(each) for each in listed}
    titles = {_number(each): _titles(each) for each in listed}
    episodes = [
        Episode(
            season=season,
            number=number,
            titles=titles[season, number],
            languages=_languages(films[season, number]),
            # An episode without files is only announced.
            available=bool(films[season, number]),
        )
        for season, number in sorted(films)
    ]
    return Record(entry=entry, episodes=episodes, films=films)


def _number(value: object) -> tuple[int, int]:
    season, number = (
        (value.get("season"), value.get("number")) if _is_object(value) else (None, None)
    )
    if not isinstance(season, int) or not isinstance(number, int) or season < 0 or number < 0:
        raise ProviderChangedError(NAME, "the number of an episode")
    return season, number


def _titles(value: Mapping[str, Any]) -> Titles:
    titles = value.get("titles")
    if not _is_object(titles):
        return Titles()
    german, english = titles.get("de"), titles.get("en")
    return Titles(
        de=german if isinstance(german, str) else None,
        en=english if isinstance(english, str) else None,
    )


def _films(value: Mapping[str, Any]) -> Sequence[Film]:
    listed = value.get("films", [])
    if not isinstance(listed, list):
        raise ProviderChangedError(NAME, "the list of films")
    return [_film(each) for each in listed]


def _film(value: object) -> Film:
    if not _is_object(value) or not str(value.get("url", "")).startswith(("http://", "https://")):
        raise ProviderChangedError(NAME, "the link of a film")
    try:
        language = parse_language(value["language"]) if value.get("language") else None
    except InvalidInputError:
        language = None  # a file in an unknown language is better than none
    return Film(url=value["url"], language=language)


def _languages(films: Sequence[Film]) -> frozenset[Language] | None:
    known = {film.language for film in films if film.language is not None}
    # With a file in an unknown language, the languages of the episode are unknown.
    return frozenset(known) if len(known) == len({film.language for film in films}) else None


def _is_object(value: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping)
