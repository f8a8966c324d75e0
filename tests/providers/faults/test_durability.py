"""A published file survives a power loss: what is synced, and before which rename."""

import asyncio
import errno
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest

from aniworld_core.domain.media import Stream, StreamKind
from aniworld_core.domain.subtitles import Subtitle
from aniworld_core.errors import AniworldError, DiskFullError, LibraryUnavailableError
from aniworld_core.ports.fetcher import FetchedFile, FetchRequest
from aniworld_core.testing.contracts.fetcher import fetched_file
from aniworld_providers.transfer.disk import publish
from providers.faults.films import mp4
from providers.faults.server import FaultServer, FileFault, open_fault_server
from providers.faults.syscalls import OPENERS
from support.adapter_context import make_context
from support.media import streams

pytestmark = pytest.mark.anyio

SUBTITLE = b"1\n00:00:00,500 --> 00:00:01,500\nHello\n"


@attrs.frozen
class Call:
    """One call: its name, the inode it is about and, for a rename, the new name."""

    name: str
    inode: int
    target: str = ""


@attrs.define
class Disk:
    """Records the syncs and renames of one fetch, and fails chosen syncs.

    Attributes:
        calls: The calls in their order, over all threads.
        failing: Returns the error number for a sync, or `None` to let it through.
    """

    calls: list[Call] = attrs.Factory(list)
    failing: Callable[[os.stat_result], int | None] = lambda _: None
    _lock: threading.Lock = attrs.Factory(threading.Lock)

    @contextmanager
    def recorded(self) -> Iterator[None]:
        """Record what the transfer engine calls inside the context."""
        places = [(os, "fsync"), (os, "fdatasync"), (publish, "_rename_no_replace")]
        former = [(place, name, getattr(place, name)) for place, name in places]
        for place, name, real in former:
            setattr(place, name, self._recording(name, real))
        try:
            yield
        finally:
            for place, name, real in former:
                setattr(place, name, real)

    def _recording(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def sync(fd: int) -> None:
            found = os.fstat(fd)
            code = self.failing(found)
            if code is not None:
                raise OSError(code, os.strerror(code))
            real(fd)
            self._add(Call("sync", found.st_ino))

        def rename(source: Path, target: Path) -> None:
            inode = source.stat().st_ino
            real(source, target)
            self._add(Call("rename", inode, target.name))

        return rename if name == "_rename_no_replace" else sync

    def _add(self, call: Call) -> None:
        with self._lock:
            self.calls.append(call)


@attrs.frozen
class Film:
    """A film with a subtitle on a server."""

    kind: StreamKind
    url: str
    subtitle: str
    address: str
    folder: Path

    async def fetch(self) -> FetchedFile:
        """Fetch both into the folder."""
        context = make_context(self.folder.with_name("data"), allowed=frozenset({self.address}))
        request = FetchRequest(
            stream=Stream(
                url=self.url,
                kind=self.kind,
                subtitles=(Subtitle(url=self.subtitle, language="deu"),),
            ),
            destination=self.folder / "Film - S01E01.mp4",
            connections=1,
            text_languages=None,
        )
        async with OPENERS[self.kind.value](context) as fetcher:
            return await fetched_file(fetcher, request)


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    """Open a server that has no fault."""
    async with open_fault_server() as server:
        yield server


@pytest.fixture(params=["direct", "hls"])
async def film(request: pytest.FixtureRequest, server: FaultServer, tmp_path: Path) -> Film:
    """Put a film and its subtitle on the server."""
    server.routes["/film.srt"] = FileFault(body=SUBTITLE, type="text/plain")
    name = "film.mp4"
    if request.param == "direct":
        server.routes["/film.mp4"] = FileFault(body=mp4())
    else:
        made = await asyncio.to_thread(streams.make_hls, tmp_path / "made", streams.Clip(seconds=4))
        name = made.name
        for path in made.parent.iterdir():
            server.routes[f"/{path.name}"] = FileFault(body=path.read_bytes(), type="video/mp2t")
    return Film(
        kind=StreamKind(request.param),
        url=server.url(f"/{name}"),
        subtitle=server.url("/film.srt"),
        address=server.address,
        folder=tmp_path / "films",
    )


async def test_bytes_are_on_the_disk_before_the_file_has_its_name(film: Film) -> None:
    """Film and subtitle are synced before their rename, and the folder after the last rename."""
    disk = Disk()
    with disk.recorded():
        fetched = await film.fetch()
    assert len(fetched.subtitles) == 1
    paths = [fetched.path, *fetched.subtitles]
    renames = {call.target: place for place, call in enumerate(disk.calls) if call.target}
    assert set(renames) == {path.name for path in paths}
    for path in paths:
        rename = renames[path.name]
        inode = path.stat().st_ino
        assert disk.calls[rename].inode == inode
        assert Call("sync", inode) in disk.calls[:rename], f"{path.name} has no bytes on the disk"
        folder = Call("sync", film.folder.stat().st_ino)
        assert folder in disk.calls[rename:], f"{path.name} has no name on the disk"


@pytest.mark.parametrize(
    ("code", "error"), [(errno.EIO, LibraryUnavailableError), (errno.ENOSPC, DiskFullError)]
)
async def test_a_film_that_cannot_be_synced_is_not_published(
    film: Film, code: int, error: type[AniworldError]
) -> None:
    """The disk reports lost writes at the sync: the fetch fails, and the next one succeeds."""
    largest = len(SUBTITLE) * 100

    def failing(found: os.stat_result) -> int | None:
        return code if found.st_size > largest else None

    with Disk(failing=failing).recorded(), pytest.raises(error):
        await film.fetch()
    assert [path.name for path in film.folder.iterdir() if ".part" not in path.name] == []
    fetched = await film.fetch()
    assert fetched.path.exists()


async def test_a_subtitle_that_cannot_be_synced_is_left_out(film: Film) -> None:
    """The film is published, and a notice names the subtitle and the error of the disk."""

    def failing(found: os.stat_result) -> int | None:
        is_subtitle = found.st_nlink and 0 < found.st_size <= 2 * len(SUBTITLE)
        return errno.EIO if is_subtitle else None

    with Disk(failing=failing).recorded():
        fetched = await film.fetch()
    assert fetched.path.exists()
    assert fetched.subtitles == ()
    assert any(
        "subtitle" in notice and os.strerror(errno.EIO) in notice for notice in fetched.notices
    )


@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EPERM])
async def test_a_file_system_that_cannot_sync_folders_is_no_error(film: Film, code: int) -> None:
    """Some network file systems refuse it; the file is published."""
    film.folder.mkdir()
    folder = film.folder.stat().st_ino

    def failing(found: os.stat_result) -> int | None:
        return code if found.st_ino == folder else None

    with Disk(failing=failing).recorded():
        assert (await film.fetch()).path.exists()


async def test_a_folder_that_fails_to_sync_is_an_error(film: Film) -> None:
    """The name may be gone after a power loss, so success is not reported."""
    film.folder.mkdir()
    folder = film.folder.stat().st_ino

    def failing(found: os.stat_result) -> int | None:
        return errno.EIO if found.st_ino == folder else None

    with Disk(failing=failing).recorded(), pytest.raises(LibraryUnavailableError):
        await film.fetch()
    assert (await film.fetch()).path.exists()
