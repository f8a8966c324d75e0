"""Choose the file of an episode among several: by language, then by quality."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from aniworld_core.domain.library.entry_rules import media_suffix
from aniworld_core.domain.media import Language
from aniworld_core.messages import Message

_HEIGHT: Final = re.compile(
    r"(?<![^\W_])(?:(\d{3,4})[pi]|\d{3,4}x(\d{3,4})|(4k|uhd))(?![^\W_])", re.IGNORECASE | re.ASCII
)
_UHD: Final = 2160
#: Ends of the names of an episode in several files, as Jellyfin, Plex and Kodi document them.
_PART: Final = re.compile(r"[-._ ](?:part|pt|cd|dis[ck])[-._ ]?([0-9]{1,2})\Z", re.IGNORECASE)


@attrs.frozen(kw_only=True)
class VersionTraits:
    """What decides between files of the same episode.

    Attributes:
        file: Stored path.
        language: Language, if it is known.
        height: Picture height in lines, if it is known.
        version: Release version; `v2` replaces `v1`.
        part: Number of the part, if the episode is in several files; otherwise 0.
        count: Number of episodes in the file.
        size: Size in bytes.
        is_pinned: Whether a person chose this file.
        is_current: Whether it is the file of the episode so far.
        is_opaque: Whether it cannot be inspected.
    """

    file: str
    language: Language | None = None
    height: int | None = None
    version: int = 1
    part: int = 0
    count: int = 1
    size: int = 0
    is_pinned: bool = False
    is_current: bool = False
    is_opaque: bool = False


def best_version(files: Sequence[VersionTraits], wanted: Sequence[Language]) -> VersionTraits:
    """Return the file that represents the episode.

    A pinned file first; then the language that stands first in the policy, unknown languages
    behind the listed ones; then the taller picture, the newer release, a file that can be
    inspected, the first part, the file so far, a file with fewer episodes, and the larger file.

    Args:
        files: At least one file.
        wanted: Languages of the policy, preferred first.
    """
    ranks = {language: rank for rank, language in enumerate(wanted)}
    return min(files, key=lambda one: _rank(one, ranks))


def height_in_name(name: str) -> int | None:
    """Return the picture height that a file name states (`1080p`, `1920x1080`, `4K`)."""
    match = _HEIGHT.search(name)
    if match is None:
        return None
    return _UHD if match[3] else int(match[1] or match[2])


def part_in_name(name: str) -> int:
    """Return the part that a file name ends with (`-part2`, `.cd1`); 0 if it names none."""
    match = _PART.search(name.removesuffix(media_suffix(name)))
    return 0 if match is None else int(match[1])


def reason_of_version(path: str) -> Message:
    """Return why a file is not the file of its episode."""
    part = part_in_name(path)
    if part > 1:
        return Message("file_further_part", part=part)
    return Message("file_other_version")


def _rank(one: VersionTraits, ranks: Mapping[Language, int]) -> tuple[object, ...]:
    # An unknown language may be a wanted one; a known one outside the policy is not.
    language = len(ranks) if one.language is None else ranks.get(one.language, len(ranks) + 1)
    return (
        not one.is_pinned,
        language,
        -(one.height or 0),
        -one.version,
        one.is_opaque,
        one.part,
        not one.is_current,
        one.count,
        -one.size,
        one.file,
    )
