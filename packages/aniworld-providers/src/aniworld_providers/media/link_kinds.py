"""Format of a media link by the suffix of its path."""

from typing import Final
from urllib.parse import unquote, urlsplit

from aniworld_core.domain.media import StreamKind

_MANIFESTS: Final = {"m3u8": StreamKind.HLS, "m3u": StreamKind.HLS, "mpd": StreamKind.DASH}
_FILES: Final = frozenset(
    (
        *("mp4", "m4v", "mkv", "webm", "ts", "m2ts", "avi", "mov", "mpg", "mpeg"),
        *("ogv", "ogm", "flv", "wmv", "asf"),
    )
)


def kind_by_suffix(link: str) -> StreamKind | None:
    """Return the format of an http link whose path ends like a video or a manifest."""
    try:
        parts = urlsplit(link.strip())
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
        return None
    suffix = suffix_of(parts.path)
    if suffix in _MANIFESTS:
        return _MANIFESTS[suffix]
    return StreamKind.DIRECT if suffix in _FILES else None


def suffix_of(path: str) -> str:
    """Return the suffix of the last name of a link's path, in lower case without its dot."""
    _, dot, suffix = unquote(path).rpartition("/")[2].rpartition(".")
    return suffix.lower() if dot else ""
