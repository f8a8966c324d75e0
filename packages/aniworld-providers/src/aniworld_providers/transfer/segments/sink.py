"""Receive the bytes of one piece: decrypt, identify and store them."""

from collections.abc import Sequence
from typing import Final

import attrs

from aniworld_core.errors import (
    BadMediaError,
    FetchInterruptedError,
    NeedsPersonError,
    ProtectedError,
)
from aniworld_core.messages import Message
from aniworld_providers.media.probe.segment_probe import ends_whole, is_cut_off, is_too_short
from aniworld_providers.media.probe.sniff import (
    DISGUISE_LIMIT,
    SNIFF_BYTES,
    impostor_of,
    segment_kind,
    stored_start,
)
from aniworld_providers.media.remux.group_feed import Stored
from aniworld_providers.media.structure.protection import segment_protection
from aniworld_providers.network import is_bot_check
from aniworld_providers.transfer.keys import SegmentDecryptor, WrongKeyError
from aniworld_providers.transfer.manifests.job import Item
from aniworld_providers.transfer.segments.store import SegmentStore, SegmentWriter

#: Bytes that are needed to identify a transport stream.
_ENOUGH: Final = max(SNIFF_BYTES, 3 * 188)
#: Formats of segments with an initialisation section; that of a transport stream has its tables.
_WITH_SECTIONS: Final = frozenset({"mov", "matroska", "mpegts"})
#: Bytes to decrypt at once; each running piece has a buffer of this size.
_DECRYPTED: Final = 64 * 1024


@attrs.define(eq=False)
class SegmentSink:
    """One attempt at one piece; methods block shortly, one thread at a time.

    Attributes:
        received: Number of received bytes, before decryption.
    """

    _store: SegmentStore
    _writer: SegmentWriter
    _item: Item
    _link: str
    _key: bytes | None = None
    received: int = attrs.field(default=0, init=False)
    _decryptor: SegmentDecryptor | None = attrs.field(default=None, init=False)
    _head: bytearray | None = attrs.field(factory=bytearray, init=False)
    _demuxer: str = attrs.field(default="", init=False)

    def __attrs_post_init__(self) -> None:
        use = self._item.piece.key
        if use is not None and self._key is not None:
            self._decryptor = SegmentDecryptor(self._key, use.iv)

    def take(self, chunks: Sequence[bytes | memoryview]) -> None:
        """Add the next bytes.

        Raises:
            BadMediaError: If they are not media.
            NeedsPersonError: If they are a bot check.
            OSError: If writing fails.
        """
        self.received += sum(len(chunk) for chunk in chunks)
        if self._decryptor is None:
            self._write(chunks)
            return
        for chunk in chunks:
            for start in range(0, len(chunk), _DECRYPTED):
                part = memoryview(chunk)[start : start + _DECRYPTED]
                self._write(self._decryptor.update(part))

    def flush(self) -> None:
        """Write the held bytes after the last ones.

        Raises:
            BadMediaError: If the piece is not media or cannot be decrypted.
            NeedsPersonError: If the piece is a bot check.
            ProtectedError: If its samples are encrypted.
            OSError: If writing fails.
        """
        if self._decryptor is not None:
            self._write([self._end_of(self._decryptor)])
        if self._head is not None:
            self._recognise()
        scheme = segment_protection(self._read, self._writer.length, self._demuxer)
        if scheme is not None:
            raise ProtectedError(self._link, scheme)

    def _end_of(self, decryptor: SegmentDecryptor) -> bytes:
        """Return the last decrypted bytes without padding and appended bytes."""
        try:
            return decryptor.finish()
        except WrongKeyError:
            for tail in decryptor.ends():
                if self._ends_with(tail):
                    return tail
            if self._head is None:
                # The decrypted beginning shows that the key is right.
                raise WrongKeyError(Message("encrypted_end_damaged")) from None
            raise

    def _ends_with(self, tail: bytes) -> bool:
        """Whether the written bytes and *tail* end with a whole packet or box."""
        head = bytes(self._head) if self._head is not None else b""
        demuxer, skipped = self._demuxer, 0
        if self._head is not None:
            demuxer, skipped = segment_kind(head + tail) or ("", 0)
        written = self._writer.length
        rest = (head + tail)[skipped:]

        def read(offset: int, size: int) -> bytes:
            found = self._read(offset, min(size, written - offset)) if offset < written else b""
            start = max(offset - written, 0)
            return found + rest[start : start + size - len(found)]

        return ends_whole(read, written + len(rest), demuxer)

    def commit(self) -> Stored:
        """Record the flushed piece as done.

        Raises:
            FetchInterruptedError: If the piece certainly ends too early.
            OSError: If writing fails.
        """
        if is_cut_off(self._read, self._writer.length, self._demuxer):
            raise FetchInterruptedError(Message("ends_in_packet"))
        return self._writer.commit()

    def is_too_short(self, *, is_lenient: bool) -> bool:
        """Whether the piece plays shorter than announced, as far as known."""
        return is_too_short(
            self._read,
            self._writer.length,
            self._demuxer,
            self._item.shortest,
            is_lenient=is_lenient,
        )

    def _read(self, offset: int, size: int) -> bytes:
        return self._writer.read(offset, size)

    def _write(self, chunks: Sequence[bytes | memoryview]) -> None:
        if self._head is None:
            self._writer.write(chunks)
            return
        first = bytes(chunks[0][:_ENOUGH]) if chunks and not self._head else b""
        if len(first) == _ENOUGH and segment_kind(first) is not None:
            # Identified by its first bytes, as nearly all are, so that nothing is copied.
            self._head = None
            start = self._recognised(first)
            self._writer.write([memoryview(chunks[0])[start:], *chunks[1:]])
            return
        for chunk in chunks:
            self._head += chunk
        enough = (
            _ENOUGH if segment_kind(bytes(self._head[:_ENOUGH])) is not None else DISGUISE_LIMIT
        )
        if len(self._head) >= enough:
            self._recognise()

    def _recognise(self) -> None:
        head = bytes(self._head or b"")
        self._head = None
        self._writer.write([memoryview(head)[self._recognised(head) :]])

    def _recognised(self, head: bytes) -> int:
        """Set the demuxer from the first bytes and return where the media begin."""
        kind = segment_kind(head)
        item = self._item
        if (item.is_init or item.has_init) and kind is not None:
            kind = kind if kind[0] in _WITH_SECTIONS else None
        if kind is None:
            raise self._impostor(head)
        self._demuxer = kind[0]
        return stored_start(kind)

    def _impostor(self, head: bytes) -> BadMediaError | NeedsPersonError:
        if self._decryptor is not None:
            return WrongKeyError(Message("cannot_decrypt"))
        if is_bot_check(head):
            return NeedsPersonError(Message("segment_server"), self._link, Message("bot_check"))
        what = impostor_of(head[:SNIFF_BYTES]) or Message("content_no_media")
        return BadMediaError(Message("other_content", what=what))
