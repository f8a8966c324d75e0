"""Files that belong to a video: subtitles, NFO, thumbnail, external audio."""

import re
from collections.abc import Mapping, Sequence

from aniworld_core.domain.library.entry_rules import is_video_name, video_suffix

#: What follows the stem of the video in the name of a file that belongs to it.
_AFTER_STEM = re.compile(r"\.|-(?:thumb|fanart|poster|banner|landscape|clearlogo)\d*\.", re.I)
_UNFINISHED = re.compile(r"\.part(?:\.|$)", re.I)


def companions_of(names: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Return the other files of each video among the names of one folder.

    A file belongs to the video with the longest stem that its name starts with, followed by a dot
    or a kind of artwork. Hidden files and unfinished transfers belong to none.

    Returns:
        Name of each video → names of its companions, both sorted.
    """
    stems = {name.removesuffix(video_suffix(name)): name for name in names if is_video_name(name)}
    found: dict[str, list[str]] = {video: [] for video in sorted(stems.values())}
    for name in sorted(names):
        if name in found or name.startswith(".") or _UNFINISHED.search(name):
            continue
        owners = [stem for stem in stems if _belongs(name, stem)]
        if owners:
            found[stems[max(owners, key=len)]].append(name)
    return {video: tuple(others) for video, others in found.items()}


def _belongs(name: str, stem: str) -> bool:
    return name.startswith(stem) and _AFTER_STEM.match(name, len(stem)) is not None
