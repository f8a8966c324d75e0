"""`aniworld adopt`, and what `add` says about existing folders."""

from support.console import Console

_VIDEO = b"\x1a\x45\xdf\xa3" + bytes(2000)


def _put(console: Console, *files: str) -> None:
    for file in files:
        path = console.folder / "library" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_VIDEO)


def test_folders_are_listed_and_adopted(console: Console) -> None:
    """The list shows a folder of no series; with its key it is adopted and no longer listed."""
    _put(console, "Whatever/S01E02.mkv")

    listed = console("adopt", "--list", "--json")
    adopted = console("adopt", "Whatever", "--as", "lanterns", "--json")

    assert [(f["folder"], f["files"]) for f in listed.json] == [("Whatever", 1)]
    assert (adopted.json["key"], adopted.json["existing"]["episodes"]) == ("lanterns", 1)
    assert console("adopt", "--list", "--json").json == []
    assert console("show", "lanterns", "--json").json["folder"] == "Whatever"


def test_all_sure_folders_are_adopted(console: Console) -> None:
    """In bulk, folders with exactly one series of their title are adopted, others stay."""
    _put(console, "Laternen/S01E01.mkv", "Unknown/x.mkv")

    adopted = console("adopt", "--all-sure", "--json")

    assert adopted.code == 0
    assert [each["folder"] for each in adopted.json["adopted"]] == ["Laternen"]
    assert [each["folder"] for each in console("adopt", "--json").json] == ["Unknown"]


def test_wrong_use_of_adopt(console: Console) -> None:
    """A key needs a folder; a folder that does not exist is not found."""
    assert console("adopt", "--as", "lanterns").code == 2
    assert console("adopt", "x", "--all-sure").code == 2
    gone = console("adopt", "Gone", "--as", "lanterns")
    unlisted = console("adopt", "Gone")
    assert (gone.code, unlisted.code) == (3, 3)
    assert "Gone" in gone.err
    assert "Gone" in unlisted.err


def test_add_shows_what_it_found(console: Console) -> None:
    """An existing folder is named with its episodes."""
    _put(console, "laternen [tvdbid-5]/S01E01.mkv")

    added = console("add", "lanterns")

    assert "laternen [tvdbid-5]: 1 episode in 1 file" in added.err
