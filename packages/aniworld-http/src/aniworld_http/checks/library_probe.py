"""State of the library folders, looked at while somebody has a page open."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import anyio
import attrs
from aiohttp import web
from anyio import to_thread

from aniworld_core.errors import LibraryNotSetError
from aniworld_core.messages import Message
from aniworld_core.ports.library import MediaLibrary
from aniworld_http.checks.folder import FolderTrial, try_folder

#: Seconds for which a result is used.
_FRESH: Final = 10.0
#: Seconds after which a file system counts as one that does not answer.
_HANGING: Final = 5.0


@attrs.define(eq=False)
class FolderProbe:
    """Latest test of the library folders.

    A network drive may not answer for minutes. One thread waits for it at a time, and requests use
    the last result meanwhile.

    Attributes:
        found: Result of the first folder that cannot be used, or of the main folder; `None` before
            the first test.
    """

    _library: MediaLibrary
    _data_dir: Path
    _now: Callable[[], float] = time.monotonic
    found: FolderTrial | None = attrs.field(default=None, init=False)
    _roots: tuple[Path, ...] = attrs.field(default=(), init=False)
    _tested: float = attrs.field(default=float("-inf"), init=False)
    _began: float | None = attrs.field(default=None, init=False)

    @property
    def is_unusable(self) -> bool:
        """Whether the last test found a folder that cannot be used."""
        return self.found is not None and not self.found.is_usable

    async def look(self, seconds: float) -> FolderTrial | None:
        """Test the folders if the last result is old; return the result.

        Args:
            seconds: Time to wait for the file system. Afterwards the last result is returned.
        """
        roots = self._configured()
        is_old = self._now() - self._tested >= _FRESH or roots != self._roots
        if self._began is None and is_old:
            self._began = self._now()
            limiter = anyio.CapacityLimiter(1)  # the shared threads may all wait for this drive
            with anyio.move_on_after(seconds):
                await to_thread.run_sync(self._test, roots, abandon_on_cancel=True, limiter=limiter)
        if self._began is not None and self._now() - self._began >= _HANGING:
            path = str(roots[0]) if roots else ""
            self.found = FolderTrial(path=path, is_usable=False, problem=Message("no_answer"))
        return self.found

    def _configured(self) -> tuple[Path, ...]:
        try:
            return (self._library.root, *self._library.other_roots)
        except LibraryNotSetError:
            return ()

    def _test(self, roots: tuple[Path, ...]) -> None:
        try:
            self.found = _worst(roots, self._data_dir)
        finally:
            self._roots, self._tested, self._began = roots, self._now(), None


def _worst(roots: tuple[Path, ...], data_dir: Path) -> FolderTrial:
    if not roots:
        return FolderTrial(path="", is_usable=False, problem=LibraryNotSetError().message)
    trials = [try_folder(root, data_dir, writes=False) for root in roots]
    return next((each for each in trials if not each.is_usable), trials[0])


FOLDER_PROBE: Final = web.AppKey("FOLDER_PROBE", FolderProbe)
