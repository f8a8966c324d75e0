"""File names for links."""

import pytest

from aniworld_core.domain.library import link_file_name


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://h.invalid/a/film.mkv", "film.mkv"),
        ("https://h.invalid/a/film.MKV?sig=1#part", "film.mkv"),
        ("https://h.invalid/hls/master.m3u8?token=x", "master.mp4"),
        ("https://h.invalid/dash/stream.mpd", "stream.mp4"),
        ("https://h.invalid/watch.php?id=5", "watch.php.mp4"),
        ("https://h.invalid/clip/", "clip.mp4"),
        ("https://h.invalid", "h.invalid.mp4"),
        ("https://h.invalid/Fr%C3%BCh%20am%20Tag.mp4", "Früh am Tag.mp4"),
        ("https://h.invalid/..%2F..%2Fetc%2Fpasswd", "etc-passwd.mp4"),
        ("https://h.invalid/.mp4", "mp4.mp4"),
        ("https://h.invalid/%2e%2e", "link.mp4"),
        ("https://h.invalid/a%00b%0a.mp4", "ab.mp4"),
        ("http://[broken", "link.mp4"),
    ],
)
def test_the_last_part_of_the_path_names_the_file(url: str, name: str) -> None:
    """Harmless everywhere, and the same for every signature."""
    assert link_file_name(url) == name


def test_names_are_never_too_long() -> None:
    """Suffixes of unfinished files fit behind them."""
    assert len(link_file_name(f"https://h.invalid/{'x' * 4000}.mp4").encode()) < 220
