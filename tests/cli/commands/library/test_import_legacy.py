"""`aniworld import-legacy`."""

import json
from pathlib import Path

from support.console import Console


def _put(root: Path, folder: str, content: str) -> None:
    (root / folder).mkdir(parents=True)
    (root / folder / "data").write_text(content)


def test_it_tells_what_it_came_to(console: Console) -> None:
    """The report has counts and reasons; the exit code is 1 if a file was skipped."""
    _put(console.library, "One", json.dumps({"key": "one", "episodeDict": {"1": [1]}}))
    _put(console.library, "Two", "{")

    answer = console("import-legacy", "--json")

    assert answer.code == 1
    assert answer.json == {
        "imported": 1,
        "updated": 0,
        "skipped": 0,
        "failed": [{"file": "Two/data", "reason": "it is no JSON"}],
    }
    assert [series["key"] for series in console("list", "--json").json] == ["one"]


def test_another_folder_can_be_named(console: Console, tmp_path: Path) -> None:
    """Another folder can be given, and a second run imports nothing."""
    _put(tmp_path / "former", "One", json.dumps({"key": "one"}))

    first = console("import-legacy", str(tmp_path / "former"), library=False)
    second = console("import-legacy", str(tmp_path / "former"), library=False)

    assert (first.code, first.rows) == (0, [["imported", "one"]])
    assert "aniworld scan" in first.err
    assert (second.code, second.out) == (0, "")
    assert "1 skipped" in second.err


def test_without_a_library_it_says_what_to_do(console: Console) -> None:
    """Without a library folder the exit code is 8."""
    assert console("import-legacy", library=False).code == 8


def test_a_folder_that_is_not_there(console: Console, tmp_path: Path) -> None:
    """A missing folder exits with 6."""
    assert console("import-legacy", str(tmp_path / "nothing")).code == 6
