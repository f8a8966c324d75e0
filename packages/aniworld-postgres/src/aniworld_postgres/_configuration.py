"""The configuration in PostgreSQL."""

from collections.abc import Sequence
from datetime import UTC, timedelta
from typing import Final

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from aniworld_core.domain.configuration import BACKUP_STAMP, BackupInfo, parse_backup_name
from aniworld_core.errors import BackupNotFoundError, ConfigChangedError
from aniworld_core.ports.config_documents import ConfigDocument, ConfigDocuments, FormerDocument
from aniworld_postgres._database import Database
from aniworld_postgres._shared import configuration, configuration_backup

_CURRENT: Final = sa.select(configuration.c.text, configuration.c.revision)
_SIZE: Final = sa.func.octet_length(configuration_backup.c.text)


@attrs.define(eq=False)
class PostgresConfigDocuments(ConfigDocuments):
    """The configuration in the table `configuration`, its backups in `configuration_backup`."""

    _database: Database

    async def get(self) -> ConfigDocument | None:
        return await self._database.read(_get)

    async def replace(
        self, text: str, *, replacing: int | None, former: FormerDocument | None = None
    ) -> None:
        await self._database.write(lambda c: _replace(c, text, replacing, former))

    async def back_up(self, text: str, former: FormerDocument) -> BackupInfo:
        return await self._database.write(lambda c: _keep(c, text, former))

    async def backups(self) -> Sequence[BackupInfo]:
        query = sa.select(configuration_backup.c.name, _SIZE).order_by(
            configuration_backup.c.name.desc()
        )
        return await self._database.read(
            lambda c: tuple(_info(name, size) for name, size in c.execute(query))
        )

    async def backup(self, name: str) -> str:
        if "\0" in name:
            raise BackupNotFoundError(name)
        query = sa.select(configuration_backup.c.text).where(configuration_backup.c.name == name)
        text = await self._database.read(lambda c: c.execute(query).scalar_one_or_none())
        if text is None:
            raise BackupNotFoundError(name)
        return str(text)

    async def remove_backup(self, name: str) -> None:
        await self.backup(name)
        delete = sa.delete(configuration_backup).where(configuration_backup.c.name == name)
        if not await self._database.write(lambda c: c.execute(delete).rowcount):
            raise BackupNotFoundError(name)


def _get(connection: sa.Connection) -> ConfigDocument | None:
    row = connection.execute(_CURRENT).one_or_none()
    return None if row is None else ConfigDocument(text=row.text, revision=row.revision)


def _replace(
    connection: sa.Connection, text: str, replacing: int | None, former: FormerDocument | None
) -> None:
    stored = _get(connection)
    if replacing != (None if stored is None else stored.revision):
        raise ConfigChangedError
    if stored is not None and former is not None:
        _keep(connection, stored.text, former)
    changed = {"text": text, "revision": (replacing or 0) + 1}
    upsert = insert(configuration).values(id=1, **changed)
    connection.execute(upsert.on_conflict_do_update(index_elements=["id"], set_=changed))


def _keep(connection: sa.Connection, text: str, former: FormerDocument) -> BackupInfo:
    names = set(connection.execute(sa.select(configuration_backup.c.name)).scalars())
    moment = former.at.astimezone(UTC)
    while (name := f"config-{moment.strftime(BACKUP_STAMP)}Z.json") in names:
        moment += timedelta(microseconds=1)
    connection.execute(sa.insert(configuration_backup).values(name=name, text=text))
    surplus = sorted({*names, name}, reverse=True)[former.keep :]
    old = [each for each in surplus if each not in {former.spared, name}]
    if old:
        delete = sa.delete(configuration_backup).where(configuration_backup.c.name.in_(old))
        connection.execute(delete)
    return _info(name, len(text.encode()))


def _info(name: str, size: int) -> BackupInfo:
    at = parse_backup_name(name)
    return BackupInfo(name=name, created_at=at.isoformat().replace("+00:00", "Z"), size=size)
