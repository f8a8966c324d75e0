"""Log output of a command without `-v`: warnings as plain lines."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from aniworld_cli.rendering.output import Output

#: Loggers whose records repeat what the command prints itself.
_REPORTED_BY_COMMAND: Final = ("aniworld_core.application", "aniworld_providers")


class _WarningLines(logging.Handler):
    """Prints warnings as plain lines, without tracebacks."""

    def __init__(self, output: Output) -> None:
        super().__init__(logging.WARNING)
        self._output = output

    def emit(self, record: logging.LogRecord) -> None:
        """Print the record, unless the command reports it itself."""
        is_told = record.name.startswith(_REPORTED_BY_COMMAND) and record.levelno < logging.ERROR
        if not is_told and not self._output.is_json:
            self._output.warn(f"{record.levelname.lower()}: {record.getMessage()}")


@contextmanager
def warnings_as_lines(output: Output) -> Iterator[None]:
    """Print warnings as lines within the context, then restore the previous handlers."""
    root = logging.getLogger()
    former = (root.handlers[:], root.level)
    root.addHandler(_WarningLines(output))
    try:
        yield
    finally:
        root.handlers[:], level = former
        root.setLevel(level)


class CurrentStderr:
    """The current `sys.stderr` at each write, so that log lines appear above live bars."""

    def write(self, text: str) -> int:
        """Write text."""
        return sys.stderr.write(text)

    def flush(self) -> None:
        """Flush the stream."""
        sys.stderr.flush()

    def isatty(self) -> bool:
        """Return whether the stream is a terminal."""
        return sys.stderr.isatty()
