"""The inspector adapter; a module of its own, so that the muxer process does not load it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import anyio.to_thread
import attrs

from aniworld_core.domain.catalogue import Cover
from aniworld_core.domain.library import FileFacts
from aniworld_core.errors import AniworldError
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.inspector import MediaFacts, MediaInspector
from aniworld_providers.media.probe.facts.process import DescribeProcess
from aniworld_providers.media.probe.inspect import inspect_file


@attrs.define(eq=False)
class PyAvInspector(MediaInspector):
    """Inspects files with PyAV in worker threads."""

    async def inspect(self, path: Path, *, thorough: bool = False) -> MediaFacts:
        return await anyio.to_thread.run_sync(lambda: inspect_file(path, thorough=thorough))

    async def describe(
        self, paths: Sequence[Path], *, with_sound: bool
    ) -> Mapping[Path, FileFacts | AniworldError]:
        found: dict[Path, FileFacts | AniworldError] = {}
        with DescribeProcess() as process:
            for path in paths:
                found[path] = await anyio.to_thread.run_sync(
                    partial(process.describe, path, with_sound=with_sound),
                    abandon_on_cancel=True,  # `close` ends the process, and so the thread
                )
        return found

    async def stills(self, paths: Sequence[Path]) -> Mapping[Path, Cover | AniworldError]:
        found: dict[Path, Cover | AniworldError] = {}
        with DescribeProcess() as process:
            for path in paths:
                found[path] = await anyio.to_thread.run_sync(
                    partial(process.still, path), abandon_on_cancel=True
                )
        return found

    async def versions(self) -> Mapping[str, str]:
        return await anyio.to_thread.run_sync(_versions)


def _versions() -> Mapping[str, str]:
    """Return the version of FFmpeg in PyAV, and of its libraries."""
    import av

    libraries = {name: ".".join(map(str, n)) for name, n in sorted(av.library_versions.items())}
    return {"FFmpeg": av.ffmpeg_version_info, **libraries}


@asynccontextmanager
async def open_inspector(context: AdapterContext) -> AsyncIterator[MediaInspector]:
    """Open the inspector installed as `pyav`; the context is not used."""
    yield PyAvInspector()
