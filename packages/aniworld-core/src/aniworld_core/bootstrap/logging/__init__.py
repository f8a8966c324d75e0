"""Logging of a program: redaction, log file and the latest records in memory."""

from aniworld_core.bootstrap.logging.file import LogFile, configured_logging
from aniworld_core.bootstrap.logging.ring import KeptRecord, LogRing
from aniworld_core.bootstrap.logging.setup import (
    LONGEST_TEXT,
    REDACTED,
    redact_text,
    redact_traceback,
    set_up_logging,
)

__all__ = [
    "LONGEST_TEXT",
    "REDACTED",
    "KeptRecord",
    "LogFile",
    "LogRing",
    "configured_logging",
    "redact_text",
    "redact_traceback",
    "set_up_logging",
]
