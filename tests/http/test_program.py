"""The command `aniworld-http`: options and refused settings."""

from pathlib import Path

import pytest

from aniworld_http import __main__ as program
from aniworld_http.settings import KEY_FILE

_VARIABLES = ("ANIWORLD_DATA_DIR", "LOG_LEVEL", "ANIWORLD_PORT", "CORS_ORIGINS", "DATABASE_URL")


@pytest.fixture(autouse=True)
def _nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, former_logging: None) -> None:
    monkeypatch.chdir(tmp_path)
    for name in _VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--help"], 0, "--data-dir"),
        (["--version"], 0, "aniworld-http "),
        (["--nothing"], 2, "--nothing"),
        (["serve"], 2, "serve"),
        (["--port"], 2, "--port"),
        (["--por", "1"], 2, "--por"),
    ],
)
def test_options_are_read_before_anything_is_opened(
    arguments: list[str],
    code: int,
    told: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Help and version exit with 0, wrong use with 2; no data folder is created."""
    (tmp_path / "data").mkdir()
    with pytest.raises(SystemExit) as ended:
        program.main(arguments)

    printed = capsys.readouterr()
    assert ended.value.code == code
    assert told in (printed.out if code == 0 else printed.err)
    assert list((tmp_path / "data").iterdir()) == []


def test_wrong_settings_of_both_groups_are_named_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code is 8, every problem is named, and no signing key is created."""
    monkeypatch.setenv("LOG_LEVEL", "LOUD")
    monkeypatch.setenv("DATABASE_URL", "nowhere")
    monkeypatch.setenv("CORS_ORIGINS", "*")
    code = program.main(["--data-dir", str(tmp_path / "data"), "--port", "99999"])

    said = capsys.readouterr().err
    assert code == 8
    for name in ("LOG_LEVEL", "DATABASE_URL", "CORS_ORIGINS", "ANIWORLD_PORT"):
        assert name in said
    assert not (tmp_path / "data" / KEY_FILE).exists()


def test_options_win_over_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The data folder and address of the command line are used."""
    monkeypatch.setenv("ANIWORLD_DATA_DIR", str(tmp_path / "other"))
    monkeypatch.setenv("ANIWORLD_PORT", "1")
    code = program.main(["--data-dir", str(tmp_path / "data"), "--host", "not a host"])

    assert code == 8
    assert "not a host" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()
