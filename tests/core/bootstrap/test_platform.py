"""Only Linux has the locks and folder descriptors that the adapters need."""

import subprocess
import sys
from pathlib import Path

import pytest

from aniworld_core.bootstrap.opening.platform import require_platform
from aniworld_core.errors import PlatformNotSupportedError

#: Run the command as on a system without the modules that only Unix systems have.
_ELSEWHERE = """
import sys
sys.modules |= {"fcntl": None, "resource": None}
sys.platform = "darwin"
from aniworld_cli.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("platform", "name"), [("win32", "Windows"), ("darwin", "macOS"), ("freebsd14", "freebsd14")]
)
def test_other_systems_are_refused_by_name(platform: str, name: str) -> None:
    """The hint says what to use there."""
    with pytest.raises(PlatformNotSupportedError, match=name) as refused:
        require_platform(platform)

    assert "container" in str(refused.value.hint)


@pytest.mark.parametrize("platform", ["linux", "linux2"])
def test_linux_is_accepted(platform: str) -> None:
    """The number of old versions of Python does not matter."""
    require_platform(platform)


@pytest.mark.parametrize("command", [["list"], ["fetch", "http://127.0.0.1:9/a.mp4"]])
def test_a_command_elsewhere_is_refused_in_one_sentence(tmp_path: Path, command: list[str]) -> None:
    """It does not fail on a missing module, and ends as with every wrong set-up."""
    done = subprocess.run(
        [sys.executable, "-c", _ELSEWHERE, "--data-dir", str(tmp_path), *command],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (done.returncode, done.stdout) == (8, "")
    assert "it runs on Linux, not on macOS" in done.stderr
    assert "Traceback" not in done.stderr
