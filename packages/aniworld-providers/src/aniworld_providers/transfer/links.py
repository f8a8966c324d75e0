"""Links in manifests: resolved against the manifest's own address, with limits on length."""

import base64
import binascii
import re
from typing import Final
from urllib.parse import urljoin, urlsplit

import attrs

from aniworld_core.domain.media import StreamKind
from aniworld_core.errors import BadMediaError, BadPlaylistError
from aniworld_core.messages import Message
from aniworld_core.ports.fetcher import OtherKind
from aniworld_providers.media.probe.sniff import container_of, manifest_of

#: Longest link in characters; signed links stay far below.
MAX_LINK: Final = 16 * 1024
#: Most characters that all links of one track may have together.
MAX_LINKS: Final = 64 * 1024 * 1024
_INLINE: Final = "data:"
_QUOTED = re.compile(rb"%([0-9A-Fa-f]{2})")


class OtherKindError(BadMediaError):
    """A link leads to another kind of media, a manifest or a page; fetchers return its value."""

    def __init__(self, found: OtherKind) -> None:
        super().__init__(Message("other_content", what=found.what))
        self.found = found


def require_kind(head: bytes, kind: StreamKind) -> None:
    """Check by the first bytes of a manifest that it is no media file and no other manifest.

    Raises:
        OtherKindError: If it is one.
    """
    if container_of(head) is not None:
        raise OtherKindError(OtherKind(what="a media file", kind=StreamKind.DIRECT))
    found = manifest_of(head)
    if found is not None and found != kind:
        raise OtherKindError(OtherKind(what="a playlist", kind=StreamKind(found)))


def absolute(base: str, reference: str) -> str:
    """Resolve a link of a manifest.

    Raises:
        BadPlaylistError: If it is too long or leads to anything but an http(s) address.
    """
    _require_length(base, reference)
    try:
        url = urljoin(base, reference.strip())
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError as error:
        raise BadPlaylistError(f"it points at {reference[:80]!r}") from error
    if parts.scheme.lower() not in {"http", "https"} or not host:
        raise BadPlaylistError(f"it points at {reference[:80]!r}, which is no web address")
    return url


def is_inline(url: str) -> bool:
    """Whether a link holds its own content (`data:`, RFC 2397)."""
    return url[: len(_INLINE)].lower() == _INLINE


def inline_content(url: str) -> bytes:
    """Return the content of a `data:` link.

    Raises:
        BadMediaError: If it holds none.
    """
    head, comma, body = url.partition(",")
    if not comma or not is_inline(head):
        raise BadMediaError("a data: link is broken")
    raw = _QUOTED.sub(lambda match: bytes.fromhex(match[1].decode()), body.encode())
    if not head.lower().replace(" ", "").endswith(";base64"):
        return raw
    try:
        return base64.b64decode(raw, validate=True)
    except binascii.Error as error:
        raise BadMediaError("a data: link is broken") from error


@attrs.define(eq=False)
class Links:
    """Resolves the links of one track within one limit on their total length."""

    base: str
    _left: int = MAX_LINKS

    def media(self, reference: str) -> str:
        """Resolve the link of a segment or section; one that holds its content stays as it is.

        Raises:
            BadPlaylistError: If `absolute` raises it, or if all links together are too long.
        """
        text = reference.strip()
        return self.counted(text if is_inline(text) else absolute(self.base, text))

    def counted(self, url: str) -> str:
        """Count a resolved link against the limit.

        Raises:
            BadPlaylistError: If all links together are too long.
        """
        self._left -= len(url)
        if self._left < 0:
            raise BadPlaylistError(f"its links have more than {MAX_LINKS} characters")
        return url


def _require_length(base: str, reference: str) -> None:
    if len(base) > MAX_LINK or len(reference) > MAX_LINK:
        raise BadPlaylistError(f"a link has more than {MAX_LINK} characters")
