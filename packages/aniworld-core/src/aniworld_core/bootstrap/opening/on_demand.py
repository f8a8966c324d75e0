"""Adapters that are opened when they are first used.

Commands that download nothing seldom inspect a file or show a cover; the libraries for both are
slow to import.
"""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import attrs

from aniworld_core.bootstrap.adapters import COVERS, open_covers, open_inspector
from aniworld_core.errors import AdapterNotFoundError, AniworldError
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.covers import CoverSource
from aniworld_core.ports.inspector import MediaFacts, MediaInspector

if TYPE_CHECKING:
    from aniworld_core.domain.catalogue import Cover, CoverAddress
    from aniworld_core.domain.library import FileFacts


@attrs.define(eq=False)
class InspectorOnDemand(MediaInspector):
    """Every method raises `AdapterNotFoundError` if no inspector can be opened.

    Args:
        stack: Closes the inspector.
        context: Its context.
    """

    _stack: AsyncExitStack
    _context: AdapterContext
    _lock: anyio.Lock = attrs.field(factory=anyio.Lock, init=False)
    _opened: MediaInspector | None = attrs.field(default=None, init=False)

    async def inspect(self, path: Path, *, thorough: bool = False) -> MediaFacts:
        """Open the inspector if needed, and inspect a file."""
        return await (await self._inspector()).inspect(path, thorough=thorough)

    async def describe(
        self, paths: Sequence[Path], *, with_sound: bool
    ) -> "Mapping[Path, FileFacts | AniworldError]":
        """Open the inspector if needed, and describe files."""
        return await (await self._inspector()).describe(paths, with_sound=with_sound)

    async def stills(self, paths: Sequence[Path]) -> "Mapping[Path, Cover | AniworldError]":
        """Open the inspector if needed, and return frames of videos."""
        return await (await self._inspector()).stills(paths)

    async def versions(self) -> Mapping[str, str]:
        """Open the inspector if needed, and return the versions of its libraries."""
        return await (await self._inspector()).versions()

    async def _inspector(self) -> MediaInspector:
        async with self._lock:
            if self._opened is None:
                self._opened = await open_inspector(self._stack, self._context)
            return self._opened


@attrs.define(eq=False)
class CoversOnDemand(CoverSource):
    """Raises `AdapterNotFoundError` if no cover source can be opened.

    Args:
        stack: Closes the cover source.
        context: Its context.
    """

    _stack: AsyncExitStack
    _context: AdapterContext
    _lock: anyio.Lock = attrs.field(factory=anyio.Lock, init=False)
    _opened: CoverSource | None = attrs.field(default=None, init=False)

    async def get(self, address: "CoverAddress") -> "Cover":
        """Open the cover source if needed, and return a cover."""
        async with self._lock:
            if self._opened is None:
                self._opened = await open_covers(self._stack, self._context)
        if self._opened is None:
            raise AdapterNotFoundError(COVERS, "providers", ())
        return await self._opened.get(address)
