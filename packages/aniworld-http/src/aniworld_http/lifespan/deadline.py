"""Time limit for the whole shutdown: the process ends, whatever hangs."""

import logging
import os
import sys
import threading
from typing import Final

logger: Final = logging.getLogger(__name__)

#: Seconds from the signal to the end of the process.
SHUTDOWN_SECONDS: Final = 28.0
#: Seconds to log what still runs; a hanging thread may hold a lock of the log.
_LOG_SECONDS: Final = 1.0


def end_process_after(seconds: float) -> None:
    """End the process with exit code 0 after *seconds*, unless it ends by itself before.

    Each step of the shutdown has a time limit, but no step can interrupt a thread that waits for a
    disk or a name server, and Python waits for its threads without a limit. No data is lost,
    because the next start repairs unfinished work.
    """

    def end() -> None:
        never.wait(seconds)
        log = threading.Thread(target=_log_threads, args=(seconds,), daemon=True)
        log.start()
        log.join(_LOG_SECONDS)
        os._exit(0)

    never = threading.Event()
    threading.Thread(target=end, name="end of the shutdown", daemon=True).start()


def _log_threads(seconds: float) -> None:
    own = {threading.get_ident(), *(t.ident for t in threading.enumerate() if t.daemon)}
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    running = [
        f"{names.get(number, number)} in {frame.f_code.co_filename}:{frame.f_lineno}"
        for number, frame in sys._current_frames().items()  # noqa: SLF001 - the only way to it
        if number not in own
    ]
    logger.warning("the shutdown ends after %.0f s with work left: %s", seconds, "; ".join(running))
