"""The comment at the end of an NFO file by which the program knows its own files.

The comment holds the SHA-256 of everything before it. A file whose comment still fits was written
by this program and was not changed since; any other file belongs to somebody else. The comment of
`tvshow.nfo` also holds the digests of the pictures of the series, that of an episode those of its
thumb and of the source of the thumb.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Final

#: Largest NFO file that is read; a longer one is somebody else's.
MAX_NFO_BYTES: Final = 1 << 20
_DECLARATION: Final = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MARK: Final = re.compile(
    rb"<!-- aniworld ([0-9a-f]{64})((?: [a-z0-9.-]{1,60}=[0-9a-f]{64}){0,300}) -->\n\Z"
)
#: Longest comment at the end of a file.
_MARK_BYTES: Final = 40_000


def marked(body: bytes, pictures: Mapping[str, str]) -> bytes:
    """Return a document with declaration and comment.

    Args:
        body: The elements.
        pictures: Name → SHA-256 of the pictures that belong to the file.
    """
    content = _DECLARATION + body
    named = "".join(f" {name}={digest}" for name, digest in sorted(pictures.items())).encode(
        "ascii"
    )
    digest = hashlib.sha256(content + named).hexdigest().encode("ascii")
    return content + b"<!-- aniworld " + digest + named + b" -->\n"


def is_own_nfo(content: bytes) -> bool:
    """Return whether this program wrote the file and nobody changed it since."""
    match = _MARK.search(content, max(0, len(content) - _MARK_BYTES))
    if match is None:
        return False
    return hashlib.sha256(content[: match.start()] + match[2]).hexdigest().encode() == match[1]


def own_pictures(content: bytes) -> dict[str, str]:
    """Return the pictures that an own NFO file names: name → SHA-256."""
    match = _MARK.search(content, max(0, len(content) - _MARK_BYTES))
    if match is None or not is_own_nfo(content):
        return {}
    pairs = (pair.partition("=") for pair in match[2].decode("ascii").split())
    return {name: digest for name, _, digest in pairs}
