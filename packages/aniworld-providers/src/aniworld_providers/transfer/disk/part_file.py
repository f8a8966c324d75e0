"""The unfinished file: bytes in place, a ledger of them, and the digest as far as it is known.

Every block is written before the ledger names it together with its digest, and believed later
only when the bytes on disk still have that digest. So nothing has to be synced on the way: what
a crash, a power loss or an editor took away is found missing and fetched again.
"""

import errno
import fcntl
import hashlib
import os
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

from aniworld_core.errors import PartInUseError
from aniworld_providers.transfer.disk.byte_ranges import Stretches
from aniworld_providers.transfer.disk.file_version import FileShape
from aniworld_providers.transfer.disk.ledger import Ledger
from aniworld_providers.transfer.disk.positioned_write import write_all
from aniworld_providers.transfer.disk.publish import PartPaths, begin_sync, disk_errors

_MIB = 1024 * 1024
#: So much is written before the disk is told to begin with it.
_SYNC_EVERY = 16 * _MIB
#: What is kept of an older version is noted in blocks of this size.
_KEPT_BLOCK = _MIB
#: No place in a file is beyond this, whatever a ledger says.
_MOST = 2**62


class PartFile:
    """The part and ledger of one direct file. Its methods block; writes may come from threads.

    Every block carries a CRC-32. Where the SHA-256 of the file is wanted, what is written in
    order is digested on the way, so that a file fetched in order is read by nobody twice.

    Attributes:
        shape: The version the bytes are of; `None` while there are none.
    """

    def __init__(self, paths: PartPaths, fd: int, *, digest: bool) -> None:
        self._paths = paths
        self._fd = fd
        self._ledger: Ledger | None = None
        self._digest = _RunningDigest() if digest else None
        self._done = Stretches()
        self._unsynced = 0
        self.shape: FileShape | None = None

    @classmethod
    def open(cls, paths: PartPaths, *, digest: bool = True) -> Self:
        """Open or make the part, and check everything its ledger claims.

        Args:
            paths: Where it lies.
            digest: Whether the SHA-256 of the whole will be asked for.

        Raises:
            PartInUseError: If another process is fetching the same file.
            DiskFullError: If there is no room.
            LibraryUnavailableError: If the disk cannot be used.
        """
        with disk_errors(paths.part):
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            fd = os.open(paths.part, flags, 0o666)
            part = cls(paths, fd, digest=digest)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                part._load()
            except BlockingIOError as exc:
                os.close(fd)
                raise PartInUseError from exc
            except BaseException:
                part.close()
                raise
        return part

    @property
    def folder(self) -> Path:
        """Where the part lies."""
        return self._paths.part.parent

    @property
    def done(self) -> list[tuple[int, int]]:
        """The stretches that are here, in order."""
        return self._done.all()

    @property
    def done_bytes(self) -> int:
        """How many bytes are here."""
        return sum(stop - first for first, stop in self._done.all())

    @property
    def prefix(self) -> int:
        """How many bytes from the beginning are here without a gap."""
        return self._done.prefix

    def begin(self, shape: FileShape, *, keep: int = 0) -> None:
        """Start anew with another version, of which the first *keep* bytes are here already.

        Raises:
            DiskFullError: If there is no room.
            LibraryUnavailableError: If the disk fails.
        """
        with disk_errors(self._paths.part):
            if self._ledger is not None:
                self._ledger.close()
            # The old claims go before the old bytes do.
            self._ledger = Ledger.create(self._paths.ledger, shape.to_entry())
            self.shape = shape
            self._forget_blocks()
            os.ftruncate(self._fd, keep)
            if shape.size is not None:
                os.ftruncate(self._fd, max(shape.size, keep))
            for first in range(0, keep, _KEPT_BLOCK):
                stop = min(first + _KEPT_BLOCK, keep)
                check = self._check_of(first, stop)
                if check is None:
                    raise OSError(errno.EIO, "it was cut by somebody else")
                self._take_note(first, stop, check)

    def forget(self) -> None:
        """Give up everything that is here.

        Raises:
            LibraryUnavailableError: If the disk fails.
        """
        with disk_errors(self._paths.part):
            if self._ledger is not None:
                self._ledger.remove()
            self._ledger, self.shape = None, None
            self._forget_blocks()

    def learn_size(self, size: int) -> None:
        """Take note of a size that was not known at the beginning.

        Raises:
            DiskFullError: If there is no room.
            LibraryUnavailableError: If the disk fails.
        """
        if self.shape is not None:
            shape = FileShape(size=size, etag=self.shape.etag, modified=self.shape.modified)
            self.begin(shape, keep=self.prefix)

    def write(self, offset: int, chunks: Sequence[bytes | memoryview]) -> int:
        """Write bytes at their place and note them; returns how many.

        Raises:
            DiskFullError: If there is no room.
            LibraryUnavailableError: If the disk fails.
        """
        block = Block(self, offset)
        for chunk in chunks:
            block.add(chunk)
        return block.note()

    def put(self, data: bytes | memoryview, offset: int) -> None:
        """Write bytes at their place, for a block that notes them later.

        Raises:
            DiskFullError: If there is no room.
            LibraryUnavailableError: If the disk fails.
        """
        with disk_errors(self._paths.part):
            write_all(self._fd, (data,), offset)
            if self._digest is not None:
                self._digest.offer(offset, data)
            self._unsynced += len(data)
            if self._unsynced >= _SYNC_EVERY:
                # The disk works while the rest arrives, and the end has less to wait for.
                self._unsynced = 0
                begin_sync(self._fd)

    def note(self, first: int, stop: int, check: int) -> None:
        """Note in the ledger what was put.

        Raises:
            DiskFullError: If there is no room.
            LibraryUnavailableError: If the disk fails.
        """
        with disk_errors(self._paths.part):
            self._take_note(first, stop, check)

    def read(self, offset: int, size: int) -> bytes:
        """Return bytes that are here.

        Raises:
            LibraryUnavailableError: If the disk fails.
        """
        with disk_errors(self._paths.part):
            return os.pread(self._fd, size, offset)

    def finish(self, size: int) -> str | None:
        """Cut the part to *size* and return its SHA-256, if that is wanted.

        Raises:
            DiskFullError: If there is no room.
            LibraryUnavailableError: If the disk fails.
        """
        with disk_errors(self._paths.part):
            os.ftruncate(self._fd, size)
            if self._digest is None:
                return None
            for block in self._read(self._digest.stop, size):
                self._digest.offer(self._digest.stop, block)
            return self._digest.value

    def sync(self) -> None:
        """Bring the part to the disk.

        Raises:
            DiskFullError: If there is no room.
            LibraryUnavailableError: If the disk fails.
        """
        with disk_errors(self._paths.part):
            os.fsync(self._fd)

    def announce(self, final: Path) -> None:
        """Note the name the part is about to get, so that a kill right after it is no loss.

        Raises:
            DiskFullError: If there is no room.
            LibraryUnavailableError: If the disk fails.
        """
        with disk_errors(self._paths.part):
            self._note({"final": final.name})

    def discard(self) -> None:
        """Delete part and ledger; what they hold is of no use."""
        self.close()
        for path in (self._paths.ledger, self._paths.part):
            with disk_errors(path):
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close both files; closing twice is allowed."""
        if self._ledger is not None:
            self._ledger.close()
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _load(self) -> None:
        self._ledger = Ledger.load(self._paths.ledger)
        if self._ledger is None:
            return
        self.shape = FileShape.from_entry(self._ledger.shape)
        if self.shape is None:
            return
        for first, stop, check in blocks_of(self._ledger):
            if self._check_of(first, stop) == check:
                self._done.add(first, stop)

    def _check_of(self, first: int, stop: int) -> int | None:
        """Return the CRC-32 of a stretch, `None` if it is not there as a whole."""
        check = 0
        for block in self._read(first, stop):
            check = zlib.crc32(block, check)
            first += len(block)
        return check if first == stop else None

    def _forget_blocks(self) -> None:
        self._done = Stretches()
        if self._digest is not None:
            self._digest = _RunningDigest()

    def _read(self, first: int, stop: int) -> Iterator[bytes]:
        while first < stop:
            block = os.pread(self._fd, min(_MIB, stop - first), first)
            if not block:
                return
            first += len(block)
            yield block

    def _take_note(self, first: int, stop: int, check: int) -> None:
        self._note({"a": first, "b": stop, "c": check})
        self._done.add(first, stop)

    def _note(self, entry: dict[str, int | str]) -> None:
        if self._ledger is not None:
            self._ledger.append(entry)


class Block:
    """Bytes that follow each other and are noted together. Its methods block.

    Args:
        part: Where they go.
        first: Place of the first one.
    """

    def __init__(self, part: PartFile, first: int) -> None:
        self._part = part
        self._first = self._stop = first
        self._check = 0

    @property
    def size(self) -> int:
        """How many bytes it has so far."""
        return self._stop - self._first

    def add(self, data: bytes | memoryview) -> None:
        """Write the next bytes.

        Raises:
            DiskFullError: If there is no room.
            LibraryUnavailableError: If the disk fails.
        """
        # First, while the processor still has the bytes at hand.
        check = zlib.crc32(data, self._check)
        self._part.put(data, self._stop)
        self._check = check
        self._stop += len(data)

    def note(self) -> int:
        """Note what was written, and begin another block behind it; returns how much it was.

        Raises:
            DiskFullError: If there is no room.
            LibraryUnavailableError: If the disk fails.
        """
        size = self.size
        if size:
            self._part.note(self._first, self._stop, self._check)
        self._first, self._check = self._stop, 0
        return size


class _RunningDigest:
    """The SHA-256 of what came in order, up to the first byte that did not."""

    def __init__(self) -> None:
        self._state = hashlib.sha256()
        self.stop = 0

    @property
    def value(self) -> str:
        """The digest so far, in lower-case hexadecimal."""
        return self._state.hexdigest()

    def offer(self, offset: int, data: bytes | memoryview) -> None:
        """Take bytes in if they are the next ones."""
        if offset == self.stop:
            self._state.update(data)
            self.stop += len(data)


def blocks_of(ledger: Ledger) -> Iterator[tuple[int, int, int]]:
    """Give what a ledger claims: first byte, the byte behind the last, CRC-32."""
    for entry in ledger.entries:
        first, stop, check = entry.get("a"), entry.get("b"), entry.get("c")
        match first, stop, check:
            case int(), int(), int() if 0 <= first < stop <= _MOST:
                yield first, stop, check
