"""Cover cache: files named after their addresses, limited in size."""

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
from aniworld_providers.media.images import NotAnImageError, read_image

logger: logging.Logger = logging.getLogger(__name__)

#: Largest size of all files in bytes, enough for thousands of covers.
MAX_CACHE: Final = 256 * 1024**2
#: Share of the limit that is left after a cleanup.
_ROOM: Final = 0.9
_SUFFIX: Final = ".cover"


@attrs.frozen
class CachedCover:
    """A cached cover.

    Attributes:
        since: When it was fetched.
    """

    cover: Cover
    since: datetime


@attrs.define(eq=False)
class CoverCache:
    """Store covers as files and delete the least recently used ones above the limit.

    Every method blocks on the disk: call it in a thread. Disk errors are logged and only cost
    caching. The modification time of a file is when it was fetched, the access time when it was
    last read.
    """

    _folder: Path
    _limit: int = MAX_CACHE
    #: Known size of all files in bytes; another process may have added some.
    _filled: int | None = attrs.field(default=None, init=False)

    @staticmethod
    def name_of(address: CoverAddress) -> str:
        """Return the file name for an address."""
        text = f"{address.provider} {address.url}"
        return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=20).hexdigest()

    def read(self, name: str, now: datetime) -> CachedCover | None:
        """Return the cover with a name; delete a file that is not an image."""
        path = self._path(name)
        try:
            data = path.read_bytes()
            fetched = path.stat().st_mtime
            kept = CachedCover(read_image(data), datetime.fromtimestamp(fetched, UTC))
        except OSError:
            return None
        except NotAnImageError as error:
            logger.warning("deleting the damaged cached cover %s: %s", path.name, error)
            with suppress(OSError):
                path.unlink()
            return None
        with suppress(OSError):
            os.utime(path, (now.timestamp(), fetched))
        return kept

    def write(self, name: str, data: bytes, now: datetime) -> None:
        """Store a cover atomically."""
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
            logger.warning("cannot store a cover in %s: %s", self._folder, error)

    def _tidy(self, added: int) -> None:
        if self._filled is not None:
            self._filled += added
            if self._filled <= self._limit:
                return
        files = []
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):
                # Temporary files left by a crash are useless, so delete them first.
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
