"""Give up in time on servers that accept a request and send almost nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from aniworld_core.domain.media import Stream, StreamKind
from aniworld_core.errors import FetchInterruptedError
from aniworld_core.ports.fetcher import FetchRequest
from aniworld_core.testing.contracts.fetcher import fetched_file
from aniworld_providers.network.bytes import Timeouts
from aniworld_providers.network.bytes.stall import StallClock
from aniworld_providers.transfer.direct.fetcher import DirectFetcher
from aniworld_providers.transfer.segments.on_demand import open_hls_fetcher
from providers.faults.films import mp4
from providers.faults.hls_faults import made
from providers.faults.server import Behaviour, FaultServer, FileFault, Wire, open_fault_server
from support.adapter_context import JumpingClock, make_context

pytestmark = pytest.mark.anyio

#: Much longer than the time without progress after which the transfer is given up here.
_PATIENT = Timeouts(connect=30.0, headers=30.0, read=30.0, floor_seconds=30.0)
_LIMIT = 0.8
_SHORT_LIMIT = 0.4


async def _silent(wire: Wire) -> None:
    await wire.silence()


async def _drips(wire: Wire, data: bytes) -> None:
    for byte in data:
        wire.raw(bytes([byte]))
        await asyncio.sleep(0.02)
    await wire.silence()


async def _drips_headers(wire: Wire) -> None:
    await _drips(wire, b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 500)


async def _drips_body(wire: Wire) -> None:
    await wire.head(200, ("Content-Length", 5_000_000), ("Content-Type", "video/mp4"))
    await _drips(wire, mp4()[:500])


async def _stops_in_the_middle(wire: Wire) -> None:
    await wire.head(200, ("Content-Length", 5_000_000), ("Content-Type", "video/mp4"))
    await wire.body(mp4()[:300_000])
    await wire.silence()


async def _headers_only(wire: Wire) -> None:
    await wire.head(200, ("Content-Length", 20))
    await wire.silence()


_WAYS: dict[str, tuple[Behaviour, str]] = {
    "silent": (_silent, "sent no complete response headers"),
    "drips-headers": (_drips_headers, "sent no complete response headers"),
    "headers-only": (_headers_only, "sent the headers and no body"),
    "drips-body": (_drips_body, "sends less than 1 KiB per second"),
    "stops-in-the-middle": (_stops_in_the_middle, "less than 1 KiB per second|response headers"),
}


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    """Run a server."""
    async with open_fault_server() as server:
        yield server


def _request(
    server: FaultServer, path: str, kind: StreamKind, folder: Path, limit: float = _LIMIT
) -> FetchRequest:
    stream = Stream(url=server.url(path), kind=kind, reach=frozenset({server.address}))
    return FetchRequest(
        stream=stream, destination=folder / "library" / "Film.mp4", stall_timeout=limit
    )


@pytest.mark.parametrize("way", _WAYS)
async def test_a_file(server: FaultServer, tmp_path: Path, way: str) -> None:
    """The transfer of a file ends with the observed cause, retries included."""
    server.routes["/film.mp4"], seen = _WAYS[way]
    context = make_context(tmp_path / "data", clock=JumpingClock())
    fetcher = DirectFetcher(context=context, timeouts=_PATIENT)

    with anyio.fail_after(10), pytest.raises(FetchInterruptedError, match=seen) as raised:
        await fetcher.fetch(_request(server, "/film.mp4", StreamKind.DIRECT, tmp_path))

    assert raised.value.gave_up
    assert str(raised.value).startswith("the transfer was interrupted: no progress for ")


def _encrypted(files: dict[str, bytes]) -> None:
    tag = b'#EXT-X-KEY:METHOD=AES-128,URI="k.bin"\n#EXTINF'
    files["/ts/media.m3u8"] = files["/ts/media.m3u8"].replace(b"#EXTINF", tag, 1)


def _mastered(files: dict[str, bytes]) -> None:
    files["/m.m3u8"] = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nts/media.m3u8\n"


@pytest.mark.parametrize("way", ["silent", "headers-only"])
@pytest.mark.parametrize(
    ("link", "part", "named", "edit"),
    [
        ("/m.m3u8", "/m.m3u8", "no progress", _mastered),
        ("/m.m3u8", "/ts/media.m3u8", r"the playlist \(media.m3u8\)", _mastered),
        ("/ts/media.m3u8", "/ts/media-002.ts", r"segment 3 of 6 \(media-002.ts\)", None),
        ("/ts/media.m3u8", "/ts/k.bin", r"the key \(k.bin\)", _encrypted),
        ("/fmp4/media.m3u8", "/fmp4/media-init.mp4", "the initialisation section", None),
    ],
    ids=["first-list", "second-list", "segment", "key", "section"],
)
async def test_a_part_of_a_stream(
    server: FaultServer,
    tmp_path: Path,
    way: str,
    link: str,
    part: str,
    named: str,
    edit: Callable[[dict[str, bytes]], None] | None,
) -> None:
    """The reason names the list, segment, key or init section that did not arrive."""
    files = {f"/{path}": data for path, data in made().items()}
    if edit is not None:
        edit(files)
    server.routes = {path: FileFault(body=data, type="x/x") for path, data in files.items()}
    server.routes[part], seen = _WAYS[way]
    context = make_context(tmp_path / "data", clock=JumpingClock())

    async with open_hls_fetcher(context, timeouts=_PATIENT) as fetcher:
        with anyio.fail_after(15), pytest.raises(FetchInterruptedError, match=named) as raised:
            await fetcher.fetch(_request(server, link, StreamKind.HLS, tmp_path, _SHORT_LIMIT))

    assert seen in raised.value.reason


async def test_a_slow_transfer_with_progress_goes_on(server: FaultServer, tmp_path: Path) -> None:
    """A transfer with progress continues, however long it takes in total."""
    server.routes["/film.mp4"] = FileFault(body=mp4(), rate=1_000_000, ranges=False)
    context = make_context(tmp_path / "data", clock=JumpingClock())
    fetcher = DirectFetcher(context=context, timeouts=_PATIENT)

    fetched = await fetched_file(
        fetcher, _request(server, "/film.mp4", StreamKind.DIRECT, tmp_path)
    )

    assert fetched.bytes == len(mp4())


async def test_only_waiting_for_servers_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses do not count, overlapping waits count once, and progress restarts the time."""
    now = 0.0
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now)
    clock = StallClock(60.0)

    with clock.waiting(), clock.waiting():
        now += 20
    now += 1000
    assert (clock.is_over, clock.left) == (False, 40.0)
    with clock.waiting():
        now += 30
        clock.received(16 * 1024)
        assert clock.left == 10.0, "at less than 1 KiB per second this is no progress"
        clock.received(40 * 1024)
        assert clock.left == 60.0
        now += 60
        assert clock.is_over


def test_the_default_leaves_time_for_the_rest() -> None:
    """With the default time the whole command ends within two minutes."""
    fields: dict[str, Any] = {"stream": None, "destination": Path()}

    assert FetchRequest(**fields).stall_timeout <= 90
