"""Translation of disk errors into the errors of the application."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from aniworld_core.errors import DiskFullError, LibraryUnavailableError
from aniworld_providers.transfer.disk.writing import disk_errors, require_space

FILE = Path("/media/a.mp4")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_and_a_used_up_quota_are_the_same(code: int) -> None:
    """Both mean that nothing more can be written; the folder is named, not the unfinished file."""
    with (
        pytest.raises(DiskFullError, match=f"the disk holding {FILE.parent} is full"),
        disk_errors(FILE),
    ):
        raise OSError(code, os.strerror(code))


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.EFBIG, "File too large"), "the file is too large for the file system"),
        (OSError(errno.EROFS, "Read-only file system"), "Read-only file system"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
        (OSError("gone"), "gone"),
    ],
)
def test_other_errors_name_the_file_and_the_reason(error: OSError, reason: str) -> None:
    """A file that is too large for the file system needs another one, not more space."""
    with pytest.raises(LibraryUnavailableError) as caught, disk_errors(FILE):
        raise error
    assert str(FILE) in str(caught.value)
    assert reason in str(caught.value)
    assert caught.value.__cause__ is error


@pytest.mark.parametrize(("free", "missing"), [(149, 1), (0, 150), (150, None), (1000, None)])
def test_a_full_disk_names_the_missing_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, missing: int | None
) -> None:
    """100 bytes to write and a reserve of 50 need 150 free bytes."""
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=free))
    if missing is None:
        require_space(tmp_path, 100, 50)
    else:
        with pytest.raises(DiskFullError) as caught:
            require_space(tmp_path, 100, 50)
        assert caught.value.needed == missing
