"""`aniworld scan`."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING

import anyio

from aniworld_cli.exit_codes import DONE, UNAVAILABLE, code_of_category
from aniworld_cli.rendering.output import Output
from aniworld_cli.rendering.texts import said, tr
from aniworld_cli.session import CurrentSession
from aniworld_core.domain.library import FileState
from aniworld_core.errors import SubscriberLaggedError
from aniworld_core.messages import Message

if TYPE_CHECKING:
    # A scan that finds no change needs none of these.
    from aniworld_core.application.library import ScanReport
    from aniworld_core.bootstrap.use_cases import Application
    from aniworld_core.domain.library import LibraryFile
    from aniworld_core.events import Event, ScanProgressed


async def scan(
    *,
    disk_only: bool = False,
    full: bool = False,
    accept_loss: bool = False,
    all: bool = False,  # noqa: A002 - the name of the option
    session: CurrentSession,
) -> int:
    """Compare the library folder with the catalogues.

    Args:
        disk_only: Do not query the catalogues for new episodes.
        full: Read all folders and check all files again, not only what changed.
        accept_loss: Files that are gone were removed on purpose, however many.
        all: List ignored files as well.
        session: The run it belongs to.
    """
    output = session.output
    ignored: Sequence[LibraryFile] = ()
    report = await session.glance() if disk_only and not (full or accept_loss or all) else None
    if report is None:
        # A scan of the disk alone opens no catalogue: they are slow to import.
        async with session.bookkeeping() if disk_only else session.catalogues() as app:
            report = await _scan(
                app, output, refresh=not disk_only, full=full, accept_loss=accept_loss
            )
            if all:
                ignored = (await app.storage.files.find([FileState.IGNORED])).items
    for line in _not_refreshed(report):
        output.warn(line)
    if output.is_json:
        # Slow to import, with the views of adoptions and changes.
        from aniworld_core.application.library import ScanReportView

        output.view(ScanReportView.of(report, ignored))
    else:
        output.talk(tr("scanned in {seconds} s", seconds=f"{report.duration_seconds:.1f}"))
        output.facts(
            {
                "Series": str(report.series),
                "Files": str(report.files),
                "Missing": str(report.missing),
                "Ignored": str(report.counts.get(FileState.IGNORED, 0)),
            }
        )
        output.table(
            ("Problem", "File", "Why"),
            [("extra", file, "belongs to no known episode") for file in report.extra]
            + [("unsure", file, why) for file, why in report.unsure.items()]
            + [("unreadable", file, why) for file, why in report.unreadable.items()]
            + [("deleted", f.path, f"{f.episode.code} is missing now") for f in report.deleted]
            + [("growing", file, "it changed during the scan") for file in report.growing]
            + [("ignored", file.path, file.reason or "") for file in ignored],
        )
        if report.deleted:
            output.talk("never download deleted episodes again: aniworld deleted --not-wanted")
    return _code(report, session)


async def _scan(
    app: "Application", output: Output, *, refresh: bool, full: bool, accept_loss: bool
) -> "ScanReport":
    from aniworld_cli.rendering.scanning import open_scan_display
    from aniworld_core.events import ScanProgressed

    async def follow(
        events: "AsyncIterator[Event]", show: "Callable[[ScanProgressed], None]"
    ) -> None:
        while True:
            try:
                event = await anext(events)
            except SubscriberLaggedError:
                continue  # The next step reports everything that a dropped step would have.
            if isinstance(event, ScanProgressed):
                show(event)

    with open_scan_display(output) as show:
        async with app.bus.subscribe(ScanProgressed) as events, anyio.create_task_group() as tasks:
            tasks.start_soon(follow, events, show)
            report = await app.scanner.scan(refresh=refresh, full=full, accept_loss=accept_loss)
            tasks.cancel_scope.cancel()
    return report


def _not_refreshed(report: "ScanReport") -> list[str]:
    """Print one line per reason: a catalogue that is down can affect hundreds of series."""
    alike: dict[Message, list[str]] = {}
    for key, failure in report.failures.items():
        alike.setdefault(failure.to_message(), []).append(key)
    return [
        tr("{key} was not refreshed: {reason}", key=keys[0], reason=reason)
        if len(keys) == 1
        else tr("{n} series were not refreshed: {reason}", n=len(keys), reason=reason)
        for reason, keys in alike.items()
    ]


def _code(report: "ScanReport", session: CurrentSession) -> int:
    """Return the code of a loss, else of the catalogues if none could be asked, else done."""
    if report.losses:
        for loss in report.losses:
            place = loss.path or "the library folder"
            session.output.failure(f"{place}: {said(loss.reason)}", kind="library_unavailable")
        return UNAVAILABLE
    codes = {code_of_category(failure.category) for failure in report.failures.values()}
    if len(report.failures) < report.series or len(codes) != 1:
        return DONE
    first = next(iter(report.failures.values()))
    session.output.failure(first.to_message(), kind=first.kind)
    return codes.pop()
