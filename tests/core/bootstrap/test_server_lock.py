"""Who serves a data folder."""

import os
from pathlib import Path

import pytest

from aniworld_core.bootstrap.server_lock import PID_FILE, is_served, only_server, running_server
from aniworld_core.errors import DataDirInUseError, SettingsError


def test_a_data_folder_has_one_server(tmp_path: Path) -> None:
    """The second is told who the first is, and the folder is free again afterwards."""
    assert not is_served(tmp_path)
    with only_server(tmp_path):
        with pytest.raises(DataDirInUseError) as caught, only_server(tmp_path):
            pass
        assert caught.value.pid == os.getpid() == running_server(tmp_path)
        assert is_served(tmp_path)
    assert not is_served(tmp_path)
    assert running_server(tmp_path) is None


def test_a_number_left_behind_names_nobody(tmp_path: Path) -> None:
    """After a kill the number may by now belong to any other process."""
    with only_server(tmp_path):
        left = (tmp_path / PID_FILE).read_text()
    (tmp_path / PID_FILE).write_text(left)

    assert running_server(tmp_path) is None


def test_a_number_of_another_host_names_nobody(tmp_path: Path) -> None:
    """In a container the same number is another process."""
    with only_server(tmp_path):
        (tmp_path / PID_FILE).write_text(f"{os.getpid()} somewhere-else\n")

        assert is_served(tmp_path)
        assert running_server(tmp_path) is None


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """A file where the folder should be."""
    (tmp_path / "file").write_text("")

    with pytest.raises(SettingsError), only_server(tmp_path / "file"):
        pass
