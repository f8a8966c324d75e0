"""The fault table of files: what can happen between two tries, and where links can lead."""

import gzip
from typing import Any

from aniworld_core.errors import (
    AddressRefusedError,
    AniworldError,
    BadMediaError,
    FetchInterruptedError,
    InvalidLinkError,
    LibraryUnavailableError,
    LinkRefusedError,
    NeedsPersonError,
    SourceGoneError,
    UnsupportedSourceError,
)
from providers.faults import edits
from providers.faults.direct_case import Resumed, case_of
from providers.faults.direct_rows import CHECK, DATE, EARLY, FILM, HTML, LONGER, OTHER
from providers.faults.edits import (
    each,
    folder_at,
    header,
    identity,
    link_at,
    noted,
    pipe_at,
    resized,
    scribbled,
    without,
    written,
)
from providers.faults.films import MIB, mp4
from providers.faults.server import Behaviour, FileFault, Wire, sequence, status

_TAKEN = LibraryUnavailableError
_WEAK = 'W/"v1"'
_SMALL = mp4(MIB // 2, seed=4)


def resumed(
    row: str,
    *,
    marks: dict[str, Any] | None = None,
    edit: edits.Edit = edits.nothing,
    then: Behaviour | None = None,
    error: type[AniworldError] | None = None,
    **fields: Any,
) -> Resumed:
    """Break a film off at 700,001 bytes, edit the unfinished files, and fetch it again.

    Args:
        row: Of the fault table.
        marks: What the server says of the file the first time.
        edit: What happens to the library in between.
        then: What the server does the second time; without it it serves a file.
        error: What must be raised; without it that file must arrive.
        fields: Of that file; it is the film unless told otherwise.
    """
    given: dict[str, Any] = {"body": FILM, **(marks or {}), **fields}
    before: dict[str, Any] = {"body": FILM, "cut": 700_001, **(marks or {})}
    return Resumed(
        row=row,
        first=lambda: sequence(FileFault(**before), status(503, ("Retry-After", 600))),
        then=lambda _: then or FileFault(**given),
        edit=edit,
        whole=None if error else given["body"],
        error=error,
    )


def _broken_off() -> Behaviour:
    return sequence(FileFault(body=FILM, cut=700_001), status(503, ("Retry-After", 600)))


def leading(location: str, *, is_resumed: bool = False, error: type[AniworldError]) -> Resumed:
    """Redirect to where no link may lead."""
    return Resumed(
        row="T4",
        first=_broken_off if is_resumed else None,
        then=lambda canary: status(302, ("Location", location.format(canary=canary.address))),
        error=error,
    )


def link(text: str, error: type[AniworldError], row: str = "T4") -> Resumed:
    """Fetch an invalid link."""
    return Resumed(row=row, then=lambda _: FileFault(body=FILM), link=text, error=error)


def _ranged(**headers: object) -> Behaviour:
    """Answer every request with a part and these headers."""

    async def behave(wire: Wire) -> None:
        pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
        await wire.head(206, *pairs, ("Content-Length", MIB), ("Connection", "close"))
        await wire.body(FILM[:MIB])

    return behave


async def _packed(wire: Wire) -> None:
    data = gzip.compress(FILM, 1)
    await wire.head(200, ("Content-Encoding", "gzip"), ("Content-Length", len(data)))
    await wire.body(data)


async def _endless(wire: Wire) -> None:
    await wire.head(200, ("Content-Type", "video/mp4"), ("Connection", "close"))
    await wire.body(FILM[:MIB])
    while True:
        await wire.body(bytes(MIB))


async def _short_without_length(wire: Wire) -> None:
    await wire.head(200, ("Content-Type", "video/mp4"), ("Connection", "close"))
    await wire.body(FILM[:600_000])


ROWS: dict[str, Resumed] = {
    # The same film, told by more or less
    "goes-on": resumed("F1"),
    "goes-on-by-date": resumed("F1", marks={"etag": None, "modified": DATE}),
    "goes-on-by-nothing": resumed("F1", marks={"etag": None}),
    "goes-on-by-a-weak-tag": resumed("F1", marks={"etag": _WEAK}),
    "goes-on-by-an-odd-tag": resumed("F1", marks={"etag": '"\xe4\xff"'}),
    "goes-on-without-ranges": resumed("F8", marks={"ranges": False}),
    "goes-on-in-chunks": resumed("F8", chunked=True, ranges=False),
    "tag-is-gone": resumed("F9", etag=None),
    "tag-became-weak": resumed("F9", etag=_WEAK),
    # F9: another film
    "changed": resumed("F9", body=OTHER, etag='"v2"'),
    "changed-with-the-same-tag": resumed("F9", body=OTHER),
    "changed-with-the-same-date": resumed("F9", marks={"etag": None, "modified": DATE}, body=OTHER),
    "changed-with-nothing": resumed("F9", marks={"etag": None}, body=OTHER),
    "changed-with-a-weak-tag": resumed("F9", marks={"etag": _WEAK}, body=OTHER, etag='W/"v2"'),
    "changed-with-the-same-weak-tag": resumed("F9", marks={"etag": _WEAK}, body=OTHER),
    "changed-early": resumed("F9", body=EARLY, etag='"v2"'),
    "changed-early-ignores-if-range": resumed("F9", body=EARLY, etag='"v2"', if_range=False),
    "changed-early-parts-say-nothing": resumed(
        "F9", body=EARLY, etag='"v2"', if_range=False, part_marks=False, ranges=False
    ),
    "longer": resumed("F9", marks={"etag": None}, body=LONGER),
    "longer-with-the-same-tag": resumed("F9", body=LONGER, if_range=False),
    "shorter-than-what-is-here": resumed("F9", body=_SMALL, etag='"v2"'),
    "shorter-with-the-same-tag": resumed("F9", body=_SMALL, if_range=False),
    # F7, F8: what comes instead of the rest
    "another-range": resumed("F8", named_shift=-5000),
    "lying-range": resumed("F8", sent_shift=-5000),
    "lying-range-by-date": resumed("F8", marks={"etag": None, "modified": DATE}, sent_shift=-188),
    "several-parts": resumed(
        "F8",
        then=_ranged(Content_Type="multipart/byteranges; boundary=x"),
        error=FetchInterruptedError,
    ),
    "part-without-range": resumed("F8", then=_ranged(), error=FetchInterruptedError),
    "part-of-unknown-total": resumed(
        "F8", then=_ranged(Content_Range="bytes 0-1048575/*"), error=FetchInterruptedError
    ),
    "refused-range-same-size": resumed(
        "F8",
        then=sequence(status(416, ("Content-Range", f"bytes */{len(FILM)}")), FileFault(body=FILM)),
    ),
    "refused-range-other-size": resumed(
        "F8", then=sequence(status(416, ("Content-Range", "bytes */77")), FileFault(body=FILM))
    ),
    "short-without-length": resumed("F7", then=_short_without_length, error=FetchInterruptedError),
    "packed": resumed("F7", then=_packed, error=BadMediaError),
    "page": resumed("F14", body=HTML, type="text/html", ranges=False, error=LinkRefusedError),
    "page-as-a-part": resumed("F14", body=HTML, type="text/html", error=AniworldError),
    "bot-check": resumed("F14", body=CHECK, ranges=False, error=NeedsPersonError),
    "nothing": resumed("F14", body=b"", ranges=False, error=FetchInterruptedError),
    "expired": resumed("F13", then=status(403), error=LinkRefusedError),
    "gone": resumed("F13", then=status(404), error=SourceGoneError),
    # F3: what a power loss or an editor leaves behind
    "part-flipped": resumed("F3", edit=written(300_000, bytes(100))),
    "part-zeroed": resumed("F3", edit=written(0, bytes(600_000))),
    "part-flipped-no-marks": resumed("F3", marks={"etag": None}, edit=written(300_000, bytes(100))),
    "part-cut": resumed("F3", edit=resized("", 0.2)),
    "part-longer": resumed("F3", edit=resized("", 3.0)),
    "part-empty": resumed("F3", edit=resized("", 0.0)),
    "part-gone": resumed("F3", edit=without("")),
    "part-is-a-folder": resumed("F3", edit=folder_at(""), error=_TAKEN),
    "part-is-a-link": resumed("F3", edit=link_at(""), error=_TAKEN),
    "part-is-a-pipe": resumed("F3", edit=pipe_at(""), error=_TAKEN),
    "ledger-gone": resumed("F3", edit=without(".ledger")),
    "ledger-torn": resumed("F3", edit=resized(".ledger", 0.7)),
    "ledger-empty": resumed("F3", edit=resized(".ledger", 0.0)),
    "ledger-is-noise": resumed("F3", edit=scribbled(".ledger")),
    "ledger-is-a-folder": resumed("F3", edit=folder_at(".ledger"), error=_TAKEN),
    "ledger-is-a-link": resumed("F3", edit=link_at(".ledger"), error=_TAKEN),
    "ledger-is-a-pipe": resumed("F3", edit=pipe_at(".ledger"), error=_TAKEN),
    "ledger-of-another-version": resumed("F3", edit=header(ledger=99)),
    "ledger-of-a-stream": resumed("F3", edit=identity(kind="segments")),
    "ledger-of-another-size": resumed("F3", edit=identity(size=77)),
    "ledger-of-a-negative-size": resumed("F3", edit=identity(size=-5)),
    "ledger-of-no-size": resumed("F3", edit=identity(size=None)),
    "ledger-of-a-huge-size": resumed("F3", edit=identity(size=10**30)),
    "ledger-of-a-broken-tag": resumed("F3", edit=identity(etag='"a\r\nX: b"')),
    "ledger-of-another-tag": resumed("F3", edit=identity(etag='"v9"')),
    "ledger-claims-a-huge-place": resumed("F3", edit=each(a=10**30, b=10**30 + 5)),
    "ledger-claims-a-huge-block": resumed("F3", edit=each(b=10**15)),
    "ledger-claims-a-negative-block": resumed("F3", edit=each(a=-9, b=9)),
    "ledger-claims-another-block": resumed("F3", edit=each(a=5, b=4096)),
    "ledger-claims-words": resumed("F3", edit=each(a="x", b=None)),
    "ledger-claims-everything": resumed(
        "F3", edit=noted(lambda records: records.append({"a": 0, "b": len(FILM), "c": 0}))
    ),
    "ledger-names-a-film": resumed(
        "F3", edit=noted(lambda records: records.append({"final": "../../precious"}))
    ),
    # T4: where links may not lead
    "leads-to-loopback": leading("http://{canary}/film", error=AddressRefusedError),
    "leads-to-localhost": leading("http://localhost:9/film", error=AddressRefusedError),
    "leads-to-a-mapped-address": leading("http://[::ffff:127.0.0.1]:9/", error=AddressRefusedError),
    "leads-to-a-cloud": leading("http://169.254.169.254/latest", error=AddressRefusedError),
    "leads-to-a-file": leading("file:///etc/passwd", error=AddressRefusedError),
    "leads-to-itself": leading("/film", error=FetchInterruptedError),
    "leads-nowhere": leading("", error=UnsupportedSourceError),
    "leads-to-loopback-after-a-drop": leading(
        "http://{canary}/film", is_resumed=True, error=AddressRefusedError
    ),
    "link-to-loopback": link("http://{canary}/film", AddressRefusedError),
    "link-to-a-file": link("file:///etc/passwd", InvalidLinkError),
    "link-without-host": link("http:///film", InvalidLinkError),
    # F12: nobody there
    "nobody-of-that-name": link("http://nobody.invalid/film", FetchInterruptedError, "F12"),
    # T7: more bytes than requested
    "endless": Resumed(row="T7", then=lambda _: _endless, error=BadMediaError),
    "said-to-be-huge": Resumed(
        row="T7",
        then=lambda _: FileFault(body=FILM, ranges=False, length=10**15),
        error=BadMediaError,
    ),
}

CASES = [case_of(name, row) for name, row in ROWS.items()]
