"""The scripted first day succeeds."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.thorough import only_thorough

SCRIPT = Path(__file__).with_name("first_day.py")


@only_thorough
@pytest.mark.skipif(shutil.which("curl") is None, reason="it asks with curl")
def test_the_first_day_goes_well() -> None:
    """All steps from set-up to SIGTERM succeed with curl against a server process."""
    done = subprocess.run([sys.executable, SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("a good day\n")
