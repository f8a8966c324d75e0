"""Store the configuration as one JSON file with backups beside it."""

import errno
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import anyio
import anyio.to_thread
import attrs

from aniworld_core.adapters.atomic_file import write_atomically
from aniworld_core.adapters.config_texts import (
    config_of,
    config_of_backup,
    document_of,
    is_same,
    stored_document,
    text_of,
    with_hash,
    written,
)
from aniworld_core.documents import JsonDocument, NotJsonError, Problem
from aniworld_core.domain.configuration import BACKUP_STAMP, BackupInfo, Config, parse_backup_name
from aniworld_core.errors import (
    BackupNotFoundError,
    ConfigCorruptError,
    InvalidConfigError,
    InvalidNameError,
    LibraryUnavailableError,
    StorageFullError,
)
from aniworld_core.messages import Message, os_reason
from aniworld_core.ports.config import ConfigStore, StoredDocument

if TYPE_CHECKING:
    from filelock import FileLock

P = ParamSpec("P")
T = TypeVar("T")

logger: logging.Logger = logging.getLogger(__name__)

_SIZE_LIMIT = 5 * 1024**2
#: Seconds to wait for the change of another process.
_LOCK_SECONDS = 10.0
_FULL = {errno.ENOSPC, errno.EDQUOT}


@attrs.define(eq=False)
class JsonConfigStore(ConfigStore):
    """Stores `config.json`, readable by its owner only, replaced atomically.

    Attributes:
        _path: The file.
        _backup_folder: Folder of the backups when the configuration names none.
        _is_declared: Returns whether a loader declares the setting at a JSON pointer.
        _declared_problems: Returns the problems of such settings in an invalid document.
    """

    _path: Path
    _backup_folder: Path | None = None
    _is_declared: Callable[[str], bool] = lambda _pointer: False
    _declared_problems: Callable[[object], Sequence[Problem]] = lambda _document: ()
    _warned: set[str] = attrs.field(factory=set, init=False)
    _lock: anyio.Lock = attrs.field(factory=anyio.Lock, init=False)

    async def load(self) -> Config:
        return await self._run(self._load)

    async def revision(self) -> str:
        return await self._run(self._revision)

    async def save(self, config: Config, *, at: datetime) -> None:
        await self._run(self._save, config, at)

    async def document(self) -> StoredDocument | None:
        return await self._run(self._document)

    async def save_document(
        self, document: Mapping[str, object], valid: Config, *, at: datetime
    ) -> None:
        await self._run(self._save_document, document, valid, at)

    async def back_up(self, *, at: datetime) -> BackupInfo:
        return await self._run(self._back_up, at)

    async def backups(self) -> Sequence[BackupInfo]:
        return await self._run(self._backups)

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[None]:
        # Without our own lock: reading goes on while another process is waited for.
        lock = await anyio.to_thread.run_sync(self._checked, self._locked)
        try:
            yield
        finally:
            lock.release()

    async def read_backup(self, name: str) -> Config:
        return await self._run(self._read_backup, name)

    async def restore(self, name: str, *, at: datetime) -> Config:
        return await self._run(self._restore, name, at)

    async def remove_backup(self, name: str) -> None:
        await self._run(self._remove, name)

    async def _run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        async with self._lock:
            return await anyio.to_thread.run_sync(lambda: self._checked(call, *args, **kwargs))

    def _checked(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return call(*args, **kwargs)
        except OSError as error:
            if error.errno in _FULL:
                raise StorageFullError(str(self._path.parent)) from error
            reason = os_reason(error)
            raise LibraryUnavailableError(str(self._path.parent), reason) from error

    def _locked(self) -> "FileLock":
        # Slow to import; reading takes no lock.
        from filelock import FileLock, Timeout

        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(self._path.with_suffix(".lock"), mode=0o600, thread_local=False)
        try:
            lock.acquire(timeout=_LOCK_SECONDS)
        except Timeout as error:
            reason = Message("config_busy")
            raise LibraryUnavailableError(str(self._path.parent), reason) from error
        return lock

    def _load(self) -> Config:
        raw = self._read()
        if raw is None:
            return Config()
        document = self._parsed(raw)
        try:
            config = config_of(document)
        except InvalidConfigError as error:
            others = self._declared_problems(document.value)
            raise InvalidConfigError([*error.problems, *others]) from error
        for pointer in config.unknown:
            if pointer not in self._warned and not self._is_declared(pointer):
                self._warned.add(pointer)
                logger.warning("%s: the setting %s is not known and kept", self._path, pointer)
        return config

    def _revision(self) -> str:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return ""
        return f"{found.st_ino} {found.st_mtime_ns} {found.st_size}"

    def _save(self, config: Config, at: datetime) -> None:
        raw = self._read()
        if raw is not None:
            former = self._parsed(raw)
            if is_same(former, config):
                return
            if config.backup.enabled:
                self._keep(raw, at, config)
        write_atomically(self._path, written(config))

    def _document(self) -> StoredDocument | None:
        raw = self._read()
        return None if raw is None else stored_document(self._parsed(raw))

    def _save_document(self, document: Mapping[str, object], valid: Config, at: datetime) -> None:
        raw = self._read()
        if raw is not None:
            if self._parsed(raw).value == document:
                return
            if valid.backup.enabled:
                self._keep(raw, at, valid)
        write_atomically(self._path, text_of(document))

    def _back_up(self, at: datetime) -> BackupInfo:
        raw = self._read()
        config = Config() if raw is None else self._usable(raw)
        return self._keep(written(config) if raw is None else raw, at, config)

    def _backups(self) -> Sequence[BackupInfo]:
        return self._listed(self._folder(self._present()))

    def _read_backup(self, name: str) -> Config:
        return with_hash(_from_backup(self._backup(name, self._present())), "")

    def _restore(self, name: str, at: datetime) -> Config:
        raw = self._read()
        present = Config() if raw is None else self._usable(raw)
        secret = present.other.master_password_hash
        restored = with_hash(_from_backup(self._backup(name, present)), secret)
        if raw is not None:
            self._keep(raw, at, restored, spared=name)
        write_atomically(self._path, written(restored))
        return restored

    def _remove(self, name: str) -> None:
        self._backup(name, self._present()).unlink()

    def _read(self) -> bytes | None:
        """Return what is stored, or `None` when nothing ever was."""
        try:
            return _read_limited(self._path)
        except FileNotFoundError:
            return None
        except IsADirectoryError as error:
            raise self._corrupt(Message("config_is_folder")) from error
        except InvalidConfigError as error:
            raise self._corrupt(error.message) from error

    def _parsed(self, raw: bytes) -> JsonDocument:
        try:
            document = document_of(raw)
        except NotJsonError as error:
            raise self._corrupt(Message("config_not_json", reason=error.reason)) from error
        if not isinstance(document.value, Mapping):
            raise self._corrupt(Message("config_no_object"))
        return document

    def _usable(self, raw: bytes) -> Config:
        """Read what is stored; where values are wrong the defaults say where backups are."""
        try:
            return config_of(self._parsed(raw))
        except InvalidConfigError:
            return Config()

    def _present(self) -> Config:
        raw = self._read()
        return Config() if raw is None else self._usable(raw)

    def _corrupt(self, reason: str) -> ConfigCorruptError:
        folder = self._folder(Config())
        good = next((b.name for b in self._listed(folder) if _is_good(folder / b.name)), None)
        return ConfigCorruptError(str(self._path), reason, good and str(folder / good))

    def _folder(self, config: Config) -> Path:
        if config.backup.path:
            # Relative to the data folder, wherever the program was started.
            return self._path.parent / Path(config.backup.path).expanduser()
        return self._backup_folder or self._path.parent / "backups"

    def _listed(self, folder: Path) -> tuple[BackupInfo, ...]:
        if not folder.is_dir():
            return ()
        found = []
        for path in folder.iterdir():
            try:
                at = parse_backup_name(path.name)
            except InvalidNameError:
                continue  # another file
            if path.is_file() and not path.is_symlink():
                created_at = at.isoformat().replace("+00:00", "Z")
                found.append(
                    BackupInfo(name=path.name, created_at=created_at, size=path.stat().st_size)
                )
        return tuple(sorted(found, key=lambda backup: backup.name, reverse=True))

    def _backup(self, name: str, config: Config) -> Path:
        folder = self._folder(config)
        if name not in {backup.name for backup in self._listed(folder)}:
            raise BackupNotFoundError(name)
        return folder / name

    def _keep(self, raw: bytes, at: datetime, config: Config, *, spared: str = "") -> BackupInfo:
        folder = self._folder(config)
        moment = at.astimezone(UTC)
        while (path := folder / f"config-{moment.strftime(BACKUP_STAMP)}Z.json").exists():
            moment += timedelta(microseconds=1)
        write_atomically(path, raw)
        listed = self._listed(folder)
        for old in listed[config.backup.keep :]:
            if old.name not in {spared, path.name}:
                (folder / old.name).unlink(missing_ok=True)
        return next(backup for backup in listed if backup.name == path.name)


def _from_backup(path: Path) -> Config:
    return config_of_backup(path.name, _read_limited(path))


def _is_good(path: Path) -> bool:
    try:
        _from_backup(path)
    except (OSError, InvalidConfigError):
        return False
    return True


def _read_limited(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(_SIZE_LIMIT + 1)
    if len(content) > _SIZE_LIMIT:
        problem = Message("too_large", limit_bytes=_SIZE_LIMIT)
        raise InvalidConfigError([("", Message("part_reason", part=path.name, reason=problem))])
    return content
