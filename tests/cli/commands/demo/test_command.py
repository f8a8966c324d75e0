"""`aniworld demo`: cases that it refuses. The complete demo is an end-to-end test."""

from pathlib import Path

import pytest

from aniworld_cli.app import run
from support.console import Console


def test_the_users_own_library_is_refused(console: Console, tmp_path: Path) -> None:
    """The demo refuses a library folder of the user."""
    answer = console("demo", "--dir", str(tmp_path / "demo"))

    assert answer.code == 2
    assert "--dir" in answer.err
    assert not (tmp_path / "demo").exists()


def test_a_place_that_cannot_be_a_folder_is_unavailable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A path that cannot become a folder is reported, and nothing is started."""
    file = tmp_path / "file"
    file.write_text("")

    assert run(["demo", "--dir", str(file)]) == 6
    assert len(capsys.readouterr().err.splitlines()) == 1
