"""Log records of a command that was not asked for its log."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from aniworld_cli.rendering.output import Output

#: What these have to say reaches the user as the outcome of the command.
_TOLD_ANYWAY: Final = ("aniworld_core.application", "aniworld_providers")


class _WarningLines(logging.Handler):
    """Shows warnings as plain lines, without their tracebacks."""

    def __init__(self, output: Output) -> None:
        super().__init__(logging.WARNING)
        self._output = output

    def emit(self, record: logging.LogRecord) -> None:
        """Show the record, unless the command tells it anyway."""
        is_told = record.name.startswith(_TOLD_ANYWAY) and record.levelno < logging.ERROR
        if not is_told and not self._output.is_json:
            self._output.warn(f"{record.levelname.lower()}: {record.getMessage()}")


@contextmanager
def warnings_as_lines(output: Output) -> Iterator[None]:
    """Show warnings as lines inside the context; how it was before comes back at its end."""
    root = logging.getLogger()
    former = (root.handlers[:], root.level)
    root.addHandler(_WarningLines(output))
    try:
        yield
    finally:
        root.handlers[:], level = former
        root.setLevel(level)


class CurrentStderr:
    """Standard error as it is at the time of writing, so that a log goes above live bars."""

    def write(self, text: str) -> int:
        """Write."""
        return sys.stderr.write(text)

    def flush(self) -> None:
        """Flush."""
        sys.stderr.flush()

    def isatty(self) -> bool:
        """Whether a person reads it."""
        return sys.stderr.isatty()
