"""What is done of a transfer, in a journal that is believed only as far as it proves itself.

A ledger belongs to the *shape* of what is fetched (sizes, validators, sequence numbers), never
to a link. It is a text file: every line carries a checksum that covers all lines before it, so
a line that was torn, edited, moved or lost ends what is believed. What a line claims about data
has to be checkable against the data (it names their digest), and whoever resumes checks it:
then neither the order in which a disk really writes nor a part edited by hand can do harm.
"""

import errno
import json
import os
import stat
import threading
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self, TypeAlias

#: What a line may hold.
Value: TypeAlias = str | int | float | None
Entry: TypeAlias = Mapping[str, Value]

_FORMAT: Final = 1
_MAX_BYTES: Final = 64 * 1024 * 1024
_OPEN_FLAGS: Final = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW


class Ledger:
    """The journal of one transfer. Its methods block shortly and may be called by any thread.

    Attributes:
        shape: What the transfer is of; compare it before believing the entries.
        entries: The lines that were found whole, oldest first, and those appended since.
    """

    def __init__(self, path: Path, fd: int, shape: Entry, entries: list[Entry], check: int) -> None:
        self._path = path
        self._fd = fd
        self._check = check
        self._lock = threading.Lock()
        self.shape = shape
        self.entries = entries

    @classmethod
    def create(cls, path: Path, shape: Entry) -> Self:
        """Start an empty ledger, in place of any other that is there.

        Raises:
            OSError: If it cannot be written.
        """
        fd = os.open(path, _OPEN_FLAGS | os.O_CREAT | os.O_TRUNC, 0o666)
        ledger = cls(path, fd, shape, [], 0)
        ledger._write({"ledger": _FORMAT, "shape": dict(shape)})
        return ledger

    @classmethod
    def load(cls, path: Path) -> Self | None:
        """Read a ledger as far as it is whole, and cut the rest off.

        Returns:
            The ledger, or `None` if there is none whose first line can be believed.

        Raises:
            OSError: If it cannot be read or cut.
        """
        try:
            fd = os.open(path, _OPEN_FLAGS)
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            # Reading a pipe would never end.
            os.close(fd)
            raise OSError(errno.EINVAL, "it is no file", str(path))
        with os.fdopen(os.dup(fd), "rb") as file:
            raw = file.read(_MAX_BYTES)
        records, check, whole = _believable(raw)
        header = records[0] if records else {}
        shape = header.get("shape")
        if header.get("ledger") != _FORMAT or not isinstance(shape, dict):
            os.close(fd)
            return None
        if whole < len(raw):
            os.ftruncate(fd, whole)
        return cls(path, fd, shape, list(records[1:]), check)

    def append(self, entry: Entry) -> None:
        """Note something that is done. Write the data it is about first.

        Raises:
            OSError: If it cannot be written.
        """
        with self._lock:
            self._write(dict(entry))
            self.entries.append(entry)

    def close(self) -> None:
        """Close the file; closing twice is allowed."""
        with self._lock:
            if self._fd >= 0:
                os.close(self._fd)
                self._fd = -1

    def remove(self) -> None:
        """Close and delete.

        Raises:
            OSError: If it cannot be deleted.
        """
        self.close()
        self._path.unlink(missing_ok=True)

    def _write(self, record: Mapping[str, object]) -> None:
        text = json.dumps(record, ensure_ascii=True, separators=(",", ":")).encode("ascii")
        check = zlib.crc32(text, self._check)
        line = b"%08x %b\n" % (check, text)
        written = os.write(self._fd, line)
        if written != len(line):
            # A torn line would end what is believed, and with it all that follows.
            os.ftruncate(self._fd, os.fstat(self._fd).st_size - written)
            raise OSError(errno.ENOSPC, "no space for the ledger")
        self._check = check


def _believable(raw: bytes) -> tuple[list[dict[str, Any]], int, int]:
    """Return the records that hold, the checksum behind them, and how many bytes they take."""
    records: list[dict[str, Any]] = []
    check = whole = 0
    for line in raw.splitlines(keepends=True):
        text = line[9:-1]
        following = zlib.crc32(text, check)
        if not line.endswith(b"\n") or line[:9] != b"%08x " % following:
            break
        try:
            record = json.loads(text)
        except (ValueError, RecursionError):
            break
        if not isinstance(record, dict):
            break
        records.append(record)
        check, whole = following, whole + len(line)
    return records, check, whole
