"""What a scan knows of stored folders: whose they are, which are read again, which are gone."""

from collections.abc import Mapping

import pytest

from aniworld_core.application.library.scans.folder_map import FolderMap, top_of
from aniworld_core.application.library.scans.loss_guard import (
    guarded_losses,
    is_suspicious,
    lost_by_root,
    root_of,
)
from aniworld_core.application.library.scans.run import batches, batches_with_ends
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.library import LibraryFolder, LibraryRoot
from aniworld_core.testing import at

MAIN = LibraryRoot(name="", path="/media")
SECOND = LibraryRoot(name="/second", path="/second")
INNER = LibraryRoot(name="/second/inner", path="/second/inner")
ROOTS = (MAIN, SECOND, INNER)
ALPHA, BETA, GAMMA = SeriesKey("alpha"), SeriesKey("beta"), SeriesKey("gamma")


def _folder(path: str, key: SeriesKey | None = None, stamp: str = "s") -> LibraryFolder:
    return LibraryFolder(path, key, stamp)


@pytest.mark.parametrize(
    ("path", "top", "root"),
    [
        ("Alpha/Season 1/a.mkv", "Alpha", ""),
        ("Alpha/a.mkv", "Alpha", ""),
        ("a.mkv", "", ""),
        ("/second/Alpha/a.mkv", "/second/Alpha", "/second"),
        ("/second/a.mkv", "/second", "/second"),
        ("/second/inner/Alpha/a.mkv", "/second/inner/Alpha", "/second/inner"),
        ("/second/inner/a.mkv", "/second/inner", "/second/inner"),
        ("/second/innermost/a.mkv", "/second/innermost", "/second"),
    ],
)
def test_a_file_belongs_to_the_folder_below_its_innermost_root(
    path: str, top: str, root: str
) -> None:
    """A file directly in a root belongs to the root."""
    assert top_of(path, ROOTS) == top
    assert root_of(path, ROOTS) == root


def test_parts_of_a_shared_folder_name_its_series() -> None:
    """The folder itself has none; the root of its own is no part of another folder."""
    folders = [
        _folder("Alpha", ALPHA),
        _folder("Both"),
        _folder("Both/One", BETA, ""),
        _folder("Both/Two", GAMMA, ""),
        _folder("/second", ALPHA),
        _folder("/second/Beta", BETA),
    ]
    known = FolderMap.of(folders, ROOTS)
    assert known.owners == {ALPHA, BETA, GAMMA}
    assert known.keys_of(["Alpha"]) == {ALPHA}
    assert known.keys_of(["Both"]) == {BETA, GAMMA}
    assert known.keys_of(["Both", "/second", "Unknown"]) == {ALPHA, BETA, GAMMA}
    assert known.keys_of(["/second/Beta"]) == {BETA}
    assert known.with_parts(["Alpha", "Both", "/second"]) == [
        *("Alpha", "Both", "Both/One", "Both/Two", "/second")
    ]


@pytest.mark.parametrize(
    ("series", "stamps"),
    [
        ({ALPHA: "Alpha", BETA: "Both"}, {"Alpha": "a", "Both": "b", "Stray": "c"}),
        ({ALPHA: "Alpha"}, {"Alpha": "a", "Both": "b", "Stray": "c"}),
        ({BETA: "Both"}, {"Both": "b", "Stray": "c"}),
        # Without a folder of its own, a series may be in one without a series.
        ({ALPHA: "Alpha", GAMMA: "Gamma"}, {"Alpha": "a"}),
        ({ALPHA: "Both", BETA: "Alpha"}, {"Both": "b", "Stray": "c"}),
        ({}, {"Both": "b", "Stray": "c"}),
    ],
)
def test_folders_are_read_again_if_their_series_changed(
    series: Mapping[SeriesKey, str], stamps: Mapping[str, str]
) -> None:
    """A folder without a stamp is always read."""
    folders = [
        _folder("Alpha", ALPHA, "a"),
        _folder("Both", None, "b"),
        _folder("Both/One", BETA, ""),
        _folder("Stray", None, "c"),
        _folder("Torn", ALPHA, ""),
    ]
    known = FolderMap.of(folders, ROOTS)
    assert known.stamps({key: FolderName(name) for key, name in series.items()}) == stamps


def test_folders_that_were_not_found_are_gone_in_readable_roots_only() -> None:
    """A root itself is such a folder; folders of other roots are left alone."""
    known = FolderMap.of(
        [_folder("Alpha"), _folder("Beta"), _folder("/second"), _folder("/second/Beta")], ROOTS
    )
    assert known.gone(["Alpha", "/second/Beta"], [MAIN]) == ["Beta"]
    assert sorted(known.gone(["Alpha"], [MAIN, SECOND])) == ["/second", "/second/Beta", "Beta"]
    assert known.gone(["Alpha", "Beta"], [MAIN]) == []


@pytest.mark.parametrize(
    ("lost", "known", "is_expected"),
    [
        (4, 4, False),
        (5, 24, True),
        (5, 25, False),
        (6, 25, True),
        (20, 100, False),
        (21, 100, True),
    ],
)
def test_a_loss_is_suspicious_from_five_files_and_above_a_fifth(
    lost: int, known: int, is_expected: bool
) -> None:
    """Exactly a fifth is believed."""
    assert is_suspicious(lost, known) == is_expected


def test_losses_are_counted_and_guarded_by_root() -> None:
    """An unreadable or emptied root loses all its known files, a root without files none."""
    lost = lost_by_root(["Alpha/1.mkv", "Alpha/2.mkv", "/second/1.mkv"], ROOTS)
    assert lost == {"": 2, "/second": 1}
    broken = LibraryRoot(name="/broken", path="/broken", problem="gone")
    fresh = LibraryRoot(name="/fresh", path="/fresh", problem="gone")
    found = guarded_losses(
        [MAIN, SECOND, INNER, broken, fresh],
        known={"": 20, "/second": 20, "/second/inner": 3, "/broken": 2},
        lost={"": 5, "/second": 4},
        with_files=["", "/second"],
        at=at(1),
    )
    assert {name: (loss.lost, loss.known, loss.reason.kind) for name, loss in found.items()} == {
        "": (5, 20, "library_lost"),
        "/second/inner": (3, 3, "library_emptied"),
        "/broken": (2, 2, "cannot_be_read"),
    }
    assert {loss.path for loss in found.values()} == set(found)


def test_items_are_divided_into_batches() -> None:
    """The last one may be smaller, and each is given with the number of items up to its end."""
    assert list(batches([1, 2, 3, 4, 5], 2)) == [[1, 2], [3, 4], [5]]
    assert list(batches([1, 2], 2)) == [[1, 2]]
    assert list(batches([], 2)) == []
    assert list(batches_with_ends([1, 2, 3], 2)) == [(2, [1, 2]), (3, [3])]
