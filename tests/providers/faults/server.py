"""A web server with configurable faults."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeAlias

import attrs

from providers.faults.conditions import reachable, scheme

_STEP = 16 * 1024


@attrs.define
class Hit:
    """One request as it arrived, and what was sent for it."""

    method: str
    path: str
    headers: dict[str, str]
    sent: int = 0

    @property
    def span(self) -> tuple[int, int | None] | None:
        """First and last byte asked for."""
        text = self.headers.get("range", "").removeprefix("bytes=")
        if not text:
            return None
        first, _, last = text.partition("-")
        return int(first), int(last) if last else None


@attrs.define
class Wire:
    """The connection a request came over."""

    hit: Hit
    _writer: asyncio.StreamWriter
    #: Bytes per second that are sent, if limited.
    rate: int | None = None
    #: Called when this many bytes were sent.
    on_sent: tuple[int, Callable[[], None]] | None = None

    async def head(self, status: int, *headers: tuple[str, object]) -> None:
        """Send a status line and headers."""
        lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in headers)]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        await self._writer.drain()

    async def body(self, data: bytes | memoryview) -> None:
        """Send body bytes and count them."""
        view = memoryview(data)
        for start in range(0, len(view), _STEP):
            piece = view[start : start + _STEP]
            self._writer.write(piece)
            await self._writer.drain()
            self.hit.sent += len(piece)
            if self.on_sent is not None and self.hit.sent >= self.on_sent[0]:
                self.on_sent[1]()
            if self.rate is not None:
                await asyncio.sleep(len(piece) / self.rate)

    def raw(self, data: bytes) -> None:
        """Send bytes that are no body."""
        self._writer.write(data)

    def abort(self) -> None:
        """Break the connection off with a reset."""
        self._writer.transport.abort()

    async def silence(self) -> None:
        """Say nothing more and keep the connection open."""
        await asyncio.Event().wait()


Behaviour: TypeAlias = Callable[[Wire], Awaitable[None]]


@attrs.define(eq=False)
class FaultServer:
    """Answers each path with its behaviour; one request per connection."""

    port: int = 0
    routes: dict[str, Behaviour] = attrs.field(factory=dict)
    log: list[Hit] = attrs.field(factory=list)

    @property
    def address(self) -> str:
        """The pair that has to be allowed to reach it."""
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        """Return the link of a path."""
        return f"{scheme()}://{self.address}{path}"

    def sent(self, path: str | None = None) -> int:
        """Count the body bytes sent."""
        return sum(hit.sent for hit in self.log if path in {None, hit.path})

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            raw = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            request, *lines = raw.split("\r\n")
            method, target, _ = request.split(" ")
            pairs = (line.split(":", 1) for line in lines if ":" in line)
            headers = {name.strip().lower(): value.strip() for name, value in pairs}
            hit = Hit(method, target.partition("?")[0], headers)
            self.log.append(hit)
            await self.routes.get(hit.path, _missing)(Wire(hit, writer))
        with contextlib.suppress(ConnectionError):
            writer.close()


async def _missing(wire: Wire) -> None:
    await status(404)(wire)


@contextlib.asynccontextmanager
async def open_fault_server() -> AsyncIterator[FaultServer]:
    """Run a server on a free port of loopback."""
    server = FaultServer()
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(server._serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        task.add_done_callback(lambda _: writer.transport.abort())

    listener = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        async with reachable(listener.sockets[0].getsockname()[1]) as server.port:
            yield server
    finally:
        listener.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


# --- behaviours --------------------------------------------------------------------------


def status(code: int, *headers: tuple[str, object], page: bytes = b"") -> Behaviour:
    """Answer with a status and nothing else."""

    async def behave(wire: Wire) -> None:
        await wire.head(code, *headers, ("Content-Length", len(page)), ("Connection", "close"))
        await wire.body(page)

    return behave


def sequence(*behaviours: Behaviour) -> Behaviour:
    """Behave differently each time; the last one stays."""
    left = list(behaviours)

    async def behave(wire: Wire) -> None:
        await (left.pop(0) if len(left) > 1 else left[0])(wire)

    return behave


@attrs.define(kw_only=True)
class FileFault:
    """A file that is served with faults.

    Attributes:
        body: The bytes.
        etag, modified: Validators; none where `None`.
        ranges: Whether ranges are answered with 206.
        cut: Break every answer off after this many bytes; `cuts` says how many answers.
        reset: Break off with a reset instead of an end.
        length: The length announced with a whole body: `None` for none, else what to add.
        part_marks: Whether parts carry the validators, too.
        part_cut: Send and announce fewer bytes of a part than its range names.
        part_length: What to add to the length announced with a part.
        chunked: Send chunks.
        named_shift: What to add to the start named in `Content-Range`.
        sent_shift: What to add to the start that is really sent.
        total_shift: What to add to the total named in `Content-Range`.
        rate: Bytes per second of one connection.
        stall: Fall silent after this many bytes; `on_stall` is called then.
        on_sent: After how many bytes of an answer to call what.
        tail: Bytes sent behind the announced end.
        if_range: Whether `If-Range` is understood.
        type: The media type.
    """

    body: bytes
    etag: str | None = '"v1"'
    modified: str | None = None
    ranges: bool = True
    cut: int | None = None
    cuts: int | None = None
    reset: bool = False
    length: int | None = 0
    part_marks: bool = True
    part_cut: int = 0
    part_length: int = 0
    chunked: bool = False
    named_shift: int = 0
    sent_shift: int = 0
    total_shift: int = 0
    rate: int | None = None
    stall: int | None = None
    on_stall: Callable[[], None] | None = None
    on_sent: tuple[int, Callable[[], None]] | None = None
    tail: bytes = b""
    if_range: bool = True
    type: str = "video/mp4"

    async def __call__(self, wire: Wire) -> None:
        """Answer one request."""
        wire.rate, wire.on_sent = self.rate, self.on_sent
        span, total = wire.hit.span, len(self.body)
        condition = wire.hit.headers.get("if-range")
        if self.if_range and condition not in {None, self.etag, self.modified}:
            span = None
        if span is None or not self.ranges:
            await self._whole(wire)
        elif span[0] >= total:
            await wire.head(
                416, ("Content-Range", f"bytes */{total}"), ("Content-Length", 0), *self._marks()
            )
        else:
            last = total - 1 if span[1] is None else min(span[1], total - 1)
            await self._part(wire, span[0], last)

    def _marks(self) -> Sequence[tuple[str, object]]:
        marks = [("Content-Type", self.type), ("Connection", "close")]
        if self.etag:
            marks.append(("ETag", self.etag))
        if self.modified:
            marks.append(("Last-Modified", self.modified))
        return marks

    async def _whole(self, wire: Wire) -> None:
        headers = list(self._marks())
        if self.chunked:
            headers.append(("Transfer-Encoding", "chunked"))
        elif self.length is not None:
            headers.append(("Content-Length", len(self.body) + self.length))
        await wire.head(200, *headers)
        if wire.hit.method != "HEAD":
            await self._send(wire, self.body)

    async def _part(self, wire: Wire, first: int, last: int) -> None:
        total = len(self.body)
        named = f"bytes {first + self.named_shift}-{last}/{total + self.total_shift}"
        size = max(last - first + 1 - self.part_cut, 1)
        marks = self._marks() if self.part_marks else [("Connection", "close")]
        length = size + self.part_length
        await wire.head(206, ("Content-Range", named), ("Content-Length", length), *marks)
        if wire.hit.method != "HEAD":
            start = max(first + self.sent_shift, 0)
            await self._send(wire, self.body[start : start + size])

    async def _send(self, wire: Wire, data: bytes) -> None:
        stop = len(data)
        if self.cut is not None and self.cuts != 0:
            stop = min(stop, self.cut)
            self.cuts = None if self.cuts is None else self.cuts - 1
        if self.stall is not None:
            stop = min(stop, self.stall)
        view = memoryview(data)[:stop]
        if self.chunked:
            wire.raw(b"%x\r\n" % len(data))
        await wire.body(view)
        if self.stall is not None and stop < len(data):
            if self.on_stall is not None:
                self.on_stall()
            await wire.silence()
        if stop < len(data):
            if self.reset:
                wire.abort()
            return
        if self.chunked:
            wire.raw(b"\r\n0\r\n\r\n")
        wire.raw(self.tail)
