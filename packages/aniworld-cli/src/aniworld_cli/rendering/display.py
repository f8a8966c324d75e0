"""Choosing how downloads are shown: bars on a terminal, else plain lines."""

from collections.abc import Iterator
from contextlib import contextmanager

from aniworld_cli.rendering.output import Output
from aniworld_cli.rendering.progress import DownloadDisplay, Label, LineDisplay


@contextmanager
def open_display(output: Output, label: Label, total: int) -> Iterator[DownloadDisplay]:
    """Open the display that fits the terminal; it leaves only finished lines behind.

    Args:
        output: Where talk goes.
        label: Names the episodes.
        total: How many items there will be at least.
    """
    console = output.live_console()
    if console is None:
        yield LineDisplay(output=output, label=label)
        return
    from aniworld_cli.rendering.bars import BarDisplay

    with BarDisplay.live(console, label, total) as display:
        yield display
