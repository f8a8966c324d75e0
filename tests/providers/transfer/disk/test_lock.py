"""Two transfers of one file: the second one fails and touches no file."""

import errno
import fcntl
import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from aniworld_core.adapters.library import DirectoryLibrary
from aniworld_core.errors import LibraryUnavailableError, PartInUseError
from aniworld_providers.transfer.disk import lock
from aniworld_providers.transfer.disk.ledger import Ledger
from aniworld_providers.transfer.disk.lock import exclusive_use
from aniworld_providers.transfer.disk.paths import part_paths

HOLD = """
import pathlib, sys
from aniworld_providers.transfer.disk.lock import exclusive_use
from aniworld_providers.transfer.disk.paths import part_paths
with exclusive_use(part_paths(pathlib.Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_lock_is_gone_afterwards(tmp_path: Path) -> None:
    """The lock is held inside the context only, and no file is left."""
    paths = part_paths(tmp_path / "a.mp4")
    with exclusive_use(paths):
        with pytest.raises(PartInUseError) as refused, exclusive_use(paths):
            pass
        assert refused.value.retry_after is not None
    with exclusive_use(paths):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.anyio
async def test_a_process_that_is_killed_lets_go(tmp_path: Path) -> None:
    """While it lives its files stay, also when their item is cleared up; then they are free."""
    final = tmp_path / "a.mp4"
    library = DirectoryLibrary(tmp_path)
    part = part_paths(final).part
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(final)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        try:
            assert other.stdout is not None
            assert other.stdout.readline() == b"held\n"
            part.write_bytes(b"x")
            Ledger.create(part_paths(final).ledger, {}).close()
            with pytest.raises(PartInUseError), exclusive_use(part_paths(final)):
                pass
            await library.clear_leftovers("a.mp4")
            assert part.exists()
        finally:
            other.kill()
    with exclusive_use(part_paths(final)):
        assert part.exists()
    await library.clear_leftovers("a.mp4")
    assert list(tmp_path.iterdir()) == []


def test_a_lock_file_that_was_deleted_in_between_is_closed_and_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock on the file of the previous holder protects nothing."""
    paths = part_paths(tmp_path / "a.mp4")
    opened: list[int] = []
    closed: list[int] = []
    is_at, close = lock._is_at, os.close

    def delete_first(path: Path, fd: int) -> bool:
        opened.append(fd)
        if len(opened) == 1:
            path.unlink()
        return is_at(path, fd)

    def record(fd: int) -> None:
        closed.append(fd)
        close(fd)

    monkeypatch.setattr(lock, "_is_at", delete_first)
    monkeypatch.setattr(os, "close", record)
    with exclusive_use(paths):
        assert len(opened) == 2
        assert closed == opened[:1]


@pytest.mark.parametrize(
    ("code", "is_error"), [(errno.ENOLCK, False), (errno.EOPNOTSUPP, False), (errno.EIO, True)]
)
def test_a_file_system_without_locks_is_used_without_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, is_error: bool
) -> None:
    """A disk that fails is an error; no descriptor stays open."""
    used: list[bool] = []
    opened = len(list(Path("/dev/fd").iterdir()))

    def flock(_fd: int, _operation: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", flock)
    refused = pytest.raises(LibraryUnavailableError) if is_error else nullcontext()
    with refused, exclusive_use(part_paths(tmp_path / "a.mp4")):
        used.append(True)

    assert used == ([] if is_error else [True])
    assert len(list(Path("/dev/fd").iterdir())) == opened
