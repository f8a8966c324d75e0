"""The result of a structure walk, and the reader that all walks share."""

import os
from typing import Final

import attrs

#: Bytes behind the last element up to which a trailer counts as harmless where the container
#: does not say where its media end.
SMALL_TRAILER: Final = 64 * 1024
#: Most elements of one file; more are the work of somebody who wants to keep a processor busy.
MOST_ELEMENTS: Final = 5_000_000
_SEARCH_BYTES: Final = 1024 * 1024


@attrs.frozen(kw_only=True)
class Structure:
    """What the elements of a container show.

    Attributes:
        is_whole: Whether everything the container announces is there; `None` where it cannot tell.
        trailing: Bytes behind the last element that belong to none.
        fault: Where the chain of elements breaks, in words; `None` if it does not.
        protection: The scheme that encrypts the media, `None` if they are clear.
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
        """Return up to *size* bytes from *offset*."""
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


def broken_at(offset: int, what: str) -> str:
    """Return the words for a chain of elements that breaks."""
    return f"what stands at byte {offset} is no {what}"


def tail_of(reader: FileReader, end: int, what: str, *marks: bytes) -> Structure:
    """Judge the bytes behind the last element where nothing says how many elements there are.

    Args:
        reader: The file.
        end: Where the last element ends.
        what: What should stand there, for the message.
        marks: Bytes that begin further media; behind a break they prove that it is damage.
    """
    trailing = reader.size - end
    if trailing > SMALL_TRAILER or any(reader.find(mark, end) >= 0 for mark in marks):
        return Structure(is_whole=False, trailing=trailing, fault=broken_at(end, what))
    return Structure(trailing=trailing)
