"""`aniworld serve --reload`: run the server in a child process and restart it on source changes."""

import importlib.util
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import anyio
import anyio.abc
import anyio.to_thread

from aniworld_cli.session import Session

#: Packages whose files are watched, if installed.
_PACKAGES: Final = (
    "aniworld_core",
    "aniworld_sqlite",
    "aniworld_providers",
    "aniworld_http",
    "aniworld_cli",
)
_SUFFIXES: Final = frozenset({".py", ".html", ".js", ".css", ".json", ".svg"})
_POLL_SECONDS: Final = 0.5
#: Seconds that a complete shutdown may take.
_STOP_SECONDS: Final = 30.0


async def serve_reloading(session: Session, *, host: str | None, port: str | None) -> int:
    """Run the server as a child process until it is stopped; restart it after each change.

    A server that fails is started again after the next change.

    Returns:
        The exit code of the child process when it was stopped.
    """
    output = session.output
    folders = _folders()
    while True:
        before = await anyio.to_thread.run_sync(_versions, folders)
        async with await anyio.open_process(
            _command(session, host, port), stdin=None, stdout=None, stderr=None
        ) as child:
            try:
                changed = await _change_or_end(child, folders, before)
            finally:
                with anyio.CancelScope(shield=True):
                    await _stop(child)
        if changed is None:
            if child.returncode in {0, -signal.SIGINT, -signal.SIGTERM}:
                return 0
            output.talk(f"the server ended with {child.returncode}; waiting for a change")
            changed = await _change(folders, before)
        output.talk(f"restarting: {changed} changed")


def _command(session: Session, host: str | None, port: str | None) -> Sequence[str]:
    command = [sys.executable, "-m", "aniworld_cli"]
    given = {
        "--data-dir": session.data_dir,
        "--library": session.library,
        "--host": host,
        "--port": port,
    }
    options = [f"{name}={value}" for name, value in given.items() if value is not None]
    verbosity = session.output.verbosity
    options += ["-q"] if verbosity < 0 else ["-v"] * verbosity
    return [*command, "serve", *options]


async def _change_or_end(
    child: anyio.abc.Process, folders: Sequence[Path], before: dict[Path, int]
) -> str | None:
    """Return the first file that changes, or `None` if the child process ends first."""
    changed: str | None = None
    async with anyio.create_task_group() as tasks:

        async def watch() -> None:
            nonlocal changed
            changed = await _change(folders, before)
            tasks.cancel_scope.cancel()

        tasks.start_soon(watch)
        await child.wait()
        tasks.cancel_scope.cancel()
    return changed


async def _change(folders: Sequence[Path], before: dict[Path, int]) -> str:
    while True:
        await anyio.sleep(_POLL_SECONDS)
        now = await anyio.to_thread.run_sync(_versions, folders)
        if now != before:
            different = {*now.items()} ^ {*before.items()}
            return min(different)[0].name


async def _stop(child: anyio.abc.Process) -> None:
    with suppress(ProcessLookupError):
        child.terminate()
    with anyio.move_on_after(_STOP_SECONDS) as limit:
        await child.wait()
    if limit.cancelled_caught:
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()


def _folders() -> Sequence[Path]:
    found = [importlib.util.find_spec(name) for name in _PACKAGES]
    return [Path(s.origin).parent for s in found if s is not None and s.origin is not None]


def _versions(folders: Sequence[Path]) -> dict[Path, int]:
    return {path: changed for folder in folders for path, changed in _files(folder)}


def _files(folder: Path) -> Iterator[tuple[Path, int]]:
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            if path.suffix in _SUFFIXES:
                with suppress(OSError):  # The file was removed meanwhile.
                    yield path, path.stat().st_mtime_ns
