"""Describe files in a separate process, because a hostile file may crash libav."""

import base64
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from aniworld_core.domain.catalogue import Cover, ImageKind
from aniworld_core.domain.library import FileFacts
from aniworld_core.errors import AniworldError, BadMediaError, LibraryUnavailableError
from aniworld_core.messages import Message, message_from_wire

_WORKER: Final = "aniworld_providers.media.probe.facts.worker"
_CRASHES: Final = frozenset(
    {signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGFPE}
)
#: Seconds for one file: enough for a slow network drive.
_MOST_SECONDS: Final = 60.0
#: Seconds to wait for the end of a process after it has closed its output, and after a kill.
_END_SECONDS: Final = 5.0


class DescribeProcess:
    """Describes files one after another; its methods block, one thread at a time.

    The process is started for the first file, and again after a file that ended it.
    """

    def __init__(self, seconds: float = _MOST_SECONDS) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._received = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def describe(self, path: Path, *, with_sound: bool) -> FileFacts | AniworldError:
        """Return the facts of a file, or why there are none.

        Args:
            path: The file.
            with_sound: Whether audio is sampled.
        """
        found = self._answer(path, wants="facts", with_sound=with_sound)
        return found if isinstance(found, AniworldError) else _facts_of(found["facts"])

    def still(self, path: Path) -> Cover | AniworldError:
        """Return a frame of a video as a JPEG picture, or why there is none."""
        return self._picture(path, "still")

    def jpeg(self, path: Path) -> Cover | AniworldError:
        """Return a picture of another format as a JPEG, or why that is not possible."""
        return self._picture(path, "jpeg")

    def _picture(self, path: Path, wants: str) -> Cover | AniworldError:
        found = self._answer(path, wants=wants)
        if isinstance(found, AniworldError):
            return found
        still = found["still"]
        values = {"kind": ImageKind(still["kind"]), "data": base64.b64decode(still["data"])}
        return Cover(**still | values)

    def _answer(self, path: Path, **order: object) -> dict[str, Any] | AniworldError:
        try:
            process = self._started()
            if process.stdin is not None:
                line_in = json.dumps({"path": os.fspath(path), **order}).encode()
                process.stdin.write(line_in + b"\n")
            line = self._line(process)
        except TimeoutError:
            self.close()
            reason = Message("inspection_too_slow", limit_seconds=self._seconds)
            return LibraryUnavailableError(str(path), reason)
        except OSError:
            line = None  # it ended while the line was written
        if line is None:
            return self._ended(path)
        return _outcome(json.loads(line), path)

    def _ended(self, path: Path) -> AniworldError:
        """Return why the process has ended: only a crash is the fault of the file."""
        code = 0 if self._process is None else _exit_code(self._process)
        self.close()
        if -code in _CRASHES:
            return BadMediaError(Message("media_crashed"))
        return LibraryUnavailableError(str(path), Message("inspection_ended"))

    def close(self) -> None:
        """Kill the process."""
        process, self._process = self._process, None
        self._received.clear()
        if process is None:
            return
        process.kill()
        _exit_code(process)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter and our own module
                [sys.executable, "-P", "-m", _WORKER],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                process_group=0,
            )
        return self._process

    def _line(self, process: "subprocess.Popen[bytes]") -> bytes | None:
        if process.stdout is None:
            return None
        deadline = time.monotonic() + self._seconds
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._received:
                if not selector.select(max(deadline - time.monotonic(), 0)):
                    raise TimeoutError
                if not (more := os.read(process.stdout.fileno(), 64 * 1024)):
                    return None
                self._received += more
        line, _, self._received = self._received.partition(b"\n")
        return bytes(line)


def _exit_code(process: "subprocess.Popen[bytes]") -> int:
    """Return the exit code of a process that ends; kill it if it does not.

    A process that waits for a drive that does not answer cannot be killed. It is left to end by
    itself, and counts as ended without an error.
    """
    for _ in range(2):
        try:
            return process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    return 0


def _outcome(found: dict[str, Any], path: Path) -> dict[str, Any] | AniworldError:
    """Return an answer of the process, or the error that it states."""
    if "media" in found:
        return BadMediaError(message_from_wire(found["media"]))
    if "unreadable" in found:
        return LibraryUnavailableError(str(path), message_from_wire(found["unreadable"]))
    return found


def _facts_of(facts: dict[str, Any]) -> FileFacts:
    lists = {name: tuple(value) for name, value in facts.items() if isinstance(value, list)}
    return FileFacts(**(facts | lists))
