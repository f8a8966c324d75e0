"""Test of a folder: whether it exists, can be read, and files can be created in it."""

import contextlib
import errno
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from aniworld_core.domain.library import is_system_folder
from aniworld_core.messages import Message, MessageView, kind_field, os_reason, values_field

_MOUNTS: Final = Path("/proc/self/mountinfo")
_OCTAL: Final = re.compile(r"\\([0-7]{3})")
#: Types of file systems whose files are on another machine (proc(5), mount(8)).
_NETWORK: Final = frozenset(
    {"9p", "afs", "ceph", "cifs", "davfs", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "smb3"}
    | {"smbfs", "fuse.davfs2", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.smbnetfs"}
    | {"fuse.sshfs"}
)


@attrs.frozen(kw_only=True)
class FolderTrial(MessageView):
    """Result of testing a folder on the server.

    Attributes:
        path: Absolute path.
        is_usable: Whether it can be used for downloads.
        exists: Whether the path exists.
        is_directory: Whether the path is a folder.
        is_readable: Whether its entries can be listed.
        is_writable: Whether a file could be created in it; the file is removed again.
        free_bytes: Free bytes of its file system.
        total_bytes: Size of its file system in bytes.
        is_same_disk: Whether it is on the file system of the data folder.
        filesystem: Type of the file system; `None` if unknown.
        is_network: Whether the file system is on another machine; `None` if unknown.
        problem: Why it cannot be used; `None` if it can.
    """

    path: str
    is_usable: bool
    exists: bool = False
    is_directory: bool = False
    is_readable: bool = False
    is_writable: bool = False
    free_bytes: int | None = None
    total_bytes: int | None = None
    is_same_disk: bool | None = None
    filesystem: str | None = None
    is_network: bool | None = None
    problem: str | None = None
    problem_kind: str | None = kind_field("problem")
    problem_values: Mapping[str, Any] = values_field("problem")


def try_folder(
    folder: Path, data_dir: Path, others: Sequence[Path] | None = None, *, writes: bool = True
) -> FolderTrial:
    """Test a folder by using it as a download does; blocks as long as its disk does.

    Args:
        folder: Folder to test.
        data_dir: Data folder, to compare the file systems.
        others: Other library folders, which must neither contain it nor be in it; it must not be in
            the data folder either. `None` for a folder that is in use already.
        writes: Whether to create a file. Otherwise the permissions decide, which leaves a sleeping
            disk asleep.
    """
    folder = folder.absolute()
    found = FolderTrial(path=str(folder), is_usable=False)
    try:
        is_directory = folder.is_dir()
        if not folder.exists():
            return attrs.evolve(found, problem=Message("no_such_folder"))
        found = attrs.evolve(found, exists=True, is_directory=is_directory)
        if is_system_folder(folder.resolve()):
            return attrs.evolve(found, problem=Message("system_folder"))
        if not is_directory:
            return attrs.evolve(found, problem=Message("is_no_folder"))
        if others is not None and (problem := _overlap(folder.resolve(), data_dir, others)):
            return attrs.evolve(found, problem=problem)
        found = _measured(found, folder, data_dir)
        with os.scandir(folder) as entries:
            next(entries, None)
        found = attrs.evolve(found, is_readable=True)
        if not writes:
            _require_permission(folder)
            return attrs.evolve(found, is_writable=True, is_usable=True)
        with tempfile.TemporaryFile(dir=folder, prefix=".aniworld-") as trial:
            trial.write(b"\0")
            trial.flush()
    except OSError as error:
        why = os_reason(error)
        kind = "cannot_be_written" if found.is_readable else "cannot_be_read"
        return attrs.evolve(found, problem=Message(kind, reason=why))
    return attrs.evolve(found, is_writable=True, is_usable=True)


def _require_permission(folder: Path) -> None:
    """Raise the error of creating a file in the folder, without creating one.

    Raises:
        OSError: If the file system is read-only or the permissions forbid it.
    """
    if os.access(folder, os.W_OK | os.X_OK):
        return
    is_read_only = bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
    code = errno.EROFS if is_read_only else errno.EACCES
    raise OSError(code, os.strerror(code))


def _overlap(real: Path, data_dir: Path, others: Sequence[Path]) -> Message | None:
    """Return why a folder cannot be used beside others; `None` if it can."""
    for other in (data_dir, *others):
        place = other.resolve()
        if real.is_relative_to(place):
            return Message("inside_other_folder", path=str(other))
        # A data folder inside the library is allowed: the demo has one.
        if other is not data_dir and place.is_relative_to(real):
            return Message("contains_other_folder", path=str(other))
    return None


def _measured(found: FolderTrial, folder: Path, data_dir: Path) -> FolderTrial:
    usage = shutil.disk_usage(folder)
    filesystem = _filesystem(folder)
    is_same_disk = None
    with contextlib.suppress(OSError):
        is_same_disk = folder.stat().st_dev == data_dir.stat().st_dev
    return attrs.evolve(
        found,
        free_bytes=usage.free,
        total_bytes=usage.total,
        is_same_disk=is_same_disk,
        filesystem=filesystem,
        is_network=None if filesystem is None else filesystem in _NETWORK,
    )


def _filesystem(folder: Path) -> str | None:
    """Return the type of the file system that contains a folder; `None` if unknown."""
    try:
        mounts = _MOUNTS.read_text("utf-8", "surrogateescape")
    except OSError:
        return None
    real = folder.resolve()
    best, found = -1, None
    for line in mounts.splitlines():
        fields, _, rest = line.partition(" - ")
        parts, kind = fields.split(), rest.split()[:1]
        if len(parts) < 5 or not kind:
            continue
        place = Path(_OCTAL.sub(lambda code: chr(int(code[1], 8)), parts[4]))
        # Of two mounts on one path the later one is visible.
        if real.is_relative_to(place) and len(place.parts) >= best:
            best, found = len(place.parts), kind[0]
    return found
