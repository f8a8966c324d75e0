"""Measures what a small machine has to give: a server without work, and a run within limits.

The server runs with every catalogue enabled, beside a FastAPI server with an SQLAlchemy engine. The
demo runs in control groups (version 1 or 2; needs root) with one processor and little memory. See
the README in this folder.
"""

import argparse
import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from startup import Stage, held, installed, is_ready

#: Seconds before an idle server is measured: it first inspects, copies and cleans up.
SETTLE = 20.0
#: What the peer does: what Aniworld does without its own code.
PEER = """
import fastapi, sys, uvicorn
from sqlalchemy.ext.asyncio import create_async_engine
app = fastapi.FastAPI()
engine = create_async_engine(f"sqlite+aiosqlite:///{sys.argv[1]}")

@app.get("/health/ready")
async def ready():
    async with engine.connect() as connection:
        await connection.exec_driver_sql("SELECT 1")
    return {}

uvicorn.run(app, port=int(sys.argv[2]), log_level="error")
"""
CATALOGUES = ("aniworld", "archive", "demo", "feed", "index", "jellyfin", "serienstream", "ytdlp")
GROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Idle:
    """A server without requests: wake-ups per second, share of one processor, memory in MiB."""

    wakeups: float
    processor: float
    memory: float


def rest(pid: int, seconds: float) -> Idle:
    """Watch a process without disturbing it."""
    time.sleep(SETTLE)
    waits, ticks = switches(pid), ticks_of(pid)
    time.sleep(seconds)
    used = (ticks_of(pid) - ticks) / os.sysconf("SC_CLK_TCK")
    return Idle((switches(pid) - waits) / seconds, used / seconds, held(pid))


def switches(pid: int) -> int:
    """How often the threads of a process have waited, which is how often they were woken."""
    statuses = Path(f"/proc/{pid}/task").glob("*/status")
    lines = [line for status in statuses for line in status.read_text().splitlines()]
    return sum(int(n.split()[1]) for n in lines if n.startswith("voluntary_ctxt_switches"))


def ticks_of(pid: int) -> int:
    """Clock ticks of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def ours_idle(stage: Stage, seconds: float) -> Idle:
    """Let the server rest with every catalogue enabled."""
    with stage.data() as environment:
        for name in CATALOGUES:
            setting = (f"providers.{name}.enabled", "true")
            stage.run(stage.ours / "aniworld", "config", "set", *setting, environment=environment)
        command = [stage.ours / "aniworld-http"]
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                assert process.stdout is not None
                address = next(x for x in process.stdout if "http://" in x).split()[-1]
                wait_ready(address)
                return rest(process.pid, seconds)
            finally:
                process.terminate()


def peer_idle(stage: Stage, seconds: float) -> Idle:
    """Let the other server rest."""
    command = [stage.peer("stack") / "python", "-c", PEER, str(stage.place / "peer.db"), "8777"]
    with subprocess.Popen(command) as process:
        try:
            wait_ready("http://127.0.0.1:8777/")
            return rest(process.pid, seconds)
        finally:
            process.terminate()


def wait_ready(address: str) -> None:
    """Ask until a server is ready."""
    while not is_ready(address):
        time.sleep(0.05)


@contextlib.contextmanager
def limits(megabytes: int) -> Iterator[tuple[list[Path], Path]]:
    """Make control groups with one processor and so much memory; yield them and the peak's file."""
    limit = megabytes * 1024 * 1024
    if (GROUPS / "cgroup.controllers").exists():
        group = GROUPS / "aniworld-small"
        group.mkdir()
        (group / "cpuset.cpus").write_text("0")
        (group / "memory.max").write_text(str(limit))
        (group / "memory.swap.max").write_text("0")
        groups, peak = [group], group / "memory.peak"
    else:
        memory, processor = GROUPS / "memory/aniworld-small", GROUPS / "cpuset/aniworld-small"
        memory.mkdir()
        processor.mkdir()
        (memory / "memory.limit_in_bytes").write_text(str(limit))
        (processor / "cpuset.mems").write_text("0")
        (processor / "cpuset.cpus").write_text("0")
        groups, peak = [memory, processor], memory / "memory.max_usage_in_bytes"
    try:
        yield groups, peak
    finally:
        for group in groups:
            group.rmdir()


def demo(stage: Stage, megabytes: int) -> str:
    """Run the whole demo within limits and describe how it ended."""
    with limits(megabytes) as (groups, peak), tempfile.TemporaryDirectory() as folder:

        def enter() -> None:
            for group in groups:
                (group / "cgroup.procs").write_text(str(os.getpid()))

        began = time.perf_counter()
        done = subprocess.run(
            [stage.ours / "aniworld", "demo", "--once", "--dir", f"{folder}/demo"],
            preexec_fn=enter,
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - began
        found = [line for line in done.stdout.splitlines() if line.startswith("Episodes:")]
        most = int(peak.read_text()) / 1024 / 1024
        said = found[0] if found else done.stderr[-300:]
        return f"exit code {done.returncode}, {seconds:.0f} s, peak {most:.0f} MiB, {said}"


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long an idle server rests")
    parser.add_argument("--memory", type=int, nargs="*", default=[512, 256], metavar="MB")
    parser.add_argument("--place", type=Path, help="keep here what is installed, for the next time")
    given = parser.parse_args()
    with installed(given.place) as stage:
        for name, measure in (("Aniworld", ours_idle), ("FastAPI", peer_idle)):
            idle = measure(stage, given.seconds)
            print(
                f"{name} at rest: {idle.wakeups:.1f} wake-ups a second,"
                f" {idle.processor:.2%} of a processor, {idle.memory:.0f} MiB"
            )
        for megabytes in given.memory:
            print(f"demo on one processor with {megabytes} MB: {demo(stage, megabytes)}")


if __name__ == "__main__":
    main()
