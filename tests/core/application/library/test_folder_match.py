"""Matching files on disk to episodes."""

import attrs
import pytest

from aniworld_core.application.library import match_folder
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.identity import FolderName
from aniworld_core.domain.library import FoundFile
from aniworld_core.domain.media import GER_DUB
from aniworld_core.ports.library import FolderContents
from aniworld_core.testing.factories import make_episode, make_series

FOLDER = FolderName("Titan")


def _series(*episodes: tuple[int, int]) -> Series:
    return make_series(
        episodes=[make_episode(number, season) for season, number in episodes], folder=FOLDER
    )


def _contents(*files: str) -> FolderContents:
    return FolderContents(folder=FOLDER, stamp="now", files=tuple(map(FoundFile, files)))


def _held(series: Series) -> dict[tuple[int, int], str | None]:
    return {(e.season, e.number): e.file for e in series.episodes if e.downloaded}


def test_own_name_is_matched_with_its_language() -> None:
    """A file named by Aniworld marks its episode and tells its language."""
    match = match_folder(
        _series((1, 1), (1, 2)), _contents("Season 01/Titan - S01E02 - X (German Dub).mp4")
    )

    file = "Titan/Season 01/Titan - S01E02 - X (German Dub).mp4"
    assert _held(match.series) == {(1, 2): file}
    assert match.series.episode(1, 2).file_language == GER_DUB
    assert match.new_files == (file,)
    assert match.series.folder_stamp == "now"


def test_file_of_no_episode_is_extra_and_keeps_the_folder_interesting() -> None:
    """A file that matches nothing is reported, and the next scan looks again."""
    match = match_folder(_series((1, 1)), _contents("Season 01/S01E07.mkv", "notes.mkv"))

    assert match.extra == ("Titan/Season 01/S01E07.mkv", "Titan/notes.mkv")
    assert match.series.folder_stamp is None


def test_file_with_two_episodes_marks_both() -> None:
    """One file may hold two episodes."""
    match = match_folder(_series((1, 1), (1, 2)), _contents("S01E01-E02.mkv"))

    assert set(_held(match.series)) == {(1, 1), (1, 2)}
    assert match.extra == ()


def test_double_episode_is_found_by_each_of_its_numbers() -> None:
    """An episode that spans two numbers is there when a file has either."""
    series = make_series(episodes=[make_episode(4, last_number=5)], folder=FOLDER)

    match = match_folder(series, _contents("S01E05.mkv"))

    assert set(_held(match.series)) == {(1, 4)}


def test_second_version_of_an_episode_is_extra() -> None:
    """Of two files of one episode the one known before stays, the other is reported."""
    series = make_series(
        episodes=[make_episode(1, downloaded=True, file="Titan/S01E01 b.mkv")], folder=FOLDER
    )

    match = match_folder(series, _contents("S01E01 a.mkv", "S01E01 b.mkv"))

    assert _held(match.series) == {(1, 1): "Titan/S01E01 b.mkv"}
    assert match.extra == ("Titan/S01E01 a.mkv",)


@pytest.mark.parametrize(
    ("number", "held"),
    [("00", set()), ("01", {(1, 1)}), ("02", {(1, 2)}), ("03", {(2, 1)}), ("04", set())],
)
def test_absolute_number_counts_through_the_seasons(
    number: str, held: set[tuple[int, int]]
) -> None:
    """Without a season the number counts all regular episodes from 1, not the films."""
    match = match_folder(
        _series((0, 1), (1, 1), (1, 2), (2, 1)), _contents(f"[Group] Titan - {number} [1080p].mkv")
    )

    assert set(_held(match.series)) == held


def test_absolute_number_of_a_single_season_is_its_number() -> None:
    """With one season an absolute number is that season's number, also with gaps."""
    match = match_folder(_series((1, 5), (1, 9)), _contents("[Group] Titan - 09 [1080p].mkv"))

    assert set(_held(match.series)) == {(1, 9)}


def test_vanished_folder_takes_the_marks_back() -> None:
    """Without its folder a series holds nothing."""
    series = make_series(
        episodes=[make_episode(1, downloaded=True, file="Titan/S01E01.mkv")], folder_stamp="old"
    )

    match = match_folder(series, None)

    assert _held(match.series) == {}
    assert match.series.folder_stamp is None
    assert match.files == 0


def test_unchanged_folder_is_left_alone() -> None:
    """An unchanged folder keeps its marks and counts its files."""
    series = make_series(
        episodes=[
            make_episode(1, downloaded=True, file="Titan/S01E01-E02.mkv"),
            make_episode(2, downloaded=True, file="Titan/S01E01-E02.mkv"),
        ]
    )

    match = match_folder(series, FolderContents(folder=FOLDER, stamp="same", is_unchanged=True))

    assert match.series == series
    assert match.files == 1


def test_known_language_of_an_unchanged_file_stays() -> None:
    """A file keeps the language noted when it was downloaded, whatever its name says."""
    known = make_episode(1, downloaded=True, file="Titan/S01E01.mkv", file_language=GER_DUB)

    match = match_folder(make_series(episodes=[known], folder=FOLDER), _contents("S01E01.mkv"))

    assert match.series.episode(1, 1).file_language == GER_DUB
    assert match.new_files == ()


def test_rejected_file_is_unreadable_and_its_episode_missing() -> None:
    """A file that is no media gives its episode back and makes the next scan look again."""
    match = match_folder(_series((1, 1)), _contents("S01E01.mkv"))

    match.reject({"Titan/S01E01.mkv": "it is empty"})

    assert _held(match.series) == {}
    assert match.unreadable == {"Titan/S01E01.mkv": "it is empty"}
    assert match.series.folder_stamp is None


def test_unreadable_entries_are_reported_below_the_folder() -> None:
    """What could not be read is named relative to the library root."""
    contents = attrs.evolve(_contents(), unreadable=(("Season 02", "permission denied"),))

    match = match_folder(_series((1, 1)), contents)

    assert match.unreadable == {"Titan/Season 02": "permission denied"}
