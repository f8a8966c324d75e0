"""Search, add and download through the application and its real adapters."""

import functools
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio

from aniworld_core.application.downloads import DrainReport
from aniworld_core.bootstrap.application import open_application
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.configuration import Config, DownloadsConfig, ProviderConfig
from aniworld_core.domain.identity import EpisodeRef
from aniworld_core.testing.memory import MemoryConfigStore
from aniworld_core.testing.waiting import PATIENCE
from support.media.streams import Clip, write


@functools.cache
def film() -> bytes:
    """Create a real MP4 file with German sound."""
    with tempfile.TemporaryDirectory() as folder:
        clip = Clip(seconds=3, languages=("ger",))
        return write(Path(folder) / "clip.mp4", clip, muxer="mp4").read_bytes()


@asynccontextmanager
async def open_with(folder: Path, name: str, section: ProviderConfig) -> AsyncIterator[Application]:
    """Open an application with one installed catalogue and a library below *folder*."""
    (folder / "library").mkdir()
    settings = Settings(
        data_dir=folder / "data", anime_directory=folder / "library", loaders=(name,)
    )
    config = Config(downloads=DownloadsConfig(reserve_bytes=0), providers={name: section})
    async with open_application(settings, config_store=MemoryConfigStore(config)) as application:
        yield application


async def fetch_first(app: Application, query: str) -> tuple[DrainReport, Sequence[bytes]]:
    """Search, add the first hit by its link, fetch its S01E01; return every film there is."""
    with anyio.fail_after(PATIENCE):
        (hit, *_) = await app.catalogue.search(query)
        series = await app.catalogue.add(hit.link)
        await app.queue.enqueue(series.key, episodes=[EpisodeRef(series.key, 1, 1)])
        report = await app.worker.drain()
        await app.catalogue.refresh(await app.catalogue.get(series.key))
    root = anyio.Path(app.library.root)
    return report, [await path.read_bytes() async for path in root.rglob("*.mp4")]


def must_not_hold(folder: Path, secrets: set[str]) -> None:
    """Check that no file below a folder contains a secret: no database, cache or ledger."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 1
    for path in files:
        content = path.read_bytes()
        for secret in secrets:
            assert secret.encode() not in content, path
