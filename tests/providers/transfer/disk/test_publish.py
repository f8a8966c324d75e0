"""Give a finished file its name without replacing another one."""

import ctypes
import errno
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from aniworld_core.errors import FileExistsConflictError
from aniworld_providers.transfer.disk.publish import publish


@pytest.fixture(params=["renameat2", "hard link", "neither"])
def disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what some file systems do not support."""
    if request.param != "renameat2":
        monkeypatch.setattr(ctypes, "CDLL", lambda *_args, **_options: SimpleNamespace())
    if request.param == "neither":

        def link(_source: Path, _target: Path, **_options: bool) -> None:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))

        monkeypatch.setattr(os, "link", link)


@pytest.mark.usefixtures("disk")
def test_the_part_becomes_the_file(tmp_path: Path) -> None:
    """On every file system the part is gone and the file has its bytes."""
    part, final = tmp_path / "a.part", tmp_path / "a.mp4"
    part.write_bytes(b"film")

    publish(part, final)

    assert final.read_bytes() == b"film"
    assert [*tmp_path.iterdir()] == [final]


@pytest.mark.usefixtures("disk")
def test_another_file_is_never_replaced(tmp_path: Path) -> None:
    """Both keep their bytes."""
    part, final = tmp_path / "a.part", tmp_path / "a.mp4"
    part.write_bytes(b"film")
    final.write_bytes(b"other")

    with pytest.raises(FileExistsConflictError, match=r"a\.mp4"):
        publish(part, final)

    assert (part.read_bytes(), final.read_bytes()) == (b"film", b"other")
