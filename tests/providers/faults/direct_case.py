"""A fault of a file as a case for the judge."""

import contextlib
import functools
from collections.abc import Awaitable, Callable
from pathlib import Path

import attrs

from aniworld_core.domain.media import Stream, StreamKind
from aniworld_core.errors import AniworldError
from aniworld_core.ports.fetcher import FetchedFile, FetchRequest, OtherKind
from aniworld_providers.transfer.direct.fetcher import DirectFetcher
from aniworld_providers.transfer.links import OtherKindError
from providers.faults import conditions, edits
from providers.faults.direct_rows import Row
from providers.faults.fetching import HASTY
from providers.faults.films import MIB
from providers.faults.judging import Case
from providers.faults.server import Behaviour, FaultServer, open_fault_server
from support.adapter_context import JumpingClock, make_context

_MOST = 64 * MIB


@attrs.frozen(kw_only=True)
class Resumed:
    """One fault that takes two tries, or another link.

    Attributes:
        row: Its row of the fault or threat table.
        first: What the server does at first; without it there is one try only.
        then: What it does during the last try.
        edit: What happens to the library between the two.
        whole: The bytes that must arrive, `None` for an error.
        error: What must be raised.
        link: Requested link; `{canary}` is a server that must receive no request.
    """

    row: str
    first: Callable[[], Behaviour] | None = None
    then: Callable[[FaultServer], Behaviour]
    edit: edits.Edit = edits.nothing
    whole: bytes | None = None
    error: type[AniworldError] | None = None
    link: str = "{server}/film"


async def _fetch(server: FaultServer, link: str, folder: Path) -> FetchedFile:
    fetcher = DirectFetcher(
        context=make_context(folder / "data", clock=JumpingClock()),
        timeouts=conditions.timeouts(HASTY),
    )
    reach = frozenset({server.address})
    request = FetchRequest(
        stream=Stream(url=link, kind=StreamKind.DIRECT, reach=reach),
        destination=folder / "library" / edits.FILM,
        connections=conditions.connections(4),
        max_bytes=_MOST,
    )
    result = await fetcher.fetch(request)
    if isinstance(result, OtherKind):
        raise OtherKindError(result)
    return result


async def _play_once(row: Row, folder: Path) -> FetchedFile:
    async with open_fault_server() as server:
        server.routes["/film"] = row.fault()
        return await _fetch(server, server.url("/film"), folder)


async def _play_twice(row: Resumed, folder: Path) -> FetchedFile:
    async with open_fault_server() as server, open_fault_server() as canary:
        link = row.link.format(server=server.url(""), canary=canary.address)
        if row.first is not None:
            server.routes["/film"] = row.first()
            with contextlib.suppress(AniworldError):
                await _fetch(server, link, folder)
                raise AssertionError("the first try was to fail")
            row.edit(folder / "library")
        server.routes["/film"] = row.then(canary)
        try:
            return await _fetch(server, link, folder)
        finally:
            assert canary.log == [], "something was reached that must not be"


def case_of(name: str, row: Row | Resumed) -> Case:
    """Make a case for the judge."""
    play: Callable[[Path], Awaitable[FetchedFile]]
    if isinstance(row, Row):
        play = functools.partial(_play_once, row)
    else:
        play = functools.partial(_play_twice, row)
        name = f"later-{name}" if row.first else name
    return Case(
        row=row.row,
        kind="direct",
        name=name,
        play=play,
        is_right=lambda path: path.read_bytes() == row.whole,
        error=row.error,
    )
