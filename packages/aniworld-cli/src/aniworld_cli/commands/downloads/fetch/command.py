"""`aniworld fetch`."""

from collections.abc import Sequence
from typing import Annotated, Literal

import anyio
from cyclopts import Parameter

from aniworld_cli.commands.downloads.fetch.options import make_orders, read_rate
from aniworld_cli.commands.downloads.fetch.views import FetchView, PlanView
from aniworld_cli.completing import FreeText
from aniworld_cli.exit_codes import SOME_FAILED, code_of_several
from aniworld_cli.rendering.formats import bytes_text, seconds_text
from aniworld_cli.rendering.links import describe_file, open_link_display
from aniworld_cli.rendering.output import Output
from aniworld_cli.rendering.texts import tr
from aniworld_cli.session import CurrentSession
from aniworld_core.application.downloads import LinkFetch, LinkOrder
from aniworld_core.domain.media import Extra, TrackRole
from aniworld_core.errors import AniworldError
from aniworld_core.ports.fetcher import FetchedFile


async def fetch(
    *urls: Annotated[FreeText, Parameter(name="URL")],
    output: Annotated[str | None, Parameter(name=("--output", "-o"))] = None,
    connections: int = 8,
    stall_timeout: float = 80.0,
    limit_rate: str | None = None,
    header: Annotated[list[str] | None, Parameter(name="--header")] = None,
    subtitles: Literal["all", "none"] = "all",
    role: Literal["main", "description", "commentary", "clear-speech", "sign-language"] = "main",
    chapters: bool = False,
    thumbnail: bool = False,
    automatic_subtitles: bool = False,
    sponsorblock: bool = False,
    dry_run: bool = False,
    session: CurrentSession,
) -> int:
    """Download links directly, without a library.

    Args:
        urls: Links to files, HLS or DASH manifests, or pages with a video.
        output: Path of the file, or folder for the files; the current folder if omitted.
        connections: Maximum number of connections.
        stall_timeout: Seconds without progress after which a link fails, 5 to 3600.
        limit_rate: Maximum bytes per second, such as 500K, 2M or 1.5MiB/s.
        header: Request header as Name=Value; may be repeated.
        subtitles: Which subtitles of a link are written beside its file.
        role: Which video or audio track of a manifest is used: main, audio description, commentary,
            clear speech or sign language.
        chapters: Write the chapters of a page into its file.
        thumbnail: Put the picture of a page into its file as the cover.
        automatic_subtitles: Use captions made by speech recognition where a page has no others.
        sponsorblock: Mark sponsored parts of YouTube videos as chapters; asks sponsor.ajay.app.
        dry_run: Show what would be downloaded; download no media.
        session: The run of the command.
    """
    asked = {
        Extra.CHAPTERS: chapters,
        Extra.THUMBNAIL: thumbnail,
        Extra.AUTOMATIC_SUBTITLES: automatic_subtitles,
        Extra.SPONSORBLOCK: sponsorblock,
    }
    orders = make_orders(
        urls,
        output,
        connections,
        header or (),
        stall_timeout=stall_timeout,
        digest=session.output.is_json,
        subtitles=subtitles == "all",
        role=TrackRole(role),
        extras=frozenset(extra for extra, is_asked in asked.items() if is_asked),
    )
    async with session.links(limit_rate=read_rate(limit_rate)) as links:
        if dry_run:
            return await _show_plans(links, orders, session.output)
        return await _fetch_all(links, orders, session.output)


async def _fetch_all(links: LinkFetch, orders: Sequence[LinkOrder], output: Output) -> int:
    views: list[FetchView] = []
    errors: list[AniworldError | None] = []
    for order in orders:
        started = anyio.current_time()
        outcome = await _fetched(links, order, output)
        seconds = anyio.current_time() - started
        if isinstance(outcome, AniworldError):
            errors.append(outcome)
            views.append(FetchView.failed(order.url, outcome, seconds))
            if len(orders) > 1:
                output.talk(
                    tr("failed {name}: {error}", name=order.destination.name, error=outcome.message)
                )
        else:
            errors.append(None)
            views.append(FetchView.done(order.url, outcome, seconds))
            _tell_file(outcome, output)
    if output.is_json:
        output.view(views)
    else:
        output.records([(v.file, str(v.bytes)) for v in views if v.file])
    return _end(errors, output)


async def _fetched(
    links: LinkFetch, order: LinkOrder, output: Output
) -> FetchedFile | AniworldError:
    try:
        with open_link_display(output, order.destination.name) as on_progress:
            return await links.fetch(order, on_progress=on_progress)
    except AniworldError as error:
        return error


def _tell_file(file: FetchedFile, output: Output) -> None:
    output.talk(describe_file(file))
    for subtitle in file.subtitles:
        output.talk(tr("with {name}", name=subtitle.name))
    for notice in file.notices:
        output.warn(notice)
    if not file.verified:
        output.warn(
            tr(
                "{file} could not be verified: the server sends neither size nor checksum",
                file=file.path.name,
            )
        )


async def _show_plans(links: LinkFetch, orders: Sequence[LinkOrder], output: Output) -> int:
    views: list[PlanView] = []
    errors: list[AniworldError | None] = []
    for order in orders:
        try:
            views.append(PlanView.of(order.url, await links.plan(order)))
            errors.append(None)
        except AniworldError as error:
            views.append(PlanView.failed(order.url, error))
            errors.append(error)
            if len(orders) > 1:
                output.talk(
                    tr("failed {name}: {error}", name=order.destination.name, error=error.message)
                )
    if output.is_json:
        output.view(views)
    else:
        output.table(
            ("File", "Kind", "Size", "Segments", "Time", "Heights", "Sound", "Note"),
            [
                _row(order, view)
                for order, view in zip(orders, views, strict=True)
                if view.error is None
            ],
        )
    return _end(errors, output)


def _row(order: LinkOrder, plan: PlanView) -> tuple[str, ...]:
    notes = (("protected", plan.protected), ("live", plan.live))
    return (
        str(order.destination),
        plan.kind or "",
        "" if plan.bytes is None else bytes_text(plan.bytes),
        "" if plan.segments is None else str(plan.segments),
        "" if plan.duration_seconds is None else seconds_text(plan.duration_seconds),
        ", ".join(map(str, plan.variants)),
        ", ".join(plan.audio_languages),
        ", ".join([*(word for word, holds in notes if holds), *plan.roles, *plan.notices]),
    )


def _end(errors: Sequence[AniworldError | None], output: Output) -> int:
    """Print the reason if the command failed, and return the exit code."""
    code = code_of_several(errors)
    failed = [error for error in errors if error is not None]
    if code == SOME_FAILED and len(errors) > 1:
        output.failure(
            tr("{failed} of {total:# link|# links} failed", failed=len(failed), total=len(errors)),
            kind="some_failed",
        )
    elif failed:
        output.error(failed[0])
    return code
