"""M2: a process that dies at any call that changes the disk leaves nothing wrong behind."""

import asyncio
import json
import sys
from typing import Final

import anyio

from proof import ROOT
from proof.figure import Control, Edit, Figure, Run, Size
from proof.m03_power_loss import kill_recorded
from providers.faults.films import mp4
from providers.faults.server import FileFault, open_fault_server
from support.media import streams

_KINDS: Final = ("direct", "hls")


async def _prove(run: Run) -> None:
    """Kill a fetch right before and right after its n-th call, then the whole program."""
    async with anyio.create_task_group() as tasks:  # they wait for their server most of the time
        for kind in run.pick(control=_KINDS[:1], gate=_KINDS, full=_KINDS):
            tasks.start_soon(_kill_each, run, kind, run.pick(control=3, gate=10, full=1))
    if run.size is not Size.CONTROL:
        await kill_recorded(run, run.pick(control=60, gate=60, full=5))


async def _kill_each(run: Run, kind: str, stride: int) -> None:
    folder = run.folder / kind
    folder.mkdir()
    async with open_fault_server() as server:
        link = "/film.mp4"
        server.routes[link] = FileFault(body=mp4())
        if kind == "hls":
            clip = streams.Clip(seconds=6)
            made = await asyncio.to_thread(streams.make_hls, folder / "made", clip)
            for path in made.parent.iterdir():
                body = FileFault(body=path.read_bytes(), type="video/mp2t")
                server.routes[f"/{path.name}"] = body
            link = f"/{made.name}"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(ROOT / "tests/providers/faults/syscalls.py")),
            *(kind, server.url(link), str(folder / "killed"), server.address, str(stride)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        output = (await process.communicate())[0]
    totals = json.loads(output)
    run.measured[f"{kind}: calls"] = totals["calls"]
    mistakes = "; ".join(totals["mistakes"][:5])
    run.check(ok=not totals["mistakes"], failure=f"{kind}: {mistakes}", cases=totals["kills"])


_PUBLISH: Final = "packages/aniworld-providers/src/aniworld_providers/transfer/disk/publish.py"

FIGURE: Final = Figure(
    name="M2",
    title="death at every call that changes the disk",
    prove=_prove,
    controls=(
        Control(
            "write into the final name instead of a rename",
            (
                Edit(
                    _PUBLISH,
                    "            _rename_no_replace(part, final)\n",
                    "            fd = os.open(final, os.O_WRONLY | os.O_CREAT | os.O_EXCL)\n"
                    "            os.write(fd, part.read_bytes()[:9])\n"
                    "            os.pwrite(fd, part.read_bytes(), 0)\n"
                    "            os.close(fd)\n"
                    "            os.unlink(part)\n",
                ),
            ),
        ),
    ),
)
