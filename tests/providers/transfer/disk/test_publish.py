"""Give a finished file its name without replacing another one."""

import ctypes
import errno
import os
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from aniworld_core.errors import FileExistsConflictError, LibraryUnavailableError
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


@pytest.mark.parametrize(("code", "is_error"), [(errno.EINVAL, False), (errno.EIO, True)])
def test_a_folder_that_cannot_be_synced_is_an_error_unless_no_folder_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, is_error: bool
) -> None:
    """Some network file systems sync no folders; the file has its name either way."""
    part, final = tmp_path / "a.part", tmp_path / "a.mp4"
    part.write_bytes(b"film")
    opened = len(list(Path("/dev/fd").iterdir()))

    def fsync(_fd: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(LibraryUnavailableError) if is_error else nullcontext():
        publish(part, final)

    assert final.read_bytes() == b"film"
    assert len(list(Path("/dev/fd").iterdir())) == opened


def test_a_disk_that_fails_keeps_the_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a missing feature of the file system leads to the next way."""
    part, final = tmp_path / "a.part", tmp_path / "a.mp4"
    part.write_bytes(b"film")

    def link(_source: Path, _target: Path, **_options: bool) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(ctypes, "CDLL", lambda *_args, **_options: SimpleNamespace())
    monkeypatch.setattr(os, "link", link)
    with pytest.raises(LibraryUnavailableError):
        publish(part, final)

    assert [*tmp_path.iterdir()] == [part]


def test_a_folder_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    """The part keeps its name."""
    part = tmp_path / "a.part"
    part.write_bytes(b"film")

    with pytest.raises(LibraryUnavailableError):
        publish(part, tmp_path / "gone" / "a.mp4")

    assert [*tmp_path.iterdir()] == [part]
