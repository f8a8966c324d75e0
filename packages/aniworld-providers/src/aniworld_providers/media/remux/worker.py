"""The muxer process: `python -m aniworld_providers.media.remux.worker`.

It is started before there is a plan. It reads lines: the plan, then the extents of each segment, in
any order. It writes lines: the report, then the facts of the written file, or an error. It exits at
once when its input ends, because then its parent has ended.
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
#: Size in bytes from which on freed memory is returned to the system at once.
_LARGE: Final = 128 * 1024


class ArrivingSegments:
    """The segments that are known so far."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._known: dict[int, Stored] = {}
        self._changed = threading.Condition()

    def listen(self, lines: BinaryIO) -> None:
        """Record incoming segments; exit the process when the input ends."""
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
    import av  # noqa: F401 - slow to import, so it is imported while waiting

    from aniworld_core.errors import BadMediaError, LibraryUnavailableError
    from aniworld_providers.media.remux.plan import RemuxPlan, check_remuxed, line_of

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
    """Make the C library return large blocks of memory at once, if it supports that.

    By default it keeps them for later (mallopt(3), "dynamic mmap threshold"), and the growing index
    of the film is scattered among them.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGE)
        mallopt(_ARENA_MAX, 1)


def main() -> None:
    """Run the commands of the input."""
    _save_memory()
    # Only the parent ends this process, even if a terminal or supervisor signals the whole group.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # Packets are freed by reference counting; they form no cycles for the collector.
    gc.disable()
    with contextlib.suppress(BrokenPipeError, json.JSONDecodeError):
        _answers(sys.stdin.buffer, sys.stdout.buffer)
    # The listening thread holds the input's lock, for which a regular exit would wait.
    os._exit(0)


if __name__ == "__main__":
    main()
