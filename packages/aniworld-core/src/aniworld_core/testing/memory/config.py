"""Configuration store in memory."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import attrs

from aniworld_core.domain.configuration import BackupInfo, Config
from aniworld_core.errors import (
    AniworldError,
    BackupNotFoundError,
)
from aniworld_core.ports.config import ConfigStore


@attrs.define(eq=False)
class MemoryConfigStore(ConfigStore):
    """Store the configuration and its backups in memory.

    Attributes:
        error: Error that `load` and `save` raise while it is set.
    """

    config: Config | None = None
    error: AniworldError | None = None
    _backups: dict[str, Config] = attrs.field(factory=dict, init=False)

    async def load(self) -> Config:
        self._raise()
        return self.config or Config()

    async def revision(self) -> str:
        return repr(self.config)

    async def save(self, config: Config, *, at: datetime) -> None:
        self._raise()
        if config == self.config:
            return
        if self.config is not None and config.backup.enabled:
            self._keep(self.config, at, config.backup.keep)
        self.config = config

    async def back_up(self, *, at: datetime) -> BackupInfo:
        config = await self.load()
        return self._keep(config, at, config.backup.keep)

    async def backups(self) -> Sequence[BackupInfo]:
        return tuple(_backup_info(name) for name in sorted(self._backups, reverse=True))

    async def read_backup(self, name: str) -> Config:
        if name not in self._backups:
            raise BackupNotFoundError(name)
        backup = self._backups[name]
        return attrs.evolve(backup, other=attrs.evolve(backup.other, master_password_hash=""))

    async def restore(self, name: str, *, at: datetime) -> Config:
        present, restored = await self.load(), await self.read_backup(name)
        secret = present.other.master_password_hash
        other = attrs.evolve(restored.other, master_password_hash=secret)
        restored = attrs.evolve(restored, other=other)
        if self.config is not None:
            self._keep(present, at, restored.backup.keep, spared=name)
        self.config = restored
        return restored

    async def remove_backup(self, name: str) -> None:
        if name not in self._backups:
            raise BackupNotFoundError(name)
        del self._backups[name]

    def _keep(self, config: Config, at: datetime, keep: int, spared: str = "") -> BackupInfo:
        while (name := f"config-{at:%Y%m%dT%H%M%S.%f}Z.json") in self._backups:
            at += timedelta(microseconds=1)
        self._backups[name] = config
        for old in sorted(self._backups, reverse=True)[keep:]:
            if old not in {spared, name}:
                del self._backups[old]
        return _backup_info(name)

    def _raise(self) -> None:
        if self.error is not None:
            raise self.error


def _backup_info(name: str) -> BackupInfo:
    stamp = name.removeprefix("config-").removesuffix("Z.json")
    at = datetime.strptime(stamp, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC)
    return BackupInfo(name=name, created_at=at.isoformat().replace("+00:00", "Z"), size=0)
