"""Wrong settings exit with 8 and one line, so that systemd does not restart the server."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from aniworld_http.__main__ import main

pytestmark = pytest.mark.usefixtures("former_logging")

_DEPLOY = Path(__file__).parents[2] / "deploy"


def _config(text: str) -> Callable[[Path], object]:
    return lambda data: (data / "config.json").write_text(text)


def _folder(name: str) -> Callable[[Path], object]:
    return lambda data: (data / name).mkdir()


@pytest.mark.parametrize(
    ("variables", "prepare", "named"),
    [
        ({"DATABASE_URL": "foo://x"}, None, "foo"),
        ({"DATABASE_URL": "sqlite:////"}, None, "is a folder"),
        ({"ANIWORLD_HOST": "203.0.113.1"}, None, "ANIWORLD_HOST"),
        ({"CORS_ORIGINS": "x"}, None, "CORS_ORIGINS"),
        ({}, _config('{"downloads": {"concurrent": 99}}'), "/downloads/concurrent"),
        ({}, _config('{"cut'), "config.json"),
        ({}, _folder("config.json"), "it is a folder"),
        ({}, _folder("setup-code"), "setup-code"),
        ({}, _folder("jwt-secret-key"), "JWT_SECRET_KEY"),
        ({}, _folder("aniworld.db"), "is a folder"),
    ],
)
def test_a_wrong_set_up_ends_with_8(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variables: dict[str, str],
    prepare: Callable[[Path], object] | None,
    named: str,
) -> None:
    """Wrong variables and wrong files of the data folder exit with 8, without a traceback."""
    data = tmp_path / "data"
    data.mkdir()
    if prepare is not None:
        prepare(data)
    given = {"ANIWORLD_DATA_DIR": str(data), "ANIWORLD_PORT": "0", "LOG_LEVEL": "ERROR"}
    for name, value in (given | variables).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)

    code = main([])

    said = capsys.readouterr().err
    assert code == 8
    assert named in said
    assert "Traceback" not in said


def test_a_taken_port_ends_with_8(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The error names the address."""
    monkeypatch.setenv("ANIWORLD_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code = main(["--port", port])

    assert code == 8
    assert port in capsys.readouterr().err


def test_the_systemd_unit_does_not_restart_on_wrong_settings() -> None:
    """`RestartPreventExitStatus` has the codes of wrong settings and wrong use."""
    unit = (_DEPLOY / "aniworld.service").read_text()

    assert "\nRestartPreventExitStatus=2 8\n" in unit
