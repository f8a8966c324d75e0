"""Store the configuration in the database that several machines share."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import attrs

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
from aniworld_core.domain.configuration import BackupInfo, Config
from aniworld_core.errors import BackupNotFoundError, ConfigCorruptError, InvalidConfigError
from aniworld_core.messages import Message
from aniworld_core.ports.config import ConfigStore, StoredDocument
from aniworld_core.ports.config_documents import ConfigDocument, ConfigDocuments, FormerDocument


@attrs.define(eq=False)
class SharedConfigStore(ConfigStore):
    """Stores the configuration as one document of a database.

    `exclusive` takes no lock: a change that another machine has overtaken raises
    `ConfigChangedError` when it is stored.

    Attributes:
        _documents: The document and its backups.
        _declared_problems: Returns the problems of loaders' settings in an invalid document.
    """

    _documents: ConfigDocuments
    _declared_problems: Callable[[object], Sequence[Problem]] = lambda _document: ()
    #: The document at the start of a change; not set outside of `exclusive`.
    _changing: tuple[ConfigDocument | None] | None = attrs.field(default=None, init=False)

    async def load(self) -> Config:
        stored = await self._documents.get()
        return Config() if stored is None else await self._config(stored)

    async def revision(self) -> str:
        stored = await self._documents.get()
        return "" if stored is None else str(stored.revision)

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[None]:
        self._changing = (await self._documents.get(),)
        try:
            yield
        finally:
            self._changing = None

    async def save(self, config: Config, *, at: datetime) -> None:
        stored = await self._replaced()
        if stored is not None and is_same(await self._parsed(stored), config):
            return
        await self._replace(stored, written(config), _former_if_kept(config, at))

    async def document(self) -> StoredDocument | None:
        stored = await self._documents.get()
        return None if stored is None else stored_document(await self._parsed(stored))

    async def save_document(
        self, document: Mapping[str, object], valid: Config, *, at: datetime
    ) -> None:
        stored = await self._replaced()
        if stored is not None and (await self._parsed(stored)).value == document:
            return
        await self._replace(stored, text_of(document), _former_if_kept(valid, at))

    async def back_up(self, *, at: datetime) -> BackupInfo:
        stored = await self._documents.get()
        config = Config() if stored is None else await self._usable(stored)
        text = written(config).decode() if stored is None else stored.text
        return await self._documents.back_up(text, _former(at, config.backup.keep))

    async def backups(self) -> Sequence[BackupInfo]:
        return await self._documents.backups()

    async def read_backup(self, name: str) -> Config:
        return with_hash(await self._backup(name), "")

    async def restore(self, name: str, *, at: datetime) -> Config:
        stored = await self._replaced()
        present = Config() if stored is None else await self._usable(stored)
        restored = with_hash(await self._backup(name), present.other.master_password_hash)
        await self._replace(
            stored, written(restored), _former(at, restored.backup.keep, spared=name)
        )
        return restored

    async def remove_backup(self, name: str) -> None:
        await self._documents.remove_backup(name)

    async def _replaced(self) -> ConfigDocument | None:
        """Return the document that a change replaces: the one that it began with."""
        return await self._documents.get() if self._changing is None else self._changing[0]

    async def _replace(
        self, stored: ConfigDocument | None, text: bytes, former: FormerDocument | None
    ) -> None:
        await self._documents.replace(
            text.decode(),
            replacing=None if stored is None else stored.revision,
            former=former,
        )

    async def _backup(self, name: str) -> Config:
        return config_of_backup(name, (await self._documents.backup(name)).encode())

    async def _config(self, stored: ConfigDocument) -> Config:
        document = await self._parsed(stored)
        try:
            return config_of(document)
        except InvalidConfigError as error:
            others = self._declared_problems(document.value)
            raise InvalidConfigError([*error.problems, *others]) from error

    async def _usable(self, stored: ConfigDocument) -> Config:
        """Return the stored configuration; the defaults if values in it are wrong."""
        try:
            return config_of(await self._parsed(stored))
        except InvalidConfigError:
            return Config()

    async def _parsed(self, stored: ConfigDocument) -> JsonDocument:
        try:
            document = document_of(stored.text.encode())
        except NotJsonError as error:
            raise await self._corrupt(Message("config_not_json", reason=error.reason)) from error
        if not isinstance(document.value, Mapping):
            raise await self._corrupt(Message("config_no_object"))
        return document

    async def _corrupt(self, reason: str) -> ConfigCorruptError:
        good = await self._newest_good_backup()
        error = ConfigCorruptError(Message("config_in_database"), reason, good)
        if good is not None:
            error.hint = Message("config_database_corrupt.hint", name=good)
        return error

    async def _newest_good_backup(self) -> str | None:
        for backup in await self._documents.backups():
            try:
                await self._backup(backup.name)
            except (BackupNotFoundError, InvalidConfigError):
                continue
            return backup.name
        return None


def _former_if_kept(config: Config, at: datetime) -> FormerDocument | None:
    return _former(at, config.backup.keep) if config.backup.enabled else None


def _former(at: datetime, keep: int, *, spared: str = "") -> FormerDocument:
    return FormerDocument(at=at, keep=keep, spared=spared)
