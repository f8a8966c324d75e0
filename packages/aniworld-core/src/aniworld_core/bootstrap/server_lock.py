"""Lock that allows one server for each data folder, its process id and its address."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from aniworld_core.errors import DataDirInUseError, SettingsError

#: Lock file below the data folder, held while the server runs.
LOCK_FILE: Final = "server.lock"
#: File with the process id, because the lock library owns the content of the lock file.
PID_FILE: Final = "server.pid"
#: File with the address of the pages.
ADDRESS_FILE: Final = "server.address"
#: Seconds to wait for a process that only checks the lock.
_PATIENCE_SECONDS: Final = 0.3


@contextmanager
def only_server(data_dir: Path) -> Iterator[None]:
    """Hold the lock of a data folder inside the context.

    The operating system releases the lock when the process ends in any way.

    Raises:
        DataDirInUseError: If another server runs; names its process.
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
        # Created for its owner only: its content decides which process `stop` ends.
        pid_file.unlink(missing_ok=True)
        pid_file.touch(mode=0o600)
        pid_file.write_text(f"{os.getpid()} {socket.gethostname()}\n")
        yield
    finally:
        (data_dir / ADDRESS_FILE).unlink(missing_ok=True)
        pid_file.unlink(missing_ok=True)
        lock.release()


def note_address(data_dir: Path, address: str) -> None:
    """Store the address of the pages, for other programs of this user.

    To be called inside `only_server`, which removes it. Without it, programs do not find the
    address; so a file that cannot be written is no error.
    """
    file = data_dir / ADDRESS_FILE
    with suppress(OSError):
        file.unlink(missing_ok=True)
        file.touch(mode=0o600)
        file.write_text(f"{address}\n", encoding="utf-8")


def noted_address(data_dir: Path) -> str:
    """Return the address of the pages of the running server; empty if none is known."""
    if not is_served(data_dir):
        return ""  # a kill left the file
    try:
        return (data_dir / ADDRESS_FILE).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def is_served(data_dir: Path) -> bool:
    """Return whether a server uses a data folder, on this machine or in a container on it."""
    if not (data_dir / LOCK_FILE).exists():
        return False
    lock = FileLock(data_dir / LOCK_FILE)
    try:
        lock.acquire(timeout=0)
    except OSError:  # held by the server, or not accessible for this user
        return True
    lock.release()
    return False


def running_server(data_dir: Path) -> int | None:
    """Return the process id of the server of a data folder.

    Returns:
        `None` if none runs, also after a kill that left the file; and if it runs in a container,
        where the id means another process.
    """
    return _named_process(data_dir) if is_served(data_dir) else None


def _named_process(data_dir: Path) -> int | None:
    try:
        number, _, host = (data_dir / PID_FILE).read_text().partition(" ")
        return int(number) if host.strip() == socket.gethostname() else None
    except (OSError, ValueError):
        return None
