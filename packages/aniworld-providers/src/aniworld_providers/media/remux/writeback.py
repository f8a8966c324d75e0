"""Lets the disk begin with a file that is still being written."""

import ctypes
import os
from pathlib import Path
from typing import Final

_WRITE: Final = 2  # SYNC_FILE_RANGE_WRITE of Linux: begin, and wait for nothing
#: How much is written in between; the disk works best with large pieces.
_EVERY: Final = 16 * 1024 * 1024


class Writeback:
    """Begins now and then what a sync at the end would have to wait for, where that is possible."""

    def __init__(self, path: Path) -> None:
        self._begin = getattr(ctypes.CDLL(None), "sync_file_range", None)
        self._fd = -1
        self._fresh = 0
        if self._begin is not None:
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def written(self, size: int) -> None:
        """Take note of bytes that were written."""
        self._fresh += size
        if self._fresh >= _EVERY:
            self.begin()

    def begin(self) -> None:
        """Begin with everything that was written so far."""
        self._fresh = 0
        if self._begin is not None and self._fd >= 0:
            zero = ctypes.c_int64(0)  # from the first byte to the last
            self._begin(ctypes.c_int(self._fd), zero, zero, ctypes.c_uint(_WRITE))

    def close(self) -> None:
        """Let go of the file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
