"""One server for each data folder, and who it is."""

import os
import socket
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
#: Whoever only looks whether the lock is held, holds it for a moment.
_PATIENCE_SECONDS: Final = 0.3


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
        lock.acquire(timeout=_PATIENCE_SECONDS, poll_interval=0.05)
    except Timeout as error:
        raise DataDirInUseError(str(data_dir), _named_process(data_dir)) from error
    except OSError as error:
        raise SettingsError([f"{data_dir} cannot be used: {error.strerror}"]) from error
    try:
        # Made anew, for its owner only: whoever may write it decides which process is stopped.
        pid_file.unlink(missing_ok=True)
        pid_file.touch(mode=0o600)
        pid_file.write_text(f"{os.getpid()} {socket.gethostname()}\n")
        yield
    finally:
        pid_file.unlink(missing_ok=True)
        lock.release()


def is_served(data_dir: Path) -> bool:
    """Whether a server uses a data folder now, on this machine or in a container on it."""
    if not (data_dir / LOCK_FILE).exists():
        return False
    lock = FileLock(data_dir / LOCK_FILE)
    try:
        lock.acquire(timeout=0)
    except OSError:  # held by the server, or not ours to open: then it is somebody else's
        return True
    lock.release()
    return False


def running_server(data_dir: Path) -> int | None:
    """Return the process that is the server of a data folder.

    Returns:
        `None` when none runs, also when one was killed and left its number behind; and when it
        runs in a container, where the number would mean another process.
    """
    return _named_process(data_dir) if is_served(data_dir) else None


def _named_process(data_dir: Path) -> int | None:
    try:
        number, _, host = (data_dir / PID_FILE).read_text().partition(" ")
        return int(number) if host.strip() == socket.gethostname() else None
    except (OSError, ValueError):
        return None
