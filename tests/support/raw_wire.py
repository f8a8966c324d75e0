"""Connection that sends arbitrary bytes, which no HTTP client would send."""

import asyncio
from collections.abc import Collection
from contextlib import suppress

import anyio
import attrs

from aniworld_core.testing.waiting import PATIENCE
from aniworld_http.websocket import SOCKET_PATH

Header = tuple[bytes, bytes]


@attrs.frozen
class Reply:
    """A response; status 0 if the connection was closed without one."""

    status: int
    headers: dict[str, str]
    body: bytes


@attrs.define
class Wire:
    """Connection that sends arbitrary bytes."""

    host: str
    port: int
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self,
        method: str,
        target: str,
        headers: Collection[Header],
        body: bytes = b"{}",
        media: bytes = b"application/json",
    ) -> Reply:
        """Send a request with a body."""
        reader, writer = self._streams or await self.open()
        self._streams = None
        typed = (*headers, (b"Content-Type", media), (b"Content-Length", str(len(body)).encode()))
        writer.write(self.request(method, target, typed) + b"\r\n" + body)
        try:
            with anyio.fail_after(PATIENCE):
                reply = await _read_reply(reader, has_body=method != "HEAD")
        except (asyncio.IncompleteReadError, ConnectionError):
            reply = Reply(0, {}, b"")
        if reply.status and reply.headers.get("connection") != "close":
            self._streams = reader, writer
        else:
            await _close(writer)
        return reply

    async def aclose(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            await _close(self._streams[1])

    async def knock(self, headers: Collection[Header], message: str | None = None) -> str:
        """Request a WebSocket; return the status, the close code or `open`."""
        reader, writer = await self.open()
        upgrade = (
            *((b"Upgrade", b"websocket"), (b"Connection", b"Upgrade")),
            *((b"Sec-WebSocket-Version", b"13"), (b"Sec-WebSocket-Key", b"A" * 22 + b"==")),
        )
        writer.write(self.request("GET", SOCKET_PATH, (*upgrade, *headers)) + b"\r\n")
        try:
            with anyio.fail_after(PATIENCE):
                reply = await _read_reply(reader, has_body=False)
                if reply.status != 101:
                    return str(reply.status)
                if message is not None:
                    writer.write(_text_frame(message.encode()))
                return await _read_ending(reader)
        except (asyncio.IncompleteReadError, ConnectionError):
            return "0"
        finally:
            await _close(writer)

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect."""
        return await asyncio.open_connection(self.host, self.port)

    def request(self, method: str, target: str, headers: Collection[Header]) -> bytes:
        """Return a request up to its own last header."""
        head = f"{method} {target} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n".encode()
        return head + b"".join(name + b": " + value + b"\r\n" for name, value in headers)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def _read_reply(reader: asyncio.StreamReader, *, has_body: bool) -> Reply:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in head[1:] if line)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    length = int(headers.get("content-length", "0")) if has_body else 0
    body = await reader.readexactly(length)
    return Reply(int(head[0].split()[1]), headers, body)


def _text_frame(payload: bytes) -> bytes:
    """Return a masked text frame (RFC 6455 section 5.2)."""
    return b"\x81" + (0x80 | 127).to_bytes() + len(payload).to_bytes(8) + bytes(4) + payload


async def _read_ending(reader: asyncio.StreamReader) -> str:
    first, length = await reader.readexactly(2)
    if first & 0x0F != 0x08:
        return "open"
    return str(int.from_bytes((await reader.readexactly(length))[:2]))
