"""Working the queue in the foreground: show it live, tell how it ended."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress

import anyio
import attrs

from aniworld_cli.commands.downloads.following import Follower
from aniworld_cli.exit_codes import SOME_FAILED, code_of_work
from aniworld_cli.rendering.display import open_display
from aniworld_cli.rendering.formats import seasons_text
from aniworld_cli.rendering.output import Output
from aniworld_core.application.downloads import DownloadItemView, DrainReport, Skipped, SkippedView
from aniworld_core.bootstrap.application import Application
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.downloads import DownloadItem
from aniworld_core.domain.identity import EpisodeRef, ItemId, SeriesKey
from aniworld_core.errors import EpisodeNotFoundError, SeriesNotFoundError

NOT_YET_AVAILABLE = "not yet available"


@attrs.frozen(kw_only=True)
class WorkView:
    """What a command that downloads came to."""

    completed: int
    failed: int
    skipped: int
    waiting: int
    items: tuple[DownloadItemView, ...]
    skipped_items: tuple[SkippedView, ...]


async def shelf_of(app: Application, keys: Iterable[SeriesKey]) -> Mapping[SeriesKey, Series]:
    """Load series by key; those that are gone are left out."""
    shelf: dict[SeriesKey, Series] = {}
    for key in dict.fromkeys(keys):
        with suppress(SeriesNotFoundError):
            shelf[key] = await app.catalogue.get(key)
    return shelf


def label(shelf: Mapping[SeriesKey, Series], ref: EpisodeRef) -> str:
    """Name an episode for people: code, title, series."""
    series = shelf.get(ref.series_key)
    if series is None:
        return str(ref)
    try:
        titles = series.episode(ref.season, ref.number).titles
    except EpisodeNotFoundError:
        return f"{ref.code} · {series.name}"
    wanted = series.languages[0] if series.languages else None
    title = titles.de or titles.preferred(wanted, ref.number)
    return f"{ref.code} {title} · {series.name}"


async def work(
    app: Application,
    output: Output,
    shelf: Mapping[SeriesKey, Series],
    *,
    only: Collection[ItemId] | None,
    total: int,
) -> DrainReport:
    """Drain the queue with live progress on stderr.

    Args:
        app: Whose queue.
        output: Where progress is shown.
        shelf: The series that items may be about.
        only: Work these items and no others; all when `None`.
        total: How many items there are.
    """
    with open_display(output, lambda ref: label(shelf, ref), total) as display:
        follower = Follower(display)
        async with (
            app.bus.subscribe(*Follower.EVENTS) as events,
            anyio.create_task_group() as tasks,
        ):
            tasks.start_soon(follower.follow, events)
            tasks.start_soon(follower.watch_others, app, only)
            report = await app.worker.drain(only=only)
            tasks.cancel_scope.cancel()
        follower.catch_up([*report.completed, *report.failed, *report.waiting])
    return report


def finish(
    output: Output,
    shelf: Mapping[SeriesKey, Series],
    report: DrainReport,
    skipped: Sequence[Skipped],
) -> int:
    """Write what working came to and return the exit code."""
    if output.is_json:
        output.view(work_view(shelf, report, skipped))
    else:
        tell_skipped(output, shelf, skipped)
        if report.completed or report.failed or report.waiting:
            output.talk(_sum(report))
        output.records([(i.episode.code, i.file or "") for i in report.completed])
    code = code_of_work(report)
    if code:
        _tell_reason(output, report, code)
    return code


def work_view(
    shelf: Mapping[SeriesKey, Series], report: DrainReport, skipped: Sequence[Skipped]
) -> WorkView:
    """Show what working came to."""
    items = [*report.completed, *report.failed, *report.waiting]
    return WorkView(
        completed=len(report.completed),
        failed=len(report.failed),
        skipped=len(skipped),
        waiting=len(report.waiting),
        items=tuple(DownloadItemView.of(i, shelf.get(i.episode.series_key)) for i in items),
        skipped_items=tuple(SkippedView.of(s) for s in skipped),
    )


def tell_skipped(
    output: Output, shelf: Mapping[SeriesKey, Series], skipped: Sequence[Skipped]
) -> None:
    """Tell what was passed over, drawn together by series and reason."""
    groups: dict[tuple[SeriesKey, str], dict[int, list[int]]] = {}
    for each in skipped:
        seasons = groups.setdefault((each.episode.series_key, each.reason), {})
        seasons.setdefault(each.episode.season, []).append(each.episode.number)
    for (key, reason), seasons in groups.items():
        name = shelf[key].name if key in shelf else key
        output.talk(f"{reason}: {name} {seasons_text(seasons)}")


def _sum(report: DrainReport) -> str:
    parts = [
        f"{len(items)} {word}"
        for word, items in (
            ("downloaded", report.completed),
            ("failed", report.failed),
            ("waiting", report.waiting),
        )
        if items
    ]
    return ", ".join(parts)


def _tell_reason(output: Output, report: DrainReport, code: int) -> None:
    """Say in one line why the command did not end with 0."""
    if code == SOME_FAILED:
        total = len(report.completed) + len(report.failed) + len(report.waiting)
        output.failure(
            f"{len(report.failed)} of {total} episodes failed",
            kind="some_failed",
            hint="see them with aniworld queue list --status failed",
        )
    elif report.obstacle is not None:
        output.error(report.obstacle)
    else:
        _tell_failure(output, [*report.failed, *report.waiting][0])


def _tell_failure(output: Output, item: DownloadItem) -> None:
    hints = []
    failure = item.failure
    if failure is not None and failure.link is not None:
        hints.append(f"open {failure.link} in a browser, then try again")
    if item.is_open and item.not_before is not None:
        hints.append(f"come back after {item.not_before:%Y-%m-%d %H:%M:%S} UTC; the queue keeps it")
    output.failure(
        failure.message if failure else f"{item.episode} waits",
        kind=failure.kind if failure else "waiting",
        hint="; ".join(hints) or None,
    )
