"""`aniworld remove`."""

from support.console import Console


def test_a_series_is_removed_and_its_files_stay(console: Console) -> None:
    """The queue forgets its episodes, too; a second removal finds nothing."""
    console("add", "lanterns")
    console("queue", "add", "lanterns", "S01E01")

    answer = console("remove", "lanterns")

    assert answer.code == 0
    assert "removed" in answer.out + answer.err
    assert console("queue", "list").rows == []
    assert console("list").rows == []
    assert console("remove", "lanterns").code == 3


def test_files_go_to_the_bin_and_come_back(console: Console) -> None:
    """The message names the command that undoes it."""
    console("add", "lanterns")
    console("download", "lanterns", "S01E01")
    video = next(path for path in console.library.rglob("*.mp4") if path.is_file())

    answer = console("remove", "lanterns", "--files", "--json")
    assert not video.exists()

    assert console("undo", str(answer.json["change"])).code == 0
    assert video.exists()
    assert console("show", "lanterns").code == 0


def test_only_a_whole_key_removes(console: Console) -> None:
    """The start of a key is enough elsewhere, but not to remove something."""
    console("add", "lanterns")

    assert console("remove", "lan").code == 3
    assert console("show", "lan").code == 0
