"""Inputs for libav whose errors PyAV reports once, instead of as tracebacks on stderr.

PyAV keeps one exception of a read or seek until libav returns. If another one comes before that, it
prints the first with its traceback and drops it.
"""

import errno
from typing import BinaryIO, Protocol

import attrs


class Readable(Protocol):
    """Something with `read`."""

    def read(self, size: int, /) -> bytes:
        """Return up to *size* bytes."""
        ...


@attrs.define(eq=False)
class LibavInput:
    """Bytes in order. A failed read raises once; later ones return nothing."""

    _source: Readable
    _has_failed: bool = attrs.field(default=False, init=False)

    def read(self, size: int, /) -> bytes:
        """Return up to *size* bytes, none at the end and after a failure."""
        if self._has_failed:
            return b""
        try:
            return self._source.read(size)
        except BaseException:
            self._has_failed = True
            raise


@attrs.define(eq=False)
class LibavFile(LibavInput):
    """A file. Damaged media name impossible positions; a seek to one returns an error code."""

    _source: BinaryIO

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move to a position and return it, or a negative error code as libav expects it."""
        try:
            return self._source.seek(offset, whence)
        except (OSError, OverflowError, ValueError):
            return -errno.EINVAL

    def tell(self) -> int:
        """Return the position."""
        return self._source.tell()
