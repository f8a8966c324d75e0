"""Live progress bars on a terminal: one per active episode and one for the total."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

import attrs
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.constrain import Constrain
from rich.progress import BarColumn, TaskID, TextColumn
from rich.progress import Progress as Bars
from rich.table import Column
from rich.text import Text

from aniworld_cli.rendering.formats import bytes_text, percent_text, rate_text, seconds_text
from aniworld_cli.rendering.plain import plain
from aniworld_cli.rendering.progress import (
    DownloadDisplay,
    Label,
    describe_end,
)
from aniworld_cli.rendering.texts import tr
from aniworld_cli.rendering.totals import DownloadTotals, amount_text, left_text
from aniworld_core.domain.downloads import DownloadItem, Phase, Progress
from aniworld_core.domain.identity import ItemId


def _column(field: str, *, width: int) -> TextColumn:
    return TextColumn(
        f"{{task.fields[{field}]}}",
        markup=False,
        justify="right",
        table_column=Column(min_width=width, no_wrap=True, justify="right"),
    )


@attrs.frozen
class _BarsWithMargin:
    """Progress bars that leave the right margin free.

    Terminals echo `^C` at the cursor; at the margin that would wrap and shift the bars.
    """

    inner: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Constrain(self.inner, max(options.max_width - 3, 20))


class SpeedBars(Bars):
    """Progress bars with a margin.

    Attributes:
        in_bits: Whether speeds are shown in Mbit/s instead of MB/s.
    """

    in_bits: bool = False

    def get_renderable(self) -> RenderableType:
        """Return all bars as one block."""
        return _BarsWithMargin(super().get_renderable())


def live_bars(console: Console, *, in_bits: bool) -> SpeedBars:
    """Return progress bars whose tasks have the fields `amount`, `state` and `left`."""
    label = Column(ratio=1, no_wrap=True, overflow="ellipsis")
    bars = SpeedBars(
        TextColumn("{task.description}", markup=False, table_column=label),
        BarColumn(bar_width=18),
        _column("percent", width=4),
        _column("amount", width=17),
        _column("state", width=10),
        _column("left", width=5),
        console=console,
        transient=True,
        expand=True,
        refresh_per_second=8,
    )
    bars.in_bits = in_bits
    return bars


def move_bar(bars: SpeedBars, task: TaskID, progress: Progress) -> None:
    """Update the bar of one transfer."""
    is_moving = progress.phase is Phase.FETCHING and progress.moving_rate > 0
    # All bytes are there; what follows takes a moment and has no speed.
    is_finishing = progress.phase is Phase.FETCHING and progress.is_finishing
    waiting = tr("finishing" if is_finishing else progress.phase.value)
    bars.update(
        task,
        completed=progress.done,
        percent=percent_text(progress.done),
        amount=amount_text(progress),
        state=rate_text(progress.rate, in_bits=bars.in_bits) if is_moving else waiting,
        left=left_text(progress) if is_moving else "",
    )


@attrs.define(eq=False, kw_only=True)
class BarDisplay(DownloadDisplay):
    """Shows a bar per running download, and prints a line for each that ended."""

    _bars: SpeedBars
    _label: Label
    _totals: DownloadTotals
    _total: TaskID
    _tasks: dict[ItemId, TaskID] = attrs.field(factory=dict)

    @classmethod
    @contextmanager
    def live(
        cls, console: Console, label: Label, total: int, *, in_bits: bool = False
    ) -> Iterator[Self]:
        """Show the bars within the context."""
        with live_bars(console, in_bits=in_bits) as bars:
            task = bars.add_task(tr("Total"), total=1.0, percent="0%", amount="", state="", left="")
            display = cls(
                bars=bars, label=label, totals=DownloadTotals(total, in_bits=in_bits), total=task
            )
            display._refresh_total()
            yield display

    def started(self, item: DownloadItem) -> None:
        """Add the bar of the item."""
        self._remove(item.id)
        self._totals.start(item.id)
        label = plain(self._label(item.episode))
        self._tasks[item.id] = self._bars.add_task(
            label, total=1.0, percent="0%", amount="", state=tr(Phase.RESOLVING.value), left=""
        )
        self._refresh_total()

    def progressed(self, item_id: ItemId, progress: Progress) -> None:
        """Update the bar of the item and the total."""
        task = self._tasks.get(item_id)
        if task is None:
            return
        self._totals.move(item_id, progress)
        move_bar(self._bars, task, progress)
        self._refresh_total()

    def completed(self, item: DownloadItem) -> None:
        """Replace the bar with a line."""
        self._totals.settle(item.id, item.progress.total_bytes or 0)
        self._end(item, "green")

    def failed(self, item: DownloadItem) -> None:
        """Replace the bar with a line."""
        self._totals.settle(item.id, 0)
        self._end(item, "red")

    def requeued(self, item: DownloadItem) -> None:
        """Replace the bar with a line and subtract the item from the total."""
        self._totals.release(item.id)
        self._end(item, "yellow")

    def _end(self, item: DownloadItem, style: str) -> None:
        self._remove(item.id)
        word, _, rest = plain(describe_end(self._label(item.episode), item)).partition(" ")
        self._bars.console.print(Text.assemble((word, style), " ", rest))
        self._refresh_total()

    def _remove(self, item_id: ItemId) -> None:
        task = self._tasks.pop(item_id, None)
        if task is not None:
            self._bars.remove_task(task)

    def _refresh_total(self) -> None:
        totals = self._totals
        if totals.rate:
            state = rate_text(totals.rate, in_bits=self._bars.in_bits)
        else:
            state = tr("finishing") if totals.is_finishing else ""
        self._bars.update(
            self._total,
            description=f"{tr('Total')} {totals.settled}/{totals.total}",
            completed=totals.share,
            percent=percent_text(totals.share),
            amount=bytes_text(totals.received),
            state=state,
            left="" if totals.time_left is None else seconds_text(totals.time_left),
        )
