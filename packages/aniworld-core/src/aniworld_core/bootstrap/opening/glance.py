"""Look at an unchanged library without opening an application."""

from pathlib import Path
from typing import TYPE_CHECKING, cast

from aniworld_core.adapters.change_lock import FileChangeLock
from aniworld_core.adapters.library.directory import DirectoryLibrary
from aniworld_core.adapters.system_clock import SystemClock
from aniworld_core.application.library import LibraryGlance
from aniworld_core.bootstrap.plugins import load_adapter, scheme_of
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.errors import AniworldError

if TYPE_CHECKING:
    from aniworld_core.application.library import ScanReport
    from aniworld_core.ports.last_scan import OpenLastScan


async def glance(settings: Settings) -> "ScanReport | None":
    """Return the report of a scan of the disk if the library is as the last scan left it.

    It takes a fraction of the time of an application, which the caller opens if the result is
    `None`: something changed, or only the application can say what is wrong.
    """
    if settings.bus_url != "local":
        return None  # others wait for the events of a scan
    try:
        folders = await _folders(settings)
        url = settings.storage_url
        opened = cast("OpenLastScan", load_adapter("aniworld.last_scan", scheme_of(url)))
        async with opened(url) as last:
            if last is None or not folders:
                return None
            clock = SystemClock()
            library = DirectoryLibrary(folders[0], folders[1:])
            lock = FileChangeLock(settings.data_dir)
            return await LibraryGlance(library=library, last=last, lock=lock, clock=clock).report()
    except AniworldError:
        return None


async def _folders(settings: Settings) -> tuple[Path, ...]:
    """Return the library folders, the main one first; none if it is not set."""
    first = settings.anime_directory
    others: tuple[Path, ...] = ()
    if (settings.data_dir / "config.json").exists():
        # Slow to import, and an installation may run without the file.
        from aniworld_core.bootstrap.config_access import stored_configuration

        config = await stored_configuration(settings).load()
        first, others = first or config.anime_directory, tuple(map(Path, config.library.folders))
    return () if first is None else (first, *others)
