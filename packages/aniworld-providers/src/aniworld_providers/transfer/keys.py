"""AES-128 keys of HLS (RFC 8216 section 4.3.2.4): reading them, and decrypting with them."""

import binascii
from typing import TYPE_CHECKING, Final

from aniworld_core.errors import BadMediaError
from aniworld_providers.transfer.manifest_links import inline_content

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import AEADDecryptionContext, CipherContext

_KEY_BYTES: Final = 16
_BLOCK: Final = 16
#: Largest answer to a request for a key that is looked at.
MAX_KEY_ANSWER: Final = 64 * 1024


class WrongKeyError(BadMediaError):
    """Bytes that do not come out right with their key."""


def read_key(answer: bytes) -> bytes:
    """Find the 16 bytes of a key in what a server sent.

    Some servers write it as 32 hexadecimal digits or put a line break behind it.

    Raises:
        BadMediaError: If it is no key.
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
    raise BadMediaError(f"its key has {len(answer)} bytes instead of {_KEY_BYTES}")


def inline_key(url: str) -> bytes:
    """Read a key out of a `data:` link (RFC 2397).

    Raises:
        BadMediaError: If it holds none.
    """
    return read_key(inline_content(url))


class SegmentDecryptor:
    """Undoes AES-128-CBC with PKCS#7 padding, piece by piece."""

    def __init__(self, key: bytes, iv: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        self._context: CipherContext | AEADDecryptionContext = Cipher(
            algorithms.AES(key), modes.CBC(iv)
        ).decryptor()
        self._last = b""
        self._received = 0
        self._room = memoryview(b"")

    def update(self, data: bytes | memoryview) -> list[bytes | memoryview]:
        """Decrypt the next bytes; the last block is held back, it may be padding.

        What is returned is good until the next call.
        """
        self._received += len(data)
        if len(self._room) < len(data) + _BLOCK:
            self._room = memoryview(bytearray(len(data) + _BLOCK))
        count = self._context.update_into(data, self._room)
        if not count:
            return []
        # Whole blocks come out, so there is always one to hold back; views spare a copy.
        view = self._room[:count]
        ready: list[bytes | memoryview] = [self._last, view[:-_BLOCK]]
        self._last = bytes(view[-_BLOCK:])
        return [piece for piece in ready if len(piece)]

    def finish(self) -> bytes:
        """Return what is left, without the padding.

        Raises:
            WrongKeyError: If the padding is wrong, as it is with a wrong key.
        """
        if self._received == 0 or self._received % _BLOCK:
            raise WrongKeyError(f"{self._received} encrypted bytes are no whole blocks")
        self._context.finalize()
        count = self._last[-1]
        if not 1 <= count <= _BLOCK or self._last[-count:] != bytes([count]) * count:
            raise WrongKeyError("it cannot be decrypted with its key")
        return self._last[:-count]
