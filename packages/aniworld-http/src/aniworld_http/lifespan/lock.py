"""One server for each data folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from aniworld_core.errors import DataDirInUseError, SettingsError

#: Held for as long as the server lives, below the data folder.
LOCK_FILE: Final = "server.lock"
#: Says whose it is. A file of its own, because the lock's own content is the library's.
PID_FILE: Final = "server.pid"


@contextmanager
def only_server(data_dir: Path) -> Iterator[None]:
    """Be the only server of a data folder.

    The system lets go of the lock when the process ends, however it ends.

    Raises:
        DataDirInUseError: If there is another; names its process.
        SettingsError: If the folder cannot be written.
    """
    lock = FileLock(data_dir / LOCK_FILE, mode=0o600)
    pid_file = data_dir / PID_FILE
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise DataDirInUseError(str(data_dir), running_server(data_dir)) from error
    except OSError as error:
        raise SettingsError([f"{data_dir} cannot be used: {error.strerror}"]) from error
    try:
        pid_file.write_text(f"{os.getpid()}\n")
        yield
    finally:
        pid_file.unlink(missing_ok=True)
        lock.release()


def running_server(data_dir: Path) -> int | None:
    """Return the process that says it is the server of a data folder."""
    try:
        return int((data_dir / PID_FILE).read_text())
    except (OSError, ValueError):
        return None
