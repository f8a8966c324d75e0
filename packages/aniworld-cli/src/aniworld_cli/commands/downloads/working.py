"""Work the queue in the foreground with live progress, then print the result."""

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

import anyio
import attrs

from aniworld_cli.commands.downloads.watching import DownloadWatcher
from aniworld_cli.exit_codes import SOME_FAILED, code_of_work
from aniworld_cli.rendering.display import open_display
from aniworld_cli.rendering.formats import seasons_text
from aniworld_cli.rendering.output import Output
from aniworld_cli.rendering.texts import said, tr
from aniworld_core.application.downloads import DownloadItemView, Skipped, SkippedView
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.automation import TaskName
from aniworld_core.domain.downloads import DownloadItem, QueueEntry
from aniworld_core.domain.identity import EpisodeRef, ItemId

if TYPE_CHECKING:
    from aniworld_core.application.downloads import DrainReport

NOT_YET_AVAILABLE = "not yet available"


@attrs.frozen(kw_only=True)
class WorkView:
    """The result of a command that downloads."""

    completed: int
    failed: int
    skipped: int
    waiting: int
    items: tuple[DownloadItemView, ...]
    skipped_items: tuple[SkippedView, ...]


@attrs.define(eq=False)
class EpisodeNames:
    """Names of episodes for people: code, title and series.

    Args:
        app: Application with the queue of the items.
    """

    _app: Application
    _names: dict[EpisodeRef, str] = attrs.field(factory=dict, init=False)

    def add(self, entries: Iterable[QueueEntry]) -> None:
        """Store the names of the items' episodes."""
        wanted = self._app.current_config.value.languages.order[0]
        for entry in entries:
            ref = entry.item.episode
            self._names[ref] = f"{ref.code} {entry.title(wanted)} · {entry.series_name}"

    async def learn(self, item: DownloadItem) -> None:
        """Load the name of an item's episode if it is not loaded yet."""
        if item.episode not in self._names:
            self.add(await self._app.queue_reader.entries([item.id]))

    def of(self, ref: EpisodeRef) -> str:
        """Return the name of an episode, or its key and code if the name was not loaded."""
        return self._names.get(ref, str(ref))


async def work(
    app: Application,
    output: Output,
    *,
    only: Collection[ItemId] | None,
    total: int,
) -> "DrainReport":
    """Work the queue until it is empty, with live progress on stderr.

    Args:
        app: Application with the queue.
        output: Output for the progress.
        only: Work only these items; all if `None`.
        total: Number of items.
    """
    names = EpisodeNames(app)
    with open_display(output, names.of, total) as display:
        follower = DownloadWatcher(display, names.learn)
        async with (
            app.bus.subscribe(*DownloadWatcher.EVENTS) as events,
            anyio.create_task_group() as tasks,
        ):
            tasks.start_soon(follower.follow, events)
            tasks.start_soon(follower.watch_others, app, only)
            # A long run adds many entries, and there may be no server that deletes the oldest.
            tasks.start_soon(app.tasks.keep, TaskName.HISTORY_LIMIT)
            try:
                report = await app.worker.drain(only=only)
            except anyio.get_cancelled_exc_class():
                with anyio.CancelScope(shield=True):
                    output.after_interrupt = await _after_interrupt(app, output.after_interrupt)
                raise
            tasks.cancel_scope.cancel()
        await follower.catch_up([*report.completed, *report.failed, *report.waiting])
    await app.sidecars.write([item.episode.series_key for item in report.completed])
    return report


async def _after_interrupt(app: Application, alone: str) -> str:
    """Return what happens to the rest of the queue, or *alone* if no server runs."""
    # Imported here: `queue list` needs no lock.
    from aniworld_core.bootstrap.server_lock import is_served

    if not is_served(app.settings.data_dir):
        return alone
    control = await app.switch.control()
    if control.is_stopped:
        return tr("the queue of the running server is stopped; start it with: aniworld queue start")
    if control.is_paused:
        return tr(
            "the queue of the running server is paused; resume it with: aniworld queue resume"
        )
    return tr("the running server downloads the rest; stop it with: aniworld queue stop")


async def finish(
    app: Application, output: Output, report: "DrainReport", skipped: Sequence[Skipped]
) -> int:
    """Write the result of the work and return the exit code."""
    if output.is_json:
        items = [*report.completed, *report.failed, *report.waiting]
        stored = await app.queue_reader.entries([item.id for item in items])
        series = {entry.item.id: entry.series for entry in stored}
        entries = [QueueEntry(item=item, series=series.get(item.id)) for item in items]
        output.view(work_view(app, report, entries, skipped))
    else:
        print_skipped(output, skipped)
        if report.completed or report.failed or report.waiting:
            output.talk(_sum(report))
        output.records([(i.episode.code, i.file or "") for i in report.completed])
    code = code_of_work(report)
    if code:
        _print_reason(output, report, code)
    return code


def work_view(
    app: Application,
    report: "DrainReport",
    entries: Sequence[QueueEntry],
    skipped: Sequence[Skipped],
) -> WorkView:
    """Return the result of the work in its JSON form."""
    return WorkView(
        completed=len(report.completed),
        failed=len(report.failed),
        skipped=len(skipped),
        waiting=len(report.waiting),
        items=app.queue_reader.views(entries),
        skipped_items=tuple(SkippedView.of(each) for each in skipped),
    )


def print_skipped(output: Output, skipped: Sequence[Skipped]) -> None:
    """Write the skipped episodes, one line for each series and reason."""
    groups: dict[tuple[str, str], dict[int, list[int]]] = {}
    for each in skipped:
        seasons = groups.setdefault((each.series_name, each.reason), {})
        seasons.setdefault(each.episode.season, []).append(each.episode.number)
    for (name, reason), seasons in groups.items():
        output.talk(f"{said(reason)}: {name} {seasons_text(seasons)}")


def _sum(report: "DrainReport") -> str:
    parts = [
        f"{len(items)} {tr(word)}"
        for word, items in (
            ("downloaded", report.completed),
            ("failed", report.failed),
            ("waiting", report.waiting),
        )
        if items
    ]
    return ", ".join(parts)


def _print_reason(output: Output, report: "DrainReport", code: int) -> None:
    """Write one line with the reason of an exit code other than 0."""
    if code == SOME_FAILED:
        total = len(report.completed) + len(report.failed) + len(report.waiting)
        output.failure(
            tr(
                "{failed} of {total:# episode|# episodes} failed",
                failed=len(report.failed),
                total=total,
            ),
            kind="some_failed",
            hint="see them with aniworld queue list --status failed",
        )
    elif report.obstacle is not None:
        output.error(report.obstacle)
    else:
        _print_failure(output, [*report.failed, *report.waiting][0])


def _print_failure(output: Output, item: DownloadItem) -> None:
    hints: list[str] = []
    failure = item.failure
    if failure is not None and failure.hint is not None:
        hints.append(said(failure.hint))
    if failure is not None and failure.link is not None:
        hints.append(tr("open {link} in a browser, then try again", link=failure.link))
    if item.is_open and item.not_before is not None:
        until = f"{item.not_before:%Y-%m-%d %H:%M:%S}"
        hints.append(tr("try again after {until} UTC; the queue keeps it", until=until))
    output.failure(
        failure.to_message() if failure else tr("{episode} waits", episode=str(item.episode)),
        kind=failure.kind if failure else "waiting",
        hint="; ".join(hints) or None,
    )
