"""`aniworld demo` with its server: downloads half of the catalogue, ends with Ctrl-C."""

import json
import os
import signal
import socket
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

from support.installed import find_command
from support.thorough import only_thorough

COMMAND = find_command()


def _listed(data_dir: Path, *arguments: str) -> Any:
    done = subprocess.run(
        [COMMAND, "--data-dir", str(data_dir), *arguments, "--json"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@only_thorough
def test_it_serves_while_it_downloads_and_ends_in_order(tmp_path: Path) -> None:
    """The server answers while episodes download; open items stay for the next run."""
    library = tmp_path / "library"
    # The test also passes if another program uses this port.
    taken = socket.socket()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if taken.connect_ex(("127.0.0.1", 8000)):
        taken.bind(("127.0.0.1", 8000))
        taken.listen()
    with (
        taken,
        subprocess.Popen(
            [COMMAND, "demo", "--dir", str(library)],
            env={**os.environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        assert process.stderr is not None
        address = process.stdout.readline().split()[-1]
        assert process.stdout.readline().startswith("Sign in with the password Demo-")
        said = []
        for line in process.stderr:
            said.append(line)
            if line.startswith("done "):
                break
        with urllib.request.urlopen(f"{address}health") as answer:  # noqa: S310 - our own
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        said += process.stderr.readlines()

    assert process.returncode == 0, said
    assert ":8000/" not in address
    assert "port 8000 is taken" in said[0]
    assert "run the same command to continue" in said[-1]
    listed = _listed(library / ".aniworld", "list")
    assert len(listed) == 3
    assert sum(series["have"] for series in listed) >= 1
    queue = _listed(library / ".aniworld", "queue", "list")
    assert {item["status"] for item in queue} == {"completed", "pending"}
