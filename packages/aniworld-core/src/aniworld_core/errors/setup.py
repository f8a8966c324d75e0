"""Errors of the installation: the operator corrects it."""

from collections.abc import Sequence
from typing import Final

from aniworld_core.errors.base import AniworldError
from aniworld_core.messages import Message, clipped


class SetupError(AniworldError):
    """The installation or its settings are wrong."""


#: Last part of the name of a distribution, where it is not the name of its adapter.
_DISTRIBUTIONS: Final = {"postgresql": "postgres"}


class AdapterNotFoundError(SetupError):
    """No installed distribution offers the configured adapter."""

    template = "no adapter {name!r} for {group} is installed"

    def __init__(self, group: str, name: str, installed: Sequence[str]) -> None:
        super().__init__(name=clipped(name), group=group)
        self.group = group
        self.name = name
        self.installed: tuple[str, ...] = tuple(installed)
        offered = _DISTRIBUTIONS.get(name, name)
        self.hint: str | None = Message(
            "adapter_not_found.hint", names=list(installed), name=offered
        )


class AdapterBrokenError(SetupError):
    """An installed adapter cannot be loaded, or two adapters claim one name."""

    template = "the adapter {name!r} for {group} is broken: {reason}"

    def __init__(self, group: str, name: str, reason: str) -> None:
        super().__init__(name=clipped(name), group=group, reason=reason)
        self.group = group
        self.name = name
        self.reason = reason


class SettingsError(SetupError):
    """Environment variables or command-line options have mistakes; all of them are listed."""

    template = "wrong settings: {problems:; }"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(problems=list(problems))
        self.problems: tuple[str, ...] = tuple(problems)


class PlatformNotSupportedError(SetupError):
    """The operating system lacks what keeps files safe: locks and descriptors of folders."""

    template = "it runs on Linux, not on {name}"
    hint: str | None = Message("platform_not_supported.hint")

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
        self.name = name


class LibraryNotSetError(SetupError):
    """No library folder is configured, so nothing can be downloaded."""

    template = "no library folder is set"
    hint: str | None = Message("library_not_set.hint")


class ConfigCorruptError(SetupError):
    """`config.json` cannot be read; it is never overwritten."""

    template = "{path} cannot be read: {reason}"

    def __init__(self, path: str, reason: str, newest_backup: str | None) -> None:
        super().__init__(path=path, reason=reason)
        self.path = path
        self.newest_backup = newest_backup
        self.hint: str | None = (
            Message("config_corrupt.hint", name=newest_backup)
            if newest_backup
            else Message("config_no_backup.hint")
        )


class StorageCorruptError(SetupError):
    """The database file is damaged or was written by a newer version."""

    template = "the database {path} cannot be used: {reason}"
    hint: str | None = Message("storage_corrupt.hint")

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path=path, reason=reason)
        self.path = path
        self.reason = reason
        if getattr(reason, "kind", "") == "database_newer":
            self.hint = None  # It is not damaged: a restored copy would lose what is in it.


class FormerDatabaseError(SetupError):
    """The database belongs to the former program, which has other tables."""

    template = "the database {path} belongs to the former Aniworld and is not changed"
    hint: str | None = Message("former_database.hint")

    def __init__(self, path: str) -> None:
        super().__init__(path=path)
        self.path = path


class DataDirInUseError(SetupError):
    """Another server uses this data folder."""

    template = "another server already uses {path}[ (process {pid})]"

    def __init__(self, path: str, pid: int | None) -> None:
        super().__init__(path=path, pid=pid)
        self.path = path
        self.pid = pid


class OtherVersionError(SetupError):
    """Another process of the installation runs another version of the program.

    Args:
        version: The version of this process.
        host: Name of the other machine.
        other: The version of the other process.
    """

    template = "this is Aniworld {version}, but {host} runs {other}"
    hint: str | None = Message("other_version.hint")

    def __init__(self, version: str, host: str, other: str) -> None:
        super().__init__(version=version, host=host, other=other)
        self.version = version
        self.host = host
        self.other = other
