"""AES-128 keys of HLS (RFC 8216 section 4.3.2.4): reading them, and decrypting with them."""

import binascii
from typing import TYPE_CHECKING, Final

from aniworld_core.errors import BadMediaError
from aniworld_core.messages import Message
from aniworld_providers.transfer.links import inline_content

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography.hazmat.primitives.ciphers import AEADDecryptionContext, CipherContext

_KEY_BYTES: Final = 16
_BLOCK: Final = 16
#: Largest answer to a request for a key that is looked at.
MAX_KEY_ANSWER: Final = 64 * 1024


#: Bytes held back at the end of an encrypted segment by default.
HELD_BYTES: Final = 4096


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
    """Decrypts AES-128-CBC with PKCS#7 padding, piece by piece.

    Args:
        key: The 16 bytes of the key.
        iv: The initialisation vector.
        held: Bytes held back until the end, at least one block: the end of the media may lie in
            them, in front of the padding and of whatever a server puts behind it.
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
        """Decrypt the next bytes; the last ones are held back, they may be padding.

        What is returned is good until the next call.
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
            # Views spare a copy.
            ready = [self._last, view[: -self._held]]
            self._last = bytes(view[-self._held :])
        return [piece for piece in ready if len(piece)]

    def finish(self) -> bytes:
        """Return what is left, without the padding.

        Raises:
            WrongKeyError: If the padding is wrong, as it is with a wrong key.
        """
        if self._received == 0 or self._received % _BLOCK:
            raise WrongKeyError(f"{self._received} encrypted bytes are no whole blocks")
        if not (end := _unpadded(self._last)):
            raise WrongKeyError(Message("cannot_decrypt"))
        return self._last[: end - 1]

    def ends(self) -> "Iterator[bytes]":
        """Yield what may be left in front of a padding, the longest first.

        Servers put bytes behind the padded blocks. A candidate is right only if the media end
        with it, because a byte of noise often looks like padding.
        """
        blocks = len(self._last) // _BLOCK
        for end in range(blocks * _BLOCK, 0, -_BLOCK):
            if found := _unpadded(self._last[:end]):
                yield self._last[: found - 1]


def _unpadded(blocks: bytes) -> int:
    """Return one more than the length of *blocks* without their padding, 0 if they have none."""
    count = blocks[-1] if blocks else 0
    if not 1 <= count <= _BLOCK or blocks[-count:] != bytes([count]) * count:
        return 0
    return len(blocks) - count + 1
