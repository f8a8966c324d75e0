"""Standard output and standard error of a command."""

import io
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any, TextIO

import attrs

from aniworld_cli.rendering.plain import plain, to_json
from aniworld_cli.rendering.texts import said, tr, translated

if TYPE_CHECKING:
    from rich.console import Console

    from aniworld_core.errors import AniworldError


def _with_escapes(stream: TextIO) -> TextIO:
    """Make a stream write characters that its encoding lacks as escapes instead of failing."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream


@attrs.define(eq=False, kw_only=True)
class Output:
    """Write data to stdout and messages to stderr.

    Attributes:
        is_json: Whether data and errors are printed as JSON.
        verbosity: -1 for quiet, 0, or the number of `-v`.
        in_bits: Whether speeds are shown in Mbit/s instead of MB/s.
        after_interrupt: What happens after Ctrl-C; commands that leave work to others change it.
        has_begun: Whether the command has begun to work.
        write_error: Why data could not be written to stdout, or `None`.
    """

    is_json: bool = False
    verbosity: int = 0
    in_bits: bool = False
    after_interrupt: str = "nothing is lost; run the same command to continue"
    has_begun: bool = False
    write_error: OSError | None = attrs.field(default=None, init=False)
    _stdout: TextIO = attrs.field(factory=lambda: _with_escapes(sys.stdout), init=False)

    def __attrs_post_init__(self) -> None:
        _with_escapes(sys.stderr)

    @property
    def _stderr(self) -> TextIO:
        """The current standard error: while bars are shown, it prints lines above them."""
        return sys.stderr

    @property
    def is_quiet(self) -> bool:
        """Whether messages and progress are hidden."""
        return self.verbosity < 0

    def live_console(self) -> "Console | None":
        """Return a console for live progress on stderr, if stderr is a terminal."""
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
        """Write a view, or a sequence of views, as JSON to stdout."""
        many = isinstance(view, Sequence)
        self.data([_document(v) for v in view] if many else _document(view))

    def documents(self, **views: Sequence[Any]) -> None:
        """Write an object of named lists of views as JSON to stdout."""
        self.data({name: [_document(v) for v in many] for name, many in views.items()})

    def line(self, text: str) -> None:
        """Write one line of data to stdout."""
        self._write(self._stdout, plain(text))

    def announce(self, text: str) -> None:
        """Print an address at once, also if stdout is a pipe."""
        if self.is_json:
            self.warn(text)
        else:
            self.line(text)
        self.flush()

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Write rows to stdout: a table on a terminal, else one line per row with tabs.

        The names of the columns and messages in cells are translated.
        """
        rows = [[_in_words(cell) for cell in row] for row in rows]
        if not self._stdout.isatty():
            for row in rows:
                self._write(self._stdout, "\t".join(plain(cell) for cell in row))
        elif rows:
            header = [translated(column) for column in columns]
            self._guarded(self._stdout, lambda: self._draw(header, rows))

    def records(self, rows: Sequence[Sequence[str]]) -> None:
        """Write rows for other programs; on a terminal, messages have shown them already."""
        if not self._stdout.isatty():
            self.table((), rows)

    def facts(self, facts: Mapping[str, str]) -> None:
        """Write named values to stdout, one per line; empty values are left out.

        The names and messages are translated.
        """
        facts = {translated(name): _in_words(value) for name, value in facts.items()}
        width = max((len(name) for name in facts), default=0) + 2
        for name, value in facts.items():
            if value:
                self._wrapped(f"{name + ':':{width}}", plain(value))

    def _wrapped(self, start: str, text: str) -> None:
        """Write a line; on a terminal, break it between words and indent the rest."""
        if not self._stdout.isatty():
            self.line(start + text)
            return
        from rich.cells import cell_len

        from aniworld_cli.rendering.tables import wrapped

        indent = cell_len(start)
        lines = wrapped(text, max(get_terminal_size().columns - indent, 20))
        for n, line in enumerate(lines):
            self.line((" " * indent if n else start) + line)

    def end_line(self) -> None:
        """End a line on stderr that a prompt has begun."""
        self._write(self._stderr, "")

    def ask(self, question: str) -> None:
        """Print a question on stderr, without the end of the line."""
        self._guarded(self._stderr, lambda: self._stderr.write(plain(question)))
        self.flush()

    def talk(self, text: str) -> None:
        """Print a message on stderr, unless quiet; a text without values is translated."""
        if not self.is_quiet:
            self.warn(text)

    def warn(self, text: str) -> None:
        """Print a message on stderr, also if quiet; a text without values is translated."""
        self._write(self._stderr, plain(said(text)))

    def error(self, error: "AniworldError") -> None:
        """Print why the command ends: one line, or one JSON object; a traceback with `-vv`."""
        if self.verbosity >= 2:
            from aniworld_core.bootstrap.logging import redact_traceback  # rarely needed

            # Messages of other libraries hold links with their query.
            for line in redact_traceback("".join(traceback.format_exception(error))).splitlines():
                self.warn(line)
        self.failure(error.message, kind=error.kind, hint=error.hint)

    def failure(self, message: str, *, kind: str, hint: str | None = None) -> None:
        """Print a reason like `error`, without a traceback."""
        message, hint = said(message), None if hint is None else said(hint)
        if self.is_json:
            # The fields of `ErrorView`, which --help must not load.
            view = {"error": message, "kind": kind, "hint": hint}
            self._write(self._stderr, to_json(view, indent=None, ascii_only=True))
        else:
            extra = f" ({hint})" if hint and hint not in message else ""
            self.warn(f"aniworld: {message}{extra}")

    def silent(self, provider: str, error: "AniworldError") -> None:
        """Print that a catalogue did not answer."""
        text = tr("{provider} did not answer: {error}", provider=provider, error=error.message)
        if self.is_json:
            view = {
                "provider": provider,
                "error": text,
                "kind": error.kind,
                "hint": error.hint,
            }
            self._write(self._stderr, to_json(view, indent=None, ascii_only=True))
        else:
            self.warn(text)

    def show_cursor(self) -> None:
        """Show the terminal's cursor again, before an exit that skips all clean-up."""
        if self._stderr.isatty():
            self._guarded(self._stderr, lambda: self._stderr.write("\x1b[?25h\n"))
            self.flush()

    def printing(self, write: Callable[[], object]) -> None:
        """Call a function that writes to stdout itself, and handle errors like those of `line`."""
        self._guarded(self._stdout, write)

    def flush(self) -> None:
        """Flush both streams."""
        self._guarded(self._stdout, self._stdout.flush)
        self._guarded(self._stderr, self._stderr.flush)

    def _draw(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        from rich.console import Console

        from aniworld_cli.rendering.tables import draw_table

        cells = [[plain(cell) for cell in row] for row in rows]
        draw_table(Console(file=self._stdout, highlight=False), columns, cells)

    def _write(self, stream: TextIO, text: str) -> None:
        self._guarded(stream, lambda: stream.write(text + "\n"))

    def _guarded(self, stream: TextIO, write: Callable[[], object]) -> None:
        """Call *write*; a closed pipe is not an error, and other errors are reported at the end."""
        try:
            write()
        except OSError as error:
            if stream is self._stdout:
                self.give_up_writing(error)
            else:
                discard(stream)

    def give_up_writing(self, error: OSError) -> None:
        """Record that stdout cannot be written, which is no error if its reader has left."""
        if not isinstance(error, BrokenPipeError):
            self.write_error = error
        discard(self._stdout)


def discard(stream: TextIO) -> None:
    """Send everything that is written to a stream from now on to the null device.

    Python flushes streams again at exit, which would fail again.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _in_words(cell: str) -> str:
    """Return a message in the reader's language; other texts are names and stay as they are."""
    return said(cell) if hasattr(cell, "kind") else cell


def _document(view: Any) -> dict[str, Any]:
    return attrs.asdict(view)
