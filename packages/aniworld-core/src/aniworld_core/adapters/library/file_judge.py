"""Judge files by their structure: empty, no media, or cut off; compute fingerprints."""

import hashlib
import os
import stat
from collections.abc import Sequence
from typing import Final

import attrs

from aniworld_core.adapters.library.container_marks import (
    HEAD_BYTES,
    container_problem,
    expected_bytes,
)
from aniworld_core.messages import Message, os_reason

# A pipe that was swapped in must not block, and a link must not lead elsewhere.
_FLAGS: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
#: Number of evenly spaced samples of a fingerprint, from the first to the last bytes of the file.
_SAMPLES: Final = 5
#: Bytes of one sample. Files that are not larger than all samples are read completely.
_SAMPLE_BYTES: Final = 64 * 1024


@attrs.define(eq=False)
class FileJudge:
    """Reads a few bytes of each file; folders are resolved once.

    Args:
        real_roots: Real paths of the folders that files may be in.
    """

    _real_roots: Sequence[str]
    #: Folder -> its real path, and whether that is in a root.
    _real_folders: dict[str, tuple[str, bool]] = attrs.field(factory=dict, init=False)
    #: Folder above others -> its real path.
    _real_paths: dict[str, str] = attrs.field(factory=dict, init=False)

    def problem(self, path: str) -> str | None:
        """Return why a file is not usable; `None` if it may be.

        Args:
            path: Absolute path.
        """
        try:
            descriptor = self._opened(path)
        except _OutsideError as error:
            return Message("link_outside", target=error.target)
        except OSError as error:
            return os_reason(error)
        try:
            return _judged(descriptor)
        except OSError as error:
            return os_reason(error)
        finally:
            os.close(descriptor)

    def fingerprint(self, path: str) -> str | None:
        """Return the hash of size and sampled content of a regular file; `None` without one.

        Args:
            path: Absolute path.
        """
        try:
            descriptor = self._opened(path)
        except (_OutsideError, OSError):
            return None
        try:
            return _fingerprint(descriptor)
        except OSError:
            return None
        finally:
            os.close(descriptor)

    def _opened(self, path: str) -> int:
        """Open a file, which is looked up as a link only if it is one.

        Raises:
            _OutsideError: If it is in no root.
            OSError: If it cannot be opened.
        """
        folder, _, name = path.rpartition("/")
        found = self._real_folders.get(folder)
        if found is None:
            real = self._real(folder)
            found = self._real_folders[folder] = real, self._is_inside(f"{real}/")
        real, is_inside = found
        target = f"{real}/{name}"
        if is_inside:
            try:
                return os.open(target, _FLAGS)
            except OSError:
                if not os.path.islink(target):  # noqa: PTH114 - the path is text
                    raise
        target = os.path.realpath(target)
        if not self._is_inside(target):
            raise _OutsideError(target)
        return os.open(target, _FLAGS)

    def _real(self, folder: str) -> str:
        """Return the real path of a folder; those of the folders above it are kept."""
        outer, _, name = folder.rpartition("/")
        if not outer or name in ("", ".", "..") or os.path.islink(folder):  # noqa: PTH114
            return os.path.realpath(folder)
        known = self._real_paths.get(outer)
        if known is None:
            known = self._real_paths[outer] = self._real(outer)
        return f"{known.rstrip('/')}/{name}"

    def _is_inside(self, target: str) -> bool:
        return any(target.startswith(f"{root.rstrip('/')}/") for root in self._real_roots)


class _OutsideError(Exception):
    """A file is in none of the roots."""

    def __init__(self, target: str) -> None:
        super().__init__(target)
        self.target = target


def _judged(descriptor: int) -> str | None:
    head = os.read(descriptor, HEAD_BYTES)
    problem = container_problem(head)
    if problem is not None:
        return problem
    size = os.fstat(descriptor).st_size
    expected = expected_bytes(head, size, lambda start, n: os.pread(descriptor, n, start))
    if expected > size:
        return Message("file_cut_off", actual_bytes=size, expected_bytes=expected)
    return None


def _fingerprint(descriptor: int) -> str | None:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        return None
    size = status.st_size
    digest = hashlib.blake2b(digest_size=16)
    if size <= _SAMPLES * _SAMPLE_BYTES:
        digest.update(os.pread(descriptor, size, 0))
    else:
        last = size - _SAMPLE_BYTES
        for n in range(_SAMPLES):
            digest.update(os.pread(descriptor, _SAMPLE_BYTES, last * n // (_SAMPLES - 1)))
    return f"{size:x}-{digest.hexdigest()}"
