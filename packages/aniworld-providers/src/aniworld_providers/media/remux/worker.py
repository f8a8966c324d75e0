"""The muxer as a program: `python -m aniworld_providers.media.remux.worker`.

It is started before there is anything to do. Lines come in: the plan, then where each segment
lies, in any order. Lines go out: the report, then the facts of the written file, or what went
wrong. When the input ends, whoever started this has ended, and so does this at once.
"""

import contextlib
import ctypes
import gc
import json
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, BinaryIO, Final

from aniworld_core.messages import message_to_wire

if TYPE_CHECKING:
    from aniworld_providers.media.remux.group_feed import Stored

_MMAP_THRESHOLD: Final = -3  # M_MMAP_THRESHOLD of glibc's malloc.h
_ARENA_MAX: Final = -8  # M_ARENA_MAX
#: Pieces from this size on are given back to the system at once.
_LARGE: Final = 128 * 1024


class ArrivingSegments:
    """The segments that are known so far."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._known: dict[int, Stored] = {}
        self._changed = threading.Condition()

    def listen(self, lines: BinaryIO) -> None:
        """Take note of what comes; ends the process when nothing more can come."""
        from aniworld_providers.media.remux.plan import read_stored_line

        try:
            for line in lines:
                index, stored = read_stored_line(line)
                with self._changed:
                    self._known[index] = stored
                    self._changed.notify_all()
        finally:
            os._exit(1)

    def wait_for(self, index: int) -> "Stored":
        """Block until a segment is finished."""
        with self._changed:
            self._changed.wait_for(lambda: index in self._known)
            return self._known[index]

    def read(self, stored: "Stored", offset: int, size: int) -> bytes:
        """Return up to *size* bytes of a finished segment from *offset*, none at its end."""
        from aniworld_providers.media.remux.group_feed import read_stored

        return read_stored(self._fd, stored, offset, size)


def _answers(lines: BinaryIO, answer: BinaryIO) -> None:
    import attrs
    import av  # noqa: F401 - slow to import, and there is time for it now

    from aniworld_core.errors import BadMediaError, LibraryUnavailableError
    from aniworld_providers.media.remux.check import check_remuxed
    from aniworld_providers.media.remux.plan import RemuxPlan, line_of

    def say(message: object) -> None:
        answer.write(line_of(message))
        answer.flush()

    plan = RemuxPlan.from_line(lines.readline())
    try:
        segments = ArrivingSegments(os.open(plan.data, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW))
        threading.Thread(target=segments.listen, args=(lines,), daemon=True).start()
        report = plan.run(segments, lambda: False)
        say({"report": attrs.asdict(report)})
        say({"facts": attrs.asdict(check_remuxed(plan.target, report))})
    except BadMediaError as error:
        say({"media": message_to_wire(error.reason)})
    except LibraryUnavailableError as error:
        say({"disk": None, "reason": message_to_wire(error.reason)})
    except OSError as error:
        say({"disk": error.errno, "reason": error.strerror or str(error)})


def _save_memory() -> None:
    """Have the C library give large pieces of memory back at once, where it is one that can.

    By itself it comes to keep them for the next ones (mallopt(3), "dynamic mmap threshold"),
    and the growing index of the film is scattered among them.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGE)
        mallopt(_ARENA_MAX, 1)


def main() -> None:
    """Do what the input says."""
    _save_memory()
    # Whoever started this decides when it ends, also when a terminal or a supervisor sends its
    # signals to the whole family.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # Packets are let go as they are counted; looking for circles among them finds nothing.
    gc.disable()
    with contextlib.suppress(BrokenPipeError, json.JSONDecodeError):
        _answers(sys.stdin.buffer, sys.stdout.buffer)
    # The thread that listens holds the input's lock, which an orderly end would wait for.
    os._exit(0)


if __name__ == "__main__":
    main()
