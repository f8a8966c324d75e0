"""Completion in the real shells."""

import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

pytestmark = pytest.mark.thorough

#: Seconds for a shell to start, or to ask the program on Tab.
_PATIENCE: Final = 60.0
#: Names that a shell must neither run nor split.
HOSTILE: Final = """It's "$(touch ran)" `touch ran`: a; b"""
#: Commands that make a shell load the installed completion.
LOADING: Final = {
    "bash": (
        ["bash", "--norc", "-i"],
        "source ~/.local/share/bash-completion/completions/aniworld",
    ),
    "zsh": (
        ["zsh", "-f", "-i"],
        "fpath=(~/.zsh/completions $fpath); autoload -Uz compinit; compinit -u",
    ),
}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Return the environment of a user with a series in the library, and a file beside him."""
    tmp_path = tmp_path_factory.mktemp("home")
    environment = {
        **{name: value for name, value in os.environ.items() if name != "LC_ALL"},
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / ".config"),
        "XDG_DATA_HOME": str(tmp_path / ".local/share"),
        "ANIWORLD_DATA_DIR": str(tmp_path / "data"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "LANG": "C.UTF-8",
        "TERM": "xterm",
    }
    folder = tmp_path / "library" / "Moss"
    folder.mkdir(parents=True)
    series = {
        "key": "moss-spirits",
        "name": HOSTILE,
        "site": "aniworld.to",
        "folder": "Moss",
        "episodeDict": {"1": [1]},
    }
    (folder / "data").write_text(json.dumps(series))
    (tmp_path / "moss file").touch()
    library = ["--library", str(folder.parent)]
    subprocess.run(
        ["aniworld", *library, "import-legacy"], env=environment, check=True, capture_output=True
    )
    return environment


def _install(shell: str, environment: Mapping[str, str]) -> None:
    subprocess.run(
        ["aniworld", "--install-completion", "--shell", shell],
        env=environment,
        check=True,
        capture_output=True,
    )


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
def test_fish_completes_commands_options_keys_and_settings(
    environment: Mapping[str, str],
) -> None:
    """Everything is offered where it fits, and files of the folder only for paths."""
    expected = {
        "aniworld qu": "queue",
        "aniworld queue re": "resume",
        "aniworld config ": "validate",
        "aniworld history --ki": "--kind",
        "aniworld config get downloads.lim": "downloads.limit_rate",
        "aniworld rename --plan mo": "moss-spirits",
        "aniworld queue list --series mo": "moss-spirits",
        "aniworld tasks run data": "database-copy",
        "aniworld config validate mo": "moss file",
    }
    without_files = (
        *("show mo", "download moss-spirits ", "queue add moss-spirits ", "queue remove "),
        *("add ", "search ", "config set downloads.concurrent ", "fetch "),
    )
    lines = [*expected, *(f"aniworld {each}" for each in without_files)]
    _install("fish", environment)
    done = subprocess.run(
        ["fish", "-c", "; ".join(f"complete -C {json.dumps(line)}; echo ====" for line in lines)],
        env=environment,
        cwd=environment["HOME"],
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
    )
    blocks = done.stdout.split("====\n")
    offered = {
        line: [each.split("\t")[0] for each in block.splitlines()]
        for line, block in zip(lines, blocks, strict=False)
    }
    assert {line for line, value in expected.items() if value not in offered[line]} == set()
    assert {line for line in lines[len(expected) :] if "moss file" in offered[line]} == set()


@pytest.mark.parametrize("shell", LOADING)
def test_tab_completes_in_a_terminal(environment: Mapping[str, str], shell: str) -> None:
    """Tab completes keys and settings; no name is run, and no other key replaces a wrong one."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    _install(shell, environment)
    command, loading = LOADING[shell]
    with _Terminal(command, environment) as terminal:
        terminal.type(f"{loading}; echo rea''dy\n")
        terminal.wait_for("ready")
        for typed, completed in (
            ("aniworld show mo\t", "aniworld show moss-spirits "),
            ("aniworld queue list --series mo\t", "aniworld queue list --series moss-spirits "),
            ("aniworld config get downloads.conc\t", "aniworld config get downloads.concurrent "),
            ("aniworld show ytdlp:mo\tQ", "aniworld show ytdlp:moQ"),
        ):
            terminal.type(typed)
            terminal.wait_for(completed)
            terminal.type("\x15")  # Ctrl-U empties the line

    assert not (Path(environment["HOME"]) / "ran").exists()


class _Terminal:
    """A shell in a pseudo-terminal."""

    def __init__(self, command: list[str], environment: Mapping[str, str]) -> None:
        self._command = command
        self._environment = environment
        self._received = b""

    def __enter__(self) -> "_Terminal":
        self._process, self._file = pty.fork()
        if self._process == 0:  # pragma: no cover - the child
            os.chdir(self._environment["HOME"])
            os.execvpe(  # noqa: S606 - a shell that is typed into
                self._command[0], self._command, dict(self._environment)
            )
        return self

    def __exit__(self, *_: object) -> None:
        os.kill(self._process, 9)
        os.waitpid(self._process, 0)
        os.close(self._file)

    @property
    def text(self) -> str:
        """Everything that was shown, without the escape sequences of the terminal."""
        received = self._received.decode(errors="replace")
        return re.sub(r"\x1b\[[0-9;?<>=]*[A-Za-z]|\x1b[=>]|[\a\r]", "", received)

    def type(self, text: str) -> None:
        """Type a text."""
        os.write(self._file, text.encode())

    def wait_for(self, text: str) -> None:
        """Read until a text is shown."""
        end = time.monotonic() + _PATIENCE
        while text not in self.text:
            if not select.select([self._file], [], [], max(end - time.monotonic(), 0))[0]:
                raise AssertionError(f"{text!r} is not in {self.text!r}")
            self._received += os.read(self._file, 65536)
