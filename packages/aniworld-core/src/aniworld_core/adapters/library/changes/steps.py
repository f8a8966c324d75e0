"""Apply one step. Each function first checks how far an interrupted run came."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import PurePosixPath
from typing import Final

from aniworld_core.adapters.library.changes.content import (
    copy_to,
    has_content,
    remove,
    same_content,
    write_to,
)
from aniworld_core.adapters.library.changes.no_replace import rename_no_replace, sync_folder
from aniworld_core.adapters.library.changes.places import Place, Roots, stamp_of
from aniworld_core.domain.library import FileStamp, Step, StepKind
from aniworld_core.errors import ChangeRefusedError
from aniworld_core.messages import Message

#: Nanoseconds by which a file system may round the time of a copied file (FAT: two seconds).
_TIME_GRAIN: Final = 2_000_000_000


class SourceStaysError(Exception):
    """The original of a moved file cannot be removed."""

    def __init__(self, path: str, error: OSError) -> None:
        super().__init__(path, error)
        self.path = path
        self.error = error


def run_step(roots: Roots, step: Step) -> FileStamp | None:
    """Apply a step; see `FileOperations.run`.

    Raises:
        ChangeRefusedError: If the source is gone or changed, or the target is taken.
        UnsafePathError: If a path leads outside the roots.
        SourceStaysError: If the file was copied, but the original cannot be removed.
        OSError: If the disk cannot be read or written.
    """
    if step.kind is StepKind.REMOVE_FOLDER:
        _remove_folder(roots, step)
        return None
    if step.kind is StepKind.DISCARD:
        _discard(roots, step)
        return None
    try:
        with roots.opened(step.target) as target:
            if step.kind is StepKind.MAKE_FOLDER:
                _make_folder(target)
                return None
            if step.kind is StepKind.WRITE:
                return _write(target, step)
            with roots.opened(step.source) as source:
                match step.kind:
                    case StepKind.MOVE:
                        return _move(source, target, step)
                    case StepKind.COPY:
                        return _copy(source, target, step)
                    case _:
                        return _link(source, target, step)
    except FileNotFoundError as error:
        # A folder of one of the two is gone: the library, the disk, or somebody removed it.
        raise _refused(step, "file_vanished") from error
    except FileExistsError as error:
        raise _taken(step) from error


def _make_folder(target: Place) -> None:
    try:
        os.mkdir(target.name, 0o777, dir_fd=target.folder)
    except FileExistsError:
        status = os.stat(target.name, dir_fd=target.folder)
        if not stat.S_ISDIR(status.st_mode):
            raise


#: Why a folder is gone already or stays: it is not empty, a link, or the mount point of a disk.
_STAYING: Final = frozenset(
    {errno.ENOENT, errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR, errno.EBUSY}
)


def _remove_folder(roots: Roots, step: Step) -> None:
    try:
        with roots.opened(step.target) as target:
            # A read-only disk refuses to remove even a folder that is not there.
            if target.status() is not None:
                os.rmdir(target.name, dir_fd=target.folder)
    except OSError as error:
        if error.errno not in _STAYING:
            raise


def _move(source: Place, target: Place, step: Step) -> FileStamp | None:
    old, new = source.status(), target.status()
    if old is None:
        if new is None or not _fits(new, step.stamp):
            raise _refused(step, "file_vanished")
        _remove_copies(source, target, step)
        return stamp_of(new)  # moved already
    if new is not None:
        # Two mounts of one disk have the same device, but a move between them copies as well.
        is_copied = old.st_dev != new.st_dev or _fits(new, step.stamp)
        is_half_moved = _is_same_file(old, new) or (is_copied and same_content(source, target))
        if not is_half_moved:
            raise _taken(step)
        sync_folder(target.folder)
        remove(source)
        return stamp_of(new)
    _require_stamp(old, step)
    try:
        rename_no_replace(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV or step.stamp is None:
            raise
        _copied(source, target, step)
        _remove_original(source, target)
    moved = target.status()
    return None if moved is None else stamp_of(moved)


def _copy(source: Place, target: Place, step: Step) -> FileStamp | None:
    new = target.status()
    if new is not None:
        if not same_content(source, target):
            raise _taken(step)
        return stamp_of(new)
    _require_source(source, step)
    _copied(source, target, step)
    return _stamp_at(target)


def _link(source: Place, target: Place, step: Step) -> FileStamp | None:
    old, new = _require_source(source, step), target.status()
    if new is not None:
        if not _is_same_file(old, new):
            raise _taken(step)
        return stamp_of(new)
    try:
        os.link(
            source.name,
            target.name,
            src_dir_fd=source.folder,
            dst_dir_fd=target.folder,
            follow_symlinks=False,
        )
    except OSError as error:
        if error.errno in {errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK}:
            raise _refused(step, "no_hard_link") from error
        raise
    return _stamp_at(target)


def _write(target: Place, step: Step) -> FileStamp | None:
    content = step.content or b""
    if target.status() is not None:
        if not has_content(target, content):
            raise _taken(step)
        return _stamp_at(target)
    temporary = _temporary(target, step)
    with _removed_after_failure(temporary):
        write_to(temporary, content)
        rename_no_replace(temporary, target)
    return _stamp_at(target)


def _copied(source: Place, target: Place, step: Step) -> None:
    """Copy the source to the target through the temporary name."""
    temporary = _temporary(target, step)
    with _removed_after_failure(temporary):
        copy_to(source, temporary, step.stamp)
        rename_no_replace(temporary, target)
    sync_folder(target.folder)


def _remove_original(source: Place, target: Place) -> None:
    """Remove the source of a copy; if that fails, remove the copy instead.

    Raises:
        SourceStaysError: If the source cannot be removed.
    """
    try:
        remove(source)
    except OSError as error:
        if source.status() is not None:
            with suppress(OSError):
                remove(target)
        raise SourceStaysError(source.path, error) from error


@contextmanager
def _removed_after_failure(temporary: Place) -> Iterator[None]:
    """Remove an incomplete file after an error, so that it does not keep a full disk full."""
    try:
        yield
    except BaseException:
        with suppress(OSError):
            remove(temporary)
        raise


def _remove_copies(source: Place, target: Place, step: Step) -> None:
    """Remove what a copy to another disk left when it was interrupted, here or before a rollback.

    The temporary file of a step that is rolled back is beside its target, now the source.
    """
    name = PurePosixPath(step.temporary).name
    for place in (target, source) if name else ():
        with suppress(OSError):
            remove(place.beside(name))


def _discard(roots: Roots, step: Step) -> None:
    """Delete the file that the step created, and nothing else."""
    with suppress(FileNotFoundError), roots.opened(step.target) as target:
        remove(_temporary(target, step))
        status = target.status()
        if status is None:
            return
        if step.content is not None:
            is_ours = has_content(target, step.content)
        else:
            with roots.opened(step.source) as source:
                old = source.status()
                is_ours = old is not None and (
                    _is_same_file(old, status) or same_content(source, target)
                )
        if is_ours:
            remove(target)


def _require_source(source: Place, step: Step) -> os.stat_result:
    status = source.status()
    if status is None:
        raise _refused(step, "file_vanished")
    _require_stamp(status, step)
    return status


def _require_stamp(status: os.stat_result, step: Step) -> None:
    if step.stamp is None:
        # A link to a folder is moved itself; what it leads to stays.
        if not stat.S_ISDIR(status.st_mode) and not stat.S_ISLNK(status.st_mode):
            raise _refused(step, "not_a_folder")
        return
    if stamp_of(status) is None:
        raise _refused(step, "not_a_regular_file")
    if stamp_of(status) != step.stamp:
        raise _refused(step, "file_changed_since")


def _fits(status: os.stat_result, stamp: FileStamp | None) -> bool:
    """Return whether an entry is the moved file; a copy may have a rounded time."""
    if stamp is None:
        return not stat.S_ISREG(status.st_mode)
    found = stamp_of(status)
    return (
        found is not None
        and found.size == stamp.size
        and abs(found.modified_ns - stamp.modified_ns) < _TIME_GRAIN
    )


def _is_same_file(first: os.stat_result, second: os.stat_result) -> bool:
    return not stat.S_ISDIR(first.st_mode) and (first.st_dev, first.st_ino) == (
        second.st_dev,
        second.st_ino,
    )


def _stamp_at(place: Place) -> FileStamp | None:
    status = place.status()
    return None if status is None else stamp_of(status)


def _temporary(target: Place, step: Step) -> Place:
    return target.beside(PurePosixPath(step.temporary).name)


def _refused(step: Step, kind: str) -> ChangeRefusedError:
    return ChangeRefusedError(step.source or step.target, Message(kind))


def _taken(step: Step) -> ChangeRefusedError:
    name = PurePosixPath(step.target).name
    return ChangeRefusedError(step.source or step.target, Message("name_taken", name=name))
