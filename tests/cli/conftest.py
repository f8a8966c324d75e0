"""Fixture that runs commands."""

from pathlib import Path

import pytest

from support.console import Console


@pytest.fixture
def console(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Console:
    """Run commands in this process, in English."""
    monkeypatch.setenv("ANIWORLD_LANGUAGE", "en")
    return Console(folder=tmp_path, capsys=capsys)
