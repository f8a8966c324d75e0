"""New files go where their season already lives."""

import pytest

from aniworld_core.domain.catalogue import Episode, Series
from aniworld_core.domain.configuration import NamingConfig
from aniworld_core.domain.identity import FolderName
from aniworld_core.domain.library import episode_destination
from aniworld_core.domain.media import GER_DUB, GER_SUB, Language
from aniworld_core.testing.factories import make_episode, make_series


def _series(*files: tuple[int, int, str, Language | None], folder: str = "Alpha") -> Series:
    held = [
        make_episode(number, season, downloaded=True, file=file, file_language=language)
        for season, number, file, language in files
    ]
    missing = [make_episode(50, season) for season in (0, 1, 2, 12)]
    return make_series(name="Alpha", folder=FolderName(folder), episodes=[*held, *missing])


def _folder(series: Series, season: int, language: Language | None = None) -> str:
    episode: Episode = series.episode(season, 50)
    return str(episode_destination(NamingConfig(), series, episode, language).parent)


@pytest.mark.parametrize(
    ("file", "season", "folder"),
    [
        ("Alpha/Staffel 1/01.mkv", 1, "Alpha/Staffel 1"),
        ("Alpha/Staffel 1/01.mkv", 2, "Alpha/Staffel 2"),
        ("Alpha/Staffel 01/01.mkv", 12, "Alpha/Staffel 12"),
        ("Alpha/S01/01.mkv", 1, "Alpha/S01"),
        ("Alpha/01.mkv", 1, "Alpha"),
        ("Alpha/01.mkv", 2, "Alpha/Season 02"),
        ("Alpha/Staffel 1/01.mkv", 0, "Alpha/Season 00"),
        ("Alpha.S01.German.1080p.WEB-GRP/a.mkv", 1, "Alpha.S01.German.1080p.WEB-GRP"),
        ("Alpha.S01.German.1080p.WEB-GRP/a.mkv", 2, "Alpha/Season 02"),
        ("Alpha/Staffel 1/Alpha.S01E01.German/c48db7.mkv", 1, "Alpha/Staffel 1"),
        ("Alpha/Season 1/Alpha S01E01/VIDEO_TS", 1, "Alpha/Season 1"),
        ("/disk2/Alpha/Staffel 1/01.mkv", 1, "/disk2/Alpha/Staffel 1"),
        ("/disk2/Alpha/Staffel 1/01.mkv", 2, "/disk2/Alpha/Staffel 2"),
    ],
)
def test_season_is_not_doubled(file: str, season: int, folder: str) -> None:
    """A season keeps its folder; a new one is named like the others, else by the template."""
    assert _folder(_series((1, 1, file, None)), season) == folder


def test_folder_of_the_same_language_comes_first() -> None:
    """With one folder per language a file goes to its own; most files decide otherwise."""
    series = _series(
        (1, 1, "Alpha (Dub)/01.mkv", GER_DUB),
        (1, 2, "Alpha (Sub)/02.mkv", GER_SUB),
        (1, 3, "Alpha (Sub)/03.mkv", GER_SUB),
    )

    assert _folder(series, 1, GER_DUB) == "Alpha (Dub)"
    assert _folder(series, 1, GER_SUB) == "Alpha (Sub)"
    assert _folder(series, 1) == "Alpha (Sub)"


def test_series_on_another_disk() -> None:
    """A series whose folder is on another disk gets its new files there."""
    assert _folder(_series(folder="/disk2/anime/Alpha"), 1) == "/disk2/anime/Alpha/Season 01"
