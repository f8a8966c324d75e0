"""The server's log file: rotation, file mode, write errors."""

import errno
import io
import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.bootstrap.logging import LogFile, configured_logging
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.domain.configuration import Config, LoggingConfig

logger = logging.getLogger("aniworld_test")


@pytest.fixture(autouse=True)
def _level() -> Iterator[None]:
    root = logging.getLogger()
    former = root.level
    yield
    root.setLevel(former)


def config(**values: object) -> Config:
    return Config(logging=LoggingConfig(**values))  # type: ignore[arg-type]


def test_records_are_written_privately_and_without_secrets(tmp_path: Path) -> None:
    """The file is in the data folder, has mode 0600 and contains no secrets."""
    current = CurrentConfig(config(file="logs/server.log"))
    with configured_logging(current, Settings(data_dir=tmp_path)):
        logger.info("signed in with password=Correct-Horse-7")
    logger.info("afterwards")

    file = tmp_path / "logs" / "server.log"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "signed in" in file.read_text()
    assert "Correct-Horse-7" not in file.read_text()
    assert "afterwards" not in file.read_text()


def test_the_file_is_rotated_by_size(tmp_path: Path) -> None:
    """Only the configured number of rotated files is kept, all private."""
    file = tmp_path / "server.log"
    handler = LogFile(file, max_bytes=1000, keep=2)
    for number in range(100):
        handler.handle(logging.makeLogRecord({"msg": f"{number:03} {'x' * 90}"}))
    handler.close()

    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["server.log", "server.log.1", "server.log.2"]
    assert all(path.stat().st_size <= 1000 for path in tmp_path.iterdir())
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    assert "099" in file.read_text()


class _FullDisk(io.RawIOBase):
    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, _offset: int, _whence: int = 0) -> int:
        return 0

    def tell(self) -> int:
        return 0

    def write(self, _data: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A full disk reports one line for many records; with free space logging continues."""
    handler = LogFile(tmp_path / "server.log", max_bytes=10**6, keep=1)

    def open_full(_handler: LogFile) -> io.TextIOWrapper:
        return io.TextIOWrapper(_FullDisk(), write_through=True)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(LogFile, "_open", open_full)
        for _ in range(5):
            handler.handle(logging.makeLogRecord({"msg": "lost"}))
    handler.handle(logging.makeLogRecord({"msg": "kept"}))
    handler.close()

    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "No space left on device" in said
    assert str(tmp_path / "server.log") in said
    assert (tmp_path / "server.log").read_text() == "kept\n"


@pytest.mark.parametrize("kind", ["folder", "pipe", "below a file"])
def test_a_path_that_cannot_be_written(
    tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder, a pipe or a wrong parent is reported, without hanging or raising."""
    path = tmp_path / "server.log"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.write_text("")
        path = path / "inner.log"
    handler = LogFile(path, max_bytes=1000, keep=1)
    handler.handle(logging.makeLogRecord({"msg": "lost"}))
    handler.close()

    assert "cannot write the log file" in capsys.readouterr().err


def test_changes_apply_at_once(tmp_path: Path) -> None:
    """Level and file follow the configuration; a level of the environment overrides it."""
    current = CurrentConfig(config(level="WARNING"))
    with configured_logging(current, Settings(data_dir=tmp_path)):
        assert logging.getLogger().level == logging.WARNING
        current.value = config(level="DEBUG", file="a.log")
        logger.debug("told")
        current.value = config(level="DEBUG", file="b.log")
        logger.debug("told elsewhere")
    current.value = config(level="ERROR", file="c.log")

    assert logging.getLogger().level == logging.DEBUG
    assert "told elsewhere" not in (tmp_path / "a.log").read_text()
    assert "told elsewhere" in (tmp_path / "b.log").read_text()
    assert not (tmp_path / "c.log").exists()
    settings = attrs.evolve(Settings(data_dir=tmp_path), log_level="INFO")
    logging.getLogger().setLevel(logging.INFO)
    with configured_logging(current, settings):
        assert logging.getLogger().level == logging.INFO
