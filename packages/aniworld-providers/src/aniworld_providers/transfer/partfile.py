"""The unfinished file: bytes in place, a ledger of them, and the digest as far as it is known.

Every block is written before the ledger names it together with its digest, and believed later
only when the bytes on disk still have that digest. So nothing has to be synced on the way: what
a crash, a power loss or an editor took away is found missing and fetched again.
"""

import fcntl
import hashlib
import os
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

from aniworld_core.errors import FetchInterruptedError
from aniworld_providers.transfer.ledger import Ledger
from aniworld_providers.transfer.placing import write_all
from aniworld_providers.transfer.publish import PartPaths, begin_sync, disk_errors
from aniworld_providers.transfer.shape import FileShape
from aniworld_providers.transfer.spans import merged

_MIB = 1024 * 1024
#: So much is written before the disk is told to begin with it.
_SYNC_EVERY = 16 * _MIB


class PartFile:
    """The part and ledger of one direct file. Its methods block; writes may come from threads.

    What begins at byte 0 is digested with SHA-256 as it is written, so that a file fetched in
    order is read by nobody twice. Stretches further back carry a CRC-32 until the end.

    Attributes:
        shape: The version the bytes are of; `None` while there are none.
        digested: Up to where the digest of the whole file is known.
    """

    def __init__(self, paths: PartPaths, fd: int) -> None:
        self._paths = paths
        self._fd = fd
        self._ledger: Ledger | None = None
        self._sha = hashlib.sha256()
        self._blocks: list[tuple[int, int]] = []
        self._unsynced = 0
        self.shape: FileShape | None = None
        self.digested = 0

    @classmethod
    def open(cls, paths: PartPaths) -> Self:
        """Open or make the part, and check everything its ledger claims.

        Raises:
            FetchInterruptedError: If another process is fetching the same file.
            DiskFullError: If there is no room.
            LibraryUnavailableError: If the disk cannot be used.
        """
        with disk_errors(paths.part):
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            fd = os.open(paths.part, flags, 0o644)
            part = cls(paths, fd)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                part._load()
            except BlockingIOError as exc:
                os.close(fd)
                raise FetchInterruptedError("another process is fetching this file") from exc
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
        return merged([(0, self.digested), *self._blocks])

    @property
    def done_bytes(self) -> int:
        """How many bytes are here."""
        return sum(stop - first for first, stop in self.done)

    @property
    def prefix(self) -> int:
        """How many bytes from the beginning are here without a gap."""
        done = self.done
        return done[0][1] if done and done[0][0] == 0 else 0

    @property
    def published_as(self) -> tuple[str, str] | None:
        """Name and digest of the file this part was about to become, if it came that far."""
        last = self._ledger.entries[-1] if self._ledger and self._ledger.entries else {}
        name, digest = last.get("final"), last.get("sha256")
        return (name, digest) if isinstance(name, str) and isinstance(digest, str) else None

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
            self.shape, self._blocks = shape, []
            self._sha, self.digested = hashlib.sha256(), 0
            os.ftruncate(self._fd, keep)
            if shape.size is not None:
                os.ftruncate(self._fd, max(shape.size, keep))
            if keep:
                for block in self._read(0, keep):
                    self._sha.update(block)
                self.digested = keep
                self._note_prefix()

    def forget(self) -> None:
        """Give up everything that is here.

        Raises:
            LibraryUnavailableError: If the disk fails.
        """
        with disk_errors(self._paths.part):
            if self._ledger is not None:
                self._ledger.remove()
            self._ledger, self.shape, self._blocks = None, None, []
            self._sha, self.digested = hashlib.sha256(), 0

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
        with disk_errors(self._paths.part):
            size = sum(map(len, chunks))
            write_all(self._fd, chunks, offset)
            self._unsynced += size
            if self._unsynced >= _SYNC_EVERY:
                # The disk works while the rest arrives, and the end has less to wait for.
                self._unsynced = 0
                begin_sync(self._fd)
            if offset == self.digested:
                for chunk in chunks:
                    self._sha.update(chunk)
                self.digested += size
                self._note_prefix()
            else:
                check = 0
                for chunk in chunks:
                    check = zlib.crc32(chunk, check)
                self._note({"a": offset, "b": offset + size, "c": check})
                self._blocks.append((offset, offset + size))
            return size

    def read(self, offset: int, size: int) -> bytes:
        """Return bytes that are here.

        Raises:
            LibraryUnavailableError: If the disk fails.
        """
        with disk_errors(self._paths.part):
            return os.pread(self._fd, size, offset)

    def finish(self, size: int) -> str:
        """Cut the part to *size* and return its SHA-256.

        Raises:
            DiskFullError: If there is no room.
            LibraryUnavailableError: If the disk fails.
        """
        with disk_errors(self._paths.part):
            os.ftruncate(self._fd, size)
            for block in self._read(self.digested, size):
                self._sha.update(block)
                self.digested += len(block)
            return self._sha.hexdigest()

    def sync(self) -> None:
        """Bring the part to the disk.

        Raises:
            DiskFullError: If there is no room.
            LibraryUnavailableError: If the disk fails.
        """
        with disk_errors(self._paths.part):
            os.fsync(self._fd)

    def announce(self, final: Path, sha256: str) -> None:
        """Note the name the part is about to get, so that a kill right after it is no loss.

        Raises:
            DiskFullError: If there is no room.
            LibraryUnavailableError: If the disk fails.
        """
        with disk_errors(self._paths.part):
            self._note({"final": final.name, "sha256": sha256})

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
        for entry in self._ledger.entries:
            stop, digest = entry.get("p"), entry.get("h")
            if isinstance(stop, int) and not self._extend(stop, digest):
                break
        for entry in self._ledger.entries:
            first, stop, check = entry.get("a"), entry.get("b"), entry.get("c")
            if isinstance(first, int) and isinstance(stop, int) and stop > first >= 0:
                found = 0
                for block in self._read(first, stop):
                    found = zlib.crc32(block, found)
                if found == check:
                    self._blocks.append((first, stop))

    def _extend(self, stop: int, digest: object) -> bool:
        trial = self._sha.copy()
        for block in self._read(self.digested, stop):
            trial.update(block)
        if stop <= self.digested or trial.hexdigest() != digest:
            return False
        self._sha, self.digested = trial, stop
        return True

    def _read(self, first: int, stop: int) -> Iterator[bytes]:
        while first < stop:
            block = os.pread(self._fd, min(_MIB, stop - first), first)
            if not block:
                return
            first += len(block)
            yield block

    def _note_prefix(self) -> None:
        self._note({"p": self.digested, "h": self._sha.hexdigest()})

    def _note(self, entry: dict[str, int | str]) -> None:
        if self._ledger is not None:
            self._ledger.append(entry)
