"""Read the `data` files of the former program as untrusted input."""

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import anyio.to_thread
import attrs

from aniworld_core.adapters.atomic_file import write_atomically
from aniworld_core.domain.identity import FolderName
from aniworld_core.domain.library import legacy_series
from aniworld_core.errors import (
    LegacyDataError,
    LibraryUnavailableError,
    StorageUnavailableError,
)
from aniworld_core.messages import Message, os_reason
from aniworld_core.ports.legacy import LegacyFile

DATA_FILE: Final = "data"
#: An older format with only the key as text.
KEY_FILE: Final = "key"
MAX_BYTES: Final = 1024 * 1024
#: Most levels of nesting; real documents have two.
MAX_DEPTH: Final = 50


@attrs.define(eq=False)
class LegacyDataFiles:
    """Read the files from disk.

    Args:
        ledger: File that records the imported files.
    """

    _ledger: Path

    async def read(self, folder: Path) -> Sequence[LegacyFile]:
        """Return the files in the direct subfolders of a folder, ordered by name."""
        return await anyio.to_thread.run_sync(lambda: list(_read_all(folder)))

    async def taken_over(self) -> frozenset[str]:
        """Return the marks of imported files; empty if there are none."""
        return await anyio.to_thread.run_sync(self._known)

    async def remember(self, marks: frozenset[str]) -> None:
        """Add the marks of imported files."""
        await anyio.to_thread.run_sync(self._write, marks)

    def _known(self) -> frozenset[str]:
        try:
            marks = json.loads(self._ledger.read_text())
        except (OSError, ValueError):
            # Without it every file is read again, which changes nothing.
            return frozenset()
        return frozenset(str(mark) for mark in marks) if isinstance(marks, list) else frozenset()

    def _write(self, marks: frozenset[str]) -> None:
        known = self._known()
        if marks <= known:
            return
        try:
            write_atomically(self._ledger, json.dumps(sorted(known | marks)).encode())
        except OSError as error:
            raise StorageUnavailableError(
                Message("part_reason", part=str(self._ledger), reason=os_reason(error))
            ) from error


def _read_all(folder: Path) -> Iterator[LegacyFile]:
    try:
        with os.scandir(folder) as entries:
            inner = sorted(entry.name for entry in entries if _is_series_folder(entry))
    except OSError as error:
        raise LibraryUnavailableError(str(folder), os_reason(error)) from error
    for name in inner:
        for file in (DATA_FILE, KEY_FILE):
            path = folder / name / file
            # A folder of that name is ignored.
            if os.path.lexists(path) and not _is_folder(path):
                yield _read_one(path, FolderName(name))
                break


def _is_series_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _read_one(path: Path, folder: FolderName) -> LegacyFile:
    file, mark = f"{folder}/{path.name}", ""
    try:
        content = _content(path)
        mark = hashlib.sha256(file.encode(errors="surrogateescape") + b"\0" + content).hexdigest()
        text = content.decode("utf-8-sig")
        folder.encode()
        document = {"key": text} if path.name == KEY_FILE else _document(text)
        return LegacyFile(file=file, mark=mark, series=legacy_series(document, folder))
    except LegacyDataError as error:
        reason = error.reason
    except OSError as error:
        reason = Message("cannot_be_read", reason=os_reason(error))
    except UnicodeError:
        reason = Message("legacy_no_text")
    shown = file.encode(errors="replace").decode()
    return LegacyFile(file=shown, mark=mark, reason=reason)


def _content(path: Path) -> bytes:
    # Links are not followed, pipes do not block, and the size is limited.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise LegacyDataError(Message("not_a_regular_file"))
        content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise LegacyDataError(Message("too_large", limit_bytes=MAX_BYTES))
    return content


def _document(text: str) -> object:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LegacyDataError(Message("legacy_no_json")) from error
    level, depth = [document], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise LegacyDataError(Message("nested_text", limit=MAX_DEPTH))
        level = [inner for value in level for inner in _inner(value)]
    return document


def _inner(value: object) -> Sequence[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else ()
