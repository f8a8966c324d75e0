"""M6: no form of a link, in no spelling of an address, reaches a server that is not allowed."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import anyio
import httpx

from aniworld_core.errors import AniworldError
from proof.addresses.forms import FORMS, STAYING, Form, Stage
from proof.addresses.names import GRANTED, NAMES, resolved
from proof.figure import Control, Edit, Figure, Run
from providers.faults.server import FaultServer, open_fault_server
from providers.network.test_guard import TRICKS

#: Hosts that parsers read differently, beside the spellings of addresses.
_MORE: Final = (
    *("user@127.0.0.1", "user:x@127.0.0.1", "example.org@127.0.0.1", "@127.0.0.1"),
    *("%31%32%37.0.0.1", "0x7f000001.", "0177.0.0.1.", "[0:0:0:0:0:ffff:127.0.0.1]"),
    *("[::ffff:0:127.0.0.1]", "[::1%25lo]", "localhost.localdomain", "127.0.0.1%2eexample.org"),
)


async def _prove(run: Run) -> None:
    """Use every form with spellings of addresses, and with names whose lookup changes."""
    hosts, names = [*TRICKS, *_MORE], [*NAMES]
    chance = random.Random(run.seed)
    few = run.pick(control=2, gate=4, full=len(hosts))
    async with _open_canary() as canary, open_fault_server() as stage_server:
        number = 0
        for form, use in FORMS.items():
            folder = run.folder / form
            folder.mkdir()
            stage_server.routes = {}
            stage = Stage(stage_server, folder, also=canary.address)
            await _use(use, stage, canary.url("/x"))
            # Without this, a form that uses no link at all would prove something.
            told = f"{form} reached the canary {len(canary.log)} times when it may"
            run.check(ok=bool(canary.log) != (form in STAYING), failure=told, cases=0)
            canary.log.clear()
            wanted = chance.sample(hosts, few) + chance.sample(names, min(few, len(names)))
            for host in wanted:
                number += 1
                folder = run.folder / str(number)
                folder.mkdir()
                stage_server.routes = {}
                stage = Stage(stage_server, folder, also=f"{GRANTED}:{canary.port}")
                link = f"http://{host}:{canary.port}/x"
                await _use(use, stage, link)
                run.check(ok=not canary.log, failure=f"{form} {link} reached the canary")
                canary.log.clear()


async def _use(use: Form, stage: Stage, link: str) -> None:
    """Use a link in one form; that it fails is expected, that it connects is not."""
    expected = (AniworldError, httpx.HTTPError, httpx.InvalidURL, socket.gaierror)
    with resolved(), anyio.move_on_after(20), suppress(*expected):
        await use(stage, link)


@asynccontextmanager
async def _open_canary() -> AsyncIterator[FaultServer]:
    """Run a server that must not be reached, at both loopback addresses."""
    async with open_fault_server() as canary:
        if not socket.has_ipv6:
            yield canary
            return
        try:
            sixth = await asyncio.start_server(canary._serve, "::1", canary.port)
        except OSError:  # the machine has no IPv6
            yield canary
            return
        async with sixth:
            yield canary


_PAGES: Final = "packages/aniworld-providers/src/aniworld_providers/network/pages/transport.py"
_YTDLP: Final = "packages/aniworld-providers/src/aniworld_providers/ytdlp/sockets.py"
_OIDC: Final = "packages/aniworld-http/src/aniworld_http/security/oidc/provider.py"
_SENDING: Final = "packages/aniworld-providers/src/aniworld_providers/network/bytes/sending.py"

FIGURE: Final = Figure(
    name="M6",
    title="no form of a link reaches a forbidden address",
    prove=_prove,
    controls=(
        Control(
            "no check when connecting",
            (
                Edit(
                    _SENDING,
                    "            self._guard.require("
                    "str(address[0]), int(address[1]), host=_host.get())",
                    "            pass",
                ),
            ),
        ),
        Control(
            "pages look a name up again after its check",
            (
                Edit(
                    _PAGES,
                    "                    address, port, timeout, local_address",
                    "                    host, port, timeout, local_address",
                ),
            ),
        ),
        Control(
            "yt-dlp looks a name up again after its check",
            (
                Edit(
                    _YTDLP,
                    "connection.connect(address)",
                    "connection.connect(socket.getaddrinfo(host, port)[0][4])",
                ),
            ),
        ),
        Control(
            "the endpoints of an identity provider may be anywhere",
            (Edit(_OIDC, "if _origin(found.get(name)) != _origin(issuer):", "if False:"),),
        ),
    ),
)
