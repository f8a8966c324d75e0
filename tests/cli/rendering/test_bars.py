"""Live progress bars on a terminal."""

import io

import anyio
import pytest
from rich.console import Console as RichConsole

from aniworld_cli.rendering.bars import BarDisplay
from aniworld_cli.rendering.formats import percent_text, rate_text
from aniworld_cli.rendering.links import open_link_display
from aniworld_cli.rendering.output import Output
from aniworld_cli.rendering.totals import DownloadTotals
from aniworld_core.domain.downloads import Failure, Phase, Progress
from aniworld_core.errors import BadMediaError
from aniworld_core.testing import at, make_claim, make_item, make_item_id
from support.console import Console

MB = 1_000_000


def _terminal(width: int = 110) -> RichConsole:
    return RichConsole(file=io.StringIO(), force_terminal=True, width=width, color_system=None)


def _shown(console: RichConsole) -> str:
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def test_each_active_episode_has_a_bar_with_speed_and_time_left() -> None:
    """Each episode has a bar with title, percentage, size, speed and time; so has the total."""
    console = _terminal()
    with BarDisplay.live(console, lambda ref: f"{ref.code} Das erste Licht", 4) as display:
        display.started(make_item(1).start(make_claim()))
        display.progressed(
            make_item_id(1),
            Progress(downloaded_bytes=25 * MB, total_bytes=100 * MB, rate=5 * MB),
        )

    shown = _shown(console)
    for part in ("S01E01 Das erste Licht", "25%", "25.0 MB/100.0 MB", "5.0 MB/s", "0:15"):
        assert part in shown
    assert "Total 0/4" in shown
    assert "6%" in shown


def test_other_phases_are_named() -> None:
    """Phases other than downloading show their name."""
    console = _terminal()
    with BarDisplay.live(console, str, 1) as display:
        display.started(make_item(1).start(make_claim()))
        display.progressed(make_item_id(1), Progress(fraction=1.0, phase=Phase.CHECKING))

    assert "resolving" in _shown(console)
    assert "checking" in _shown(console)


@pytest.mark.parametrize(
    ("received", "in_bits", "shown"),
    [(1, False, "2.5 MB/s"), (1, True, "20.0 Mbit/s"), (4, True, "finishing")],
)
def test_speeds_have_the_chosen_unit(received: int, in_bits: bool, shown: str) -> None:
    """`--bits` changes the unit; a transfer that has all bytes is finishing."""
    console = _terminal()
    with BarDisplay.live(console, str, 1, in_bits=in_bits) as display:
        display.started(make_item(1).start(make_claim()))
        progress = Progress(downloaded_bytes=received, total_bytes=4, rate=2_500_000)
        display.progressed(make_item_id(1), progress)

    assert shown in _shown(console)


def test_finished_episodes_leave_a_line() -> None:
    """Completed, failed and requeued episodes leave a line; markup in titles is literal."""
    console = _terminal()
    started = [make_item(number).start(make_claim()) for number in (1, 2, 3)]
    with BarDisplay.live(console, lambda ref: f"{ref.code} [bold]\x1b[2J", 3) as display:
        for item in started:
            display.started(item)
        display.completed(started[0].complete(at(5), "a.mp4", None))
        display.failed(started[1].fail(Failure.of(BadMediaError("a picture")), at(5)))
        display.requeued(started[2].requeue())

    shown = _shown(console)
    assert "done S01E01 [bold]" in shown
    assert "failed S01E02 [bold]: the media is not usable: a picture" in shown
    assert "put back S01E03 [bold]" in shown
    assert "Total 2/3" in shown
    assert "\x1b[2J" not in shown


def test_bars_fit_narrow_terminals() -> None:
    """No line reaches the right margin, where an echoed `^C` would wrap."""
    console = _terminal(width=80)
    with BarDisplay.live(console, lambda ref: "x" * 200, 1) as display:
        display.started(make_item(1).start(make_claim()))

    lines = _shown(console).replace("\r", "\n").split("\n")
    assert max(len(line.split("\x1b")[0]) for line in lines) <= 77


def test_the_total_counts_bytes_speed_and_time() -> None:
    """The total includes active and settled items."""
    totals = DownloadTotals(4)
    totals.start(make_item_id(1))
    totals.start(make_item_id(2))
    totals.settle(make_item_id(1), 10 * MB)
    totals.move(
        make_item_id(2), Progress(downloaded_bytes=5 * MB, total_bytes=10 * MB, rate=2 * MB)
    )

    assert (totals.settled, totals.total) == (1, 4)
    assert totals.share == 0.375
    assert totals.received == 15 * MB
    assert totals.rate == 2 * MB
    # 5 MB of the active item, and 10 MB for each of the two that have not started.
    assert totals.time_left == 12.5

    totals.release(make_item_id(2))
    assert totals.share == 0.25


#: Progress, percent, rate as it is shown, and the bytes that remain: the rules of all pages.
NUMBERS = [
    (Progress(downloaded_bytes=40 * MB, total_bytes=100 * MB, rate=2_040_000), "40%", 2.0, 60),
    (Progress(downloaded_bytes=996, total_bytes=1000, rate=1_040_000), "99%", 1.0, 0.000004),
    (Progress(downloaded_bytes=99_960_000, total_bytes=100 * MB, rate=250_000), "99%", 0.3, 0.04),
    (Progress(downloaded_bytes=100 * MB, total_bytes=100 * MB, rate=9e6), "100%", 0, 0),
    (
        Progress(downloaded_bytes=9, total_bytes=10, rate=9e6, phase=Phase.CHECKING),
        *("90%", 0, 0),
    ),
    (Progress(downloaded_bytes=20 * MB, total_bytes=10 * MB, fraction=0.5, rate=1e6), "50%", 1, 0),
    (Progress(downloaded_bytes=20 * MB, rate=1.5e9), "0%", 1500, 0),
]


@pytest.mark.parametrize(("progress", "percent", "rate", "left"), NUMBERS)
def test_numbers_follow_the_rules_of_the_pages(
    progress: Progress, percent: str, rate: float, left: float
) -> None:
    """Percent is rounded down, a finishing item has no rate, and rates have one unit."""
    totals = DownloadTotals(1)
    totals.start(make_item_id(1))
    totals.move(make_item_id(1), progress)

    assert percent_text(progress.done) == percent
    assert totals.rate == pytest.approx(rate * MB)
    assert rate_text(totals.rate, in_bits=False) == f"{rate:.1f} MB/s"
    assert progress.remaining_bytes == pytest.approx(left * MB)


def test_the_total_is_the_sum_of_the_shown_rates() -> None:
    """Rates that are rounded one by one and rates that are rounded once would differ."""
    totals = DownloadTotals(len(NUMBERS), in_bits=True)
    for number, (progress, *_) in enumerate(NUMBERS, 1):
        totals.start(make_item_id(number))
        totals.move(make_item_id(number), progress)

    shown = [
        float(rate_text(progress.moving_rate, in_bits=True).split()[0]) for progress, *_ in NUMBERS
    ]
    assert rate_text(totals.rate, in_bits=True) == f"{sum(shown):.1f} Mbit/s"
    assert not totals.is_finishing


def test_a_run_that_only_finishes_says_so() -> None:
    """Without a rate no time is left to show, and the total says what is happening."""
    console = _terminal()
    with BarDisplay.live(console, str, 1) as display:
        display.started(make_item(1).start(make_claim()))
        progress = Progress(downloaded_bytes=4, total_bytes=4, rate=9e6)
        display.progressed(make_item_id(1), progress)

    last = _shown(console).rsplit("Total 0/1", 1)[-1]
    assert "finishing" in last
    assert "MB/s" not in last


def test_more_items_than_announced_raise_the_total() -> None:
    """Additional items raise the total."""
    totals = DownloadTotals(1)
    for number in (1, 2, 3):
        totals.start(make_item_id(number))

    assert totals.total == 3


def test_an_unknown_end_is_not_guessed() -> None:
    """Before any item has a size no time is estimated."""
    assert DownloadTotals(3).time_left is None
    assert DownloadTotals(0).share == 0


def test_an_unwatched_run_draws_nothing(console: Console) -> None:
    """Without a terminal no bars are drawn."""
    console("add", "lanterns")

    assert "━" not in console("download", "lanterns").err


def test_a_link_has_a_bar_that_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar of a link is removed at the end; markup in names is printed literally."""
    console = _terminal()
    monkeypatch.setattr(Output, "live_console", lambda self: console)

    async def watch() -> None:
        with open_link_display(Output(), "film [bold]\x1b[2J.mp4") as on_progress:
            await on_progress(Progress(downloaded_bytes=25 * MB, total_bytes=100 * MB, rate=5 * MB))

    anyio.run(watch)

    for part in ("film [bold].mp4", "25%", "25.0 MB/100.0 MB", "5.0 MB/s", "0:15"):
        assert part in _shown(console)
