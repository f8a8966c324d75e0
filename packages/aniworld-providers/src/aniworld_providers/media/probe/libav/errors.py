"""Texts of libav errors, without the paths, numbers and log lines that PyAV puts into them."""

import errno
from typing import Final

from aniworld_core.messages import Message

#: What PyAV raises for impossible positions and values, besides `av.error.FFmpegError`.
_DAMAGE: Final[tuple[type[Exception], ...]] = (EOFError, OverflowError, UnicodeError)
_BROKEN: Final = Message("structure_broken")


def damage_reason(error: BaseException) -> Message:
    """Return the reason for media that libav cannot read."""
    return Message("damaged_by", detail=libav_text(error))


def libav_text(error: BaseException) -> str:
    """Return the text of an error of libav or PyAV.

    Their `str` has the number, the text, the path of the file and the last line of the log.
    """
    # libav reports an impossible size as the end of the file, or as a failure to read it.
    code = getattr(error, "errno", None)
    if isinstance(error, _DAMAGE) or code == errno.EIO:
        return _BROKEN
    text = getattr(error, "strerror", None)
    if isinstance(text, str) and text:
        return text.lower()
    return type(error).__name__ if isinstance(error, OSError) else str(error)
