"""Choose the display of downloads: bars on a terminal, else plain lines."""

from collections.abc import Iterator
from contextlib import contextmanager

from aniworld_cli.rendering.output import Output
from aniworld_cli.rendering.progress import DownloadDisplay, Label, LineDisplay


@contextmanager
def open_display(output: Output, label: Label, total: int) -> Iterator[DownloadDisplay]:
    """Open the display that suits the terminal; only the lines of ended downloads remain.

    Args:
        output: Output for messages.
        label: Returns the name of an episode.
        total: Number of items known so far.
    """
    console = output.live_console()
    if console is None:
        yield LineDisplay(output=output, label=label)
        return
    from aniworld_cli.rendering.bars import BarDisplay

    with BarDisplay.live(console, label, total, in_bits=output.in_bits) as display:
        yield display
