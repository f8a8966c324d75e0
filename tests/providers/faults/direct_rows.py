"""The fault table of direct files: what happens within one try.

Each row says what a server does and how the fetch must end: with exactly the right file, or
with a typed error and no file. Never with a wrong file.
"""

from collections.abc import Callable
from typing import Any

import anyio
import attrs

from aniworld_core.errors import (
    AniworldError,
    BadMediaError,
    FetchInterruptedError,
    LinkRefusedError,
    NeedsPersonError,
    ProtectedError,
    SourceGoneError,
    UnsupportedSourceError,
)
from providers.faults.films import MIB, mp4, transport_stream
from providers.faults.server import Behaviour, FileFault, Wire, sequence, status
from support.media.coded_films import DAMAGES, Film, encoded
from support.media.mp4_boxes import box, protection, with_entry

FILM = mp4()
OTHER = mp4(seed=2)
#: The same but for bytes that are fetched early: no compared overlap shows the difference.
EARLY = FILM[:100_000] + OTHER[100_000:200_000] + FILM[200_000:]
LONGER = mp4(2 * MIB + 5000, seed=3)
DATE = "Fri, 20 Nov 2026 10:00:00 GMT"


@attrs.frozen(kw_only=True)
class Row:
    """One fault and its only right ends.

    Attributes:
        row: Its row of the fault table.
        fault: Makes the behaviour; behaviours have state, so each test makes its own.
        whole: The bytes that must arrive, or `None` for an error.
        error: The error, where one must come.
        verified: Whether the file counts as checked.
        most_requests: Bound on the requests.
        most_bytes: Bound on the bytes sent, as a multiple of the film.
    """

    row: str
    fault: Callable[[], Behaviour]
    whole: bytes | None = None
    error: type[AniworldError] | None = None
    verified: bool = True
    most_requests: int = 12
    most_bytes: float = 3.2


def film(**faults: Any) -> Callable[[], Behaviour]:
    """Serve the film with faults."""
    return lambda: FileFault(**{"body": FILM, **faults})


def dropped_then(**faults: Any) -> Callable[[], Behaviour]:
    """Cut the film once, then serve it with faults."""
    given: dict[str, Any] = {"body": FILM, **faults}
    marks = {k: v for k, v in given.items() if k in {"etag", "modified", "type"}}
    return lambda: sequence(FileFault(body=FILM, cut=700_001, **marks), FileFault(**given))


def changed_to(body: bytes, **faults: Any) -> Callable[[], Behaviour]:
    """Cut the film once, then have another one behind the same link."""
    return lambda: sequence(
        FileFault(body=FILM, cut=700_001, **faults), FileFault(body=body, **faults)
    )


async def _bad_chunk(wire: Wire) -> None:
    await wire.head(200, ("Transfer-Encoding", "chunked"), ("Content-Type", "video/mp4"))
    wire.raw(b"61a80\r\n")
    await wire.body(FILM[:400_000])
    wire.raw(b"\r\nzz\r\n")
    await wire.body(FILM[400_000:500_000])
    await wire.silence()


async def _no_headers(wire: Wire) -> None:
    await wire.silence()


async def _drip(wire: Wire) -> None:
    await wire.head(200, ("Content-Length", len(FILM)))
    for byte in FILM:
        await wire.body(bytes([byte]))
        await anyio.sleep(0.05)


async def _gzip(wire: Wire) -> None:
    await wire.head(
        200, ("Content-Encoding", "gzip"), ("Content-Length", len(FILM)), ("Connection", "close")
    )
    await wire.body(FILM)


def _named_coding(name: str) -> Callable[[], Behaviour]:
    """Serve the plain film under the name of a content coding that is none."""

    async def behave(wire: Wire) -> None:
        await wire.head(
            200,
            ("Content-Encoding", name),
            ("Content-Length", len(FILM)),
            ("Connection", "close"),
            ("X-Long", "v" * 60_000),
        )
        await wire.body(FILM)

    return lambda: behave


async def _drip_headers(wire: Wire) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"v" * 1000:
        wire.raw(bytes([byte]))
        await anyio.sleep(0.05)


async def _whole_without_ranges(wire: Wire) -> None:
    """Refuse ranges and answer with the whole file as an unrequested part."""
    if wire.hit.span is not None:
        await status(416)(wire)
        return
    named = f"bytes 0-{len(FILM) - 1}/{len(FILM)}"
    await wire.head(206, ("Content-Range", named), ("Content-Length", len(FILM)))
    await wire.body(FILM)


HTML = b"<!DOCTYPE html><html><head><title>Sorry</title></head><body>gone</body></html>" * 40
CHECK = b"<!DOCTYPE html><title>Just a moment...</title><script src=/cf-turnstile>" * 40

NOISY = encoded(Film(name="noisy.mp4", mux={"movflags": "+faststart"}))
#: With its index at the end, which may grow without anything else having to move.
LATE = encoded(Film(name="late.mp4", seconds=1))
DAMAGED = {name: damage(NOISY) for name, damage in DAMAGES.items()}
#: What taggers, servers and cameras leave behind the last box of a whole film.
TRAILERS = {
    "id3v1": b"TAG" + b"Folge 1".ljust(125, b"\0"),
    "ape": b"APETAGEX" + bytes([208, 7, 0, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 128]) + bytes(8),
    "page": b"\r\n<!-- served in 0.003 s -->\n",
    "zeros": bytes(4096),
}

ROWS: dict[str, Row] = {
    "fine": Row(row="F1", fault=film(), whole=FILM, most_requests=1, most_bytes=1.0),
    # F6: dropped at byte N
    "drop-each-64k": Row(
        row="F6", fault=film(cut=65_536), whole=FILM, most_requests=40, most_bytes=1.05
    ),
    "drop-each-64k-reset": Row(
        row="F6", fault=film(cut=65_536, reset=True), whole=FILM, most_requests=80, most_bytes=2.0
    ),
    "drop-each-64k-no-validator": Row(
        row="F6", fault=film(cut=65_536, etag=None), whole=FILM, most_requests=45, most_bytes=1.2
    ),
    "drop-at-1": Row(row="F6", fault=film(cut=1, cuts=2), whole=FILM),
    "drop-before-the-last": Row(row="F6", fault=film(cut=len(FILM) - 1, cuts=1), whole=FILM),
    "drop-always-at-0": Row(row="F6", fault=film(cut=0), error=FetchInterruptedError),
    "drop-chunked": Row(
        row="F6", fault=film(chunked=True, ranges=False, cut=900_000, cuts=2), whole=FILM
    ),
    # F7: wrong length
    "length-too-long": Row(
        row="F7", fault=film(ranges=False, length=77), error=FetchInterruptedError, most_bytes=12
    ),
    "length-too-short": Row(row="F7", fault=film(ranges=False, length=-77), error=BadMediaError),
    "length-of-part-too-long": Row(row="F7", fault=film(part_length=77), whole=FILM),
    # What comes behind the announced end is no HTTP, and aiohttp says so when both arrive at once.
    "length-of-part-too-short": Row(
        row="F7", fault=film(part_length=-77), error=FetchInterruptedError
    ),
    "part-shorter-than-named": Row(
        row="F7",
        fault=lambda: sequence(FileFault(body=FILM, part_cut=50_000), FileFault(body=FILM)),
        whole=FILM,
    ),
    "body-longer-than-declared": Row(row="F7", fault=film(tail=b"x" * 9999), whole=FILM),
    "no-length": Row(row="F7", fault=film(ranges=False, length=None), whole=FILM),
    "no-length-ranges-later": Row(
        row="F7",
        fault=lambda: sequence(
            FileFault(body=FILM, ranges=False, length=None, cut=900_000), FileFault(body=FILM)
        ),
        whole=FILM,
    ),
    "no-length-cut": Row(
        row="F7",
        fault=film(ranges=False, length=None, cut=900_000),
        error=FetchInterruptedError,
        most_bytes=12,
    ),
    "no-length-cut-stream": Row(
        row="F7",
        fault=lambda: FileFault(
            body=transport_stream()[: 188 * 200], ranges=False, length=None, etag=None
        ),
        whole=transport_stream()[: 188 * 200],
        verified=False,
    ),
    # F8: ranges refused, wrong or untrue
    "no-ranges-after-drop": Row(row="F8", fault=dropped_then(ranges=False), whole=FILM),
    "no-ranges-drops-twice": Row(
        row="F8", fault=film(ranges=False, cut=1_500_000, cuts=2), whole=FILM, most_bytes=4
    ),
    "another-range-after-drop": Row(row="F8", fault=dropped_then(named_shift=-5000), whole=FILM),
    "another-range-always": Row(row="F8", fault=film(named_shift=3), whole=FILM),
    "lying-range-after-drop": Row(row="F8", fault=dropped_then(sent_shift=-5000), whole=FILM),
    "lying-total-after-drop": Row(
        row="F8",
        fault=dropped_then(total_shift=5000, if_range=False),
        error=FetchInterruptedError,
        most_requests=20,
        most_bytes=6,
    ),
    "range-not-satisfiable": Row(
        row="F8",
        fault=lambda: sequence(
            FileFault(body=FILM, cut=700_001), status(416), FileFault(body=FILM)
        ),
        whole=FILM,
    ),
    # F9: changed between two tries
    "changed-etag": Row(row="F9", fault=changed_to(OTHER), whole=OTHER),
    "changed-with-new-etag": Row(
        row="F9",
        fault=lambda: sequence(
            FileFault(body=FILM, cut=700_001), FileFault(body=OTHER, etag='"v2"')
        ),
        whole=OTHER,
    ),
    "changed-new-etag-ignores-if-range": Row(
        row="F9",
        fault=lambda: sequence(
            FileFault(body=FILM, cut=700_001), FileFault(body=OTHER, etag='"v2"', if_range=False)
        ),
        whole=OTHER,
    ),
    "changed-early-parts-without-etag": Row(
        row="F9",
        fault=lambda: sequence(
            FileFault(body=FILM, cut=700_001), FileFault(body=EARLY, etag='"v2"', part_marks=False)
        ),
        whole=EARLY,
    ),
    "changed-early-ignores-if-range": Row(
        row="F9",
        fault=lambda: sequence(
            FileFault(body=FILM, cut=700_001), FileFault(body=EARLY, etag='"v2"', if_range=False)
        ),
        whole=EARLY,
    ),
    "changed-date": Row(
        row="F9",
        fault=lambda: sequence(
            FileFault(body=FILM, cut=700_001, etag=None, modified=DATE),
            FileFault(body=OTHER, etag=None, modified=DATE.replace("10:", "11:")),
        ),
        whole=OTHER,
    ),
    "changed-size": Row(row="F9", fault=changed_to(LONGER, if_range=False), whole=LONGER),
    "changed-size-no-validator": Row(row="F9", fault=changed_to(LONGER, etag=None), whole=LONGER),
    "changed-no-validator": Row(row="F9", fault=changed_to(OTHER, etag=None), whole=OTHER),
    "changed-no-ranges": Row(
        row="F9", fault=changed_to(OTHER, etag=None, ranges=False), whole=OTHER
    ),
    # F10: asked to wait
    "busy-seconds": Row(
        row="F10",
        fault=lambda: sequence(*[status(429, ("Retry-After", 2))] * 3, FileFault(body=FILM)),
        whole=FILM,
    ),
    "busy-nonsense": Row(
        row="F10",
        fault=lambda: sequence(
            status(503, ("Retry-After", "soon")),
            status(429, ("Retry-After", -5)),
            status(429, ("Retry-After", "1e12")),
            FileFault(body=FILM),
        ),
        whole=FILM,
    ),
    "busy-for-long": Row(
        row="F10",
        fault=lambda: status(429, ("Retry-After", 600)),
        error=FetchInterruptedError,
        most_requests=1,
    ),
    "broken-then-fine": Row(
        row="F10", fault=lambda: sequence(*[status(500)] * 3, FileFault(body=FILM)), whole=FILM
    ),
    "broken-for-good": Row(row="F10", fault=lambda: status(500), error=FetchInterruptedError),
    # F11: slow, silent
    "stall-once": Row(
        row="F11",
        fault=lambda: sequence(FileFault(body=FILM, stall=300_000), FileFault(body=FILM)),
        whole=FILM,
    ),
    "silent-headers": Row(row="F11", fault=lambda: _no_headers, error=FetchInterruptedError),
    "drip": Row(row="F11", fault=lambda: sequence(_drip, FileFault(body=FILM)), whole=FILM),
    "bad-chunk": Row(
        row="F11", fault=lambda: sequence(_bad_chunk, FileFault(body=FILM)), whole=FILM
    ),
    # The link expires (F13)
    "expired": Row(row="F13", fault=lambda: status(403), error=LinkRefusedError, most_requests=1),
    "expired-in-the-middle": Row(
        row="F13",
        fault=lambda: sequence(FileFault(body=FILM, cut=700_001), status(410)),
        error=LinkRefusedError,
    ),
    "gone": Row(row="F13", fault=lambda: status(404), error=SourceGoneError, most_requests=1),
    "refused": Row(
        row="F13", fault=lambda: status(405), error=UnsupportedSourceError, most_requests=1
    ),
    # F14: no film
    "page": Row(
        row="F14", fault=film(body=HTML, type="text/html", ranges=False), error=BadMediaError
    ),
    "page-called-video": Row(row="F14", fault=film(body=HTML), error=BadMediaError),
    "page-instead-of-the-rest": Row(
        row="F14",
        fault=lambda: sequence(
            FileFault(body=FILM, cut=700_001), FileFault(body=HTML, etag='"p"', ranges=False)
        ),
        error=LinkRefusedError,
    ),
    "bot-check": Row(
        row="F14",
        fault=lambda: status(403, ("Content-Type", "text/html"), page=CHECK),
        error=NeedsPersonError,
        most_requests=1,
    ),
    "bot-check-with-200": Row(
        row="F14", fault=film(body=CHECK, ranges=False), error=NeedsPersonError
    ),
    "empty": Row(row="F14", fault=film(body=b""), error=BadMediaError),
    "empty-no-ranges": Row(row="F14", fault=film(body=b"", ranges=False), error=BadMediaError),
    "tiny": Row(row="F14", fault=film(body=FILM[:600]), error=BadMediaError),
    "noise": Row(row="F14", fault=film(body=b"\x01\x02\x03\xff" * 9999), error=BadMediaError),
    "half-a-film": Row(row="F14", fault=film(body=FILM[: len(FILM) // 2]), error=BadMediaError),
    # F14: right size with wrong content, or data behind the film
    **{
        f"inside-{name}": Row(row="F14", fault=film(body=body), error=BadMediaError)
        for name, body in DAMAGED.items()
    },
    **{
        f"behind-{name}": Row(row="F14", fault=film(body=NOISY + tail), whole=NOISY + tail)
        for name, tail in TRAILERS.items()
    },
    **{
        f"protected-{scheme.decode()}": Row(
            row="F14",
            fault=film(body=with_entry(LATE, protection(scheme), kind=b"encv")),
            error=ProtectedError,
        )
        for scheme in (b"cenc", b"cbcs", b"cbc1")
    },
    "protected-system": Row(
        row="F14", fault=film(body=LATE + box(b"pssh", bytes(24))), error=ProtectedError
    ),
    "coding-aws-chunked": Row(row="F14", fault=_named_coding("aws-chunked"), whole=FILM),
    "coding-empty": Row(row="F14", fault=_named_coding(""), whole=FILM),
    "coding-none-and-binary": Row(row="F14", fault=_named_coding("None, binary"), whole=FILM),
    "whole-as-an-unasked-part": Row(row="F8", fault=lambda: _whole_without_ranges, whole=FILM),
    "drips-headers": Row(row="F11", fault=lambda: _drip_headers, error=FetchInterruptedError),
    "compressed": Row(row="F14", fault=lambda: _gzip, error=BadMediaError),
}
