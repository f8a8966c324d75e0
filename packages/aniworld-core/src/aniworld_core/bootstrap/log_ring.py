"""The newest log records of the process, kept for people who cannot see its output."""

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

from aniworld_core.bootstrap.logging import cut_text, redact_text, redact_traceback

#: How many records are kept; with the limits below that is a few megabytes at worst.
CAPACITY: Final = 2000
_LONGEST_MESSAGE: Final = 2000
_LONGEST_TRACEBACK: Final = 8000


@attrs.frozen(kw_only=True)
class KeptRecord:
    """One record, without its secrets.

    Attributes:
        id: Grows with every record, also from one run of the process to the next.
        at: When, in UTC.
        level: Name of the level in capitals.
        logger: Which part of the program tells it.
        message: What it tells, on one line.
        request_id: The request it was made for, when it was one.
        traceback: Where an error came from, when there was one.
    """

    id: int
    at: datetime
    level: str
    logger: str
    message: str
    request_id: str | None = None
    traceback: str | None = None


class LogRing(logging.Handler):
    """Keeps the newest records; memory stays bounded whatever is logged.

    Args:
        capacity: How many are kept.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        super().__init__()
        # Later runs go on above earlier ones, so that whoever read up to a number misses none.
        self._next = time.time_ns() // 1000
        self._records: deque[tuple[int, KeptRecord]] = deque(maxlen=capacity)
        self._guard = threading.Lock()

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Collect what the process logs inside the context; nested ones change nothing."""
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
        """Keep a record; one that cannot be formatted is reported as logging does it."""
        try:
            message = _one_line(redact_text(record.getMessage()))
            traceback = _traceback(record)
        except Exception:  # the documented way of a handler: a bad record stops nobody
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
        """Return what is kept, newest first.

        Args:
            level: The lowest level, as a number of `logging`.
            search: Part of the message, the logger or the request; case does not matter.
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
    # Its end says what went wrong.
    return text if len(text) <= _LONGEST_TRACEBACK else f"…{text[-_LONGEST_TRACEBACK:]}"


def _one_line(text: str) -> str:
    """Escape what could pass for further records (CWE-117), and cut what is too long."""
    text = cut_text(text, _LONGEST_MESSAGE)
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
