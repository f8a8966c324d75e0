"""`aniworld delete`."""

from support.console import Console


def test_a_deleted_file_is_missing_or_not_wanted(console: Console) -> None:
    """The output names the way back and how to keep it away; `--not-wanted` does it at once."""
    folder = console.folder / "library" / "Lanterns"
    folder.mkdir(parents=True)
    for number in (1, 2):
        (folder / f"S01E0{number}.mkv").write_bytes(b"\x1a\x45\xdf\xa3" + bytes(2000))
    console("add", "lanterns")
    console("adopt", "Lanterns", "--as", "lanterns")
    console("scan")

    answer = console("delete", "Lanterns/S01E01.mkv")
    assert answer.code == 0
    assert "aniworld undo" in answer.err + answer.out
    assert "--not" in answer.err + answer.out
    again = console("delete", "Lanterns/S01E02.mkv", "--not-wanted", "--json")
    assert (again.code, again.json["origin"]) == (0, "removal")
    assert console("show", "lanterns", "--json").json["missing_episodes"]["1"] == [1, 3]
    assert console("delete", "Lanterns/S01E02.mkv").code != 0
