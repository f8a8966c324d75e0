"""Versions of what runs, and the storage that it uses."""

import os
import platform
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, distributions, version
from pathlib import Path
from typing import Final

from anyio import to_thread

from aniworld_core.bootstrap.logging.file import log_file_path
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.catalogue import SeriesQuery
from aniworld_core.errors import AniworldError
from aniworld_http.schemas.health import Installation, StorageUse, Version

#: Version numbers of yt-dlp are dates.
_DATED: Final = re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,2})(?:\.|$)", re.ASCII)
#: Age from which a tool is old; hosters change about as often.
_OLD: Final = timedelta(days=90)
_TOOLS: Final = ("yt-dlp", "av")


async def describe_installation(application: Application) -> Installation:
    """Return versions and storage use."""
    now, engine = application.clock.now(), application.storage.engine
    versions = await to_thread.run_sync(lambda: tuple(_versions(now, engine)))
    return Installation(versions=versions, storage=tuple(await _storage(application)))


def _versions(now: datetime, engine: tuple[str, str] | None) -> Iterator[Version]:
    own = {d.name: d.version for d in distributions() if d.name.startswith("aniworld-")}
    for name in sorted(own):
        yield Version(name=name, version=own[name])
    for name in _TOOLS:
        try:
            yield _tool(name, version(name), now)
        except PackageNotFoundError:
            continue
    yield Version(name="Python", version=platform.python_version())
    if engine is not None:
        yield Version(name=engine[0], version=engine[1])
    yield Version(name=platform.system(), version=platform.release())


def _tool(name: str, installed: str, now: datetime) -> Version:
    """Return the version of a tool with its age, if the version is a date."""
    dated = _DATED.match(installed)
    try:
        made = datetime(*map(int, dated.groups()), tzinfo=UTC) if dated else None  # type: ignore[arg-type, misc]
    except ValueError:
        made = None  # it only looks like a date
    if made is None or made > now:
        return Version(name=name, version=installed)
    age = now - made
    return Version(name=name, version=installed, age_days=age.days, is_old=age > _OLD)


async def _storage(application: Application) -> list[StorageUse]:
    totals = await application.overview.totals(SeriesQuery())
    try:
        entries = await application.recycle_bin.entries()
        in_bin: int | None = sum(entry.bytes for entry in entries)
    except AniworldError:
        in_bin = None
    data = application.settings.data_dir
    log = log_file_path(application.current_config.value, data)
    own = await to_thread.run_sync(_own_files, data, log)
    return [
        StorageUse(kind="library", bytes=totals.size_bytes),
        StorageUse(kind="recycle_bin", bytes=in_bin),
        *(StorageUse(kind=kind, bytes=size) for kind, size in own.items()),
    ]


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
