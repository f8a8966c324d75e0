"""Covers on disk: files named after their addresses, within a bound."""

import hashlib
import logging
import os
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import attrs

from aniworld_core.domain.catalogue import Cover, CoverAddress
from aniworld_providers.covers.pictures import NoPictureError, read_picture

logger = logging.getLogger(__name__)

#: Bytes of all files together: thousands of covers.
MAX_SHELF: Final = 256 * 1024**2
#: How much is left after tidying, so that not every further file calls for it again.
_ROOM: Final = 0.9
_SUFFIX: Final = ".cover"


@attrs.frozen
class Kept:
    """A cover from the shelf.

    Attributes:
        since: When it was fetched.
    """

    cover: Cover
    since: datetime


@attrs.define(eq=False)
class CoverShelf:
    """Keeps files; those that were not looked at for longest go first.

    Every method works on the disk and belongs into a thread. A disk that fails only costs the
    keeping. The times of a file say when it was fetched (changed) and last wanted (read).
    """

    _folder: Path
    _limit: int = MAX_SHELF
    #: Bytes of all files as far as known here; another process may have added some.
    _filled: int | None = attrs.field(default=None, init=False)

    @staticmethod
    def name_of(address: CoverAddress) -> str:
        """The name that an address is kept under."""
        text = f"{address.provider} {address.url}"
        return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=20).hexdigest()

    def read(self, name: str, now: datetime) -> Kept | None:
        """Return what is kept under a name; a file that is no picture any more is thrown away."""
        path = self._path(name)
        try:
            data = path.read_bytes()
            fetched = path.stat().st_mtime
            kept = Kept(read_picture(data), datetime.fromtimestamp(fetched, UTC))
        except OSError:
            return None
        except NoPictureError as error:
            logger.warning("the kept cover %s is damaged: %s", path.name, error)
            with suppress(OSError):
                path.unlink()
            return None
        with suppress(OSError):
            os.utime(path, (now.timestamp(), fetched))
        return kept

    def write(self, name: str, data: bytes, now: datetime) -> None:
        """Keep a picture, whole or not at all."""
        path = self._path(name)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=self._folder, suffix=".part")
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                os.utime(temporary, (now.timestamp(), now.timestamp()))
                Path(temporary).replace(path)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
            self._tidy(len(data))
        except OSError as error:
            logger.warning("a cover cannot be kept in %s: %s", self._folder, error)

    def _tidy(self, added: int) -> None:
        if self._filled is not None:
            self._filled += added
            if self._filled <= self._limit:
                return
        files = []
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):
                # What a crash left half written is of no use, and never looked at: it goes first.
                stat = path.stat()
                rank = stat.st_atime if path.suffix == _SUFFIX else 0.0
                files.append((rank, stat.st_size, path))
        filled = sum(size for _, size, _ in files)
        if filled > self._limit:
            for _, size, path in sorted(files):
                if filled <= self._limit * _ROOM:
                    break
                path.unlink(missing_ok=True)
                filled -= size
        self._filled = filled

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{_SUFFIX}"
