"""The installed command with a real database, library and catalogue."""

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from aniworld_cli.__main__ import main
from support.installed import find_command

COMMAND = find_command()

Aniworld: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def aniworld(tmp_path: Path, capsys: pytest.CaptureFixture[str], former_logging: None) -> Aniworld:
    """Run the command with a data folder whose only catalogue is the embedded one.

    Its function is called directly, because a process would take longer to start.
    """
    data, library = tmp_path / "data", tmp_path / "library"
    data.mkdir()
    library.mkdir()
    providers = {"demo": {"enabled": True}, "archive": {"enabled": False}}
    (data / "config.json").write_text(json.dumps({"providers": providers}))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        options = ["--data-dir", str(data), "--library", str(library)]
        capsys.readouterr()
        code = main([*options, *arguments])
        return subprocess.CompletedProcess(arguments, code, *capsys.readouterr())

    return run


def _document(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_search_add_download_scan(aniworld: Aniworld, tmp_path: Path) -> None:
    """Search, add, download and scan succeed in order."""
    (hit,) = _document(aniworld("search", "night", "bus", "--json"))
    added = _document(aniworld("add", hit["link"], "--json"))
    assert added["created"] is True

    options = ["--data-dir", str(tmp_path / "data"), "--library", str(tmp_path / "library")]
    installed = [COMMAND, *options, "download", added["key"], "S00E01", "--json"]
    result = _document(subprocess.run(installed, capture_output=True, text=True))
    assert (result["completed"], result["failed"], result["skipped"]) == (1, 0, 0)
    assert (tmp_path / "library" / result["items"][0]["file"]).is_file()

    report = _document(aniworld("scan", "--json"))
    assert (report["series"], report["files"], report["missing"]) == (1, 1, 0)
    assert report["extra"] == []


def test_an_interrupted_download_goes_on_later(aniworld: Aniworld, tmp_path: Path) -> None:
    """Ctrl-C exits with 130 and one line, and the next run resumes the download."""
    _document(aniworld("add", "captain-twine", "--json"))
    options = ["--data-dir", str(tmp_path / "data"), "--library", str(tmp_path / "library")]
    with subprocess.Popen(
        [COMMAND, *options, "download", "captain-twine", "S01E01-E02"],
        env={**os.environ},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("started ")
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read().splitlines()
    assert process.returncode == 130
    assert "run the same command to continue" in rest[-1]

    pending = _document(aniworld("queue", "list", "--status", "pending", "--json"))
    assert len(pending) == 2
    assert _document(aniworld("queue", "run", "--json"))["completed"] == 2
