"""Read and change the configuration."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

import anyio
import attrs

from aniworld_core.application.configuration.checking import (
    HASH,
    ConfigCheck,
    FolderCheck,
    checked_config,
    folder_problems,
    laid_over,
    with_hash,
)
from aniworld_core.application.configuration.current import CurrentConfig
from aniworld_core.application.configuration.document import (
    document_from_config,
    merged,
    stored_value,
    unknown_settings,
    valid_part,
    value_at,
    with_invalid_part,
)
from aniworld_core.application.configuration.named_changes import changed_beside, with_settings
from aniworld_core.application.configuration.provider_settings import (
    Declared,
    all_settings,
    is_declared,
)
from aniworld_core.application.configuration.secrets import (
    redacted,
)
from aniworld_core.application.configuration.settings import (
    NO_DECLARED,
    lookup,
    place_of,
)
from aniworld_core.documents import Problem
from aniworld_core.domain.configuration import (
    BackupConfig,
    BackupInfo,
    Config,
)
from aniworld_core.domain.json_pointer import pointer_to
from aniworld_core.errors import (
    AlreadySetUpError,
    ConfigChangedError,
    ConfigCorruptError,
    InvalidConfigError,
    LibraryUnavailableError,
    SettingNotFoundError,
    UsageError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.config import ConfigStore

logger: logging.Logger = logging.getLogger(__name__)


@attrs.define(eq=False, kw_only=True)
class ConfigEditor:
    """Changes the stored configuration and the one in force together.

    The password hash is not a setting: only `set_up` and `set_password_hash` change it, and its
    value in a document is ignored.
    """

    _store: ConfigStore
    _clock: Clock
    _current: CurrentConfig
    _folder_problem: FolderCheck | None = None
    #: Called only when a document is checked or shown, because it imports the loaders.
    _declared: Callable[[], Declared] = dict
    #: Applies the configuration in force to the opened adapters.
    _apply: Callable[[], Awaitable[None]] | None = None
    _lock: anyio.Lock = attrs.field(factory=anyio.Lock, init=False)
    #: Revision of the stored configuration that was last followed.
    _revision: str | None = attrs.field(default=None, init=False)

    async def read(self) -> Config:
        """Return the stored configuration."""
        return await self._store.load()

    async def read_valid_part(self) -> tuple[Config, Sequence[Problem]]:
        """Return the stored configuration, and what is invalid in it: there it has the defaults.

        Raises:
            ConfigCorruptError: If it cannot be read.
            InvalidConfigError: If it is invalid as a whole.
        """
        try:
            return await self._store.load(), ()
        except InvalidConfigError as error:
            document = await self._store.document()
            if document is None:
                raise
            return valid_part(document.values, error.problems), error.problems

    async def follow(self) -> None:
        """Put in force what another process has stored.

        While it cannot be read or is invalid, the former configuration stays in force.
        """
        async with self._lock:
            try:
                revision = await self._store.revision()
                if revision == self._revision:
                    return
                stored = await self._store.load()
            except LibraryUnavailableError as error:
                logger.debug("cannot look for a changed configuration: %s", error)
                return
            except (ConfigCorruptError, InvalidConfigError) as error:
                self._revision = revision
                logger.warning("the former configuration stays in force: %s", error)
                return
            self._revision = revision
            if stored != self._current.value:
                await self._put_in_force(stored)
                logger.info("another process has changed the configuration; it is in force now")

    def declared(self) -> Declared:
        """Return the settings that loaders declare themselves, by loader name."""
        return self._declared()

    def shown(self, config: Config) -> dict[str, object]:
        """Return a configuration as a document without its secrets."""
        return redacted(document_from_config(config), self._declared_in(config))

    def shown_setting(self, config: Config, dotted_name: str) -> object:
        """Return one setting or section of a configuration, without secrets.

        Raises:
            SettingNotFoundError: If there is no setting of this name.
        """
        document = self.shown(config)
        try:
            return lookup(document, dotted_name)
        except SettingNotFoundError:
            return lookup(document, dotted_name, self._declared())

    async def check(
        self, document: Mapping[str, object], faults: Sequence[Problem] = ()
    ) -> ConfigCheck:
        """Return the problems for which `replace` would refuse a document; changes nothing.

        Args:
            document: Plain values, partial or complete.
            faults: Problems of single values found while parsing the JSON.
        """
        stored = await self._store.load()
        declared = self._declared_in(stored, unknown_settings(document))
        whole = laid_over(stored, document, declared)
        warnings = [
            (pointer, Message("not_known_kept"))
            for pointer in unknown_settings(document)
            if not is_declared(pointer, declared)
        ]
        try:
            config = checked_config(whole, stored, declared, faults)
        except InvalidConfigError as error:
            return ConfigCheck(error.problems, tuple(warnings))
        # `replace` refuses a missing folder; here it is a warning, because it may exist later. A
        # stored relative backup folder is allowed: it is below the data folder.
        former = Config(backup=BackupConfig(path=stored.backup.path))
        return ConfigCheck(
            (), (*warnings, *await folder_problems(config, former, self._folder_problem))
        )

    async def drafted(self, document: Mapping[str, object]) -> Config:
        """Return the configuration that a partial or complete document would give; stores nothing.

        Raises:
            InvalidConfigError: If it is invalid, or needs a secret that only another address has.
        """
        stored = await self._store.load()
        declared = self._declared_in(stored, unknown_settings(document))
        return checked_config(laid_over(stored, document, declared), stored, declared)

    async def guarded_changes(self, document: Mapping[str, object]) -> Sequence[str]:
        """Return the pointers of changed settings that require the master password."""
        config = await self._store.load()
        stored = document_from_config(config)
        whole = merged(stored, document)
        return [
            pointer_to(each.path)
            for each in all_settings(self._declared_in(config, unknown_settings(document)))
            if each.description.needs_password
            and value_at(whole, each.path) not in (None, stored_value(stored, each))
        ]

    async def replace(
        self,
        document: Mapping[str, object],
        faults: Sequence[Problem] = (),
        *,
        only_if: Callable[[Config], bool] = lambda _stored: True,
    ) -> Config:
        """Merge a partial or complete document into the stored one; hidden secrets stay.

        Args:
            document: Plain values.
            faults: Problems of single values found while parsing the JSON.
            only_if: Returns whether the stored configuration is the one that the caller has read.

        Raises:
            ConfigChangedError: If it is not; nothing changes.
            InvalidConfigError: If the result is invalid, or names another folder that is relative
                or does not exist; nothing changes.
        """
        async with self._changing():
            stored = await self._store.load()
            if not only_if(stored):
                raise ConfigChangedError
            declared = self._declared_in(stored, unknown_settings(document))
            whole = laid_over(stored, document, declared)
            return await self._keep(await self._accepted(whole, stored, declared, faults))

    async def _accepted(
        self,
        document: Mapping[str, object],
        stored: Config,
        declared: Declared,
        faults: Sequence[Problem] = (),
    ) -> Config:
        """Parse a document that is to be stored.

        Raises:
            InvalidConfigError: If it is invalid, or names another folder than the stored one that
                is relative or does not exist.
        """
        config = checked_config(document, stored, declared, faults)
        problems = await folder_problems(config, stored, self._folder_problem)
        if problems:
            raise InvalidConfigError(problems)
        return config

    async def set(self, values: Mapping[str, str]) -> Config:
        """Change settings given as text in one step.

        As with `replace`, a stored secret stays only for its address: a new address requires the
        secret again in the same step. The key that signs webhooks stays for new webhooks. A
        section given as JSON may be partial.

        Where other stored settings are invalid, they stay as they are, and the returned
        configuration has their defaults. So they can be corrected one after the other.

        Args:
            values: Dotted name → text.

        Raises:
            SettingNotFoundError: If there is no setting of this name.
            InvalidConfigError: If a value is invalid, a folder is relative or does not exist, or
                the address of a stored secret changed; nothing changes.
            UsageError: If it is the password hash.
        """
        if f"other.{HASH}" in values:
            raise UsageError(
                Message("password_no_setting"), hint=Message("password_no_setting.hint")
            )
        is_known = all(place_of(name.split(".")) for name in values)
        async with self._changing():
            try:
                stored = await self._store.load()
            except InvalidConfigError as error:
                return await self._set_beside(values, error)
            declared = self._declared_in(stored) if is_known else self._declared()
            result = with_settings(document_from_config(stored), values, declared)
            return await self._keep(await self._accepted(result, stored, declared))

    async def _set_beside(self, values: Mapping[str, str], error: InvalidConfigError) -> Config:
        """Change settings while stored settings are invalid, and return the valid part."""
        document = await self._store.document()
        if document is None:
            raise error
        declared = self._declared()
        change = changed_beside(document, error.problems, values, declared)
        config = await self._accepted(change.valid, change.stored, declared)
        if not change.problems:
            return await self._keep(config)
        whole = with_invalid_part(config, change.document, change.problems)
        await self._store.save_document(whole, config, at=self._clock.now())
        return await self._put_in_force(config)

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
                self._current.value = stored  # Another process was faster.
                raise AlreadySetUpError
            document: dict[str, object] = (
                {"other": {"anime_directory": anime_directory}} if anime_directory else {}
            )
            config = await self._accepted(laid_over(stored, document, {}), stored, {})
            await self._keep(with_hash(config, hashed))

    async def set_password_hash(self, hashed: str, *, replacing: str | None = None) -> str | None:
        """Store the hash of a new master password.

        Args:
            hashed: The new hash.
            replacing: Change nothing unless this hash is stored.

        Returns:
            The hash that is stored now.
        """
        async with self._changing():
            stored = await self._store.load()
            if replacing is not None and stored.other.master_password_hash != replacing:
                return stored.other.master_password_hash
            await self._keep(with_hash(stored, hashed))
            return hashed

    async def back_up(self) -> BackupInfo:
        """Make a backup of the stored configuration."""
        return await self._store.back_up(at=self._clock.now())

    async def backups(self) -> Sequence[BackupInfo]:
        """List the backups, newest first."""
        return await self._store.backups()

    async def read_backup(self, name: str) -> Config:
        """Return the configuration of a backup without the password hash.

        Raises:
            BackupNotFoundError: If there is no backup of this name.
            InvalidConfigError: If the backup is invalid.
        """
        return await self._store.read_backup(name)

    async def restore(self, name: str) -> Config:
        """Restore a backup; the current password stays.

        Raises:
            BackupNotFoundError: If there is no backup of this name.
            InvalidConfigError: If the backup is invalid; nothing changes.
        """
        async with self._changing():
            restored = await self._store.restore(name, at=self._clock.now())
            return await self._put_in_force(restored)

    async def remove_backup(self, name: str) -> None:
        """Delete a backup.

        Raises:
            BackupNotFoundError: If there is none of this name.
        """
        await self._store.remove_backup(name)

    def _declared_in(self, config: Config, unknown: Sequence[str] = ()) -> Declared:
        """Return the declared settings, or nothing if the document concerns no setting of a loader.

        Importing the loaders takes longer than changing the configuration.
        """
        pointers = (*config.unknown, *unknown)
        is_needed = any(pointer.startswith("/providers/") for pointer in pointers)
        return self._declared() if is_needed else NO_DECLARED

    @asynccontextmanager
    async def _changing(self) -> AsyncIterator[None]:
        """Lock the configuration against all processes, from reading to writing."""
        async with self._lock, self._store.exclusive():
            yield

    async def _keep(self, config: Config) -> Config:
        await self._store.save(config, at=self._clock.now())
        return await self._put_in_force(config)

    async def _put_in_force(self, config: Config) -> Config:
        self._current.value = config
        if self._apply is not None:
            await self._apply()
        return config
