"""The server's log file and log level, as the configuration sets them."""

import errno
import logging
import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO, TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Final

from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.bootstrap.logging.setup import make_formatter, set_log_level
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.domain.configuration import Config

#: Minimum seconds between two reports that the file cannot be written.
_REPORT_SECONDS: Final = 60.0


class LogFile(RotatingFileHandler):
    """Appends records to a file of mode 0600 and rotates it by size.

    If the file cannot be written, the program continues: the reason is printed on standard error at
    most once a minute, and each record tries again.

    Args:
        path: The file; rotated files get `.1`, `.2` and so on.
        max_bytes: Size at which it is rotated.
        keep: Number of rotated files to keep.
    """

    #: A text stream, or `None` while the file is closed.
    stream: Any

    def __init__(self, path: Path, *, max_bytes: int, keep: int) -> None:
        super().__init__(path, maxBytes=max_bytes, backupCount=keep, encoding="utf-8", delay=True)
        self._reported = -_REPORT_SECONDS

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Opening a named pipe would block until it has a reader.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK
        descriptor = os.open(self.baseFilename, flags, 0o600)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(errno.EINVAL, "not a regular file")
        os.fchmod(descriptor, 0o600)
        # Unbuffered: after a failed write no data remains that a later write would repeat.
        raw = FileIO(descriptor, "a")
        return TextIOWrapper(raw, "utf-8", errors="backslashreplace", write_through=True)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - of `logging`
        """Report that the file cannot be written; the record stays on standard error."""
        error = sys.exception()
        if not isinstance(error, OSError):
            super().handleError(record)
            return
        stream, self.stream = self.stream, None  # Opened again at the next record.
        if stream is not None:
            stream.close()
        now = time.monotonic()
        if now - self._reported >= _REPORT_SECONDS:
            self._reported = now
            sys.stderr.write(
                f"cannot write the log file {self.baseFilename}: {error.strerror or error}. "
                "Free space there or change logging.file; the log goes on here.\n"
            )


@contextmanager
def configured_logging(current: CurrentConfig, settings: Settings) -> Iterator[None]:
    """Configure logging inside the context, and again when the configuration changes.

    A level of the environment or the command line overrides `logging.level`.

    Args:
        current: The configuration in force.
        settings: Settings of the process; the file uses their format, or `json` by default.
    """
    root = logging.getLogger()
    handler: LogFile | None = None
    used: tuple[object, ...] = ()

    def apply(config: Config) -> None:
        nonlocal handler, used
        if not settings.log_level:
            set_log_level(config.logging.level)
        path = log_file_path(config, settings.data_dir)
        wanted = (path, config.logging.max_bytes, config.logging.keep)
        if wanted == used:
            return
        used = wanted
        if handler is not None:
            root.removeHandler(handler)
            handler.close()
            handler = None
        if path is not None:
            handler = LogFile(path, max_bytes=config.logging.max_bytes, keep=config.logging.keep)
            handler.setFormatter(make_formatter(settings.log_format or "json"))
            root.addHandler(handler)

    is_active = True
    current.listen(lambda config: apply(config) if is_active else None)
    apply(current.value)
    try:
        yield
    finally:
        is_active = False
        if handler is not None:
            root.removeHandler(handler)
            handler.close()


def log_file_path(config: Config, data_dir: Path) -> Path | None:
    """Return the path of the log file, or `None`."""
    if not config.logging.file:
        return None
    # Relative to the data folder, whatever the working directory.
    return data_dir / Path(config.logging.file).expanduser()
