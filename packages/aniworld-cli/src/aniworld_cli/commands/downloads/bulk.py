"""`aniworld bulk`: one action on many series, as the pages do it; see `BulkJobs`."""

import sys
from typing import Annotated, Literal, TypeAlias

import attrs
from cyclopts import Parameter
from cyclopts.validators import Number

from aniworld_cli.commands.downloads.choosing import QualityName, read_languages
from aniworld_cli.commands.downloads.job_progress import follow, job_text
from aniworld_cli.completing import KeyText
from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.output import Output
from aniworld_cli.rendering.texts import tr
from aniworld_cli.session import CurrentSession
from aniworld_core.application.downloads import JobEstimate, JobView, SeriesSelection
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.catalogue import SeriesFilter, SeriesQuery
from aniworld_core.domain.downloads import JobAction, JobKind, SeasonChoice
from aniworld_core.domain.identity import JobId
from aniworld_core.domain.media import Language, Quality
from aniworld_core.errors import UsageError

#: Word for the value that all series have.
_DEFAULT = "default"

_Key: TypeAlias = Annotated[KeyText, Parameter(name="KEY")]
_Number: TypeAlias = Annotated[int, Parameter(name="ID", validator=Number(gte=1, lt=2**53))]


@attrs.frozen(kw_only=True)
class BulkOptions:
    """Which series, and whether to ask.

    Attributes:
        filter: All series of this filter instead of keys.
        search: Only series with these words in their name or another title.
        yes: Start without asking for confirmation.
        dry_run: Show what would be done; change nothing.
    """

    filter: SeriesFilter | None = None
    search: str = ""
    yes: Annotated[bool, Parameter(name=["--yes", "-y"])] = False
    dry_run: bool = False


_Options: TypeAlias = Annotated[BulkOptions, Parameter(name="*")]
_NO_OPTIONS = BulkOptions()


async def download(
    *keys: _Key,
    monitored_only: bool = False,
    options: _Options = _NO_OPTIONS,
    session: CurrentSession,
) -> int:
    """Queue the missing episodes of many series.

    Args:
        keys: Keys of the series, or the starts of their keys.
        monitored_only: Leave out series that are not monitored.
        options: Which series, and whether to ask.
        session: The run of the command.
    """
    action = JobAction(kind=JobKind.DOWNLOAD, monitored_only=monitored_only)
    return await _carry_out(session, action, keys, options)


async def change(
    *keys: _Key,
    monitored: Literal["yes", "no"] | None = None,
    languages: str | None = None,
    quality: QualityName | Literal["default"] | None = None,
    seasons: SeasonChoice | None = None,
    folder: str | None = None,
    options: _Options = _NO_OPTIONS,
    session: CurrentSession,
) -> int:
    """Change the settings of many series.

    Args:
        keys: Keys of the series, or the starts of their keys.
        monitored: Whether new episodes are downloaded by the schedule.
        languages: Wanted languages, best first, such as ger-dub,ger-sub; default for the order
            of the configuration.
        quality: Wanted quality; default for that of the configuration.
        seasons: Seasons whose episodes are wanted; none for no episode at all.
        folder: Folder in the library that has the folders of the series; . for the library
            folder itself. No file is moved.
        options: Which series, and whether to ask.
        session: The run of the command.
    """
    action = JobAction(
        kind=JobKind.EDIT,
        monitored=None if monitored is None else monitored == "yes",
        languages=_languages(languages),
        quality=_quality(quality),
        seasons=seasons,
        parent="" if folder == "." else folder,
    )
    if action == JobAction(kind=JobKind.EDIT):
        raise UsageError(
            tr("nothing to change"),
            hint=tr("give --monitored, --languages, --quality, --seasons or --folder"),
        )
    return await _carry_out(session, action, keys, options)


async def remove(
    *keys: _Key,
    files: bool = False,
    options: _Options = _NO_OPTIONS,
    session: CurrentSession,
) -> int:
    """Remove many series from the library, and their episodes from the queue.

    Args:
        keys: Keys of the series, or the starts of their keys.
        files: Move their folders to the recycle bin; undo returns them.
        options: Which series, and whether to ask.
        session: The run of the command.
    """
    return await _carry_out(session, JobAction(kind=JobKind.REMOVE, files=files), keys, options)


async def list_jobs(
    *, limit: Annotated[int, Parameter(validator=Number(gte=1))] = 20, session: CurrentSession
) -> int:
    """List the newest jobs, newest first.

    Args:
        limit: Maximum number of jobs.
        session: The run of the command.
    """
    async with session.bookkeeping() as app:
        views = [JobView.of(job) for job in await app.jobs.find(limit=limit)]
    if session.output.is_json:
        session.output.view(views)
        return DONE
    if not views:
        session.output.talk("there was no job yet")
    session.output.table(
        ("Id", "Time (UTC)", "By", "What"),
        [
            (
                str(view.id),
                (view.at or "")[:19].replace("T", " "),
                view.by_name or tr(view.by.replace("_", " ")),
                job_text(view),
            )
            for view in views
        ],
    )
    return DONE


async def cancel(number: _Number, /, *, session: CurrentSession) -> int:
    """Cancel a job after the series that is being changed; undo takes its changes back.

    Args:
        number: Number of the job, as `aniworld bulk list` shows it.
        session: The run of the command.
    """
    async with session.bookkeeping() as app:
        await app.jobs.cancel(JobId(number))
        return await follow(app, session.output, JobId(number))


async def undo(number: _Number, /, *, session: CurrentSession) -> int:
    """Change the series of an ended job back, as far as nobody has changed them since.

    Args:
        number: Number of the job, as `aniworld bulk list` shows it.
        session: The run of the command.
    """
    async with session.bookkeeping() as app:
        await app.jobs.undo(JobId(number))
        return await follow(app, session.output, JobId(number))


async def resume(*, session: CurrentSession) -> int:
    """Continue the jobs that were interrupted; a running server does so without this command.

    Args:
        session: The run of the command.
    """
    async with session.bookkeeping() as app:
        jobs = await app.storage.jobs.unfinished()
        if not jobs:
            session.output.talk("no job is unfinished")
        codes = [await follow(app, session.output, job.id) for job in jobs]
    return max(codes, default=DONE)


async def _carry_out(
    session: CurrentSession, action: JobAction, keys: tuple[str, ...], options: BulkOptions
) -> int:
    output = session.output
    async with session.bookkeeping() as app:
        selection = await _selection(app, keys, options)
        estimate = await app.jobs.estimate(action, selection)
        if options.dry_run:
            return _show_estimate(action, estimate, output)
        if not estimate.series:
            output.talk("nothing to do: no series is chosen, or none has such episodes")
            return DONE
        if not options.yes and not _is_confirmed(action, estimate, output):
            output.talk("nothing was changed")
            return DONE
        job = await app.jobs.start(action, selection)
        return await follow(app, output, job.id)


async def _selection(
    app: Application, keys: tuple[str, ...], options: BulkOptions
) -> SeriesSelection:
    """Return the chosen series.

    Raises:
        UsageError: If there are keys and a filter, or neither.
        SeriesNotFoundError: If a key is unknown.
    """
    is_filtered = options.filter is not None or bool(options.search)
    if bool(keys) is is_filtered:
        raise UsageError(
            tr("choose series: keys, or --filter and --search"),
            hint="aniworld bulk download --filter all",
        )
    if keys:
        found = [await app.catalogue.key_of(key) for key in keys]
        return SeriesSelection(keys=tuple(dict.fromkeys(found)))
    query = SeriesQuery(filter=options.filter or SeriesFilter.ALL, search=options.search)
    return SeriesSelection(query=query)


def _show_estimate(action: JobAction, estimate: JobEstimate, output: Output) -> int:
    if output.is_json:
        output.view(estimate)
    else:
        output.talk(_plan(action, estimate))
    return DONE


def _plan(action: JobAction, estimate: JobEstimate) -> str:
    """Return what a job will do, such as `queue 17,065 episodes of 743 series`."""
    values = attrs.asdict(estimate)
    match action.kind:
        case JobKind.DOWNLOAD:
            return tr(
                "queue {episodes:# episode|# episodes} of {series:# series|# series}", **values
            )
        case JobKind.EDIT:
            return tr("change {series:# series|# series}", **values)
        case JobKind.REMOVE:
            start = tr(
                "remove {series:# series|# series} with {episodes:# episode|# episodes}"
                " ({size_bytes:bytes}) and {queued:# queued item|# queued items}",
                **values,
            )
            end = "folders go to the recycle bin" if action.files else "files stay"
            return f"{start}; {tr(end)}"


def _is_confirmed(action: JobAction, estimate: JobEstimate, output: Output) -> bool:
    """Ask on a terminal.

    Raises:
        UsageError: If nobody can be asked.
    """
    plan = _plan(action, estimate)
    if not sys.stdin.isatty() or output.is_json:
        raise UsageError(
            tr("this would {plan}; it needs a confirmation", plan=plan), hint=tr("add --yes")
        )
    output.ask(f"{plan[0].upper()}{plan[1:]}? [{tr('y/N')}] ")
    return sys.stdin.readline().strip().lower() in {"y", "yes", "j", "ja"}


def _languages(text: str | None) -> tuple[Language, ...] | None:
    if text is None:
        return None
    return () if text == _DEFAULT else read_languages(text)


def _quality(name: QualityName | Literal["default"] | None) -> Quality | Literal[""] | None:
    if name is None:
        return None
    return "" if name == "default" else Quality(name)
