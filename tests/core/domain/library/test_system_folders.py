"""Folders of the operating system."""

from pathlib import PurePosixPath, PureWindowsPath

import pytest

from aniworld_core.domain.library import is_system_folder


@pytest.mark.parametrize(
    "path", ["/", "//", "/..", "/usr", "/proc/1/root", "/sys/x", "/srv/../etc"]
)
def test_roots_and_folders_of_the_system(path: str) -> None:
    """They are known in every spelling."""
    assert is_system_folder(PurePosixPath(path))


@pytest.mark.parametrize("path", ["/srv", "/home/a/etc", "/dev/library", "/media", "/usr/anime"])
def test_other_folders(path: str) -> None:
    """A library may be in all other folders."""
    assert not is_system_folder(PurePosixPath(path))


def test_the_root_of_a_drive() -> None:
    """A drive of Windows has a root too."""
    assert is_system_folder(PureWindowsPath("C:/"))
    assert not is_system_folder(PureWindowsPath("C:/Anime"))
