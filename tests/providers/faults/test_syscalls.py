"""F2, F4 and F25: the disk fails, or the process dies, at any call that changes the disk."""

import asyncio
import errno
import hashlib
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import anyio
import attrs
import pytest

from aniworld_core.errors import AniworldError, DiskFullError, LibraryUnavailableError
from providers.faults import syscalls
from providers.faults.films import mp4
from providers.faults.server import FaultServer, FileFault, open_fault_server
from providers.faults.syscalls import NthCall, fetch, finished, interposed
from support.media import streams
from support.thorough import IS_THOROUGH

pytestmark = [pytest.mark.anyio, pytest.mark.thorough]

#: Every how many calls the disk fails and the process dies; the full figure M2 dies at every one.
STRIDES = (1, 3) if IS_THOROUGH else (9, 10)
KINDS = ("direct", "hls")


@attrs.frozen
class Film:
    """A film on a server: where, and the address that has to be allowed."""

    kind: str
    link: str
    address: str


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    """Open a server that has no fault."""
    async with open_fault_server() as server:
        yield server


@pytest.fixture(params=KINDS)
async def film(request: pytest.FixtureRequest, server: FaultServer, tmp_path: Path) -> Film:
    """Put a film on it."""
    if request.param == "direct":
        server.routes["/film.mp4"] = FileFault(body=mp4())
        return Film("direct", server.url("/film.mp4"), server.address)
    made = await asyncio.to_thread(streams.make_hls, tmp_path / "made", streams.Clip(seconds=6))
    for path in made.parent.iterdir():
        body = FileFault(body=path.read_bytes(), type="video/mp2t")
        server.routes[f"/{path.name}"] = body
    return Film("hls", server.url(f"/{made.name}"), server.address)


def _failing(code: int) -> Callable[[], None]:
    def fail() -> None:
        raise OSError(code, os.strerror(code))

    return fail


@pytest.mark.parametrize(
    ("code", "error"), [(errno.ENOSPC, DiskFullError), (errno.EIO, LibraryUnavailableError)]
)
async def test_the_disk_fails_at_any_call(
    film: Film, tmp_path: Path, code: int, error: type[AniworldError]
) -> None:
    """The fetch raises the typed error or succeeds; the next attempt gives the right file."""
    expected = (await _fetched(film, tmp_path / "reference")).read_bytes()
    nth, told = 1, 0
    while True:
        folder = tmp_path / str(nth) / "films"
        hook = NthCall(nth, _failing(code))
        try:
            with interposed(hook):
                await _fetched(film, folder)
        except error:
            told += 1
        if hook.hit is None:
            break
        early = [path.read_bytes() for path in finished(folder)] if folder.exists() else []
        assert early in ([], [expected]), f"call {nth}, {hook.hit}"
        assert (await _fetched(film, folder)).read_bytes() == expected, f"call {nth}, {hook.hit}"
        assert len(list(folder.iterdir())) == 1
        nth += STRIDES[0]
    assert told >= 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system with fork")
async def test_killed_at_any_call(film: Film, tmp_path: Path) -> None:
    """Right before or right after it: the next fetch ends with the one right file and no litter."""
    program = Path(syscalls.__file__)
    with anyio.fail_after(240):
        run = await anyio.run_process(
            [
                *(sys.executable, str(program), film.kind, film.link, str(tmp_path / "killed")),
                *(film.address, str(STRIDES[1])),
            ]
        )
    totals = json.loads(run.stdout)

    assert totals["mistakes"] == []
    assert totals["kills"] >= 4
    if film.kind == "direct":
        assert totals["sha256"] == [hashlib.sha256(mp4()).hexdigest()]


async def _fetched(film: Film, folder: Path) -> Path:
    return (await fetch(film.kind, film.link, folder, film.address)).path
