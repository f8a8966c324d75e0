"""The command as a user has it."""

import shutil
import sys
from pathlib import Path


def find_command() -> str:
    """Return the path of `aniworld` beside this Python."""
    found = shutil.which("aniworld", path=str(Path(sys.executable).parent))
    assert found, "the command is installed beside this Python"
    return found
