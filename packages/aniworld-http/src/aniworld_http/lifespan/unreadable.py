"""Log records of malformed requests: one line each, without a traceback."""

import logging
from typing import Final

from aiohttp.http_exceptions import HttpProcessingError

_LOGGER: Final = logging.getLogger("aniworld_http.unreadable")


def protocol_logger() -> logging.Logger:
    """Return the logger for the protocol of aiohttp.

    aiohttp logs a traceback with the received bytes for each malformed request. That would let a
    client fill the disk with content of its choice.
    """
    _LOGGER.addFilter(_shortened)
    return _LOGGER


def _shortened(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        who = (
            record.args[0]
            if isinstance(record.args, tuple) and record.args
            else "an unknown client"
        )
        record.msg = "a request from %s is malformed: %s"
        record.args = (who, type(error).__name__)
        record.exc_info = record.exc_text = None
        record.levelno, record.levelname = logging.INFO, logging.getLevelName(logging.INFO)
        return logging.getLogger().isEnabledFor(logging.INFO)
    return True
