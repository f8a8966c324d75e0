"""Start writing a growing file to the disk before it is synced."""

import ctypes
import os
from pathlib import Path
from typing import Final

_WRITE: Final = 2  # SYNC_FILE_RANGE_WRITE of Linux: start the writes, wait for none
#: Bytes between two starts; the disk works best with large pieces.
_EVERY: Final = 16 * 1024 * 1024


def start_writeback(fd: int) -> None:
    """Start writing all dirty pages of a file without waiting; do nothing outside of Linux."""
    start = getattr(ctypes.CDLL(None), "sync_file_range", None)
    if start is not None:
        zero = ctypes.c_int64(0)  # from the first byte to the last
        start(ctypes.c_int(fd), zero, zero, ctypes.c_uint(_WRITE))


class Writeback:
    """Call `start_writeback` after every 16 MiB that were written to a file."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._fresh = 0

    def written(self, size: int) -> None:
        """Count written bytes."""
        self._fresh += size
        if self._fresh >= _EVERY:
            self.start()

    def start(self) -> None:
        """Start writing everything that was written to the file so far."""
        self._fresh = 0
        start_writeback(self._fd)

    def close(self) -> None:
        """Close the file; closing twice is allowed."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
