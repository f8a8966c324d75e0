"""Reading and changing the configuration."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import PurePath
from typing import Final, TypeAlias

import anyio
import attrs

from aniworld_core.application.configuration.current import CurrentConfig
from aniworld_core.application.configuration.document import (
    Problem,
    config_from_document,
    document_from_config,
    merged,
    unknown_settings,
)
from aniworld_core.application.configuration.provider_settings import (
    Declared,
    declared_problems,
    is_declared,
)
from aniworld_core.application.configuration.secrets import REDACTED, restored_secrets
from aniworld_core.application.configuration.settings import changed
from aniworld_core.domain.configuration import BackupConfig, BackupInfo, Config
from aniworld_core.errors import AlreadySetUpError, InvalidConfigError, UsageError
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.config import ConfigStore

_HASH = "master_password_hash"
#: Settings that name a folder.
_FOLDERS: Final = (("other", "anime_directory"), ("data_dir",), ("backup", "path"))

#: Returns why there is no folder at an absolute path, or `None`.
FolderCheck: TypeAlias = Callable[[str], Awaitable[str | None]]
_HIDDEN = "is hidden, and new here or for another address than before; enter it again"


@attrs.frozen
class ConfigCheck:
    """What a document would do.

    Attributes:
        errors: Pairs of JSON pointer and explanation; empty when it could be stored.
        warnings: The same for what works but is probably not meant.
    """

    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether the document could be stored."""
        return not self.errors


@attrs.define(eq=False, kw_only=True)
class ConfigEditor:
    """Keeps the stored configuration and the one in force together.

    The password's hash is no setting: only `set_up` and `set_password_hash` change it, and what
    a document says about it is passed over.
    """

    _store: ConfigStore
    _clock: Clock
    _current: CurrentConfig
    _folder_problem: FolderCheck | None = None
    #: Looked up when a document is checked, since loaders are imported for it.
    _declared: Callable[[], Declared] = dict
    _lock: anyio.Lock = attrs.field(factory=anyio.Lock, init=False)

    async def read(self) -> Config:
        """Return the stored configuration."""
        return await self._store.load()

    async def check(self, document: Mapping[str, object]) -> ConfigCheck:
        """Tell what `replace` would say to a whole or partial document; changes nothing."""
        stored = await self._store.load()
        whole = _laid_over(stored, document)
        declared = self._declared()
        warnings = [
            (pointer, "is not known and would be kept")
            for pointer in unknown_settings(document)
            if not is_declared(pointer, declared)
        ]
        try:
            config = _checked(whole, stored, declared)
        except InvalidConfigError as error:
            return ConfigCheck(error.problems, tuple(warnings))
        # What `replace` refuses; the folder may be there by then. A folder of backups that is
        # stored already may be relative: it is then below the data folder.
        former = Config(backup=BackupConfig(path=stored.backup.path))
        return ConfigCheck((), (*warnings, *await self._folder_problems(config, former)))

    async def replace(self, document: Mapping[str, object]) -> Config:
        """Lay a whole or partial document over the stored one; hidden secrets stay.

        Raises:
            InvalidConfigError: If the result is not valid, or names another folder that is
                relative or does not exist; nothing changes.
        """
        async with self._changing():
            stored = await self._store.load()
            return await self._keep(await self._accepted(_laid_over(stored, document), stored))

    async def _accepted(self, document: Mapping[str, object], stored: Config) -> Config:
        """Read a document that is to be stored.

        Raises:
            InvalidConfigError: If it is not valid, or names another folder than the stored one
                that is relative or does not exist.
        """
        config = _checked(document, stored, self._declared())
        problems = await self._folder_problems(config, stored)
        if problems:
            raise InvalidConfigError(problems)
        return config

    async def _folder_problems(self, config: Config, stored: Config) -> list[Problem]:
        """Return what is wrong with the folders that differ from the stored ones."""
        problems: list[Problem] = []
        for names in _FOLDERS:
            path, former = _setting(config, names), _setting(stored, names)
            if not path or path == former:
                continue
            problem: str | None = None
            if not path.startswith("~") and not PurePath(path).is_absolute():
                problem = "is relative; give the whole path"
            elif self._folder_problem is not None:
                problem = await self._folder_problem(path)
            if problem is not None:
                problems.append(("/" + "/".join(names), problem))
        return problems

    async def set(self, dotted_name: str, raw: str) -> Config:
        """Change one setting, given as text.

        Raises:
            SettingNotFoundError: If there is no setting of this name.
            InvalidConfigError: If the value is not valid, or a folder that is relative or does not
                exist; nothing changes.
            UsageError: If it is the password's hash.
        """
        if dotted_name == f"other.{_HASH}":
            raise UsageError("the password is no setting", hint="use: aniworld password")
        async with self._changing():
            stored = await self._store.load()
            document = changed(document_from_config(stored), dotted_name, raw)
            return await self._keep(await self._accepted(document, stored))

    @property
    def has_password(self) -> bool:
        """Return whether a hash was stored when the configuration was last read."""
        return bool(self._current.value.other.master_password_hash)

    async def password_hash(self) -> str | None:
        """Return the stored hash of the master password, `None` before one is set."""
        return (await self.read()).other.master_password_hash or None

    async def set_up(self, hashed: str, anime_directory: str | None = None) -> None:
        """Store the first password's hash, and the library folder if one is given, in one step.

        Raises:
            AlreadySetUpError: If there is a password already; nothing changes.
            InvalidConfigError: If the folder is relative or does not exist; nothing changes.
        """
        async with self._changing():
            stored = await self._store.load()
            if stored.other.master_password_hash:
                self._current.value = stored  # another process was faster
                raise AlreadySetUpError
            document: dict[str, object] = (
                {"other": {"anime_directory": anime_directory}} if anime_directory else {}
            )
            config = await self._accepted(_laid_over(stored, document), stored)
            await self._keep(_with_hash(config, hashed))

    async def set_password_hash(self, hashed: str, *, replacing: str | None = None) -> str | None:
        """Store the hash of a new master password.

        Args:
            hashed: The new hash.
            replacing: Change nothing unless this is the stored one.

        Returns:
            The hash that is stored now.
        """
        async with self._changing():
            stored = await self._store.load()
            if replacing is not None and stored.other.master_password_hash != replacing:
                return stored.other.master_password_hash
            await self._keep(_with_hash(stored, hashed))
            return hashed

    async def back_up(self) -> BackupInfo:
        """Keep a copy of the stored configuration as it is."""
        return await self._store.back_up(at=self._clock.now())

    async def backups(self) -> Sequence[BackupInfo]:
        """List the backups, newest first."""
        return await self._store.backups()

    async def read_backup(self, name: str) -> Config:
        """Return what `restore` would bring back; the password's hash is left out.

        Raises:
            BackupNotFoundError: If there is none of this name.
            InvalidConfigError: If the backup is not valid.
        """
        return await self._store.read_backup(name)

    async def restore(self, name: str) -> Config:
        """Make a backup the stored configuration; the password stays the present one.

        Raises:
            BackupNotFoundError: If there is none of this name.
            InvalidConfigError: If the backup is not valid; nothing changes.
        """
        async with self._changing():
            self._current.value = await self._store.restore(name, at=self._clock.now())
            return self._current.value

    async def remove_backup(self, name: str) -> None:
        """Delete a backup.

        Raises:
            BackupNotFoundError: If there is none of this name.
        """
        await self._store.remove_backup(name)

    @asynccontextmanager
    async def _changing(self) -> AsyncIterator[None]:
        """Be the only one who changes it, among all processes, from reading to writing."""
        async with self._lock, self._store.exclusive():
            yield

    async def _keep(self, config: Config) -> Config:
        await self._store.save(config, at=self._clock.now())
        self._current.value = config
        return config


def _setting(config: Config, names: Sequence[str]) -> str:
    value: object = config
    for name in names:
        value = getattr(value, name)
    return str(value)


def _laid_over(stored: Config, document: Mapping[str, object]) -> dict[str, object]:
    whole = document_from_config(stored)
    return merged(whole, restored_secrets(document, whole))


def _checked(
    document: Mapping[str, object], stored: Config, declared: Declared | None = None
) -> Config:
    """Read a document whose secrets must all be known; the stored hash stays.

    Raises:
        InvalidConfigError: If it is not valid.
    """
    other = document.get("other")
    if isinstance(other, Mapping):
        document = {**document, "other": {**other, _HASH: ""}}
    hidden = [(pointer, _HIDDEN) for pointer in _still_hidden(document)]
    try:
        config = config_from_document(document)
    except InvalidConfigError as error:
        # What a hidden value breaks says nothing about the secret.
        pointers = {pointer for pointer, _ in hidden}
        others = [problem for problem in error.problems if problem[0] not in pointers]
        raise InvalidConfigError([*others, *hidden]) from error
    hidden += declared_problems(config, declared or {})
    if hidden:
        raise InvalidConfigError(hidden)
    return _with_hash(config, stored.other.master_password_hash)


def _still_hidden(value: object, pointer: str = "") -> list[str]:
    if isinstance(value, Mapping):
        inner = [(str(name), element) for name, element in value.items()]
    elif isinstance(value, list | tuple):
        inner = [(str(index), element) for index, element in enumerate(value)]
    else:
        return [pointer] if isinstance(value, str) and REDACTED in value else []
    return [p for name, element in inner for p in _still_hidden(element, f"{pointer}/{name}")]


def _with_hash(config: Config, hashed: str) -> Config:
    return attrs.evolve(config, other=attrs.evolve(config.other, master_password_hash=hashed))
