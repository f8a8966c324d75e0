"""Make a file name for a link."""

from typing import Final
from urllib.parse import unquote, urlsplit

from aniworld_core.domain.library.entry_rules import VIDEO_SUFFIXES
from aniworld_core.domain.library.safe_names import safe_component

_MANIFESTS: Final = frozenset({".m3u8", ".m3u", ".mpd"})


def link_file_name(url: str) -> str:
    """Return a safe file name from the last part of a link's path.

    The query is ignored, so a link with a new signature gives the same name. `.mp4` is appended
    to a name without a video suffix.

    Args:
        url: Any link; the host becomes the name if there is no path.
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return "link.mp4"
    segments = [segment for segment in parts.path.split("/") if segment.strip()]
    name = unquote(segments[-1] if segments else parts.netloc.rpartition("@")[2])
    stem, dot, ending = name.rpartition(".")
    suffix = f"{dot}{ending}".lower()
    if stem and suffix in VIDEO_SUFFIXES:
        return safe_component(stem, fallback="link") + suffix
    return safe_component(stem if stem and suffix in _MANIFESTS else name, fallback="link") + ".mp4"
