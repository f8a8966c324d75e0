"""The unfinished file: blocks at their offsets, a ledger of them, and a running digest.

A block is written before the ledger lists it with its digest. When a part is opened again, a block
counts only if the bytes on disk still have that digest. So nothing has to be synced during the
transfer: blocks lost in a crash or changed by an editor are fetched again.
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
from aniworld_providers.media.remux.writeback import start_writeback
from aniworld_providers.transfer.disk.byte_ranges import RangeSet
from aniworld_providers.transfer.disk.file_version import FileVersion
from aniworld_providers.transfer.disk.ledger import Ledger
from aniworld_providers.transfer.disk.lock import release
from aniworld_providers.transfer.disk.paths import PartPaths
from aniworld_providers.transfer.disk.writing import disk_errors, write_all

_MIB = 1024 * 1024
#: Bytes to write between two starts of writeback.
_SYNC_EVERY = 16 * _MIB
#: Size in bytes of the blocks in which a kept prefix is recorded.
_KEPT_BLOCK = _MIB
#: Largest offset that is accepted from a ledger.
_MOST = 2**62


class PartFile:
    """Part and ledger of one direct file; methods block and may be called from threads.

    Every block carries a CRC-32. If the SHA-256 of the file is wanted, bytes written in order are
    hashed at once, so that a file fetched in order is not read again.

    Attributes:
        version: Version of the file that the bytes belong to; `None` without any bytes.
    """

    def __init__(self, paths: PartPaths, fd: int, *, digest: bool) -> None:
        self._paths = paths
        self._fd = fd
        self._ledger: Ledger | None = None
        self._digest = _RunningDigest() if digest else None
        self._done = RangeSet()
        self._unsynced = 0
        self.version: FileVersion | None = None

    @classmethod
    def open(cls, paths: PartPaths, *, digest: bool = True) -> Self:
        """Open or create the part and check all blocks in its ledger.

        Args:
            paths: Paths of part and ledger.
            digest: Whether the SHA-256 of the file is wanted.

        Raises:
            PartInUseError: If another process is fetching the same file.
            DiskFullError: If the disk is full.
            LibraryUnavailableError: If the folder cannot be used.
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
        """Folder of the part."""
        return self._paths.part.parent

    @property
    def done(self) -> list[tuple[int, int]]:
        """The ranges on disk, in order."""
        return self._done.all()

    @property
    def done_bytes(self) -> int:
        """Number of bytes on disk."""
        return sum(stop - first for first, stop in self._done.all())

    @property
    def prefix(self) -> int:
        """Number of bytes from offset 0 on disk without a gap."""
        return self._done.prefix

    def begin(self, version: FileVersion, *, keep: int = 0) -> None:
        """Start with a new version and keep the first *keep* bytes.

        Raises:
            DiskFullError: If the disk is full.
            LibraryUnavailableError: If the disk fails.
        """
        with disk_errors(self._paths.part):
            if self._ledger is not None:
                self._ledger.close()
            # The old entries are removed before the old bytes.
            self._ledger = Ledger.create(self._paths.ledger, version.to_entry())
            self.version = version
            self._reset_blocks()
            os.ftruncate(self._fd, keep)
            if version.size is not None:
                os.ftruncate(self._fd, max(version.size, keep))
            for first in range(0, keep, _KEPT_BLOCK):
                stop = min(first + _KEPT_BLOCK, keep)
                check = self._check_of(first, stop)
                if check is None:
                    raise OSError(errno.EIO, "another program cut the file")
                self._record_block(first, stop, check)

    def reset(self) -> None:
        """Drop all bytes and the ledger.

        Raises:
            LibraryUnavailableError: If the disk fails.
        """
        with disk_errors(self._paths.part):
            if self._ledger is not None:
                self._ledger.remove()
            self._ledger, self.version = None, None
            self._reset_blocks()

    def set_size(self, size: int) -> None:
        """Record the size of a version that had none.

        Raises:
            DiskFullError: If the disk is full.
            LibraryUnavailableError: If the disk fails.
        """
        if self.version is not None:
            version = FileVersion(size=size, etag=self.version.etag, modified=self.version.modified)
            self.begin(version, keep=self.prefix)

    def write(self, offset: int, chunks: Sequence[bytes | memoryview]) -> int:
        """Write and record one block; return its size.

        Raises:
            DiskFullError: If the disk is full.
            LibraryUnavailableError: If the disk fails.
        """
        block = Block(self, offset)
        for chunk in chunks:
            block.add(chunk)
        return block.record()

    def write_part(self, data: bytes | memoryview, offset: int) -> None:
        """Write bytes of a block that is recorded later.

        Raises:
            DiskFullError: If the disk is full.
            LibraryUnavailableError: If the disk fails.
        """
        with disk_errors(self._paths.part):
            write_all(self._fd, (data,), offset)
            if self._digest is not None:
                self._digest.offer(offset, data)
            self._unsynced += len(data)
            if self._unsynced >= _SYNC_EVERY:
                # The disk writes while more bytes arrive, so the final sync takes less time.
                self._unsynced = 0
                start_writeback(self._fd)

    def record(self, first: int, stop: int, check: int) -> None:
        """Record a written block in the ledger.

        Raises:
            DiskFullError: If the disk is full.
            LibraryUnavailableError: If the disk fails.
        """
        with disk_errors(self._paths.part):
            self._record_block(first, stop, check)

    def read(self, offset: int, size: int) -> bytes:
        """Return bytes of the part.

        Raises:
            LibraryUnavailableError: If the disk fails.
        """
        with disk_errors(self._paths.part):
            return os.pread(self._fd, size, offset)

    def finish(self, size: int) -> str | None:
        """Cut the part to *size* and return its SHA-256 if that is wanted.

        Raises:
            DiskFullError: If the disk is full.
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
        """Sync the part to the disk.

        Raises:
            DiskFullError: If the disk is full.
            LibraryUnavailableError: If the disk fails.
        """
        with disk_errors(self._paths.part):
            os.fsync(self._fd)

    def record_final_name(self, final: Path) -> None:
        """Record the final name before publishing, so that a kill after it is recognised.

        Raises:
            DiskFullError: If the disk is full.
            LibraryUnavailableError: If the disk fails.
        """
        with disk_errors(self._paths.part):
            self._record({"final": final.name})

    def discard(self) -> None:
        """Delete part and ledger."""
        self.close()
        for path in (self._paths.ledger, self._paths.part):
            with disk_errors(path):
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close both files; closing twice is allowed."""
        if self._ledger is not None:
            self._ledger.close()
        if self._fd >= 0:
            release(self._fd)
            self._fd = -1

    def _load(self) -> None:
        self._ledger = Ledger.load(self._paths.ledger)
        if self._ledger is None:
            return
        self.version = FileVersion.from_entry(self._ledger.identity)
        if self.version is None:
            return
        for first, stop, check in blocks_of(self._ledger):
            if self._check_of(first, stop) == check:
                self._done.add(first, stop)

    def _check_of(self, first: int, stop: int) -> int | None:
        """Return the CRC-32 of a range; `None` if the file is shorter."""
        check = 0
        for block in self._read(first, stop):
            check = zlib.crc32(block, check)
            first += len(block)
        return check if first == stop else None

    def _reset_blocks(self) -> None:
        self._done = RangeSet()
        if self._digest is not None:
            self._digest = _RunningDigest()

    def _read(self, first: int, stop: int) -> Iterator[bytes]:
        while first < stop:
            block = os.pread(self._fd, min(_MIB, stop - first), first)
            if not block:
                return
            first += len(block)
            yield block

    def _record_block(self, first: int, stop: int, check: int) -> None:
        self._record({"a": first, "b": stop, "c": check})
        self._done.add(first, stop)

    def _record(self, entry: dict[str, int | str]) -> None:
        if self._ledger is not None:
            self._ledger.append(entry)


class Block:
    """Consecutive bytes that are recorded together; methods block.

    Args:
        part: The part to write to.
        first: Offset of the first byte.
    """

    def __init__(self, part: PartFile, first: int) -> None:
        self._part = part
        self._first = self._stop = first
        self._check = 0

    @property
    def size(self) -> int:
        """Number of bytes so far."""
        return self._stop - self._first

    def add(self, data: bytes | memoryview) -> None:
        """Write the next bytes.

        Raises:
            DiskFullError: If the disk is full.
            LibraryUnavailableError: If the disk fails.
        """
        # Computed first, while the bytes are in the processor's cache.
        check = zlib.crc32(data, self._check)
        self._part.write_part(data, self._stop)
        self._check = check
        self._stop += len(data)

    def record(self) -> int:
        """Record the written bytes, start the next block and return the number of bytes.

        Raises:
            DiskFullError: If the disk is full.
            LibraryUnavailableError: If the disk fails.
        """
        size = self.size
        if size:
            self._part.record(self._first, self._stop, self._check)
        self._first, self._check = self._stop, 0
        return size


class _RunningDigest:
    """SHA-256 of the bytes in order, up to the first gap."""

    def __init__(self) -> None:
        self._state = hashlib.sha256()
        self.stop = 0

    @property
    def value(self) -> str:
        """The digest so far, in lower-case hexadecimal."""
        return self._state.hexdigest()

    def offer(self, offset: int, data: bytes | memoryview) -> None:
        """Hash bytes if they are the next ones."""
        if offset == self.stop:
            self._state.update(data)
            self.stop += len(data)


def blocks_of(ledger: Ledger) -> Iterator[tuple[int, int, int]]:
    """Yield first offset, end offset and CRC-32 of every block in a ledger."""
    for entry in ledger.entries:
        first, stop, check = entry.get("a"), entry.get("b"), entry.get("c")
        match first, stop, check:
            case int(), int(), int() if 0 <= first < stop <= _MOST:
                yield first, stop, check
