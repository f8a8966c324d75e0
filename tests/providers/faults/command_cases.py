"""Faults as a user of `aniworld fetch` meets them: a process of its own for each try."""

import contextlib
import functools
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import anyio
import attrs

from aniworld_core.errors import AniworldError, FetchInterruptedError
from aniworld_core.ports.fetcher import FetchedFile
from providers.faults.direct_rows import FILM, HTML, OTHER
from providers.faults.hls_faults import film, made
from providers.faults.judging import Case, looks
from providers.faults.server import (
    Behaviour,
    FaultServer,
    FileFault,
    open_fault_server,
    sequence,
    status,
)
from support.installed import find_command

#: What a server does, by path; made anew for each try.
_Routes: TypeAlias = Callable[[], dict[str, Behaviour]]
#: Ends a try at once: nobody waits that long.
_LATE = status(503, ("Retry-After", 600))


@attrs.frozen(kw_only=True)
class _Story:
    """The behaviour of a server during each attempt, and the files expected at the end."""

    row: str
    link: str
    tries: tuple[_Routes, ...]
    is_right: Callable[[Path], bool] = lambda _: False
    error: type[AniworldError] | None = None


async def _try(server: FaultServer, link: str, folder: Path) -> FetchedFile:
    library = folder / "library"
    library.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "ANIWORLD_DATA_DIR": str(folder / "never"),
        "ANIWORLD_ALLOWED_ADDRESSES": server.address,
    }
    command = [find_command(), "fetch", server.url(link), "--json"]
    done = await anyio.run_process(command, cwd=library, env=environment, check=False)
    (report,) = json.loads(done.stdout)
    if report["error"] is not None:
        assert done.returncode != 0
        raise FetchInterruptedError(str(report["error"]))
    assert done.returncode == 0
    return FetchedFile(
        path=library / report["file"], bytes=report["bytes"], sha256=report["sha256"]
    )


async def _play(story: _Story, folder: Path) -> FetchedFile:
    async with open_fault_server() as server:
        *before, last = story.tries
        for one in before:
            server.routes = one()
            with contextlib.suppress(AniworldError):
                await _try(server, story.link, folder)
                raise AssertionError("this try was to fail")
        server.routes = last()
        return await _try(server, story.link, folder)


def _file(**fields: object) -> _Routes:
    return lambda: {"/film.mp4": FileFault(**{"body": FILM, **fields})}  # type: ignore[arg-type]


def _broken_off() -> dict[str, Behaviour]:
    return {"/film.mp4": sequence(FileFault(body=FILM, cut=700_001), _LATE)}


def _stream(
    fault: Callable[[], dict[str, Behaviour]] | None = None,
) -> Callable[[], dict[str, Behaviour]]:
    def routes() -> dict[str, Behaviour]:
        whole: dict[str, Behaviour] = {
            f"/{path}": FileFault(body=data, type="video/mp2t", ranges=False)
            for path, data in made().items()
            if path.startswith("ts/")
        }
        return whole | (fault() if fault else {})

    return routes


_STORIES = {
    "file-changed-between-tries": _Story(
        row="F9",
        link="/film.mp4",
        tries=(_broken_off, _file(body=OTHER, etag='"v2"')),
        is_right=lambda path: path.read_bytes() == OTHER,
    ),
    "file-is-a-page": _Story(
        row="F14", link="/film.mp4", tries=(_file(body=HTML),), error=FetchInterruptedError
    ),
    "segment-held-back-for-a-while": _Story(
        row="F15",
        link="/ts/media.m3u8",
        tries=(_stream(lambda: {"/ts/media-003.ts": _LATE}), _stream()),
        is_right=lambda path: looks(path) == film("ts"),
    ),
    "segment-is-another-one": _Story(
        row="F15",
        link="/ts/media.m3u8",
        tries=(_stream(lambda: {"/ts/media-003.ts": FileFault(body=made()["ts/media-001.ts"])}),),
        error=FetchInterruptedError,
    ),
}

CASES = [
    Case(
        row=story.row,
        kind="command",
        name=name,
        play=functools.partial(_play, story),
        is_right=story.is_right,
        error=story.error,
    )
    for name, story in _STORIES.items()
]
