"""Remux in a separate process.

Remuxing a whole film keeps a processor busy. In a process of its own, it does not slow the
transfer, and a crash of libav on hostile bytes does not end the application.
"""

import json
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Self

import attrs

from aniworld_core.errors import BadMediaError, FetchInterruptedError, LibraryUnavailableError
from aniworld_core.messages import Message, message_from_wire
from aniworld_core.ports.inspector import MediaFacts
from aniworld_providers.media.remux.group_feed import Segments
from aniworld_providers.media.remux.input import MuxCancelledError
from aniworld_providers.media.remux.muxer import MuxReport
from aniworld_providers.media.remux.plan import RemuxPlan, report_of, stored_line

_WORKER: Final = "aniworld_providers.media.remux.worker"
#: Seconds between two checks for a cancellation.
_LOOK_EVERY: Final = 0.1
_CRASHES: Final = frozenset(
    {signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGFPE}
)


@attrs.define(eq=False)
class RemuxProcess:
    """A running muxer process; methods block, one thread at a time, except `close`."""

    _process: "subprocess.Popen[bytes]"
    _target: Path | None = None
    _cancelled: Callable[[], bool] = lambda: False
    _received: bytearray = attrs.Factory(bytearray)

    @classmethod
    def start(cls) -> Self:
        """Start the process before there is a plan, because starting takes long.

        Raises:
            OSError: If no process can be started.
        """
        process = subprocess.Popen(  # noqa: S603 - this interpreter and our own module
            [sys.executable, "-P", "-m", _WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            process_group=0,
        )
        return cls(process)

    def mux(self, plan: RemuxPlan, segments: Segments, cancelled: Callable[[], bool]) -> MuxReport:
        """Send the segments as they are stored, and wait for the report.

        Args:
            plan: The inputs and output.
            segments: The segments in the plan's data file.
            cancelled: Called while waiting; True cancels the remux.

        Raises:
            BadMediaError: If the media cannot be read or change their format.
            MuxCancelledError: If it was cancelled.
            FetchInterruptedError: If another program ended the process.
            OSError: If the target cannot be written.
        """
        self._target, self._cancelled = plan.target, cancelled
        # A process of a killed attempt may still write to the old file.
        plan.target.unlink(missing_ok=True)
        try:
            self._send(plan.to_line())
            for index in range(plan.count):
                self._send(stored_line(index, segments.wait_for(index)))
        except BrokenPipeError:
            pass  # the process ended early; its last line has the error
        return report_of(self._answer("report"))

    def check(self) -> MediaFacts:
        """Wait for the check of the written file and return its facts.

        Raises:
            BadMediaError: If the file does not contain its input.
            LibraryUnavailableError: If it cannot be read.
            What else `mux` raises.
        """
        found = self._answer("facts")
        return MediaFacts(
            suffix=found["suffix"],
            duration=found["duration"],
            height=found["height"],
            audio_languages=tuple(found["audio_languages"]),
            subtitle_languages=tuple(found["subtitle_languages"]),
        )

    def close(self) -> None:
        """Kill the process."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _send(self, line: bytes) -> None:
        left, pipe = memoryview(line), self._process.stdin
        while left and pipe is not None:
            left = left[os.write(pipe.fileno(), left) :]

    def _answer(self, wanted: str) -> dict[str, Any]:
        line = self._line()
        if line is None:
            code = self._process.wait()
            if -code in _CRASHES:
                raise BadMediaError(Message("muxer_crashed"))
            raise FetchInterruptedError(Message("muxer_ended"))
        message: dict[str, Any] = json.loads(line)
        if "media" in message:
            raise BadMediaError(message_from_wire(message["media"]))
        if "reason" in message and message["disk"] is None:
            raise LibraryUnavailableError(str(self._target), message_from_wire(message["reason"]))
        if "reason" in message:
            raise OSError(message["disk"], message["reason"])
        found: dict[str, Any] = message[wanted]
        return found

    def _line(self) -> bytes | None:
        output = self._process.stdout
        if output is None:
            return None
        with selectors.DefaultSelector() as selector:
            selector.register(output, selectors.EVENT_READ)
            while b"\n" not in self._received:
                if self._cancelled():
                    raise MuxCancelledError
                if selector.select(_LOOK_EVERY):
                    if not (more := os.read(output.fileno(), 64 * 1024)):
                        return None
                    self._received += more
        line, _, self._received = self._received.partition(b"\n")
        return bytes(line)
