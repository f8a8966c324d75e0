"""`aniworld inspect` and the facts in `aniworld files`."""

from support.console import Console

_VIDEO = b"\x1a\x45\xdf\xa3" + bytes(2000)


def test_content_is_read_once_and_a_renamed_file_is_recognised(console: Console) -> None:
    """Facts and fingerprints are stored; a file with a new name keeps its episode."""
    folder = console.folder / "library" / "Lanterns"
    folder.mkdir(parents=True)
    (folder / "S01E01.mkv").write_bytes(_VIDEO)
    (folder / "S01E02.mkv").write_bytes(_VIDEO + b"x")
    console("add", "lanterns")
    console("adopt", "Lanterns", "--as", "lanterns")
    console("scan")

    report = console("inspect", "lanterns", "--json").json

    assert report["inspected"] == 2
    assert console("inspect", "--json").json["inspected"] == 0
    assert console("inspect", "--again", "--json").json["inspected"] == 2
    found = console("files", "--series", "lanterns", "--json").json
    assert [each["path"] for each in found] == ["Lanterns/S01E01.mkv", "Lanterns/S01E02.mkv"]
    assert all(each["fingerprint"] for each in found)

    (folder / "S01E01.mkv").rename(folder / "abc.mkv")
    console("scan")
    episodes = console("show", "lanterns", "--json").json["episodes"]
    files = [each["file"] for each in episodes if each["season"] == 1]
    assert files[:2] == ["Lanterns/abc.mkv", "Lanterns/S01E02.mkv"]


def test_an_unknown_series_cannot_be_inspected(console: Console) -> None:
    """It is an error, not an empty list."""
    assert console("inspect", "nothing").code == 3
