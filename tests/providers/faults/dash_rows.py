"""The fault table of DASH: what a manifest and its segments can be, and must come to."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from aniworld_core.domain.media import StreamKind
from aniworld_core.errors import (
    AddressRefusedError,
    AniworldError,
    BadMediaError,
    BadPlaylistError,
    FetchInterruptedError,
    LinkRefusedError,
    ProtectedError,
    SourceGoneError,
    UnsupportedSourceError,
)
from providers.faults import edits
from providers.faults.hls_case import Row, case_of
from providers.faults.hls_faults import (
    PAGE,
    Change,
    answers,
    edited,
    holding,
    holds,
    made,
    protected,
)
from support.sites.hls import Fault, HlsSite, dropped_after, first_bytes, instead, status, times

_MANIFEST = "dash/m.mpd"
_SECTION = "dash/init-stream0.m4s"
_SEGMENT = "dash/chunk-stream0-00003.m4s"


def dash(row: str, fault: Change, **more: Any) -> Row:
    """Fetch the stream with a fault."""
    return Row(row=row, fault=fault, path=_MANIFEST, film="dash", kind=StreamKind.DASH, **more)


def once(row: str, fault: Callable[[], Fault]) -> Row:
    """Let a segment misbehave for a while."""
    return dash(row, lambda site: answers(_SEGMENT, fault())(site), connections=1)


def always(row: str, fault: Fault, error: type[AniworldError]) -> Row:
    """Let a segment misbehave for good."""
    return dash(row, answers(_SEGMENT, fault), error=error)


def manifest(*changes: tuple[str, str], error: type[AniworldError]) -> Row:
    """Change the manifest."""
    return dash("T5", edited(*changes, path=_MANIFEST), error=error)


def interrupted(row: str, edit: edits.Edit) -> Row:
    """Fail late, edit the unfinished files, and fetch again."""
    broken = answers("dash/chunk-stream0-00005.m4s", status(500))
    return dash(row, broken, edit=edit, connections=1)


def _chunk(number: int) -> bytes:
    return made()[f"dash/chunk-stream0-{number:05d}.m4s"]


def _holding(*numbers: int) -> Fault:
    """Answer with other segments, joined."""

    async def fault(request: web.Request, body: bytes) -> web.StreamResponse | None:
        return await holding(b"".join(map(_chunk, numbers)))(request, body)

    return fault


def _nothing(site: HlsSite) -> None:
    """Leave the site as it is."""


ROWS: dict[str, Row] = {
    "fine": dash("F1", _nothing),
    "missing-twice": once("F15", lambda: times(2, status(404))),
    "page-twice": once("F14", lambda: times(2, instead(PAGE))),
    "dropped-each-time": once("F6", lambda: dropped_after(17_000)),
    "short-twice": once("F7", lambda: times(2, first_bytes(900))),
    "busy": once("F10", lambda: times(3, status(429, **{"Retry-After": "2"}))),
    "another-segment-once": once("F15", lambda: times(1, _holding(2))),
    "missing": always("F15", status(404), SourceGoneError),
    "expired": always("F13", status(403), LinkRefusedError),
    "page": always("F14", instead(PAGE), BadMediaError),
    "short": always("F7", first_bytes(900), FetchInterruptedError),
    "another-segment": always("F15", _holding(2), BadMediaError),
    "two-in-one": always("F15", _holding(3, 4), BadMediaError),
    "manifest-is-a-page": dash("F14", holds(_MANIFEST, lambda _: PAGE), error=BadPlaylistError),
    "manifest-is-cut": dash(
        "F15", holds(_MANIFEST, lambda _: made()[_MANIFEST][:900]), error=BadPlaylistError
    ),
    "live": manifest(('type="static"', 'type="dynamic"'), error=UnsupportedSourceError),
    "protected": manifest(
        ("<Representation ", '<ContentProtection schemeIdUri="urn:x"/><Representation '),
        error=ProtectedError,
    ),
    "protected-by-the-section-only": dash(
        "F15",
        holds(_SECTION, lambda site: protected(site, b"cenc", _SECTION)),
        error=ProtectedError,
    ),
    "entities": manifest(("<MPD", "<!DOCTYPE x [<!ENTITY a 'b'>]><MPD"), error=BadPlaylistError),
    "names-a-file": manifest(
        ('media="chunk', 'media="file:///etc/passwd?'), error=BadPlaylistError
    ),
    "names-loopback": manifest(
        ('media="chunk', 'media="http://127.0.0.1:9/chunk'), error=AddressRefusedError
    ),
    "goes-on": interrupted("F1", edits.nothing),
    "part-flipped": interrupted("F3", edits.written(15_000, bytes(100))),
    "part-cut": interrupted("F3", edits.resized("", 0.5)),
    "ledger-torn": interrupted("F3", edits.resized(".ledger", 0.7)),
    "ledger-is-noise": interrupted("F3", edits.scribbled(".ledger")),
}

CASES = [case_of(name, row) for name, row in ROWS.items()]
