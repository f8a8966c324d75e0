"""`aniworld deleted`."""

import pytest

from support.console import Console


@pytest.fixture
def scanned(console: Console) -> Console:
    """A scanned library of three files, of which two were then deleted on the disk."""
    folder = console.folder / "library" / "Lanterns"
    folder.mkdir(parents=True)
    for number in (1, 2, 3):
        (folder / f"S01E0{number}.mkv").write_bytes(b"\x1a\x45\xdf\xa3" + bytes(2000 + number))
    console("add", "lanterns")
    console("adopt", "Lanterns", "--as", "lanterns")
    console("scan")
    for number in (1, 2):
        (folder / f"S01E0{number}.mkv").unlink()
    return console


def test_a_scan_names_deleted_files_and_what_to_do(scanned: Console) -> None:
    """On the screen and as JSON."""
    answer = scanned("scan")
    assert "Lanterns/S01E01.mkv" in answer.out
    assert "aniworld deleted --not-wanted" in answer.err
    deleted = scanned("scan", "--json").json["deleted"]
    assert [(d["key"], d["code"], d["path"]) for d in deleted] == [
        ("lanterns", "S01E01", "Lanterns/S01E01.mkv"),
        ("lanterns", "S01E02", "Lanterns/S01E02.mkv"),
    ]
    assert scanned("deleted", "--json").json == deleted
    assert scanned("deleted", "lanterns").out.count("S01E0") >= 2


def test_deleted_episodes_become_not_wanted(scanned: Console) -> None:
    """They are not missing afterwards, and a download of all missing ones leaves them out."""
    scanned("scan")
    assert scanned("deleted", "--not-wanted").code == 0
    assert "1" not in scanned("show", "lanterns", "--json").json["missing_episodes"]
    assert scanned("deleted", "--json").json == []
    planned = scanned("download", "--all-missing", "--dry-run", "--json").out
    assert "S01E01" not in planned
    assert "S01E02" not in planned


def test_deleted_episodes_stay_missing(scanned: Console) -> None:
    """They are only no longer listed."""
    scanned("scan")
    assert scanned("deleted", "--missing").code == 0
    assert scanned("show", "lanterns", "--json").json["missing_episodes"]["1"] == [1, 2]
    assert scanned("deleted", "--json").json == []


def test_both_decisions_together_are_wrong_use(scanned: Console) -> None:
    """One of both; an unknown series is not found."""
    assert scanned("deleted", "--missing", "--not-wanted").code == 2
    assert scanned("deleted", "no-such-series").code == 3
