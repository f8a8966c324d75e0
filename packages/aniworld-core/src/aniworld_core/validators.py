"""Validators with the names of the former program, based on the parsers of the domain.

Each returns the checked value or raises an `InvalidInputError` with the broken rule. New code calls
the parsers; these names are for programs written for the former program.
"""

from typing import Final

from aniworld_core.application.configuration import config_from_document
from aniworld_core.domain.configuration import Config, parse_backup_name
from aniworld_core.domain.identity import (
    FolderName,
    SeriesKey,
    parse_series_key,
    parse_series_name,
)
from aniworld_core.domain.library import former_series_link, safe_component
from aniworld_core.domain.media import Quality, parse_language, parse_quality
from aniworld_core.errors import (
    InvalidEpisodeError,
    InvalidInputError,
    InvalidKeyError,
    UnsafePathError,
)
from aniworld_core.messages import Message, clipped

__all__ = [
    "sanitize_filename",
    "validate_anime_url",
    "validate_backup_name",
    "validate_config_data",
    "validate_download_quality",
    "validate_episode_range",
    "validate_language",
    "validate_series_key",
    "validate_series_key_or_folder",
    "validate_series_name",
]

#: Largest episode number of a range.
MAX_RANGE_EPISODE: Final = 1000


def validate_series_key(key: str) -> SeriesKey:
    """Check the format of a series key: lowercase letters, digits and single hyphens.

    Raises:
        InvalidKeyError: If it breaks a rule.
    """
    return parse_series_key(_text(key))


def validate_series_key_or_folder(
    identifier: str,
    allow_folder: bool = True,  # noqa: FBT001, FBT002 - the former signature
) -> tuple[SeriesKey | FolderName, bool]:
    """Check a key or, for old clients, a folder name.

    Args:
        identifier: The key or folder name.
        allow_folder: Whether a folder name is accepted.

    Returns:
        The identifier, and whether it has the format of a key.

    Raises:
        InvalidKeyError: If it is not a key and folders are not allowed.
        UnsafePathError: If it is neither a key nor the name of a single folder.
    """
    try:
        return parse_series_key(_text(identifier)), True
    except InvalidKeyError:
        if not allow_folder:
            raise
    if safe_component(identifier, max_bytes=255) != identifier:
        raise UnsafePathError(identifier, Message("neither_key_nor_folder"))
    return FolderName(identifier), False


def validate_series_name(name: str) -> str:
    """Return a display name of a series without surrounding spaces.

    Raises:
        InvalidNameError: If it is empty, longer than 200 characters, or holds control characters.
    """
    return parse_series_name(_text(name))


def validate_episode_range(start: int, end: int) -> tuple[int, int]:
    """Check a range of episode numbers, both ends included.

    Returns:
        The range as given.

    Raises:
        InvalidEpisodeError: If a number is not 1 to 1000, or the range counts backwards.
    """
    for number in (start, end):
        if isinstance(number, bool) or not isinstance(number, int):
            raise InvalidInputError(Message("not_whole_number", raw=clipped(repr(number))))
        if not 1 <= number <= MAX_RANGE_EPISODE:
            raise InvalidEpisodeError(str(number), Message("range_limits", most=MAX_RANGE_EPISODE))
    if end < start:
        raise InvalidEpisodeError(f"{start}-{end}", Message("range_backwards"))
    return start, end


def validate_download_quality(quality: str) -> Quality:
    """Read a quality: `best`, `worst`, `360p`, `480p`, `720p` or `1080p`, ignoring case.

    Returns:
        The quality, which equals its text.

    Raises:
        InvalidQualityError: If it is another one.
    """
    return parse_quality(_text(quality))


def validate_language(language: str) -> str:
    """Return the code of a language such as `ger-sub` or `ger-dub`, ignoring case.

    Raises:
        InvalidLanguageError: If it is neither a known name nor a language tag.
    """
    return parse_language(_text(language)).code


def validate_anime_url(url: str) -> str:
    """Check a link to a series on aniworld.to or s.to.

    Returns:
        The link without surrounding spaces.

    Raises:
        InvalidLinkError: If it is no link, belongs to another site, or names no series.
    """
    former_series_link(_text(url))
    return url.strip()


def validate_backup_name(name: str) -> str:
    """Check the file name of a configuration backup, `config-YYYYMMDDTHHMMSS.ffffffZ.json`.

    Raises:
        InvalidNameError: If it is not such a name.
    """
    parse_backup_name(_text(name))
    return name


def validate_config_data(data: object) -> Config:
    """Check a configuration document, partial or whole.

    Returns:
        The configuration, completed with defaults.

    Raises:
        InvalidConfigError: If values have the wrong type or range; all of them are listed.
    """
    return config_from_document(data)


def sanitize_filename(filename: str) -> str:
    """Return a text as a name that every common file system accepts as one file or folder.

    See `aniworld_core.domain.library.safe_names.safe_component` for the rules.
    """
    return safe_component(_text(filename))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise InvalidInputError(Message("text_needed", found=type(value).__name__))
    return value
