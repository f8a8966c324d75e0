"""Display of fetched links: a progress bar on a terminal, else plain lines."""

from collections.abc import Iterator
from contextlib import contextmanager

import attrs

from aniworld_cli.rendering.formats import bytes_text
from aniworld_cli.rendering.output import Output
from aniworld_cli.rendering.plain import plain
from aniworld_cli.rendering.texts import tr
from aniworld_core.domain.downloads import Phase, Progress
from aniworld_core.ports.fetcher import FetchedFile, ProgressCallback


@contextmanager
def open_link_display(output: Output, name: str) -> Iterator[ProgressCallback]:
    """Show one transfer within the context; its bar is removed at the end.

    Args:
        output: Output for messages.
        name: Name of the transfer.
    """
    console = output.live_console()
    if console is None:
        yield _StartLine(output=output, name=name).move
        return
    from aniworld_cli.rendering.bars import live_bars, move_bar

    with live_bars(console, in_bits=output.in_bits) as bars:
        task = bars.add_task(
            plain(name),
            total=1.0,
            percent="0%",
            amount="",
            state=tr(Phase.RESOLVING.value),
            left="",
        )

        async def move(progress: Progress) -> None:
            move_bar(bars, task, progress)

        yield move


def describe_file(file: FetchedFile) -> str:
    """Return one line about a fetched file."""
    size = bytes_text(file.bytes)
    if file.resumed_bytes >= file.bytes:
        return tr("{name} exists already ({size})", name=file.path.name, size=size)
    kept = bytes_text(file.resumed_bytes) if file.resumed_bytes else None
    return tr("done {name} ({size}[, {kept} resumed])", name=file.path.name, size=size, kept=kept)


@attrs.define(eq=False, kw_only=True)
class _StartLine:
    """Prints one line when the server sends the media, none for its progress.

    A link that is refused at once has not started.
    """

    _output: Output
    _name: str
    _has_started: bool = False

    async def move(self, progress: Progress) -> None:
        """Print the line with the first byte or the size."""
        if not self._has_started and (progress.downloaded_bytes or progress.total_bytes):
            self._has_started = True
            self._output.talk(tr("started {name}", name=self._name))
