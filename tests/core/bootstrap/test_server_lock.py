"""Lock of the data folder by its server."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aniworld_core.bootstrap.server_lock import (
    LOCK_FILE,
    PID_FILE,
    is_served,
    only_server,
    running_server,
)
from aniworld_core.errors import DataDirInUseError, SettingsError
from aniworld_core.testing.waiting import PATIENCE


def test_a_data_folder_has_one_server(tmp_path: Path) -> None:
    """A second server gets the process id of the first; afterwards the folder is free."""
    assert not is_served(tmp_path)
    with only_server(tmp_path):
        with pytest.raises(DataDirInUseError) as caught, only_server(tmp_path):
            pass
        assert caught.value.pid == os.getpid() == running_server(tmp_path)
        assert is_served(tmp_path)
    assert not is_served(tmp_path)
    assert running_server(tmp_path) is None


def test_a_number_left_behind_names_nobody(tmp_path: Path) -> None:
    """A process id left by a killed server is ignored."""
    with only_server(tmp_path):
        left = (tmp_path / PID_FILE).read_text()
    (tmp_path / PID_FILE).write_text(left)

    assert running_server(tmp_path) is None


def test_a_number_of_another_host_names_nobody(tmp_path: Path) -> None:
    """A process id from another host or container is ignored."""
    with only_server(tmp_path):
        (tmp_path / PID_FILE).write_text(f"{os.getpid()} somewhere-else\n")

        assert is_served(tmp_path)
        assert running_server(tmp_path) is None


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """A file in place of the folder is an error."""
    (tmp_path / "file").write_text("")

    with pytest.raises(SettingsError), only_server(tmp_path / "file"):
        pass


def test_whose_it_is_can_only_be_said_by_its_owner(tmp_path: Path) -> None:
    """With any umask, and despite an existing file, only the owner can write the id."""
    (tmp_path / PID_FILE).write_text("1 elsewhere")
    (tmp_path / PID_FILE).chmod(0o666)
    former = os.umask(0)
    try:
        with only_server(tmp_path):
            modes = [(tmp_path / name).stat().st_mode & 0o777 for name in (PID_FILE, LOCK_FILE)]
            assert running_server(tmp_path) == os.getpid()
    finally:
        os.umask(former)

    assert modes == [0o600, 0o600]


_SERVE = """
import sys
from pathlib import Path
from aniworld_core.bootstrap.server_lock import only_server
from aniworld_core.errors import DataDirInUseError

print("ready", flush=True)
sys.stdin.readline()
try:
    with only_server(Path(sys.argv[1])):
        print("serves", flush=True)
        sys.stdin.readline()
except DataDirInUseError:
    print("refused")
"""


def test_of_twenty_servers_at_once_one_lives(tmp_path: Path) -> None:
    """Of twenty servers started at once one runs; after it is killed the folder is free."""
    starters = [
        subprocess.Popen(
            [sys.executable, "-c", _SERVE, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        for _ in range(20)
    ]
    pipes = [(each.stdin, each.stdout) for each in starters]
    assert [out.readline() for _, out in pipes if out is not None] == ["ready\n"] * 20
    for into, _ in pipes:
        assert into is not None
        into.write("go\n")
    said = [out.readline() for _, out in pipes if out is not None]

    assert sorted(said) == ["refused\n"] * 19 + ["serves\n"]
    server = starters[said.index("serves\n")]
    assert running_server(tmp_path) == server.pid
    server.kill()
    for each in starters:
        each.communicate(timeout=PATIENCE)
    with only_server(tmp_path):
        assert running_server(tmp_path) == os.getpid()
