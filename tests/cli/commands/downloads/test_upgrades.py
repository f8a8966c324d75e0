"""`aniworld upgrades`."""

from support.console import Console

FILE = "Lanterns/Season 01/Lanterns - S01E01 - Episode 1 (German Sub).mkv"


def test_a_file_in_a_worse_language_waits_until_it_is_queued(console: Console) -> None:
    """The list says why; `--queue` puts it into the queue with the reason."""
    path = console.folder / "library" / FILE
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\x1a\x45\xdf\xa3" + bytes(2000))
    console("add", "lanterns")
    console("adopt", "Lanterns", "--as", "lanterns")
    console("scan")

    (waiting,) = console("upgrades", "--json").json
    assert (waiting["episode"], waiting["file"], waiting["language"]) == (1, FILE, "ger-sub")
    assert waiting["better_languages"] == ["ger-dub"]
    assert waiting["queued"] is False
    assert "the file is in ger-sub; ger-dub is preferred" in console("upgrades", "lanterns").out

    assert console("upgrades", "lanterns", "S01E01").code == 2
    answer = console("upgrades", "lanterns", "S01E01", "--queue", "--json")
    assert (answer.code, len(answer.json["items"])) == (0, len(waiting["available_languages"]))
