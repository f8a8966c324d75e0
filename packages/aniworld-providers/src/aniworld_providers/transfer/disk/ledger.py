"""A journal of the finished parts of a transfer, valid up to the first damaged line.

A ledger belongs to the identity of the transferred content (sizes, validators, sequence numbers),
never to a link. It is a text file. The checksum of each line covers all lines before it, so a torn,
edited, moved or lost line ends the valid part. A line about data carries their digest, and a
resumed transfer compares the data with it. So neither the order in which the disk writes nor an
edited part can damage the result.
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

#: Values in a line.
Value: TypeAlias = str | int | float | None
Entry: TypeAlias = Mapping[str, Value]

_FORMAT: Final = 1
#: Longest header that is read.
_HEADER_BYTES: Final = 65_536
_MAX_BYTES: Final = 64 * 1024 * 1024
_OPEN_FLAGS: Final = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW


class Ledger:
    """The journal of one transfer; methods block shortly and are safe for several threads.

    Attributes:
        identity: Identity of the transferred content; compare it before using the entries.
        entries: The valid lines, oldest first, and those appended since.
    """

    def __init__(
        self, path: Path, fd: int, identity: Entry, entries: list[Entry], check: int
    ) -> None:
        self._path = path
        self._fd = fd
        self._check = check
        self._lock = threading.Lock()
        self.identity = identity
        self.entries = entries

    @classmethod
    def create(cls, path: Path, identity: Entry) -> Self:
        """Create an empty ledger, replacing an existing one.

        Raises:
            OSError: If it cannot be written.
        """
        fd = os.open(path, _OPEN_FLAGS | os.O_CREAT | os.O_TRUNC, 0o666)
        ledger = cls(path, fd, identity, [], 0)
        ledger._write({"ledger": _FORMAT, "shape": dict(identity)})
        return ledger

    @classmethod
    def load(cls, path: Path) -> Self | None:
        """Load the valid lines of a ledger and cut off the rest.

        Returns:
            The ledger, or `None` if there is none with a valid first line.

        Raises:
            OSError: If it cannot be read or cut.
        """
        try:
            fd = os.open(path, _OPEN_FLAGS)
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            # Reading from a pipe would block.
            os.close(fd)
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))
        with os.fdopen(os.dup(fd), "rb") as file:
            raw = file.read(_MAX_BYTES)
        records, check, whole = _valid_records(raw)
        header = records[0] if records else {}
        identity = header.get("shape")
        if header.get("ledger") != _FORMAT or not isinstance(identity, dict):
            os.close(fd)
            return None
        if whole < len(raw):
            os.ftruncate(fd, whole)
        return cls(path, fd, identity, list(records[1:]), check)

    def append(self, entry: Entry) -> None:
        """Append a line; write the data that it describes first.

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
        """Close and delete the file.

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
            # All lines behind a torn line would be lost.
            os.ftruncate(self._fd, os.fstat(self._fd).st_size - written)
            raise OSError(errno.ENOSPC, "no space left for the ledger")
        self._check = check


def is_ledger(path: Path) -> bool:
    """Return whether a file is a ledger: its first line is a valid header."""
    try:
        with open(path, "rb", opener=_opened_plain) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return False
            records, _, _ = _valid_records(file.readline(_HEADER_BYTES))
    except OSError:
        return False
    return bool(records) and records[0].get("ledger") == _FORMAT


def _opened_plain(path: str, flags: int) -> int:
    # A pipe would block, and a link may lead elsewhere.
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)


def _valid_records(raw: bytes) -> tuple[list[dict[str, Any]], int, int]:
    """Return the valid records, the checksum after them and their length in bytes."""
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
