"""Kill transfers at random instants, let them go on, and count what that costs.

    python tests/providers/faults/kill_loop.py --kills 100

A slow server on loopback gives a film, as one file and as HLS. A child process fetches it with
the public interface and is killed (SIGKILL) at instants drawn uniformly from the time a whole
transfer takes; then the next one goes on, until the film is there, and the next film begins.
"""

import argparse
import asyncio
import contextlib
import hashlib
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Final

import anyio
import attrs

from aniworld_core import LinkOrder, Settings, open_link_fetch
from aniworld_core.testing.waiting import PATIENCE

sys.path.insert(0, str(Path(__file__).parents[2]))  # started as a script, it finds the tests

from providers.faults.films import MIB, mp4
from providers.faults.server import FaultServer, FileFault, open_fault_server
from support.media import streams

KINDS: Final = ("direct", "hls")
CONNECTIONS: Final = 3
#: What one connection of a direct transfer may lose: a block being collected or written.
_BLOCK: Final = 512 * 1024
#: What a resumed transfer compares before it goes on: 64 KiB of a file, 16 KiB of a segment.
_OVERLAP: Final = {"direct": 64 * 1024, "hls": 16 * 1024}
#: The size that segments are brought to with null packets (ISO/IEC 13818-1, PID 0x1FFF).
_SEGMENT: Final = 94 * 1024
_NULL_PACKET: Final = b"\x47\x1f\xff\x10" + b"\xff" * 184
#: Bytes per second of one connection: slow enough that every instant of a transfer is hit.
_RATE: Final = {"direct": 4 * MIB, "hls": MIB}
#: Steps of the server, which may be on their way when a kill comes.
_ON_ITS_WAY: Final = 32 * 1024

_CHILD: Final = """
import asyncio, sys
from pathlib import Path
from aniworld_core import LinkOrder, Settings, open_link_fetch

async def main(url, folder, address, connections):
    settings = Settings(data_dir=Path(folder) / "data", allowed_addresses={address})
    async with open_link_fetch(settings) as links:
        print("ready", flush=True)
        order = LinkOrder(url=url, folder=Path(folder) / "films", connections=int(connections))
        file = await links.fetch(order)
        print(file.sha256, flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


@attrs.define(kw_only=True)
class KillTotals:
    """What a loop came to.

    Attributes:
        kind: `direct` or `hls`.
        kills: How many processes were killed.
        films: How many films arrived whole.
        again: Media bytes sent more than once, in all.
        worst: The most that the kills of one film cost, per kill.
        allowed: What one kill may cost.
        mistakes: What went wrong; nothing should.
    """

    kind: str
    kills: int = 0
    films: int = 0
    again: int = 0
    worst: float = 0.0
    allowed: int = 0
    mistakes: list[str] = attrs.field(factory=list)

    def __str__(self) -> str:
        """Say it in a part of a line."""
        mean = self.again / max(self.kills, 1)
        return (
            f"{self.kind}: {self.kills} kills, {self.films} films whole, fetched again per kill "
            f"{mean / 1024:.0f} KiB on average, {self.worst / 1024:.0f} KiB at worst "
            f"(allowed {self.allowed / 1024:.0f}), mistakes: {'; '.join(self.mistakes) or 'none'}"
        )


@attrs.frozen(kw_only=True)
class Offer:
    """A film on the server.

    Attributes:
        link: What the child is given.
        parts: Sizes of its media by path.
        seconds: How long fetching it takes with nobody in the way.
        sha256: Of the file it becomes.
    """

    link: str
    parts: Mapping[str, int]
    seconds: float
    sha256: str = ""


async def kill_loop(kind: str, kills: int, *, seed: int, folder: Path) -> KillTotals:
    """Kill transfers of one kind *kills* times, until the last film is complete."""
    chance = random.Random(seed)
    lost = _BLOCK if kind == "direct" else _SEGMENT
    allowed = CONNECTIONS * (lost + _ON_ITS_WAY) + _OVERLAP[kind]
    totals = KillTotals(kind=kind, allowed=allowed)
    async with open_fault_server() as server:
        offer = await _offered(server, kind, folder)
        while totals.kills < kills and not totals.mistakes:
            place = folder / f"{kind}-{totals.films}"
            server.log.clear()
            before = totals.kills
            digest = await _until_whole(server, offer, place, totals, kills, chance)
            _judge(server, offer, place, totals, digest, totals.kills - before)
            totals.films += 1
    return totals


async def _until_whole(
    server: FaultServer,
    offer: Offer,
    place: Path,
    totals: KillTotals,
    kills: int,
    chance: random.Random,
) -> str:
    while True:
        async with _child(server, offer.link, place) as child:
            assert child.stdout is not None
            if await child.stdout.readline() != b"ready\n":
                return "a child did not start"
            if totals.kills < kills:
                with anyio.move_on_after(chance.uniform(0, offer.seconds)):
                    await child.wait()
            if totals.kills < kills and _killed(child):
                totals.kills += 1
                continue
            return (await child.stdout.readline()).decode().strip() or "a child failed"


def _judge(
    server: FaultServer, offer: Offer, place: Path, totals: KillTotals, digest: str, kills: int
) -> None:
    """Compare a finished film with what it should be, and its cost with what is allowed."""
    again = sum(server.sent(path) for path in offer.parts) - sum(offer.parts.values())
    totals.again += max(again, 0)
    totals.worst = max(totals.worst, again / max(kills, 1))
    there = sorted((place / "films").iterdir())
    if len(there) != 1:
        totals.mistakes.append(f"{place.name} holds {', '.join(p.name for p in there)}")
    elif not digest == hashlib.sha256(there[0].read_bytes()).hexdigest() == offer.sha256:
        totals.mistakes.append(f"{place.name} is wrong: {digest}")
    if again > totals.allowed * max(kills, 1):
        totals.mistakes.append(f"{place.name} cost {again} bytes for {kills} kills")


async def _offered(server: FaultServer, kind: str, folder: Path) -> Offer:
    """Put a film on the server, and fetch it once to know the expected file."""
    if kind == "direct":
        film = mp4(9 * MIB)
        server.routes["/film.mp4"] = FileFault(body=film, rate=_RATE[kind])
        return Offer(
            link=server.url("/film.mp4"),
            parts={"/film.mp4": len(film)},
            seconds=len(film) / _RATE[kind] / CONNECTIONS * 1.5,
            sha256=hashlib.sha256(film).hexdigest(),
        )
    made = await asyncio.to_thread(streams.make_hls, folder / "made", streams.Clip(seconds=24))
    parts = {}
    for path in made.parent.iterdir():
        data = path.read_bytes()
        if path.suffix == ".ts":
            data += _NULL_PACKET * ((_SEGMENT - len(data)) // len(_NULL_PACKET))
            parts[f"/{path.name}"] = len(data)
        server.routes[f"/{path.name}"] = FileFault(body=data, rate=_RATE[kind], type="video/mp2t")
    seconds = sum(parts.values()) / _RATE[kind] / CONNECTIONS * 1.2
    offer = Offer(link=server.url(f"/{made.name}"), parts=parts, seconds=seconds)
    settings = Settings(data_dir=folder / "data", allowed_addresses={server.address})
    async with open_link_fetch(settings) as links:
        file = await links.fetch(LinkOrder(url=offer.link, folder=folder / "reference"))
    return attrs.evolve(offer, sha256=file.sha256 or "")


@contextlib.asynccontextmanager
async def _child(
    server: FaultServer, link: str, place: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a process that fetches a link; it is gone when the context is left."""
    arguments = [link, str(place), server.address, str(CONNECTIONS)]
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _CHILD, *arguments, stdout=asyncio.subprocess.PIPE
    )
    try:
        with anyio.fail_after(PATIENCE):
            yield child
    finally:
        _killed(child)
        await child.wait()


def _killed(child: asyncio.subprocess.Process) -> bool:
    """Kill a process; False if it had come to its end."""
    if child.returncode is not None:
        return False
    try:
        # Not its own `kill`, which would reap the process and confuse who waits for it.
        os.kill(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


async def _main(kills: int, seed: int) -> int:
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        all_totals = [await kill_loop(k, kills, seed=seed, folder=Path(folder)) for k in KINDS]
    outcome = " | ".join(map(str, all_totals))
    sys.stdout.write(f"{outcome} | seed {seed}, {time.monotonic() - started:.0f} s\n")
    return 1 if any(totals.mistakes for totals in all_totals) else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Kill transfers at random instants.")
    parser.add_argument("--kills", type=int, default=100, help="kills of each kind")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    options = parser.parse_args()
    sys.exit(asyncio.run(_main(options.kills, options.seed)))
