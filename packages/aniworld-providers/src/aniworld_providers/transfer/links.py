"""URLs in manifests: resolved against the manifest's own URL, with limits on their length."""

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

#: Longest URL in characters; signed URLs are much shorter.
MAX_LINK: Final = 16 * 1024
#: Most characters in all URLs of one track.
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
        raise OtherKindError(OtherKind(what=Message("content_media"), kind=StreamKind.DIRECT))
    found = manifest_of(head)
    if found is not None and found != kind:
        raise OtherKindError(OtherKind(what=Message("content_playlist"), kind=StreamKind(found)))


def absolute(base: str, reference: str) -> str:
    """Resolve a URL of a manifest.

    Raises:
        BadPlaylistError: If it is too long or not an http(s) URL.
    """
    _require_length(base, reference)
    try:
        url = urljoin(base, reference.strip())
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError as error:
        raise BadPlaylistError(Message("points_at_no_address", raw=reference[:80])) from error
    if parts.scheme.lower() not in {"http", "https"} or not host:
        raise BadPlaylistError(Message("points_at_no_http", raw=reference[:80]))
    return url


def is_inline(url: str) -> bool:
    """Whether a URL contains its content (`data:`, RFC 2397)."""
    return url[: len(_INLINE)].lower() == _INLINE


def inline_content(url: str) -> bytes:
    """Return the content of a `data:` URL.

    Raises:
        BadMediaError: If the URL is invalid.
    """
    head, comma, body = url.partition(",")
    if not comma or not is_inline(head):
        raise BadMediaError(Message("data_url_invalid"))
    raw = _QUOTED.sub(lambda match: bytes.fromhex(match[1].decode()), body.encode())
    if not head.lower().replace(" ", "").endswith(";base64"):
        return raw
    try:
        return base64.b64decode(raw, validate=True)
    except binascii.Error as error:
        raise BadMediaError(Message("data_url_invalid")) from error


@attrs.define(eq=False)
class Links:
    """Resolve the URLs of one track within a limit on their total length."""

    base: str
    _left: int = MAX_LINKS

    def media(self, reference: str) -> str:
        """Resolve the URL of a segment or initialisation section; return a `data:` URL as it is.

        Raises:
            BadPlaylistError: If `absolute` raises it, or if the URLs of the track are too long in
                total.
        """
        text = reference.strip()
        return self.counted(text if is_inline(text) else absolute(self.base, text))

    def counted(self, url: str) -> str:
        """Count a resolved URL against the limit.

        Raises:
            BadPlaylistError: If the URLs of the track are too long in total.
        """
        self._left -= len(url)
        if self._left < 0:
            raise BadPlaylistError(Message("urls_too_long", limit=MAX_LINKS))
        return url


def _require_length(base: str, reference: str) -> None:
    if len(base) > MAX_LINK or len(reference) > MAX_LINK:
        raise BadPlaylistError(Message("url_too_long", limit=MAX_LINK))
