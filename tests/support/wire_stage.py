"""A real server on a free port, and a client that sends raw bytes."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import anyio
import attrs

from aniworld_core.testing.fakes import FakeClock, FakeHasher
from aniworld_core.testing.waiting import PATIENCE
from aniworld_http.app import make_app
from aniworld_http.lifespan import serving
from aniworld_http.security.connections import CONNECTIONS, Connections
from aniworld_http.security.setup_code import SETUP_CODE
from aniworld_http.settings import HttpSettings
from support.application_stage import open_stage
from support.http_stage import FREELY, KEY

_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")


class StandingClock(FakeClock):
    """Clock whose sleeps never end, so that the server only acts on requests."""

    async def sleep(self, delay: timedelta) -> None:
        """Sleep until cancelled."""
        self.slept.append(delay)
        await anyio.sleep_forever()


@attrs.frozen
class Said:
    """Statuses and bytes of all responses."""

    statuses: list[int]
    raw: bytes


@attrs.frozen
class Wire:
    """Client for a server."""

    port: int
    connections: Connections
    setup_code: str

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect without sending anything."""
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def say(self, sent: str | bytes) -> Said:
        """Send bytes, and read until the server closes the connection."""
        reader, writer = await self.open()
        writer.write(sent if isinstance(sent, bytes) else sent.encode("latin-1"))
        with anyio.fail_after(PATIENCE):
            raw = await reader.read()
        writer.close()
        return Said([int(status) for status in _STATUS.findall(raw)], raw)


@asynccontextmanager
async def open_wire(folder: Path) -> AsyncIterator[Wire]:
    """Run the server as in production, with its time limits, on a free port."""
    async with open_stage(folder, has_library=False, clock=StandingClock()) as stage:
        settings = HttpSettings(secret_key=KEY, port=0)
        app = make_app(stage.app, settings, hasher=FakeHasher(), limits=FREELY)
        async with serving(app, lambda _line: None) as address:
            port = int(address.rstrip("/").rpartition(":")[2])
            yield Wire(port, app[CONNECTIONS], app[SETUP_CODE].value)
