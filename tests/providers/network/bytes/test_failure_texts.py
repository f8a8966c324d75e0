"""Each failure of a server has its own text in both languages, and says what was seen."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from anyio import sleep_forever

from aniworld_core.domain.media import Stream
from aniworld_core.errors import (
    AniworldError,
    BadMediaError,
    DiskFullError,
    LinkRefusedError,
    LoginNeededError,
    NotYetAvailableError,
    SourceBlockedError,
    UnavailableError,
)
from aniworld_core.messages import Message
from aniworld_core.messages.translation import translation
from aniworld_providers.network.bytes.client import ByteClient
from aniworld_providers.network.guard import AddressGuard
from providers.faults.fetching import HASTY, Fetching
from providers.faults.server import FaultServer, Wire, open_fault_server, status
from support.adapter_context import JumpingClock

pytestmark = pytest.mark.anyio


class Unlimited:
    """A throttle that never waits."""

    async def take(self, amount: int) -> None:
        """Wait for nothing."""


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    """Run a server."""
    async with open_fault_server() as server:
        yield server


async def silent(_wire: Wire) -> None:
    """Answer nothing."""
    await sleep_forever()


async def failure(server: FaultServer, url: str, *allowed: str) -> AniworldError:
    """Return the error of a request."""
    guard = AddressGuard(frozenset(allowed or {server.address}))
    async with ByteClient(
        guard,
        throttle=Unlimited(),
        clock=JumpingClock(),
        user_agent="Aniworld/0 (tests)",
        timeouts=HASTY,
    ) as client:
        with pytest.raises(AniworldError) as caught:
            await client.read_all(url, max_bytes=100)
    return caught.value


async def tls_failure(server: FaultServer) -> AniworldError:
    """Return the error of an https link that leads to a server without TLS."""

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.0 400 Bad Request\r\n\r\n")
        writer.close()

    listener = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with listener:
        port = listener.sockets[0].getsockname()[1]
        place = f"127.0.0.1:{port}"
        return await failure(server, f"https://{place}/film", place)


async def all_failures(server: FaultServer) -> dict[str, AniworldError]:
    """Return one error of each kind, most of them of real requests."""
    for code in (401, 403, 404, 410, 451, 500):
        server.routes[f"/{code}"] = status(code)
    found = {
        str(code): await failure(server, server.url(f"/{code}"))
        for code in (401, 403, 404, 410, 451, 500)
    }
    server.routes["/silent"] = silent
    found["timeout"] = await failure(server, server.url("/silent"))
    unknown = "http://no-such-host.invalid:80/film"
    found["dns"] = await failure(server, unknown, "no-such-host.invalid:80")
    found["tls"] = await tls_failure(server)
    found["guard"] = await failure(server, server.url("/401"), "127.0.0.1:1")
    wrong = Message("wrong_audio", found_languages=["en"], wanted_languages=["de"])
    found["language"] = NotYetAvailableError("S01E01", ["ger-dub"], ["eng-sub"])
    found["audio"] = BadMediaError(wrong)
    found["damaged"] = BadMediaError(Message("cut_off", end_seconds=3.0, whole_seconds=9.0))
    found["disk"] = DiskFullError("/srv", 5)
    return found


async def test_every_failure_has_its_own_text(server: FaultServer) -> None:
    """No two failures look the same in a language, and German has no English reason."""
    failures = await all_failures(server)

    for language in ("en", "de"):
        texts = {name: translation(error.message, language) for name, error in failures.items()}
        assert len(set(texts.values())) == len(texts), texts
    german = {name: translation(error.message, "de") for name, error in failures.items()}
    for name, words in {
        "401": "Anmeldung",
        "403": "weist",
        "404": "Nicht gefunden",
        "410": "abgelaufen",
        "451": "rechtlichen Gründen",
        "500": "HTTP 500",
        "timeout": "keine vollständigen Antwort-Header",
        "dns": "nicht aufgelöst",
        "tls": "TLS",
        "guard": "darf 127.0.0.1",
        "language": "gibt es noch nicht",
        "audio": "der Ton ist en statt de",
        "damaged": "endet",
        "disk": "voll",
    }.items():
        assert words in german[name], german[name]


async def test_only_what_may_pass_is_retried(server: FaultServer) -> None:
    """A login and a legal block are final; a refusal without a reason and a fault are not."""
    failures = await all_failures(server)

    retried = {name for name, error in failures.items() if error.retryable}
    assert retried == {"403", "410", "500", "timeout", "dns", "disk"}
    assert isinstance(failures["401"], LoginNeededError)
    assert isinstance(failures["451"], SourceBlockedError)
    assert failures["401"].hint
    assert failures["451"].hint


@pytest.mark.parametrize(("code", "renewals"), [(401, 0), (451, 0), (403, 3), (410, 3)], ids=str)
async def test_a_fresh_link_is_asked_for_only_where_it_may_help(
    tmp_path: Path, server: FaultServer, code: int, renewals: int
) -> None:
    """No fresh link helps against a login or a legal block."""
    server.routes["/film"] = status(code)
    fetching = Fetching(server=server, folder=tmp_path)
    asked: list[timedelta] = []

    async def renew() -> Stream:
        asked.append(timedelta())
        return fetching.stream()

    with pytest.raises((LinkRefusedError, SourceBlockedError)) as caught:
        await fetching.fetch(renew=renew)
    assert len(asked) == renewals
    assert isinstance(caught.value, UnavailableError) is (code != 451)
