"""What a scan stores about the files of one series."""

import attrs

from aniworld_core.application.library.scans.settling import Settled, settle
from aniworld_core.domain.identity import FolderName
from aniworld_core.domain.library import FileState, FolderContents, FoundFile
from aniworld_core.messages import Message, kind_of, values_of
from aniworld_core.testing.factories import make_episode, make_series

SERIES = make_series("alpha", folder=FolderName("Alpha"), episodes=[make_episode(1)])


def _settled(*files: str, bad: dict[str, Message] | None = None) -> Settled:
    found = tuple(FoundFile(file, 1000, 1) for file in files)
    contents = FolderContents(folder=FolderName("Alpha"), stamp="s", files=found)
    return settle(SERIES, [contents], known={}, bad=bad or {}, wanted=())


def test_files_whose_names_differ_only_in_case_name_each_other() -> None:
    """Some file systems see one file there: the reason says which the other one is."""
    names = ["Alpha - S01E01.mkv", "alpha - s01e01.mkv"]

    saved = _settled(*names).saved

    said = {file.path: values_of(file.reason).get("other") for file in saved if file.reason}
    paths = [f"Alpha/{name}" for name in names]
    second = next(file for file in saved if file.state is FileState.VERSION)
    assert kind_of(second.reason) == "file_twin"
    assert said[second.path] == next(path for path in paths if path != second.path)


def test_versions_with_other_names_are_no_twins() -> None:
    """A second file of an episode is a version and names no twin."""
    saved = _settled("Alpha - S01E01.mkv", "Alpha - S01E01 [720p].mkv").saved

    assert [kind_of(file.reason) for file in saved if file.state is FileState.VERSION] != [
        "file_twin"
    ]


def test_a_second_scan_of_the_same_files_stores_nothing() -> None:
    """What is known already is neither saved nor forgotten; a file that is gone is forgotten."""
    first = _settled("Alpha - S01E01.mkv")
    known = {file.path: file for file in first.saved}
    found = FoundFile("Alpha - S01E01.mkv", 1000, 1)
    contents = FolderContents(folder=FolderName("Alpha"), stamp="s", files=(found,))

    again = settle(first.after, [contents], known=known, bad={}, wanted=())
    gone = settle(first.after, [attrs.evolve(contents, files=())], known=known, bad={}, wanted=())

    assert (first.is_empty, again.is_empty, gone.is_empty) == (False, True, False)
    assert (gone.forgotten, gone.lost) == (tuple(known), tuple(known))
