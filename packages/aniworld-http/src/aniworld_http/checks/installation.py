"""Versions of what runs, and the storage that it uses."""

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from importlib.metadata import distributions
from pathlib import Path

from anyio import to_thread

from aniworld_core.bootstrap.diagnosis import find_problems, installed_tools
from aniworld_core.bootstrap.logging.file import log_file_path
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.errors import AniworldError, LibraryNotSetError
from aniworld_http.checks.health import disk_usage
from aniworld_http.schemas.health import Installation, ProblemView, StorageUse, Version


async def describe_installation(application: Application) -> Installation:
    """Return versions and storage use."""
    now, engine = application.clock.now(), application.storage.engine
    try:
        libraries = await application.inspector.versions()
    except AniworldError:
        libraries = {}  # the missing tool has no version either
    versions = await to_thread.run_sync(lambda: tuple(_versions(now, engine, libraries)))
    return Installation(versions=versions, storage=tuple(await _storage(application)))


async def list_problems(application: Application) -> Sequence[ProblemView]:
    """Return what needs attention besides the health of the parts."""
    found = await find_problems(application)
    return [ProblemView(name=each.name, detail=each.detail, hint=each.hint) for each in found]


def _versions(
    now: datetime, engine: tuple[str, str] | None, libraries: Mapping[str, str]
) -> Iterator[Version]:
    own = {d.name: d.version for d in distributions() if d.name.startswith("aniworld-")}
    for name in sorted(own):
        yield Version(name=name, version=own[name])
    for tool in installed_tools(now).values():
        if tool is not None:
            days = tool.age.days if tool.age is not None else None
            yield Version(name=tool.name, version=tool.version, age_days=days, is_old=tool.is_old)
    for name, number in libraries.items():
        yield Version(name=name, version=number)
    yield Version(name="Python", version=platform.python_version())
    if engine is not None:
        yield Version(name=engine[0], version=engine[1])
    yield Version(name=platform.system(), version=platform.release())


async def _storage(application: Application) -> list[StorageUse]:
    try:
        entries = await application.recycle_bin.entries()
        in_bin: int | None = sum(entry.bytes for entry in entries)
    except AniworldError:
        in_bin = None
    data = application.settings.data_dir
    log = log_file_path(application.current_config.value, data)
    own = await to_thread.run_sync(_own_files, data, log)
    return [
        *await _roots(application),
        StorageUse(kind="recycle_bin", bytes=in_bin),
        *(StorageUse(kind=kind, bytes=size) for kind, size in own.items()),
    ]


async def _roots(application: Application) -> list[StorageUse]:
    """Return the bytes of the known files in each library folder, and of its disk."""
    try:
        main, others = application.library.root, application.library.other_roots
    except LibraryNotSetError:
        return [StorageUse(kind="library", bytes=0)]
    folders = {"": main, **{root.as_posix(): root for root in others}}
    sizes = await application.storage.files.sizes_of_roots(list(folders))
    found = []
    for name, folder in folders.items():
        disk = await to_thread.run_sync(disk_usage, folder)
        found.append(
            StorageUse(
                kind="library",
                bytes=sizes[name],
                folder=str(folder),
                free_bytes=disk.free,
                total_bytes=disk.total,
            )
        )
    return found


def _own_files(data: Path, log: Path | None) -> dict[str, int]:
    """Return the bytes of the files in the data folder by their purpose; links are not followed."""
    sizes = dict.fromkeys(("database", "backups", "logs", "other"), 0)
    for folder, _, names in os.walk(data):
        for name in names:
            try:
                size = Path(folder, name).lstat().st_size
            except OSError:
                continue  # it was removed meanwhile
            sizes[_purpose(Path(folder, name), data, log)] += size
    return sizes


def _purpose(path: Path, data: Path, log: Path | None) -> str:
    if log is not None and path.parent == log.parent and path.name.startswith(log.name):
        return "logs"
    if data / "backups" in path.parents or path.name.endswith(".bak"):
        return "backups"
    is_database = path.parent == data and ".db" in path.name
    return "database" if is_database else "other"
