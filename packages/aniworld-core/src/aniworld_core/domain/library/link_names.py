"""A file name for what a link leads to."""

from typing import Final
from urllib.parse import unquote, urlsplit

from aniworld_core.domain.library.file_names.patterns import VIDEO_SUFFIXES
from aniworld_core.domain.library.safe_names import safe_component

_MANIFESTS: Final = frozenset({".m3u8", ".m3u", ".mpd"})


def link_file_name(url: str) -> str:
    """Return a harmless file name made of the last part of a link's path.

    The query has no say, so that a link that was signed anew gives the same name. A suffix that
    is not one of video becomes part of the name, and `.mp4` follows it.

    Args:
        url: Any link; one without a path is named after its host.
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
