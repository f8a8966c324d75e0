"""Display of a scan: a bar on a terminal, else a line per series."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aniworld_cli.rendering.output import Output
from aniworld_cli.rendering.plain import plain
from aniworld_cli.rendering.texts import tr
from aniworld_core.events import ScanProgressed


@contextmanager
def open_scan_display(output: Output) -> Iterator[Callable[[ScanProgressed], None]]:
    """Yield a function that shows each step of a scan; on a terminal as a temporary bar."""
    console = output.live_console()
    if console is None:
        yield lambda step: output.talk(
            tr(
                "scanned {key} ({done}/{total})",
                key=step.key or "",
                done=step.done,
                total=step.total,
            )
        )
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        task = bars.add_task(tr("Scanning"), total=None)

        def move(step: ScanProgressed) -> None:
            name = plain(step.folder or step.key or "")
            bars.update(task, description=name, completed=step.done, total=step.total)

        yield move
