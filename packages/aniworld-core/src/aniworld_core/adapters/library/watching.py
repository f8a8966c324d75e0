"""Watch local library folders for changed videos."""

import logging
import os
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Final

import anyio
import anyio.to_thread

from aniworld_core.adapters.library.reach import Reach
from aniworld_core.domain.library import EntryRole, file_rule, folder_rule, stored_path
from aniworld_core.errors import LibraryUnavailableError
from aniworld_core.messages import Message

logger: logging.Logger = logging.getLogger(__name__)

#: Milliseconds for which changes are collected.
_DEBOUNCE: Final = 2000
#: Milliseconds between two looks for changes; each wakes the processor, and ending takes as long.
_STEP: Final = 500
#: Milliseconds after which the caller gets an empty set, to look at the configuration.
_TIMEOUT: Final = 5000
#: File systems that do not report changes made by other computers.
_NETWORK: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "davfs", "ncpfs"}
)
#: Part of an error of `watchfiles` → limit of Linux that was reached.
_LIMITS: Final = {
    "watch limit reached": "fs.inotify.max_user_watches",
    "os error 24": "fs.inotify.max_user_instances",
}

_Disk = tuple[int, int]


async def changed_folders(reaches: Sequence[Reach]) -> AsyncIterator[set[str]]:
    """Yield the stored paths of series folders in which a video or folder changed.

    An empty set is yielded every few seconds without a change. Network file systems are not
    watched. The iterator ends when a root disappears, returns or is another disk than before, and
    without any local folder.

    Raises:
        LibraryUnavailableError: If a limit of the system is reached.
        OSError: If the system cannot watch the folders.
    """
    local = [reach for reach in reaches if not is_network(reach.real)]
    before = await anyio.to_thread.run_sync(_disks, local)
    present = [reach for reach, disk in zip(local, before, strict=True) if disk is not None]
    if not present:
        return
    stop = threading.Event()
    thread = anyio.CapacityLimiter(1)
    changes = _watched([reach.real for reach in present], stop)

    def wait() -> tuple[set[str] | None, Sequence[_Disk | None]]:
        return next(changes, None), _disks(local)

    try:
        while True:
            # Setting up thousands of folders takes long, so it happens in the thread too.
            paths, after = await anyio.to_thread.run_sync(
                wait, abandon_on_cancel=True, limiter=thread
            )
            if paths is None or after != before:
                return
            tops = {_top(reach, path) for path in paths for reach in present}
            yield {top for top in tops if top is not None}
    finally:
        stop.set()


def _watched(roots: Sequence[str], stop: threading.Event) -> Iterator[set[str]]:
    """Yield changed paths that matter until *stop* is set; blocks for some seconds each time."""
    import watchfiles  # only servers watch

    # It logs each change of every file; the scan that follows says what changed.
    logging.getLogger("watchfiles.main").setLevel(logging.WARNING)

    def watch(*, is_lenient: bool) -> Iterator[set[str]]:
        for changes in watchfiles.watch(
            *roots,
            watch_filter=None,
            debounce=_DEBOUNCE,
            step=_STEP,
            rust_timeout=_TIMEOUT,
            yield_on_timeout=True,
            stop_event=stop,
            ignore_permission_denied=is_lenient,
        ):
            yield {
                path
                for kind, path in changes
                if _matters(path, is_deleted=kind is watchfiles.Change.deleted)
            }

    try:
        try:
            yield from watch(is_lenient=False)
        except PermissionError:
            # The library skips a folder that cannot be read. This is the second try because it
            # also ignores that the limit of the system is reached.
            yield from watch(is_lenient=True)
    except (OSError, RuntimeError) as error:
        if limit := next((name for text, name in _LIMITS.items() if text in str(error)), None):
            raise LibraryUnavailableError(roots[0], Message("watch_limit", limit=limit)) from error
        if isinstance(error, OSError):
            raise
        raise LibraryUnavailableError(roots[0], str(error)) from error


def _disks(reaches: Sequence[Reach]) -> Sequence[_Disk | None]:
    """Return device and inode of each root; `None` for those that are not there."""
    return [_disk(reach.root) for reach in reaches]


def _disk(root: str) -> _Disk | None:
    try:
        status = os.stat(root)  # noqa: PTH116 - a path of text
    except OSError:
        return None
    return (status.st_dev, status.st_ino)


def is_network(path: str) -> bool:
    """Return whether a folder is on a network file system, by the table of mounts."""
    try:
        lines = Path("/proc/self/mounts").read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return False
    kinds: dict[str, str] = {}
    for line in lines:
        _, mount, kind, *_ = line.split(" ")
        kinds[_unescaped(mount)] = kind
    above = [m for m in kinds if f"{path}/".startswith(f"{m.rstrip('/')}/")]
    kind = kinds[max(above, key=len)] if above else ""
    return kind in _NETWORK or kind.startswith("fuse.")


def _unescaped(mount: str) -> str:
    for code, text in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        mount = mount.replace(code, text)
    return mount


def _matters(path: str, *, is_deleted: bool) -> bool:
    role = file_rule(path.rpartition("/")[2]).role
    if role in (EntryRole.VIDEO, EntryRole.OPAQUE):
        return True
    # The system does not report whether the deleted entry was a folder or another file.
    return role is EntryRole.PLAIN and (is_deleted or os.path.isdir(path))  # noqa: PTH112


def _top(reach: Reach, path: str) -> str | None:
    """Return the stored path of the series folder of a changed path in this root, if it has one."""
    start = f"{reach.real.rstrip('/')}/"
    if not path.startswith(start):
        return None
    below = path[len(start) :]
    first, slash, _ = below.partition("/")
    is_loose = not slash and file_rule(first).role in (EntryRole.VIDEO, EntryRole.OPAQUE)
    folders = below.split("/")[: -1 if slash or is_loose else None]
    if any(folder_rule(part).role is EntryRole.IGNORED for part in folders):
        return None  # a scan does not read this folder either
    return stored_path(reach.name, "" if is_loose else first)
