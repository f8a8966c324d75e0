"""The result of a structure walk, and the file reader of all walks."""

import os
from typing import Final

import attrs

from aniworld_core.messages import Message

#: Largest harmless trailer in bytes, in containers that do not declare the end of their media.
SMALL_TRAILER: Final = 64 * 1024
#: Most elements of one file; more are an attempt to keep the processor busy.
MOST_ELEMENTS: Final = 5_000_000
_SEARCH_BYTES: Final = 1024 * 1024


@attrs.frozen(kw_only=True)
class Structure:
    """The result of a structure walk.

    Attributes:
        is_whole: Whether everything that the container declares is there; `None` if unknown.
        trailing: Number of bytes behind the last element.
        fault: Description of a break between elements; `None` without one.
        protection: Encryption scheme; `None` for clear media.
    """

    is_whole: bool | None = None
    trailing: int = 0
    fault: str | None = None
    protection: str | None = None


@attrs.frozen
class FileReader:
    """Read-only access to an open file by position.

    Attributes:
        fd: The open file.
        size: Its size in bytes.
    """

    fd: int
    size: int

    def read(self, offset: int, size: int) -> bytes:
        """Return up to *size* bytes from *offset*; none behind the end."""
        if offset >= self.size:
            return b""
        return os.pread(self.fd, size, offset)

    def find(self, needle: bytes, start: int) -> int:
        """Return the offset of *needle* at or behind *start*, -1 without one."""
        at, kept = start, b""
        while block := self.read(at, _SEARCH_BYTES):
            found = (kept + block).find(needle)
            if found >= 0:
                return at - len(kept) + found
            at += len(block)
            kept = block[-len(needle) + 1 :]
        return -1


def broken_at(offset: int, element: str) -> Message:
    """Return the description of a break between elements.

    Args:
        offset: Where the next element should begin.
        element: Name of the element in the specification of the container.
    """
    return Message("element_missing", element=element, place=offset)


def tail_of(reader: FileReader, end: int, what: str, *marks: bytes) -> Structure:
    """Check the bytes behind the last element if the container does not declare the end.

    Args:
        reader: The file.
        end: End of the last element.
        what: Expected element, for the message.
        marks: First bytes of further media; behind a break they prove that it is damage.
    """
    trailing = reader.size - end
    if trailing > SMALL_TRAILER or any(reader.find(mark, end) >= 0 for mark in marks):
        return Structure(is_whole=False, trailing=trailing, fault=broken_at(end, what))
    return Structure(trailing=trailing)
