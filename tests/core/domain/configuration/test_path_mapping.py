"""Folders as a media server on another system sees them."""

import pytest

from aniworld_core.domain.configuration.path_mapping import parse_path_mapping
from aniworld_core.errors import UsageError


@pytest.mark.parametrize(
    ("mapping", "theirs"),
    [
        (r"/srv/anime => D:\Anime", r"D:\Anime\Alpha\Season 01"),
        ("/srv/anime => D:\\", r"D:\Alpha\Season 01"),
        (r"/srv/anime => \\nas\anime", r"\\nas\anime\Alpha\Season 01"),
        ("/srv/anime => D:/Anime", "D:/Anime/Alpha/Season 01"),
        ("/srv/anime => /Volumes/Anime", "/Volumes/Anime/Alpha/Season 01"),
        ("/srv/anime => smb://nas/anime/", "smb://nas/anime/Alpha/Season 01"),
        ("/srv/anime => /", "/Alpha/Season 01"),
    ],
)
def test_paths_of_windows_macos_and_shares(mapping: str, theirs: str) -> None:
    """The separator is that of their folder, and stands once between the parts."""
    assert parse_path_mapping(mapping).theirs_of(("Alpha", "Season 01")) == theirs


@pytest.mark.parametrize("mapping", ["/srv/anime => D:\\", "/srv => /Volumes/Anime", "/a => /"])
def test_the_folder_itself_is_theirs(mapping: str) -> None:
    """Without parts it is their folder as it was written."""
    assert parse_path_mapping(mapping).theirs_of(()) == mapping.partition("=> ")[2]


@pytest.mark.parametrize(
    "mapping",
    ["", "/srv", "/srv =>", "=> D:\\", "srv => D:\\", "/srv/../etc => D:\\", "C:\\a => /a"],
)
def test_wrong_mappings_are_refused(mapping: str) -> None:
    """Our folder must be absolute on this machine, and theirs must be there."""
    with pytest.raises(UsageError):
        parse_path_mapping(mapping)
