"""`aniworld fetch` with real links: Ctrl-C, SIGKILL, and resumption."""

import hashlib
import json
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import attrs
import pytest

from aniworld_core.testing.waiting import PATIENCE
from providers.faults.films import MIB, mp4
from providers.faults.server import FaultServer, FileFault, Wire, open_fault_server
from support.installed import find_command
from support.media import streams
from support.thorough import ONLY_THOROUGH, only_thorough

pytestmark = pytest.mark.anyio

COMMAND = find_command()
FILM = mp4(3 * MIB, seed=5)


@attrs.frozen
class Shell:
    """Runs the command in an empty folder, with a server."""

    server: FaultServer
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """Return variables with an unused data folder and the permitted server."""
        return {
            **os.environ,
            "ANIWORLD_DATA_DIR": str(self.folder / "never"),
            "ANIWORLD_ALLOWED_ADDRESSES": self.server.address,
        }

    async def run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Run `aniworld fetch` to its end."""
        with anyio.fail_after(PATIENCE):
            return await anyio.run_process(
                [COMMAND, "fetch", *arguments],
                cwd=self.folder,
                env=self.environment,
                check=False,
            )

    async def stopped(self, number: signal.Signals, *arguments: str) -> int:
        """Run the command, send a signal after half of the video; return the exit code."""
        half, film = anyio.Event(), self.server.routes["/film.mp4"]
        slow = FileFault(body=FILM, rate=2 * MIB, on_sent=(len(FILM) // 2, half.set))
        self.server.routes["/film.mp4"] = slow
        with anyio.fail_after(PATIENCE):
            async with await anyio.open_process(
                [COMMAND, "fetch", *arguments],
                cwd=self.folder,
                env=self.environment,
            ) as process:
                await half.wait()
                process.send_signal(number)
                code = await process.wait()
        self.server.routes["/film.mp4"] = film
        self.server.log.clear()
        return code


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Shell]:
    """Open a server with a video."""
    async with open_fault_server() as server:
        server.routes["/film.mp4"] = FileFault(body=FILM)
        yield Shell(server, tmp_path)


def _views(done: subprocess.CompletedProcess[bytes]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), pytest.param(signal.SIGKILL, -9, marks=ONLY_THOROUGH)],
)
async def test_it_goes_on_where_it_stopped(shell: Shell, number: signal.Signals, code: int) -> None:
    """After Ctrl-C or SIGKILL the same command fetches the rest and leaves one checked file."""
    link = shell.server.url("/film.mp4")

    assert await shell.stopped(number, link) == code
    assert (shell.folder / "film.mp4.part").is_file()
    (view,) = _views(await shell.run(link, "--json", "--limit-rate", "2MiB/s"))

    assert view["seconds"] > 0.3, "the limit holds"
    assert view["sha256"] == hashlib.sha256(FILM).hexdigest()
    assert view["resumed_bytes"] > 0
    assert shell.server.sent() < len(FILM)
    assert [path.name for path in shell.folder.iterdir()] == ["film.mp4"]


@only_thorough
async def test_kinds_are_told_apart_by_content(shell: Shell) -> None:
    """A playlist without suffix and type, a page and a video are recognised by content."""
    made = streams.make_hls(shell.folder / "made")
    for path in made.parent.iterdir():
        shell.server.routes[f"/{path.name}"] = FileFault(body=path.read_bytes(), type="text/plain")
    shell.server.routes["/watch"] = shell.server.routes["/media.m3u8"]
    links = [shell.server.url(path) for path in ("/watch", "/film.mp4", "/media.m3u8")]

    plans = _views(await shell.run("--dry-run", "--json", *links))
    views = _views(await shell.run("-o", "films/", "--json", *links))

    assert [plan["kind"] for plan in plans] == ["hls", "direct", "hls"]
    assert [plan["segments"] for plan in plans] == [6, None, 6]
    assert [plan["bytes"] for plan in plans] == [None, len(FILM), None]
    assert [view["file"] for view in views] == [
        "films/watch.mp4",
        "films/film.mp4",
        "films/media.mp4",
    ]
    assert all(view["verified"] for view in views)
    assert streams.contents(shell.folder / "films/watch.mp4").video == 150
    again = _views(await shell.run("-o", "films", "--json", *links))
    assert [view["resumed_bytes"] for view in again] == [view["bytes"] for view in views]
    assert sorted(path.name for path in shell.folder.iterdir()) == ["films", "made"]


async def test_an_address_that_is_not_listed_is_refused(shell: Shell) -> None:
    """A loopback address is refused unless it is permitted; the hint shows the setting."""
    other = shell.server.url("/film.mp4").replace("127.0.0.1", "127.0.0.2")

    done = await shell.run(other, "--json")

    assert done.returncode == 7
    error = json.loads(done.stderr.splitlines()[-1])
    assert "ANIWORLD_ALLOWED_ADDRESSES" in error["hint"]
    assert shell.server.log == []


async def test_secrets_stay_out_of_the_log(shell: Shell) -> None:
    """Signed queries and headers are sent to the server and never logged."""
    seen: list[str] = []

    async def film(wire: Wire) -> None:
        seen.append(wire.hit.headers.get("cookie", ""))
        await FileFault(body=FILM)(wire)

    shell.server.routes["/film.mp4"] = film
    link = shell.server.url("/film.mp4") + "?sig=topsecret"

    done = await shell.run(link, "--header", "Cookie=a=topsecret", "-vv")

    assert done.returncode == 0
    assert set(seen) == {"a=topsecret"}
    assert b"topsecret" not in done.stderr + done.stdout
