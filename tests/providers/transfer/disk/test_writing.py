"""Translation of disk errors into the errors of the application."""

import errno
import os
from pathlib import Path

import pytest

from aniworld_core.errors import DiskFullError, LibraryUnavailableError
from aniworld_providers.transfer.disk.writing import disk_errors

FILE = Path("/media/a.mp4")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_and_a_used_up_quota_are_the_same(code: int) -> None:
    """Both mean that nothing more can be written."""
    with pytest.raises(DiskFullError, match=str(FILE)), disk_errors(FILE):
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
