"""Follow a bulk job until it has ended, whichever process works on it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import anyio

from aniworld_cli.exit_codes import DONE, SOME_FAILED
from aniworld_cli.rendering.output import Output
from aniworld_cli.rendering.texts import tr
from aniworld_core.application.downloads import JobView
from aniworld_core.bootstrap.server_lock import is_served
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.downloads import BulkJob, JobKind, JobStatus
from aniworld_core.domain.identity import JobId

#: Seconds between two reads of the job.
_POLL_SECONDS: Final = 0.25
_RUNNING: Final = {
    JobKind.DOWNLOAD: "queueing missing episodes",
    JobKind.EDIT: "changing series",
    JobKind.REMOVE: "removing series",
}
_DONE: Final = {
    JobKind.DOWNLOAD: "{episodes:# episode|# episodes} of {series:# series|# series} queued",
    JobKind.EDIT: "{series:# series|# series} changed",
    JobKind.REMOVE: "{series:# series|# series} removed",
}


async def follow(app: Application, output: Output, job_id: JobId) -> int:
    """Show the progress of a job until it has ended, then its result; return the exit code.

    A running server works on it; without one, this process does.
    """
    served = is_served(app.settings.data_dir)
    number = str(job_id)
    output.after_interrupt = (
        tr(
            "the running server continues; cancel it with: aniworld bulk cancel {number}",
            number=number,
        )
        if served
        else tr(
            "series that are finished stay changed; continue with: aniworld bulk resume,"
            " or cancel with: aniworld bulk cancel {number}",
            number=number,
        )
    )
    with _open_display(output) as show:
        async with anyio.create_task_group() as tasks:
            if not served:
                tasks.start_soon(app.jobs.drain)
            while not (job := await app.jobs.get(job_id)).is_finished:
                show(job)
                await anyio.sleep(_POLL_SECONDS)
    return show_job(job, output)


def show_job(job: BulkJob, output: Output) -> int:
    """Write the result of an ended job, and return the exit code."""
    view = JobView.of(job)
    if output.is_json:
        output.view(view)
    else:
        output.talk(job_text(view))
        if view.is_undoable:
            output.talk(tr("undo it with: aniworld bulk undo {number}", number=str(view.id)))
    return SOME_FAILED if view.failed else DONE


def job_text(view: JobView) -> str:
    """Return what a job does, has done, or has undone, with its numbers."""
    part = tr("{done} of {series:# series|# series}", done=view.done, series=view.series)
    if view.status == JobStatus.UNDOING:
        return f"{tr('undoing')}: {part}"
    kind = JobKind(view.kind)
    if view.status in {JobStatus.WAITING, JobStatus.RUNNING}:
        return f"{tr(_RUNNING[kind])}: {part}"
    if view.status == JobStatus.UNDONE:
        back = view.series - view.kept - view.failed
        texts = [tr("undone for {series:# series|# series}", series=back)]
    else:
        texts = [tr(_DONE[kind], series=view.changed, episodes=view.episodes)]
    if view.status == JobStatus.CANCELLED:
        texts.append(tr("cancelled after {part}", part=part))
    if view.kept:
        texts.append(
            tr(
                "{n:# series stays because it was changed since|# series stay because they were"
                " changed since}",
                n=view.kept,
            )
        )
    if view.failed:
        texts.append(
            tr(
                "{n:# series|# series} failed, the first: {reason}",
                n=view.failed,
                reason=view.reason or "",
            )
        )
    return "; ".join(texts)


@contextmanager
def _open_display(output: Output) -> Iterator[Callable[[BulkJob], None]]:
    """Yield a function that shows each step; on a terminal as a temporary bar."""
    console = output.live_console()
    if console is None:
        yield lambda _job: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        task = bars.add_task("", total=None)

        def move(job: BulkJob) -> None:
            is_undo = job.status is JobStatus.UNDOING
            text = tr("undoing") if is_undo else tr(_RUNNING[job.action.kind])
            bars.update(task, description=text, completed=job.done, total=job.total)

        yield move
