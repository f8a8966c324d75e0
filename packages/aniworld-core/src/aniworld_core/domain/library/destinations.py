"""Choose the folder of a new file: where the season already lives, else by the template."""

import re
from collections import Counter
from pathlib import PurePosixPath
from typing import Final

from aniworld_core.domain.catalogue import Episode, Series
from aniworld_core.domain.configuration import NamingConfig
from aniworld_core.domain.library.entry_rules import DISC_FOLDERS
from aniworld_core.domain.library.file_names.names import parse_file_name
from aniworld_core.domain.library.matching import read_folder_name
from aniworld_core.domain.library.naming import render_episode_path
from aniworld_core.domain.media import Language

_NUMBER: Final = re.compile(r"(?<!\d)\d{1,4}(?!\d)")


def episode_destination(
    naming: NamingConfig,
    series: Series,
    episode: Episode,
    language: Language | None,
    quality: str = "",
) -> PurePosixPath:
    """Return the path of a new file of an episode, without container suffix.

    The file goes to the folder that holds most files of its season, those of the same language
    first. The first file of a season gets a folder like those of the other seasons (`Staffel 2`
    beside `Staffel 1`). The template decides if no season has a folder.

    Returns:
        A stored path: relative to the main root, absolute below another root.

    Raises:
        InvalidTemplateError: If a template is not valid.
    """
    planned = render_episode_path(naming, series, episode, language, quality)
    if PurePosixPath(series.folder).is_absolute():
        inner = planned.parts[len(PurePosixPath(series.folder).parts) - 1 :]
        planned = PurePosixPath(series.folder, *inner)
    home = season_home(series, episode.season, language)
    if home is None:
        home = _like_other_seasons(series, episode.season, language)
    return planned if home is None else home / planned.name


def season_home(series: Series, season: int, language: Language | None) -> PurePosixPath | None:
    """Return the stored path of the folder in which a season lives; `None` without files.

    A folder that holds a single episode is passed over: its parent counts.
    """
    files = [e for e in series.episodes if e.season == season and e.downloaded and e.file]
    same = [e for e in files if language is not None and e.file_language == language]
    for chosen in (same, files):
        homes = Counter(_home(e.file) for e in chosen if e.file)
        if homes:
            return min(homes, key=lambda folder: (-homes[folder], str(folder)))
    return None


def _home(file: str) -> PurePosixPath:
    path = PurePosixPath(file)
    folder = path.parent
    if path.name.lower() in DISC_FOLDERS or parse_file_name(folder.name).episodes:
        return folder.parent
    return folder


def _like_other_seasons(
    series: Series, season: int, language: Language | None
) -> PurePosixPath | None:
    """Return a folder in the style of the other seasons' folders, or `None`."""
    if season == 0:
        return None
    others = {e.season for e in series.episodes if e.downloaded and e.season not in (0, season)}
    for other in sorted(others, key=lambda each: (abs(each - season), each)):
        home = season_home(series, other, language)
        if home is not None and (name := _renumbered(home.name, other, season)):
            return home.with_name(name)
    return None


def _renumbered(name: str, old: int, new: int) -> str | None:
    """Return the name of a season folder with another number: `Staffel 01` → `Staffel 02`."""
    if not read_folder_name(name).is_only_part:
        return None
    numbers = list(_NUMBER.finditer(name))
    if len(numbers) != 1 or int(numbers[0][0]) != old:
        return None
    match = numbers[0]
    return f"{name[: match.start()]}{new:0{len(match[0])}d}{name[match.end() :]}"
