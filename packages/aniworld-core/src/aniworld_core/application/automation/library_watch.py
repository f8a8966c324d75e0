"""Scan changed folders as soon as the file system reports them."""

import logging
from datetime import timedelta
from typing import Final

import attrs

from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.application.library import LibraryScanner
from aniworld_core.errors import (
    AniworldError,
    LibraryNotSetError,
    LibraryUnavailableError,
    ScanRunningError,
)
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.library import MediaLibrary

logger: logging.Logger = logging.getLogger(__name__)

#: Time until the folders are watched again after the watch ended.
AGAIN: Final = timedelta(seconds=30)
#: The same if they cannot be watched.
AFTER_FAILURE: Final = timedelta(minutes=10)


@attrs.define(eq=False, kw_only=True)
class LibraryWatch:
    """Runs a scan of the changed folders only; catalogues are not requested.

    When the watch was interrupted, such as by a disk that was away, the whole library is scanned
    once it is watched again. Network drives do not report changes; they wait for the schedule.

    Args:
        library: Watches its folders.
        scanner: Scans them.
        config: `library.watch` switches the watch on and off while it runs.
        clock: The time.
    """

    _library: MediaLibrary
    _scanner: LibraryScanner
    _config: CurrentConfig
    _clock: Clock
    _pending: set[str] = attrs.field(factory=set, init=False)
    _is_whole_due: bool = attrs.field(default=False, init=False)

    async def run(self) -> None:
        """Watch and scan until cancelled."""
        while True:
            pause = AGAIN
            if self._config.value.library.watch:
                try:
                    await self._follow()
                except LibraryNotSetError:
                    pass
                except LibraryUnavailableError as error:
                    logger.warning("the library folders are not watched: %s", error.reason)
                    pause = AFTER_FAILURE
                except (AniworldError, OSError) as error:
                    logger.warning("the library folders are not watched: %s", error)
                    pause = AFTER_FAILURE
                self._is_whole_due = True
            await self._clock.sleep(pause)

    async def _follow(self) -> None:
        roots = self._roots()
        async for folders in self._library.changes():
            self._pending |= folders
            if self._pending or self._is_whole_due:
                await self._scan()
            if not self._config.value.library.watch or self._roots() != roots:
                return

    def _roots(self) -> tuple[object, ...]:
        return (self._library.root, *self._library.other_roots)

    async def _scan(self) -> None:
        folders = frozenset(self._pending)
        try:
            await self._scanner.scan(refresh=False, only=None if self._is_whole_due else folders)
        except ScanRunningError:
            return  # they are scanned with the next change or in some seconds
        except AniworldError as error:
            logger.warning("cannot scan the changed folders: %s", error)
        self._pending -= folders
        self._is_whole_due = False
