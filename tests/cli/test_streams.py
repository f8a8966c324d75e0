"""Streams that are closed, full or without a reader, and signals that end a command."""

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest

from support.console import Console

ANIWORLD = f"{shlex.quote(sys.executable)} -m aniworld_cli"


def shell(command: str, folder: Path, *, unbuffered: str = "") -> subprocess.CompletedProcess[str]:
    """Run a shell command in which `aniworld` is this program."""
    environment = {**os.environ, "ANIWORLD_LANGUAGE": "en", "ANIWORLD_DATA_DIR": str(folder)}
    environment["PYTHONUNBUFFERED"] = unbuffered
    return subprocess.run(
        ["sh", "-c", command.replace("aniworld", ANIWORLD, 1)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def into_closed_pipe(
    command: str, folder: Path, unbuffered: str
) -> subprocess.CompletedProcess[bytes]:
    """Run a command whose reader has left before it writes."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        return subprocess.run(
            [sys.executable, "-m", "aniworld_cli", "--data-dir", str(folder), *command.split()],
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
            stdout=writing,
            stderr=subprocess.PIPE,
            timeout=60,
        )
    finally:
        os.close(writing)


@pytest.mark.parametrize("command", ["--help", "--version", "__complete show x", "config show"])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_leaves_is_no_error(tmp_path: Path, command: str, unbuffered: str) -> None:
    """The command ends with 0 and prints no traceback, also in help and completion."""
    done = into_closed_pipe(command, tmp_path, unbuffered)

    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("command", ["aniworld list >&-", "aniworld list >&- 2>&- <&-"])
def test_closed_streams_are_no_error(tmp_path: Path, command: str) -> None:
    """A program that is started without streams works."""
    done = shell(command, tmp_path)

    assert done.returncode == 0
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("command", ["aniworld config show", "aniworld --help"])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_cannot_be_written_is_an_error(
    tmp_path: Path, command: str, unbuffered: str
) -> None:
    """A full disk behind stdout ends with 6 and one sentence: the data is incomplete."""
    done = shell(f"{command} >/dev/full", tmp_path, unbuffered=unbuffered)

    assert done.returncode == 6
    assert done.stderr.startswith("aniworld: cannot write the output: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_ending_signal_ends_a_command_alike(number: signal.Signals) -> None:
    """Ctrl-C, `kill` and a closed terminal give one sentence and exit code 130."""
    # The runner of the tests may ignore some of them, and programs inherit that.
    done = signalled(number, f"signal.signal({int(number)}, signal.SIG_DFL)")

    assert done.returncode == 130
    assert (
        done.stderr == "aniworld: interrupted (nothing is lost; run the same command to continue)\n"
    )


def test_a_signal_that_is_ignored_ends_nothing() -> None:
    """`nohup aniworld …` goes on when its terminal is closed."""
    done = signalled(signal.SIGHUP, "signal.signal(signal.SIGHUP, signal.SIG_IGN)")

    assert (done.returncode, done.stderr) == (0, "")


def signalled(number: signal.Signals, before: str) -> subprocess.CompletedProcess[str]:
    """Run a command that sends a signal to its own process, then waits for a moment."""
    program = (
        "import os, signal, anyio\n"
        f"{before}\n"
        "from aniworld_cli.rendering.output import Output\n"
        "from aniworld_cli.session import run_command\n"
        "async def work():\n"
        f"    os.kill(os.getpid(), {int(number)})\n"
        "    for _ in range(100):\n"
        "        await anyio.sleep(0)\n"
        "    return 0\n"
        "raise SystemExit(run_command(work, Output()))\n"
    )
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(
    ("has_begun", "hint"),
    [(False, "no work had started"), (True, "nothing is lost; run the same command to continue")],
)
def test_a_signal_outside_of_the_loop_interrupts(
    console: Console, monkeypatch: pytest.MonkeyPatch, *, has_begun: bool, hint: str
) -> None:
    """A signal while the loop starts or ends is reported like one during the work."""
    loop = anyio.run

    def interrupted(*arguments: Any, **options: Any) -> None:
        if has_begun:
            loop(*arguments, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(anyio, "run", interrupted)

    answer = console("list")

    assert answer.code == 130
    assert answer.err.splitlines()[-1] == f"aniworld: interrupted ({hint})"
