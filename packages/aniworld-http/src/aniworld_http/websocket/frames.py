"""WebSocket frames, made once for all clients (RFC 6455 section 5.2).

aiohttp makes a frame for each client and waits for each. Frames of a server are not masked, and
these are not compressed, so all clients can get the same bytes.
"""

import struct
from typing import Final

_FINAL: Final = 0x80
_TEXT: Final = 0x1
_PONG: Final = 0xA
#: Lengths up to 125 stand in the second byte; 126 and 127 say that two or eight bytes follow.
_SHORT: Final = 125
_TWO_BYTES: Final = 126
_EIGHT_BYTES: Final = 127


def text_frame(payload: bytes) -> bytes:
    """Return a text frame of UTF-8 bytes."""
    return _frame(_TEXT, payload)


def pong_frame(payload: bytes) -> bytes:
    """Return a pong frame with the *payload* of the ping, at most 125 bytes."""
    return _frame(_PONG, payload)


def _frame(opcode: int, payload: bytes) -> bytes:
    length = len(payload)
    if length <= _SHORT:
        head = struct.pack("!BB", _FINAL | opcode, length)
    elif length < 1 << 16:
        head = struct.pack("!BBH", _FINAL | opcode, _TWO_BYTES, length)
    else:
        head = struct.pack("!BBQ", _FINAL | opcode, _EIGHT_BYTES, length)
    return head + payload
