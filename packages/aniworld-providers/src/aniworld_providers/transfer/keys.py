"""AES-128 keys of HLS (RFC 8216 section 4.3.2.4): parse and cache keys, decrypt segments."""

import binascii
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

import anyio
import attrs

from aniworld_core.errors import BadMediaError
from aniworld_core.messages import Message
from aniworld_providers.transfer.links import inline_content, is_inline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography.hazmat.primitives.ciphers import AEADDecryptionContext, CipherContext

_KEY_BYTES: Final = 16
_BLOCK: Final = 16
#: Largest response to a key request, in bytes.
MAX_KEY_ANSWER: Final = 64 * 1024
#: Bytes to hold back at the end of an encrypted segment by default.
HELD_BYTES: Final = 4096


class WrongKeyError(BadMediaError):
    """Encrypted bytes that cannot be decrypted with their key."""


def read_key(answer: bytes) -> bytes:
    """Return the 16 bytes of a key from a server's response.

    Some servers send 32 hexadecimal digits or append a line break.

    Raises:
        BadMediaError: If the response is not a key.
    """
    if len(answer) == _KEY_BYTES:
        return bytes(answer)
    stripped = answer.strip(b"\r\n \t\xef\xbb\xbf")
    if len(stripped) == 2 * _KEY_BYTES:
        try:
            return binascii.unhexlify(stripped)
        except binascii.Error:
            pass
    for ending in (b"\r\n", b"\n", b"\r"):
        if answer.endswith(ending) and len(answer) == _KEY_BYTES + len(ending):
            return bytes(answer[:_KEY_BYTES])
    raise BadMediaError(Message("key_wrong_size", actual=len(answer), expected=_KEY_BYTES))


def inline_key(url: str) -> bytes:
    """Return the key in a `data:` URL (RFC 2397).

    Raises:
        BadMediaError: If the URL holds no key.
    """
    return read_key(inline_content(url))


@attrs.define(eq=False)
class KeyCache:
    """Fetch each key of one transfer once and keep it by its URL.

    Args:
        fetch: Fetches and parses the key at an http(s) URL.
    """

    _fetch: Callable[[str], Awaitable[bytes]]
    _keys: dict[str, bytes] = attrs.Factory(dict)
    _lock: anyio.Lock = attrs.Factory(anyio.Lock)

    async def key_at(self, url: str | None) -> bytes | None:
        """Return the key at *url*; `None` without a URL, which means clear media.

        Raises:
            BadMediaError: If the response is not a key.
            What *fetch* raises.
        """
        if url is None:
            return None
        async with self._lock:
            if url not in self._keys:
                self._keys[url] = inline_key(url) if is_inline(url) else await self._fetch(url)
            return self._keys[url]

    def discard(self, url: str | None) -> None:
        """Drop the key at *url*, so that the next call fetches it again."""
        if url is not None:
            self._keys.pop(url, None)


class SegmentDecryptor:
    """Decrypt AES-128-CBC with PKCS#7 padding, piece by piece.

    Args:
        key: The 16 bytes of the key.
        iv: The initialisation vector.
        held: Bytes to hold back until the end, at least one block: the media may end within them,
            before the padding and any bytes that a server appends.
    """

    def __init__(self, key: bytes, iv: bytes, *, held: int = HELD_BYTES) -> None:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        self._context: CipherContext | AEADDecryptionContext = Cipher(
            algorithms.AES(key), modes.CBC(iv)
        ).decryptor()
        self._held = held
        self._last = b""
        self._received = 0
        self._room = memoryview(b"")

    def update(self, data: bytes | memoryview) -> list[bytes | memoryview]:
        """Decrypt the next bytes and hold back the last ones, which may be padding.

        The returned views are valid until the next call.
        """
        self._received += len(data)
        if len(self._room) < len(data) + _BLOCK:
            self._room = memoryview(bytearray(len(data) + _BLOCK))
        count = self._context.update_into(data, self._room)
        view = self._room[:count]
        if count < self._held:
            together = self._last + bytes(view)
            cut = max(len(together) - self._held, 0)
            ready: list[bytes | memoryview] = [together[:cut]]
            self._last = together[cut:]
        else:
            # Views save a copy.
            ready = [self._last, view[: -self._held]]
            self._last = bytes(view[-self._held :])
        return [piece for piece in ready if len(piece)]

    def finish(self) -> bytes:
        """Return the held bytes without the padding.

        Raises:
            WrongKeyError: If the padding is invalid, as with a wrong key.
        """
        if self._received == 0 or self._received % _BLOCK:
            raise WrongKeyError(Message("encrypted_size", size=self._received, block=_BLOCK))
        if not (end := _unpadded(self._last)):
            raise WrongKeyError(Message("cannot_decrypt"))
        return self._last[: end - 1]

    def ends(self) -> "Iterator[bytes]":
        """Yield possible ends of the media before a padding, the longest first.

        Some servers append bytes behind the padded blocks. A candidate is right only if the media
        end with it, because random bytes often look like padding.
        """
        blocks = len(self._last) // _BLOCK
        for end in range(blocks * _BLOCK, 0, -_BLOCK):
            if found := _unpadded(self._last[:end]):
                yield self._last[: found - 1]


def _unpadded(blocks: bytes) -> int:
    """Return the length without padding plus one; 0 if there is no valid padding."""
    count = blocks[-1] if blocks else 0
    if not 1 <= count <= _BLOCK or blocks[-count:] != bytes([count]) * count:
        return 0
    return len(blocks) - count + 1
