"""The two streams of a command."""

import io
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

import attrs

from aniworld_cli.rendering.plain import plain, to_json

if TYPE_CHECKING:
    from rich.console import Console

    from aniworld_core.errors import AniworldError


def _tolerant(stream: TextIO) -> TextIO:
    """Let a stream write what its encoding lacks as escapes instead of failing."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream


@attrs.define(eq=False, kw_only=True)
class Output:
    """Data to stdout, talk to stderr.

    Attributes:
        is_json: Data and errors are for machines.
        verbosity: How much is told besides: -1 for less, 0, or the number of `-v`.
    """

    is_json: bool = False
    verbosity: int = 0
    _stdout: TextIO = attrs.field(factory=lambda: _tolerant(sys.stdout), init=False)

    def __attrs_post_init__(self) -> None:
        _tolerant(sys.stderr)

    @property
    def _stderr(self) -> TextIO:
        """Standard error as it is now: while bars are shown, lines must go above them."""
        return sys.stderr

    @property
    def is_quiet(self) -> bool:
        """Whether talk and progress are unwanted."""
        return self.verbosity < 0

    def live_console(self) -> "Console | None":
        """A console for live progress on stderr, if a person watches a terminal there."""
        if self.is_quiet or not self._stderr.isatty():
            return None
        from rich.console import Console

        console = Console(file=self._stderr, highlight=False)
        return None if console.is_dumb_terminal else console

    def data(self, value: object) -> None:
        """Write a JSON document to stdout."""
        encoding = (self._stdout.encoding or "").lower().replace("-", "")
        self._write(self._stdout, to_json(value, ascii_only=not encoding.startswith("utf")))

    def view(self, view: Any) -> None:
        """Write one of the documented shapes, or a sequence of them, as JSON to stdout."""
        many = isinstance(view, Sequence)
        self.data([_document(v) for v in view] if many else _document(view))

    def documents(self, **views: Sequence[Any]) -> None:
        """Write an object of named lists of documented shapes as JSON to stdout."""
        self.data({name: [_document(v) for v in many] for name, many in views.items()})

    def line(self, text: str) -> None:
        """Write one line of data to stdout."""
        self._write(self._stdout, plain(text))

    def announce(self, text: str) -> None:
        """Tell at once where something is, also to whoever reads stdout through a pipe."""
        if self.is_json:
            self.warn(text)
        else:
            self.line(text)
        self.flush()

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Write rows to stdout: a table on a terminal, else one line each with tabs between."""
        if not self._stdout.isatty():
            for row in rows:
                self._write(self._stdout, "\t".join(plain(cell) for cell in row))
        elif rows:
            self._guarded(self._stdout, lambda: self._draw(columns, rows))

    def records(self, rows: Sequence[Sequence[str]]) -> None:
        """Write rows for other programs; a person at the terminal was told by talk already."""
        if not self._stdout.isatty():
            self.table((), rows)

    def facts(self, facts: Mapping[str, str]) -> None:
        """Write named values to stdout, one per line; empty ones are left out."""
        width = max((len(name) for name in facts), default=0) + 2
        for name, value in facts.items():
            if value:
                self.line(f"{name + ':':{width}}{value}")

    def talk(self, text: str) -> None:
        """Tell something on stderr, unless quiet."""
        if not self.is_quiet:
            self.warn(text)

    def warn(self, text: str) -> None:
        """Tell something on stderr that also a quiet command must not keep back."""
        self._write(self._stderr, plain(text))

    def error(self, error: "AniworldError") -> None:
        """Print why the command ends: one line, or one JSON object; a traceback with `-vv`."""
        if self.verbosity >= 2:
            from aniworld_core.bootstrap.logging import redact_traceback  # rarely needed

            # Messages of other libraries hold links with their query.
            for line in redact_traceback("".join(traceback.format_exception(error))).splitlines():
                self.warn(line)
        self.failure(str(error), kind=error.kind, hint=error.hint)

    def failure(self, message: str, *, kind: str, hint: str | None = None) -> None:
        """Tell a reason as `error` does, without a traceback."""
        if self.is_json:
            # The fields are those of `ErrorView`, which help need not wait for.
            view = {"error": message, "kind": kind, "hint": hint}
            self._write(self._stderr, to_json(view, indent=None, ascii_only=True))
        else:
            extra = f" ({hint})" if hint and hint not in message else ""
            self.warn(f"aniworld: {message}{extra}")

    def show_cursor(self) -> None:
        """Give the terminal its cursor back, before an end that skips everything else."""
        if self._stderr.isatty():
            self._guarded(self._stderr, lambda: self._stderr.write("\x1b[?25h\n"))
            self.flush()

    def flush(self) -> None:
        """Hand everything written to the operating system."""
        self._guarded(self._stdout, self._stdout.flush)
        self._guarded(self._stderr, self._stderr.flush)

    def _draw(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in columns:
            table.add_column(Text(column), overflow="fold")
        for row in rows:
            table.add_row(*(Text(plain(cell)) for cell in row))
        Console(file=self._stdout, highlight=False).print(table)

    def _write(self, stream: TextIO, text: str) -> None:
        self._guarded(stream, lambda: stream.write(text + "\n"))

    def _guarded(self, stream: TextIO, write: Callable[[], object]) -> None:
        """Write; a reader who has seen enough and left is no error of ours."""
        try:
            write()
        except BrokenPipeError:
            # Python flushes at exit once more: let that go nowhere.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def _document(view: Any) -> dict[str, Any]:
    return attrs.asdict(view)
