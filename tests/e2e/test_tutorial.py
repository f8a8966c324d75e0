"""The tutorial runs as it is written, and prints what it shows."""

import os
import re
import subprocess
from contextlib import ExitStack
from pathlib import Path

from support.documentation import ROOT, blocks_of
from support.installed import find_command
from support.thorough import only_thorough


def _steps() -> list[tuple[str, list[str]]]:
    """Return each command of the tutorial with the lines that it prints."""
    steps: list[tuple[str, list[str]]] = []
    for block in blocks_of(ROOT / "docs/tutorial.md"):
        if block.language != "console":
            continue
        for line in block.text.splitlines():
            if line.startswith("$ "):
                steps.append((line[2:], []))
            else:
                steps[-1][1].append(line)
    return steps


def _matches(shown: list[str], printed: list[str]) -> bool:
    """Compare lines without spaces at their ends; `…` stands for a part that differs."""
    patterns = [".*".join(map(re.escape, line.rstrip().split("…"))) for line in shown]
    return re.fullmatch("\n".join(patterns), "\n".join(map(str.rstrip, printed))) is not None


@only_thorough
def test_the_tutorial_runs(tmp_path: Path) -> None:
    """Every console block of the tutorial runs in one shell session from an empty folder."""
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ANIWORLD_")},
        "PATH": f"{Path(find_command()).parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
    }
    steps = _steps()
    assert len(steps) > 8
    with ExitStack() as running:
        for command, shown in steps:
            if exported := re.fullmatch(r'export (\w+)="\$PWD/(\w+)"', command):
                variables[exported[1]] = str(tmp_path / exported[2])
            elif command.startswith("aniworld serve"):
                server = subprocess.Popen(
                    command.split(), cwd=tmp_path, env=variables, stdout=subprocess.PIPE, text=True
                )
                running.enter_context(server)
                running.callback(server.kill)
                assert server.stdout is not None
                printed = [server.stdout.readline() for _ in shown]
                assert _matches(shown, printed), printed
            else:
                done = subprocess.run(
                    ["/bin/sh", "-c", command],
                    cwd=tmp_path,
                    env=variables,
                    capture_output=True,
                    text=True,
                )
                assert done.returncode == 0, (command, done.stderr)
                assert _matches(shown, done.stdout.splitlines()), (command, done.stdout)
        assert server.wait(60) == 0
    films = {path.suffix for path in (tmp_path / "anime").rglob("*.*") if path.is_file()}
    assert films == {".mp4", ".srt"}
