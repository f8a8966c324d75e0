"""Render naming templates as safe paths of episodes and folders."""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Final

from aniworld_core.domain.catalogue import Episode, Series, Titles
from aniworld_core.domain.configuration import Field, NamingConfig, Template, parse_template
from aniworld_core.domain.identity import FolderName, SeriesKey, format_episode_code
from aniworld_core.domain.library.matching.numbering import EpisodeTable
from aniworld_core.domain.library.safe_names import (
    COMPONENT_LIMIT,
    cut_to_bytes,
    fold_name,
    is_unseen,
    safe_component,
    safe_text,
)
from aniworld_core.domain.media import GER_DUB, GER_SUB, Language

#: Most bytes of a rendered component; room is left for the suffix `.part.ledger`.
STEM_LIMIT: Final = 200
#: Most characters of a path below the library folder with `naming.short_paths`. Windows allows
#: 260 for a whole path by default; the share and the library folder take the rest.
SHORT_PATH_LIMIT: Final = 200
#: Characters that are left for suffixes such as `.de.forced.srt`.
_SUFFIX_ROOM: Final = 20
#: A file name keeps room for its episode code, however long the folder is.
_SHORTEST_STEM: Final = 40
#: Fields to shorten in a name that is too long, in this order; never the episode code.
_SHORTENED = ("title", "name", "site", "key", "language", "quality")
_NOTHING = "\x00"  # marks an empty placeholder
_EMPTY_BRACKETS = re.compile(r"[(\[]\s*\x00[\s\x00.,_-]*[)\]]")
_EMPTY_FIRST = re.compile(r"(^|[(\[/])\x00(?:\s*[-_.,])?\s*")
_EMPTY_LATER = re.compile(r"(?<!\s)\s*+(?:[-_.,]\s*+)?\x00")

_Value = str | int | None


def render_episode_path(
    naming: NamingConfig,
    series: Series,
    episode: Episode,
    language: Language | None,
    quality: str = "",
) -> PurePosixPath:
    """Return the path of an episode below the library root, without container suffix.

    The series folder is the stored one, made safe again. Brackets and separators around an empty
    title, language, year, quality or absolute number are removed. If a component is too long, the
    title is shortened first, then the name; the episode code never is.

    Args:
        naming: Naming templates.
        series: The series, with its folder.
        episode: The episode; a double episode is written `S01E04-E05`.
        language: Language of the file; `None` if unknown.
        quality: Picture height as text, such as `1080p`; empty if unknown.

    Raises:
        InvalidTemplateError: If a template is not valid.
    """
    last = episode.last_number
    templates = naming.templates
    template = _parsed("episode", templates.episode)
    values: dict[str, _Value] = {
        "name": series.name,
        "code": format_episode_code(episode.season, episode.number, last),
        "title": episode.titles.preferred(language, episode.number),
        "language": language.label if language else "",
        "season": episode.season,
        "episode": episode.number,
        "absolute": _absolute_text(template, series, episode),
        "year": series.year,
        "key": series.key,
        "quality": quality,
    }
    season = _rendered(_parsed("season_folder", templates.season_folder), values)
    if last is not None and last != episode.number:
        values["episode"] = f"{episode.number:02d}-{last:02d}"
    folder = PurePosixPath(
        *safe_folder(series.folder or series.key).split("/"),
        *(safe_component(part) for part in season.split("/") if part),
    )
    limit = STEM_LIMIT
    if naming.short_paths:
        limit = max(SHORT_PATH_LIMIT - len(str(folder)) - _SUFFIX_ROOM, _SHORTEST_STEM)
    return folder / safe_component(
        _fitted(template, values, limit), max_bytes=limit, fallback=series.key
    )


def absolute_number(series: Series, episode: Episode) -> int | None:
    """Return the number of an episode through all seasons; `None` for films and specials."""
    table = EpisodeTable.of(series)
    place = (episode.season, episode.number)
    return next((number for number, found in table.absolute.items() if found == place), None)


def render_series_folder(
    naming: NamingConfig, series_name: str, year: int | None, key: SeriesKey, site: str
) -> FolderName:
    """Return the folder of a new series.

    Raises:
        InvalidTemplateError: If the template is not valid.
    """
    values: dict[str, _Value] = {"name": series_name, "year": year, "key": key, "site": site}
    text = _fitted(_parsed("series_folder", naming.templates.series_folder), values)
    return FolderName(safe_component(text, max_bytes=STEM_LIMIT, fallback=key))


def disambiguated_folder(
    naming: NamingConfig,
    series_name: str,
    year: int | None,
    key: SeriesKey,
    site: str,
    *,
    taken: Collection[str],
) -> FolderName:
    """Return a folder that no other series has, also for two titles with the same folder name.

    The year is appended first, then the key, then a number. Names are compared without case and
    in one Unicode form.
    """
    occupied = {fold_name(folder) for folder in taken}
    plain = render_series_folder(naming, series_name, year, key, site)
    return next(
        FolderName(folder)
        for folder in _folders(plain, year, key)
        if fold_name(folder) not in occupied
    )


def safe_folder(folder: str) -> FolderName:
    """Return a folder below the library root, made safe only where necessary.

    The name of an existing folder is kept if it cannot lead outside the library.
    """
    parts = [part for part in folder.split("/") if part]
    return FolderName("/".join(_kept(part) for part in parts) or safe_component(folder))


def preview(naming: NamingConfig) -> list[str]:
    """Return example paths of the templates.

    Raises:
        InvalidTemplateError: If a template is not valid.
    """
    return [str(path) + ".mp4" for path in _examples(naming)]


def _examples(naming: NamingConfig) -> Iterator[PurePosixPath]:
    first = Episode(season=1, number=5, titles=Titles(de="Erste Schlacht", en="First Battle"))
    double = Episode(season=1, number=24, last_number=25, titles=Titles(de="Die Mauer"))
    titan = _example(naming, "Attack on Titan", 2013, (first, double))
    film = Episode(season=0, number=1, titles=Titles(de="Der Film"))
    long_name = _example(naming, 'Was? Ein "Titel": mit / und \\ darin', None)
    yield render_episode_path(naming, titan, first, GER_DUB, "1080p")
    yield render_episode_path(naming, titan, double, GER_SUB, "720p")
    yield render_episode_path(naming, titan, film, GER_DUB)
    yield render_episode_path(naming, long_name, Episode(season=12, number=105), None)


def _example(
    naming: NamingConfig, name: str, year: int | None, episodes: tuple[Episode, ...] = ()
) -> Series:
    key = SeriesKey(re.sub(r"[^a-z]+", "-", name.lower()).strip("-"))
    return Series(
        key=key,
        name=name,
        year=year,
        site="example",
        provider="example",
        link="",
        folder=render_series_folder(naming, name, year, key, "example"),
        episodes=episodes,
    )


def _folders(plain: str, year: int | None, key: str) -> Iterator[str]:
    yield plain
    if year is not None and str(year) not in plain:
        yield _with(plain, f" ({year})")
    yield _with(plain, f" [{key}]")
    number = 2
    while True:
        yield _with(plain, f" [{key}] {number}")
        number += 1


def _with(plain: str, addition: str) -> str:
    addition = cut_to_bytes(addition, STEM_LIMIT - 8)
    start = cut_to_bytes(plain, STEM_LIMIT - len(addition.encode()))
    return safe_component(start + addition, max_bytes=STEM_LIMIT)


def _kept(part: str) -> str:
    is_harmless = (
        not part.startswith(".")
        and part == part.strip()
        and "\\" not in part
        and not any(map(is_unseen, part))
        and len(part.encode()) <= COMPONENT_LIMIT
    )
    return part if is_harmless else safe_component(part)


@lru_cache(maxsize=64)
def _parsed(kind: str, text: str) -> Template:
    return parse_template(kind, text)


def _absolute_text(template: Template, series: Series, episode: Episode) -> str | None:
    """Return the absolute number of an episode, and of both halves of a double episode."""
    width = next(
        (p.width for p in template.parts if isinstance(p, Field) and p.name == "absolute"), -1
    )
    first = absolute_number(series, episode) if width >= 0 else None
    if first is None:
        return None
    fields = [part for part in template.parts if isinstance(part, Field)]
    width = next(field.width for field in fields if field.name == "absolute")
    last = first + (episode.last_number or episode.number) - episode.number
    text = f"{first:0{width}d}"
    return text if last == first else f"{text}-{last:0{width}d}"


def _fitted(template: Template, values: Mapping[str, _Value], limit: int = STEM_LIMIT) -> str:
    """Render a template and shorten its fields until the result fits."""
    fitting = dict(values)
    text = _rendered(template, fitting)
    for field in _SHORTENED:
        excess = len(text.encode("utf-8", "surrogatepass")) - limit
        value = fitting.get(field)
        if excess <= 0 or field not in template.fields or not isinstance(value, str):
            continue
        shown = safe_text(value)
        fitting[field] = cut_to_bytes(shown, max(len(shown.encode()) - excess, 0)).rstrip()
        text = _rendered(template, fitting)
    return text


def _rendered(template: Template, values: Mapping[str, _Value]) -> str:
    text = "".join(
        part if isinstance(part, str) else _shown(part, values[part.name])
        for part in template.parts
    )
    text = _EMPTY_BRACKETS.sub(_NOTHING, text)
    text = _EMPTY_FIRST.sub(r"\1", text)
    return _EMPTY_LATER.sub("", text)


def _shown(field: Field, value: _Value) -> str:
    if isinstance(value, int):
        return f"{value:0{field.width}d}"
    return safe_text(value or "") or _NOTHING
