"""`aniworld wanted`."""

from support.console import Console


def test_episodes_are_marked_and_shown(console: Console) -> None:
    """A marked episode is not missing, is skipped with the reason, and can be wanted again."""
    console("add", "lanterns")

    answer = console("wanted", "lanterns", "S01E02", "S02", "--not", "--json")
    assert answer.code == 0
    assert answer.json["missing_episodes"] == {"1": [1, 3]}
    assert answer.json["unwanted_seasons"] == [2]
    assert "not wanted" in console("show", "lanterns").out
    dry = console("download", "lanterns", "S01", "--dry-run")
    assert "marked as not wanted" in dry.out + dry.err

    console("wanted", "lanterns")
    assert console("show", "lanterns", "--json").json["missing_episodes"] == {
        "1": [1, 2, 3],
        "2": [1],
    }


def test_an_unknown_episode_is_not_found(console: Console) -> None:
    """The selection is named and nothing changes."""
    console("add", "lanterns")

    answer = console("wanted", "lanterns", "S01", "S07E01", "--not")

    assert answer.code == 3
    assert "S07E01" in answer.err
    assert console("show", "lanterns", "--json").json["unwanted_seasons"] == []
