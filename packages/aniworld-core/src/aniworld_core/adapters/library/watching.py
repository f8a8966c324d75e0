"""Watch local library folders for changed videos."""

import logging
import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final

from aniworld_core.adapters.library.reach import Reach
from aniworld_core.domain.library import EntryRole, file_rule, folder_rule, stored_path

logger: logging.Logger = logging.getLogger(__name__)

#: Milliseconds for which changes are collected.
_DEBOUNCE: Final = 2000
#: Milliseconds after which the caller gets an empty set, to look at the configuration.
_TIMEOUT: Final = 5000
#: File systems that do not report changes made by other computers.
_NETWORK: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "davfs", "ncpfs"}
)


async def changed_folders(reaches: Sequence[Reach]) -> AsyncIterator[set[str]]:
    """Yield the stored paths of series folders in which a video or folder changed.

    An empty set is yielded every few seconds without a change. Network file systems are not
    watched; without any local folder, the iterator ends.

    Raises:
        OSError: If the system cannot watch the folders.
    """
    import watchfiles  # only servers watch

    # It logs each change of every file; the scan that follows says what changed.
    logging.getLogger("watchfiles.main").setLevel(logging.WARNING)

    local = [reach for reach in reaches if not is_network(reach.real)]
    if not local:
        return
    # A folder that cannot be read is skipped by the library, and its errors would end the watch.
    watching = watchfiles.awatch(
        *(reach.real for reach in local),
        watch_filter=None,
        debounce=_DEBOUNCE,
        rust_timeout=_TIMEOUT,
        yield_on_timeout=True,
        ignore_permission_denied=True,
    )
    async for changes in watching:
        found: set[str] = set()
        for kind, path in changes:
            if _matters(path, is_deleted=kind is watchfiles.Change.deleted):
                found |= {top for reach in local if (top := _top(reach, path)) is not None}
        yield found


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
    if any(folder_rule(part).role is EntryRole.IGNORED for part in below.split("/")[:-1]):
        return None  # a scan does not read this folder either
    first, slash, _ = below.partition("/")
    is_loose = not slash and file_rule(first).role in (EntryRole.VIDEO, EntryRole.OPAQUE)
    return stored_path(reach.name, "" if is_loose else first)
