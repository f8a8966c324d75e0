"""Completion in the real shells."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.thorough


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("aniworld qu", "queue"),
        ("aniworld queue re", "resume"),
        ("aniworld config ", "validate"),
        ("aniworld history --ki", "--kind"),
        ("aniworld config get downloads.lim", "downloads.limit_rate"),
    ],
)
def test_fish_completes_commands_options_and_settings(
    tmp_path: Path, line: str, offered: str
) -> None:
    """Commands inside a group are offered like those of the first level."""
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / ".config"),
        "ANIWORLD_DATA_DIR": str(tmp_path / "data"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    subprocess.run(
        ["aniworld", "--install-completion", "--shell", "fish"],
        env=environment,
        check=True,
        capture_output=True,
    )
    done = subprocess.run(
        ["fish", "-c", f"complete -C '{line}'"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert offered in [each.split("\t")[0] for each in done.stdout.splitlines()]
