"""Judge files by their structure: empty, no media, or cut off."""

import os
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


@attrs.define(eq=False)
class FileJudge:
    """Reads a few bytes of each file; folders are resolved once.

    Args:
        real_roots: Real paths of the folders that files may be in.
    """

    _real_roots: Sequence[str]
    _real_folders: dict[str, str] = attrs.field(factory=dict, init=False)

    def problem(self, path: str) -> str | None:
        """Return why a file is not usable; `None` if it may be.

        Args:
            path: Absolute path.
        """
        folder, _, name = path.rpartition("/")
        real_folder = self._real_folders.get(folder)
        if real_folder is None:
            real_folder = self._real_folders[folder] = os.path.realpath(folder)
        try:
            target = f"{real_folder}/{name}"
            if os.path.islink(target):  # noqa: PTH114 - hot path
                target = os.path.realpath(target)
            if not any(target.startswith(f"{root.rstrip('/')}/") for root in self._real_roots):
                return Message("link_outside", target=target)
            descriptor = os.open(target, _FLAGS)
        except OSError as error:
            return os_reason(error)
        try:
            return _judged(descriptor)
        except OSError as error:
            return os_reason(error)
        finally:
            os.close(descriptor)


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
