"""Conditional and range requests (RFC 9110, sections 13 and 14)."""

import re
from collections.abc import Mapping

import attrs

_BYTES = re.compile(r"bytes=(?P<first>\d{0,18})-(?P<last>\d{0,18})", re.ASCII)


@attrs.frozen(kw_only=True)
class Part:
    """The part of a file to send.

    Attributes:
        status: 200 for the whole file, 206 for a part, 304 if it is not modified, 416 if the
            range is outside the file.
        start: First byte.
        stop: End of the part, exclusive.
    """

    status: int
    start: int
    stop: int


def requested_part(headers: Mapping[str, str], *, etag: str, size: int) -> Part:
    """Evaluate the conditions and the range of a GET request.

    A range that is malformed, multiple or in another unit is ignored, as the standard allows.
    """
    whole = Part(status=200, start=0, stop=size)
    if _names(headers.get("If-None-Match", ""), etag):
        return Part(status=304, start=0, stop=0)
    asked = _BYTES.fullmatch(headers.get("Range", "").replace(" ", ""))
    if asked is None or headers.get("If-Range", etag) != etag:
        return whole
    first, last = asked["first"], asked["last"]
    if first:
        start, stop = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < int(first):
            return whole
    elif last:
        start, stop = max(size - int(last), 0), size
    else:
        return whole
    if start >= stop:
        return Part(status=416, start=0, stop=0)
    return Part(status=206, start=start, stop=stop)


def _names(listed: str, etag: str) -> bool:
    tags = (tag.strip().removeprefix("W/") for tag in listed.split(","))
    return any(tag in {"*", etag} for tag in tags)
