"""M6: no form of a link, in no spelling of an address, reaches a server that is not allowed."""

import socket
from pathlib import Path
from typing import Final

import anyio
import httpx

from aniworld_core.domain.media import Stream, StreamKind
from aniworld_core.domain.subtitles import Subtitle
from aniworld_core.errors import AniworldError
from aniworld_core.ports.fetcher import FetchRequest
from aniworld_providers.network import AddressGuard
from aniworld_providers.network.pages.transport import guarded_transport
from aniworld_providers.transfer.segments.on_demand import open_hls_fetcher
from proof.figure import Control, Edit, Figure, Run
from providers.faults.direct_rows import FILM
from providers.faults.fetching import HASTY, Fetching
from providers.faults.server import FaultServer, FileFault, open_fault_server, status
from providers.network.test_guard import TRICKS, Rebinding, _client
from support.adapter_context import JumpingClock, make_context

#: Playlists that name another address.
_PLAYLISTS: Final = {
    "segment": "#EXTINF:1,\n{link}\n",
    "key": '#EXT-X-KEY:METHOD=AES-128,URI="{link}"\n#EXTINF:1,\na.ts\n',
    "map": '#EXT-X-MAP:URI="{link}"\n#EXTINF:1,\na.ts\n',
    "variant": "#EXT-X-STREAM-INF:BANDWIDTH=1\n{link}\n",
    "audio": '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",URI="{link}"\n'
    '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\nb.m3u8\n',
}


async def _prove(run: Run) -> None:
    """Try every form with every spelling, and names that resolve to this machine."""
    spellings = TRICKS[:: run.pick(control=20, gate=4, full=1)]
    async with open_fault_server() as canary, open_fault_server() as stage:
        for number, host in enumerate(spellings):
            link = f"http://{host}:{canary.port}/x"
            for form in ("link", "redirect", "page", "page redirect", "subtitle", *_PLAYLISTS):
                folder = run.folder / f"{number}-{form}"
                await _use(form, link, stage, folder)
                run.check(ok=not canary.log, failure=f"{form} {link} reached the canary")
                canary.log.clear()
        for port in (canary.port, stage.port):
            async with _client(resolver=Rebinding()) as client:
                try:
                    await client.read_all(f"http://rebound.example:{port}/", max_bytes=100)
                    reached = True
                except AniworldError:
                    reached = bool(canary.log)
            run.check(ok=not reached, failure=f"a rebound name reached port {port}")


async def _use(form: str, link: str, stage: FaultServer, folder: Path) -> None:
    """Use a link in one form; that it fails is expected, that it connects is not."""
    location = link.encode("ascii", "xmlcharrefreplace").decode()
    stage.routes = {
        "/redirect": status(302, ("Location", location)),
        "/film": FileFault(body=FILM),
        "/a.ts": FileFault(body=b"G" * 188 * 10, type="video/mp2t"),
    }
    with anyio.move_on_after(20):
        try:
            if form == "subtitle":
                fetching = Fetching(stage, folder)
                stream = fetching.stream(subtitles=(Subtitle(url=link, language="deu"),))
                await fetching.fetch(stream=stream, text_languages=None)
            elif form.startswith("page"):
                await _page(link if form == "page" else stage.url("/redirect"), stage)
            elif form in _PLAYLISTS:
                await _playlist(_PLAYLISTS[form].format(link=link), stage, folder)
            else:
                async with _client(stage.address) as client:
                    url = link if form == "link" else stage.url("/redirect")
                    await client.read_all(url, max_bytes=100)
        except (AniworldError, httpx.HTTPError, httpx.InvalidURL, socket.gaierror):
            pass


async def _page(url: str, stage: FaultServer) -> None:
    transport = guarded_transport(AddressGuard(frozenset({stage.address})))
    async with httpx.AsyncClient(
        transport=transport, trust_env=False, follow_redirects=True
    ) as client:
        await client.get(url)


async def _playlist(lines: str, stage: FaultServer, folder: Path) -> None:
    text = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n{lines}#EXT-X-ENDLIST\n"
    stage.routes["/list.m3u8"] = FileFault(body=text.encode(), type="application/x-mpegurl")
    context = make_context(
        folder / "data", allowed=frozenset({stage.address}), clock=JumpingClock()
    )
    stream = Stream(url=stage.url("/list.m3u8"), kind=StreamKind.HLS)
    async with open_hls_fetcher(context, timeouts=HASTY) as fetcher:
        await fetcher.fetch(FetchRequest(stream=stream, destination=folder / "a.mp4"))


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
    ),
)
