"""Requests that cannot be read are told in one line each, however many there are."""

import logging
from typing import Final

from aiohttp.http_exceptions import HttpProcessingError

_LOGGER: Final = logging.getLogger("aniworld_http.unreadable")


def protocol_logger() -> logging.Logger:
    """Return where aiohttp's side of a connection tells what went wrong.

    By itself it tells a traceback with the bytes in question for each request that is none, which
    lets anybody fill the disk with whatever he likes.
    """
    _LOGGER.addFilter(_shortened)
    return _LOGGER


def _shortened(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        who = record.args[0] if isinstance(record.args, tuple) and record.args else "somebody"
        record.msg = "a request from %s cannot be read: %s"
        record.args = (who, type(error).__name__)
        record.exc_info = record.exc_text = None
        record.levelno, record.levelname = logging.INFO, logging.getLevelName(logging.INFO)
        return logging.getLogger().isEnabledFor(logging.INFO)
    return True
