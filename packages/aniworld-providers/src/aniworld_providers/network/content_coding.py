"""Content codings (RFC 9110 section 8.4): parse the header and decode bodies.

Every request asks for `identity`, but some servers name a coding anyway. A name outside the IANA
registry, such as `aws-chunked` or `binary`, is not a coding: the bytes are plain.
"""

import zlib
from collections.abc import Iterator
from typing import Final, Protocol

import attrs

from aniworld_core.errors import BadMediaError
from aniworld_core.messages import Message

#: The registered codings: https://www.iana.org/assignments/http-parameters, 2026.
_REGISTERED: Final = frozenset(
    (
        *("aes128gcm", "br", "compress", "dcb", "dcz", "deflate", "exi", "gzip"),
        *("pack200-gzip", "x-compress", "x-gzip", "zstd"),
    )
)
_GZIP: Final = frozenset({"gzip", "x-gzip"})
#: Most codings to undo in sequence.
_MOST_CODINGS: Final = 2
#: Most decoded bytes per step, so that a small body cannot fill the memory.
_STEP: Final = 256 * 1024


def codings(header: str) -> tuple[str, ...]:
    """Return the registered codings in a `Content-Encoding` header, in order of use."""
    named = (name.strip().lower() for name in header.split(","))
    return tuple(name for name in named if name in _REGISTERED)


class _Decompressor(Protocol):
    """Decoder of one coding with limited output."""

    @property
    def is_finished(self) -> bool:
        """Whether the coded bytes are complete."""
        ...

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Yield the decoded bytes of *data*, at most `_STEP` at a time."""
        ...


@attrs.define(eq=False)
class Decoder:
    """Undo the codings of one body, piece by piece.

    Args:
        names: The codings, in the order in which they were applied.

    Raises:
        BadMediaError: If one of them is not supported.
    """

    names: tuple[str, ...]
    _steps: list[_Decompressor] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._steps = _steps_of(self.names)

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Yield the decoded bytes of *data*, at most 256 KiB at a time.

        Raises:
            BadMediaError: If the bytes are damaged.
        """
        return self._through(data, self._steps)

    @property
    def is_finished(self) -> bool:
        """Whether the body is complete."""
        return all(step.is_finished for step in self._steps)

    def _through(self, data: bytes, steps: list[_Decompressor]) -> Iterator[bytes]:
        if not steps:
            yield data
            return
        try:
            for piece in steps[0].pieces(data):
                yield from self._through(piece, steps[1:])
        except (zlib.error, ValueError) as exc:
            raise BadMediaError(Message("compressed_damaged")) from exc


def _steps_of(names: tuple[str, ...]) -> list[_Decompressor]:
    if len(names) > _MOST_CODINGS:
        raise BadMediaError(Message("too_many_codings", codings=len(names)))
    made: list[_Decompressor] = []
    for name in reversed(names):
        if name in _GZIP or name == "deflate":
            made.append(_Zlib(is_gzip=name in _GZIP))
        elif name == "br":
            made.append(_Brotli())
        else:
            raise BadMediaError(Message("sent_compressed", coding=name))
    return made


@attrs.define(eq=False, kw_only=True)
class _Zlib:
    """Gzip with any number of members, and deflate with or without zlib header."""

    is_gzip: bool
    _unpacker: "zlib._Decompress" = attrs.field(
        factory=lambda: zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    )
    _is_new: bool = True

    @property
    def is_finished(self) -> bool:
        return self._unpacker.eof or self._is_new

    def pieces(self, data: bytes) -> Iterator[bytes]:
        rest = data
        while rest:
            if self._unpacker.eof:
                if not self.is_gzip or not rest.strip(b"\0"):
                    return
                self._unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
                self._is_new = True
            yield self._unpacked(rest)
            rest = self._unpacker.unconsumed_tail or self._unpacker.unused_data
        while piece := self._unpacker.decompress(b"", _STEP):
            yield piece

    def _unpacked(self, data: bytes) -> bytes:
        try:
            piece = self._unpacker.decompress(data, _STEP)
        except zlib.error:
            if self.is_gzip or not self._is_new:
                raise
            # Some servers omit the zlib header (RFC 9110 section 8.4.1.2).
            self._unpacker = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
            piece = self._unpacker.decompress(data, _STEP)
        self._is_new = False
        return piece


class _Brotli:
    """Brotli (RFC 7932)."""

    def __init__(self) -> None:
        import brotli  # rarely used, so loaded on demand

        self._unpacker = brotli.Decompressor()
        self._error: type[Exception] = brotli.error
        self._is_new = True

    @property
    def is_finished(self) -> bool:
        return self._is_new or bool(self._unpacker.is_finished())

    def pieces(self, data: bytes) -> Iterator[bytes]:
        self._is_new = False
        try:
            piece = self._unpacker.process(data, output_buffer_limit=_STEP)
            while piece or not self._unpacker.can_accept_more_data():
                yield piece
                if self._unpacker.can_accept_more_data():
                    return
                piece = self._unpacker.process(b"", output_buffer_limit=_STEP)
        except self._error as exc:
            raise ValueError(str(exc)) from exc
