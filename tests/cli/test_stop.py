"""`aniworld stop` where there is nothing it could stop; the rest is an end-to-end test."""

import os

from aniworld_core.bootstrap.server_lock import PID_FILE, only_server
from cli.console import Console


def test_without_a_server_it_says_so(console: Console) -> None:
    """Nothing is found: 3."""
    answer = console("stop")

    assert answer.code == 3
    assert "no server runs" in answer.err


def test_a_number_left_behind_is_no_server(console: Console) -> None:
    """After a kill the number may belong to anybody, here to this very process."""
    data_dir = console.folder / "data"
    with only_server(data_dir):
        left = (data_dir / PID_FILE).read_text()
    (data_dir / PID_FILE).write_text(left)

    assert console("stop").code == 3


def test_a_server_in_a_container_is_left_alone(console: Console) -> None:
    """Its number means another process here."""
    data_dir = console.folder / "data"
    with only_server(data_dir):
        (data_dir / PID_FILE).write_text(f"{os.getpid()} elsewhere\n")
        answer = console("stop")

    assert answer.code == 2
    assert "container" in answer.err
