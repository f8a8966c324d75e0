"""`aniworld sidecars`."""

from support.console import Console


def test_without_files_there_is_nothing_to_write(console: Console) -> None:
    """A series that the library has no files of gets no sidecars."""
    console("add", "lanterns")
    answer = console("sidecars", "lanterns", "--apply")
    assert answer.code == 0
    assert "there is nothing to change" in answer.err


def test_files_are_planned_then_written(console: Console) -> None:
    """The plan names every file and changes nothing; `--apply` writes them, undo removes them."""
    console("add", "lanterns")
    console("download", "lanterns", "S01E01")
    plan = console("sidecars", "--plan", "--json").json
    assert [c["action"] for c in plan["changes"]] == ["write"] * 4
    assert console("sidecars", "--json").json["digest"] == plan["digest"]

    applied = console("sidecars", "--apply", "--json").json
    assert len(applied["plan"]["changes"]) == 4
    assert console("sidecars", "--json").json["unchanged"] == 4
    assert console("undo", str(applied["change"]["id"])).code == 0
    assert len(console("sidecars", "--json").json["changes"]) == 4


def test_plan_and_apply_together_are_wrong_use(console: Console) -> None:
    """One of both."""
    assert console("sidecars", "--plan", "--apply").code == 2
