"""Buffer of the newest log records, for the log view of the pages."""

import logging
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

import attrs
from structlog.contextvars import get_contextvars

from aniworld_core.bootstrap.logging.setup import cut_text, redact_text, redact_traceback

#: Most buffered records; at most a few megabytes.
CAPACITY: Final = 2000
_LONGEST_MESSAGE: Final = 2000
_LONGEST_TRACEBACK: Final = 8000


@attrs.frozen(kw_only=True)
class KeptRecord:
    """One record, without its secrets.

    Attributes:
        id: Increases with every record, also across restarts.
        at: Time in UTC.
        level: Name of the level in capitals.
        logger: Name of the logger.
        message: Message in one line.
        request_id: Id of the request, if there is one.
        traceback: Traceback of an error, if there is one.
    """

    id: int
    at: datetime
    level: str
    logger: str
    message: str
    request_id: str | None = None
    traceback: str | None = None


class LogRing(logging.Handler):
    """Buffer for the newest records with bounded memory.

    Args:
        capacity: Most buffered records.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        super().__init__()
        # Later runs continue above earlier ones, so a client that read up to an id misses none.
        self._next = time.time_ns() // 1000
        self._records: deque[tuple[int, KeptRecord]] = deque(maxlen=capacity)
        self._guard = threading.Lock()

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Collect the log records of the process inside the context; nesting changes nothing."""
        root = logging.getLogger()
        if self in root.handlers:
            yield
            return
        root.addHandler(self)
        try:
            yield
        finally:
            root.removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Add a record; a record that cannot be formatted is reported as `logging` does."""
        try:
            message = _one_line(redact_text(record.getMessage()))
            traceback = _traceback(record)
        except Exception:  # as documented for handlers: a bad record raises no error
            self.handleError(record)
            return
        request_id = get_contextvars().get("request_id")
        with self._guard:
            kept = KeptRecord(
                id=self._next,
                at=datetime.fromtimestamp(record.created, UTC),
                level=record.levelname,
                logger=record.name,
                message=message,
                request_id=str(request_id) if request_id else None,
                traceback=traceback,
            )
            self._next += 1
            self._records.append((record.levelno, kept))

    def find(
        self,
        *,
        level: int = logging.NOTSET,
        search: str = "",
        before: int | None = None,
        after: int | None = None,
    ) -> Sequence[KeptRecord]:
        """Return buffered records, newest first.

        Args:
            level: Lowest level, as a number of `logging`.
            search: Part of the message, logger or request id; case is ignored.
            before: Only records older than the one with this id.
            after: Only records newer than the one with this id.
        """
        with self._guard:
            records = list(self._records)
        needle = search.casefold()
        return [
            kept
            for number, kept in reversed(records)
            if number >= level
            and (before is None or kept.id < before)
            and (after is None or kept.id > after)
            and (not needle or _mentions(kept, needle))
        ]


def _mentions(kept: KeptRecord, needle: str) -> bool:
    texts = (kept.message, kept.logger, kept.request_id, kept.traceback)
    return any(needle in text.casefold() for text in texts if text)


def _traceback(record: logging.LogRecord) -> str | None:
    if not record.exc_info or record.exc_info[0] is None:
        return None
    text = redact_traceback(logging.Formatter().formatException(record.exc_info))
    # The last lines name the error.
    return text if len(text) <= _LONGEST_TRACEBACK else f"…{text[-_LONGEST_TRACEBACK:]}"


def _one_line(text: str) -> str:
    """Escape line breaks that could forge records (CWE-117), and cut long text."""
    text = cut_text(text, _LONGEST_MESSAGE)
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
