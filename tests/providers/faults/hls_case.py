"""A fault of a stream as a case for the judge."""

import contextlib
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import attrs

from aniworld_core.domain.media import Stream, StreamKind
from aniworld_core.errors import (
    AniworldError,
)
from aniworld_core.ports.fetcher import FetchedFile, FetchRequest
from aniworld_core.testing.contracts.fetcher import fetched_file
from aniworld_providers.transfer.segments.on_demand import open_dash_fetcher, open_hls_fetcher
from providers.faults import conditions, edits
from providers.faults.fetching import HASTY
from providers.faults.hls_faults import COUNT, Change, film, in_segment, made, together
from providers.faults.judging import Case, looks
from support.adapter_context import JumpingClock, make_context
from support.sites.hls import Fault, late, open_site, status, times

#: Seconds in which one segment arrives and is stored while the others wait.
_AHEAD: Final = 0.15
_OPENERS: Final = {StreamKind.HLS: open_hls_fetcher, StreamKind.DASH: open_dash_fetcher}


@attrs.frozen(kw_only=True)
class Row:
    """One fault of a stream.

    Attributes:
        row: Its row of the fault or threat table.
        fault: What the site does during the first try.
        then: What it does during the second; without this or the next there is one try only.
        edit: What happens to the library between the two.
        error: What must be raised; `None` where *film* must arrive.
        film: What must arrive.
        path: Requested path.
        again: Path of the second request.
        connections: How many segments at once.
        duration: How long the film plays, as its page says.
        kind: Requested kind.
    """

    row: str
    fault: Change
    then: Change | None = None
    edit: edits.Edit | None = None
    error: type[AniworldError] | None = None
    film: str = "ts"
    path: str = "ts/media.m3u8"
    again: str | None = None
    connections: int = 2
    duration: float | None = None
    kind: StreamKind = StreamKind.HLS


async def _play(row: Row, folder: Path) -> FetchedFile:
    async with open_site() as site:
        site.files.update(made())
        allowed = frozenset({f"127.0.0.1:{site.port}"})
        context = make_context(folder / "data", allowed=allowed, clock=JumpingClock())
        async with _OPENERS[row.kind](context, timeouts=conditions.timeouts(HASTY)) as fetcher:

            async def fetch(path: str) -> FetchedFile:
                stream = Stream(url=site.url(path), kind=row.kind, duration=row.duration)
                destination = folder / "library" / "Film - S01E01.mp4"
                return await fetched_file(
                    fetcher,
                    FetchRequest(
                        stream=stream,
                        destination=destination,
                        connections=conditions.connections(row.connections),
                    ),
                )

            row.fault(site)
            if row.then is not None or row.edit is not None:
                with contextlib.suppress(AniworldError):
                    await fetch(row.path)
                    raise AssertionError("the first try was to fail")
                site.faults.clear()
                (row.edit or edits.nothing)(folder / "library")
                if row.then is not None:
                    row.then(site)
            return await fetch(row.again or row.path)


def case_of(name: str, row: Row) -> Case:
    """Make a case for the judge."""
    return Case(
        row=row.row,
        kind=row.kind.value,
        name=name,
        play=functools.partial(_play, row),
        is_right=lambda path: looks(path) == film(row.film),
        error=row.error,
    )


def passing(fault: Callable[[], Fault], row: str = "F15") -> Row:
    """Let a fault of one segment pass."""
    return Row(row=row, fault=in_segment(fault))


def lasting(fault: Callable[[], Fault], error: type[AniworldError], row: str = "F15") -> Row:
    """Let a fault of one segment stay."""
    return Row(row=row, fault=in_segment(fault), error=error)


def interrupted(row: str, **more: Any) -> Row:
    """Fetch four segments, apply the change, and fetch again."""
    more.setdefault("edit", edits.nothing)
    return Row(row=row, fault=in_segment(lambda: status(500), 4), connections=1, **more)


def arrives_first(wrong: Fault) -> Row:
    """Answer wrongly for one segment once, before any segment it could be compared with."""
    others = (in_segment(lambda: late(_AHEAD), number) for number in range(COUNT) if number != 2)
    fault = together(in_segment(lambda: times(1, wrong)), *others)
    return Row(row="F15", fault=fault, connections=COUNT)
