"""The named validators of the former program."""

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core import validators
from aniworld_core.errors import InvalidConfigError, InvalidInputError
from aniworld_core.validators import (
    sanitize_filename,
    validate_anime_url,
    validate_backup_name,
    validate_config_data,
    validate_download_quality,
    validate_episode_range,
    validate_language,
    validate_series_key,
    validate_series_key_or_folder,
    validate_series_name,
)

BACKUP = "config-20260131T120000.000000Z.json"
SERIES = "https://aniworld.to/anime/stream/attack-on-titan"


@pytest.mark.parametrize(
    ("validate", "given_text", "expected"),
    [
        (validate_series_key, "attack-on-titan", "attack-on-titan"),
        (validate_series_key, "86-eighty-six", "86-eighty-six"),
        (validate_series_name, "  Re:ZERO ", "Re:ZERO"),
        (validate_download_quality, "1080P", "1080p"),
        (validate_download_quality, "best", "best"),
        (validate_language, "ger-sub", "ger-sub"),
        (validate_language, "GER-DUB", "ger-dub"),
        (validate_anime_url, SERIES, SERIES),
        (validate_anime_url, f" {SERIES}/staffel-1/episode-2 ", f"{SERIES}/staffel-1/episode-2"),
        (validate_anime_url, "https://s.to/serie/stream/dark", "https://s.to/serie/stream/dark"),
        (validate_anime_url, "http://www.s.to/serie/dark", "http://www.s.to/serie/dark"),
        (validate_backup_name, BACKUP, BACKUP),
        (sanitize_filename, "Fate/Zero: 1?.mp4", "Fate-Zero - 1.mp4"),
        (sanitize_filename, "../../etc/passwd", "etc-passwd"),
    ],
)
def test_valid_values_are_returned(
    validate: Callable[[str], str], given_text: str, expected: str
) -> None:
    """A valid value comes back in its canonical form."""
    assert validate(given_text) == expected


@pytest.mark.parametrize(
    ("validate", "given_text"),
    [
        *[
            (validate_series_key, key)
            for key in ("", "Attack On Titan", "attack_on_titan", "attack on titan", "a--b", "-a")
        ],
        *[(validate_series_name, name) for name in ("", "   ", "a\0b", "x" * 201)],
        *[(validate_download_quality, quality) for quality in ("", "4k", "720")],
        *[(validate_language, language) for language in ("", "ger-dup", "klingon")],
        *[
            (validate_anime_url, url)
            for url in (
                "",
                "attack-on-titan",
                "ftp://aniworld.to/anime/stream/a",
                "https://aniworld.to.example/anime/stream/a",
                "https://aniworld.to@example.invalid/anime/stream/a",
                "https://user@aniworld.to/anime/stream/a",
                "https://aniworld.to:8443/anime/stream/a",
                "https://aniworld.to/",
                "https://aniworld.to/anime/stream/",
                "https://[aniworld.to/anime/stream/a",
            )
        ],
        *[
            (validate_backup_name, name)
            for name in ("", "config.json", f"../{BACKUP}", BACKUP.replace("0131", "1399"))
        ],
    ],
)
def test_other_values_are_refused(validate: Callable[[str], str], given_text: str) -> None:
    """Every other value raises an error of the input group, which says why."""
    with pytest.raises(InvalidInputError) as refused:
        validate(given_text)

    assert str(refused.value)


def test_keys_and_folders_are_told_apart() -> None:
    """The second value says whether it is a key; strictly, folders are refused."""
    assert validate_series_key_or_folder("one-piece") == ("one-piece", True)
    folder = "Attack on Titan (2013)"
    assert validate_series_key_or_folder(folder) == (folder, False)
    with pytest.raises(InvalidInputError):
        validate_series_key_or_folder(folder, allow_folder=False)
    for unsafe in ("", "..", "a/b", "../x", "a\0b"):
        with pytest.raises(InvalidInputError):
            validate_series_key_or_folder(unsafe)


@pytest.mark.parametrize(
    ("start", "end"), [(0, 1), (1, 1001), (5, 4), (-3, 2), (True, 2), ("1", 2)]
)
def test_episode_ranges(start: int, end: int) -> None:
    """A range lies within 1 to 1000 and counts upwards."""
    assert validate_episode_range(1, 1000) == (1, 1000)
    assert validate_episode_range(3, 3) == (3, 3)
    with pytest.raises(InvalidInputError):
        validate_episode_range(start, end)


def test_configurations() -> None:
    """A partial document is completed; every mistake of a bad one is listed."""
    assert validate_config_data({"name": "Attic"}).name == "Attic"
    bad = {"name": "", "downloads": {"concurrent": 0}}
    with pytest.raises(InvalidConfigError) as refused:
        validate_config_data(bad)
    assert [pointer for pointer, _ in refused.value.problems] == ["/name", "/downloads/concurrent"]


_ONE_ARGUMENT = sorted(set(validators.__all__) - {"validate_episode_range"})


@pytest.mark.parametrize("name", _ONE_ARGUMENT)
@given(value=st.one_of(st.text(max_size=50), st.none(), st.integers(), st.binary(max_size=5)))
def test_no_value_breaks_a_validator(name: str, value: object) -> None:
    """Whatever is given, the validator returns or raises an error of the input group."""
    validate: Callable[[object], object] = getattr(validators, name)
    with contextlib.suppress(InvalidInputError):
        validate(value)
