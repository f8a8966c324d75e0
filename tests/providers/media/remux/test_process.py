"""The muxer in a process of its own: the same file, the same errors, no trace."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import anyio
import anyio.to_thread
import pytest

from aniworld_core.domain.media import Stream, StreamKind
from aniworld_core.errors import BadMediaError, FetchInterruptedError
from aniworld_core.ports.fetcher import FetchedFile, FetchRequest
from aniworld_core.testing.contracts.fetcher import fetched_file
from aniworld_core.testing.waiting import PATIENCE
from aniworld_providers.media.remux import process as remux_process
from aniworld_providers.media.remux.process import RemuxProcess
from aniworld_providers.transfer.segments import output as hls_output
from aniworld_providers.transfer.segments.on_demand import open_hls_fetcher
from support.adapter_context import make_context
from support.media import streams
from support.sites.hls import HlsSite, open_site, silent_after

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def no_spare_process() -> None:
    """Allow processes to start: these tests check them."""


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Use a process for the shortest film, and note the processes."""
    pids: list[int] = []
    begin = RemuxProcess.start.__func__  # type: ignore[attr-defined]

    def note(cls: type[RemuxProcess]) -> RemuxProcess:
        process: RemuxProcess = begin(cls)
        pids.append(process._process.pid)
        return process

    monkeypatch.setattr(RemuxProcess, "start", classmethod(note))
    monkeypatch.setattr(hls_output, "OWN_PROCESS_FROM", 0.0)
    return pids


async def fetch(
    site: HlsSite, folder: Path, name: str, duration: float | None = None
) -> FetchedFile:
    """Fetch the site's film."""
    context = make_context(folder, allowed=frozenset({f"127.0.0.1:{site.port}"}))
    stream = Stream(url=site.url("media.m3u8"), kind=StreamKind.HLS, duration=duration)
    async with open_hls_fetcher(context) as fetcher:
        with anyio.fail_after(PATIENCE):
            return await fetched_file(
                fetcher, FetchRequest(stream=stream, destination=folder / f"{name}.mp4")
            )


def is_running(pid: int) -> bool:
    """Return whether a process exists, also as a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_it_makes_the_same_file(
    tmp_path: Path, started: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Byte by byte what the thread makes, and the process is gone afterwards."""
    streams.make_hls(tmp_path / "made")
    async with open_site() as site:
        site.add_folder(tmp_path / "made")
        apart = await fetch(site, tmp_path / "library", "Apart")
        monkeypatch.setattr(hls_output, "OWN_PROCESS_FROM", 1e9)
        within = await fetch(site, tmp_path / "library", "Within")

    assert apart.sha256 == within.sha256
    assert apart.duration == within.duration
    assert len(started) == 2
    assert not any(is_running(pid) for pid in started)


@pytest.mark.parametrize(("duration", "count"), [(None, 1), (6.0, 0)])
async def test_none_is_started_for_what_is_known_to_be_short(
    tmp_path: Path,
    started: list[int],
    monkeypatch: pytest.MonkeyPatch,
    duration: float | None,
    count: int,
) -> None:
    """If the source names the duration; otherwise the manifest does, and the process ends."""
    monkeypatch.setattr(hls_output, "OWN_PROCESS_FROM", 180.0)
    streams.make_hls(tmp_path / "made")
    async with open_site() as site:
        site.add_folder(tmp_path / "made")
        file = await fetch(site, tmp_path / "library", "Short", duration)

    assert file.verified
    assert len(started) == count
    assert not any(is_running(pid) for pid in started)


async def test_cancelling_stops_the_process(tmp_path: Path, started: list[int]) -> None:
    """A cancelled transfer leaves neither a process nor a file in the making."""
    streams.make_hls(tmp_path / "made")
    library = tmp_path / "library"
    async with open_site() as site:
        site.add_folder(tmp_path / "made")
        last = max(name for name in site.files if name.endswith(".ts"))
        site.faults = {last: silent_after(100)}
        async with anyio.create_task_group() as group:
            group.start_soon(fetch, site, library, "Episode")
            with anyio.fail_after(PATIENCE):
                while not started:
                    await anyio.sleep(0.01)
            group.cancel_scope.cancel()

    assert not is_running(started[0])
    assert not list(library.glob("*.out"))


@pytest.mark.parametrize(
    ("ending", "expected"),
    [(signal.SIGSEGV, BadMediaError), (signal.SIGKILL, FetchInterruptedError)],
)
async def test_ended_by_others_it_is_told(
    tmp_path: Path, started: list[int], ending: signal.Signals, expected: type[Exception]
) -> None:
    """A crash is a fault of the media; a kill is not, and the fetched segments are kept."""
    streams.make_hls(tmp_path / "made")
    library = tmp_path / "library"
    async with open_site() as site:
        site.add_folder(tmp_path / "made")
        last = max(name for name in site.files if name.endswith(".ts"))

        async def strike(request: object, body: bytes) -> None:
            os.kill(started[0], ending)

        site.faults = {last: strike}
        with pytest.raises(expected):
            await fetch(site, library, "Episode")

    assert (library / "Episode.mp4.part").exists() is (expected is FetchInterruptedError)
    assert not (library / "Episode.mp4").exists()


async def test_an_orphan_ends(tmp_path: Path) -> None:
    """When its parent ends, its input ends, and so does the process."""
    read, write = os.pipe()
    command = [sys.executable, "-m", remux_process._WORKER]
    async with await anyio.open_process(command, stdin=read, cwd=tmp_path) as child:
        os.close(read)
        line = b'{"tracks":[],"data":"/dev/null","target":"x","duration":1,"count":1}\n'
        os.write(write, line)
        os.close(write)
        with anyio.fail_after(PATIENCE):
            await child.wait()

    assert child.returncode in {0, 1}
    assert list(tmp_path.iterdir()) == []


async def test_without_processes_a_thread_does_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no process can be started, the file is made all the same."""

    def refuse(*args: object) -> RemuxProcess:
        raise BlockingIOError("no more processes")

    monkeypatch.setattr(RemuxProcess, "start", refuse)
    monkeypatch.setattr(hls_output, "OWN_PROCESS_FROM", 0.0)
    streams.make_hls(tmp_path / "made")
    async with open_site() as site:
        site.add_folder(tmp_path / "made")
        file = await fetch(site, tmp_path / "library", "Episode")

    assert file.path.exists()


def test_it_loads_no_more_than_it_needs() -> None:
    """It starts with every film: neither the configuration nor the network is waited for."""
    code = (
        "import io, json, sys\n"
        "from aniworld_providers.media.remux import worker\n"
        "try:\n"
        "    worker._answers(io.BytesIO(b''), io.BytesIO())\n"
        "except json.JSONDecodeError:\n"
        "    print(*sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())

    assert "av" in loaded
    assert not loaded & {"aniworld_core.domain.configuration", "aniworld_core.ports.context"}
    assert not loaded & {"asyncio", "anyio", "aniworld_providers.network", "ssl"}
