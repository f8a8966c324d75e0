"""`aniworld scan`."""

from collections.abc import AsyncIterator, Callable

import anyio

from aniworld_cli.exit_codes import DONE, code_of_category
from aniworld_cli.rendering.output import Output
from aniworld_cli.rendering.scanning import open_scan_display
from aniworld_cli.session import CurrentSession
from aniworld_core.application.library import ScanReport, ScanReportView
from aniworld_core.bootstrap.application import Application
from aniworld_core.errors import SubscriberLaggedError
from aniworld_core.events import Event, ScanProgressed


async def scan(
    *, disk_only: bool = False, accept_loss: bool = False, session: CurrentSession
) -> int:
    """Compare the library folder with the catalogues.

    Args:
        disk_only: Do not query the catalogues for new episodes.
        accept_loss: Scan a library folder without any video, too: it was emptied on purpose.
        session: The run it belongs to.
    """
    output = session.output
    async with session.catalogues() as app:
        report = await _scan(app, output, refresh=not disk_only, accept_loss=accept_loss)
    for line in _not_refreshed(report):
        output.warn(line)
    if output.is_json:
        output.view(ScanReportView.of(report))
    else:
        output.talk(f"scanned in {report.duration_seconds:.1f} s")
        output.facts(
            {
                "Series": str(report.series),
                "Files": str(report.files),
                "Missing": str(report.missing),
            }
        )
        output.table(
            ("Problem", "File", "Why"),
            [("extra", file, "belongs to no known episode") for file in report.extra]
            + [("unreadable", file, why) for file, why in report.unreadable.items()],
        )
    return _code(report, session)


async def _scan(
    app: Application, output: Output, *, refresh: bool, accept_loss: bool
) -> ScanReport:
    async def follow(events: AsyncIterator[Event], show: Callable[[ScanProgressed], None]) -> None:
        while True:
            try:
                event = await anext(events)
            except SubscriberLaggedError:
                continue  # the next step tells more than the missed ones
            if isinstance(event, ScanProgressed):
                show(event)

    with open_scan_display(output) as show:
        async with app.bus.subscribe(ScanProgressed) as events, anyio.create_task_group() as tasks:
            tasks.start_soon(follow, events, show)
            report = await app.scanner.scan(refresh=refresh, accept_loss=accept_loss)
            tasks.cancel_scope.cancel()
    return report


def _not_refreshed(report: ScanReport) -> list[str]:
    """One line for each reason: hundreds of series may share a catalogue that is off."""
    alike: dict[str, list[str]] = {}
    for key, failure in report.failures.items():
        alike.setdefault(failure.message, []).append(key)
    return [
        f"{keys[0]} was not refreshed: {reason}"
        if len(keys) == 1
        else f"{len(keys)} series were not refreshed: {reason}"
        for reason, keys in alike.items()
    ]


def _code(report: ScanReport, session: CurrentSession) -> int:
    """Done, unless not one catalogue could be asked; then why, if it is one reason for all."""
    codes = {code_of_category(failure.category) for failure in report.failures.values()}
    if len(report.failures) < report.series or len(codes) != 1:
        return DONE
    first = next(iter(report.failures.values()))
    session.output.failure(first.message, kind=first.kind)
    return codes.pop()
