"""`aniworld stop` without a server to stop; the success is an end-to-end test."""

import os
import signal
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path

import anyio
import pytest

from aniworld_cli.commands.server import reload as reloading
from aniworld_cli.commands.server import stop
from aniworld_cli.rendering.output import Output
from aniworld_cli.session import Session
from aniworld_core.bootstrap.server_lock import PID_FILE, only_server
from aniworld_core.testing.waiting import PATIENCE
from support.console import Console


def _lingering(data_dir: Path, *, is_deaf: bool) -> "subprocess.Popen[str]":
    """Start a process that looks like the server and releases its lock before it ends."""
    program = f"""
        import signal, sys, time
        from pathlib import Path
        from aniworld_core.bootstrap.server_lock import only_server
        asked = []  # an event would block forever if the signal comes while it is waited for
        signal.signal(signal.SIGTERM, lambda *_: asked.append(True))
        with only_server(Path(sys.argv[1])):
            print("ready", flush=True)
            while not asked or {is_deaf}:
                time.sleep(0.02)
        time.sleep(0.5)
    """
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program), str(data_dir)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def test_it_returns_after_the_process_has_ended(console: Console) -> None:
    """`stop` waits for the end of the process, not only for its lock."""
    with _lingering(console.folder / "data", is_deaf=False) as child:
        answer = console("stop")
        ended = child.poll()

    assert answer.code == 0
    assert ended == 0


def test_a_server_that_does_not_stop_is_killed_on_request(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without `--force` the server is not killed, and the hint names the option."""
    short = timedelta(seconds=0.3)
    monkeypatch.setattr(stop, "_FORCED", short)
    with _lingering(console.folder / "data", is_deaf=True) as child:
        try:
            with monkeypatch.context() as patched:
                patched.setattr(stop, "_TIMEOUT", short)
                patient = console("stop")
            still = child.poll()
            forced = console("--json", "stop", "--force")
            ended = child.poll()
        finally:
            child.kill()  # the end of the block waits for it

    assert (patient.code, still) == (6, None)
    assert "--force" in patient.err
    assert (forced.code, forced.json, ended) == (0, {"stopped": child.pid}, -signal.SIGKILL)


@pytest.mark.anyio
async def test_reloading_restarts_after_a_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child that fails waits for a change; a child that exits normally ends the command."""
    source, starts = tmp_path / "source.py", tmp_path / "starts"
    source.write_text("1")
    program = """
        import pathlib, sys, time
        starts, source = map(pathlib.Path, sys.argv[1:])
        number = len(starts.read_text()) if starts.exists() else 0
        starts.write_text("x" * (number + 1))
        if number < 2:
            source.write_text("changed" * (number + 1))
        if number == 1:
            sys.exit(3)
        time.sleep(60 if number == 0 else 0)
    """
    command = [sys.executable, "-c", textwrap.dedent(program), str(starts), str(source)]
    monkeypatch.setattr(reloading, "_folders", lambda: [tmp_path])
    monkeypatch.setattr(reloading, "_command", lambda *_: command)
    monkeypatch.setattr(reloading, "_POLL_SECONDS", 0.05)
    with anyio.fail_after(PATIENCE):
        code = await reloading.serve_reloading(Session(output=Output()), host=None, port=None)

    assert code == 0
    assert starts.read_text() == "xxx"


def test_the_child_gets_the_same_options() -> None:
    """The child gets all options except `--reload`."""
    session = Session(output=Output(verbosity=2), data_dir=Path("/srv/d"), library=Path("/srv/l"))
    command = reloading._command(session, "::", "0")

    assert command[1:] == [
        "-m",
        "aniworld_cli",
        "serve",
        "--data-dir=/srv/d",
        "--library=/srv/l",
        "--host=::",
        "--port=0",
        "-v",
        "-v",
    ]


def test_without_a_server_it_says_so(console: Console) -> None:
    """Without a server the exit code is 3."""
    answer = console("stop")

    assert answer.code == 3
    assert "no server runs" in answer.err


def test_a_number_left_behind_is_no_server(console: Console) -> None:
    """The id of an old lock file is ignored: it may belong to another process now."""
    data_dir = console.folder / "data"
    with only_server(data_dir):
        left = (data_dir / PID_FILE).read_text()
    (data_dir / PID_FILE).write_text(left)

    assert console("stop").code == 3


def test_a_server_in_a_container_is_left_alone(console: Console) -> None:
    """A server in a container is not signalled, because its id belongs to another process here."""
    data_dir = console.folder / "data"
    with only_server(data_dir):
        (data_dir / PID_FILE).write_text(f"{os.getpid()} elsewhere\n")
        answer = console("stop")

    assert answer.code == 2
    assert "container" in answer.err
