"""Fixture that runs commands."""

from pathlib import Path

import pytest

from support.console import Console


@pytest.fixture
def console(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Console:
    """Run commands in this process."""
    return Console(folder=tmp_path, capsys=capsys)
