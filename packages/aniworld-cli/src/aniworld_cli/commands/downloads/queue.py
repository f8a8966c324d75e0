"""`aniworld queue ...`."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeAlias

from cyclopts import Parameter

from aniworld_cli.commands.downloads.choosing import (
    QualityName,
    find_items,
    parse_selections,
    read_languages,
    read_quality,
)
from aniworld_cli.commands.downloads.working import EpisodeNames, finish, print_skipped, work
from aniworld_cli.completing import FreeText, KeyText, stored_items
from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.formats import percent_text
from aniworld_cli.rendering.texts import said, tr
from aniworld_cli.session import CurrentSession
from aniworld_core.application.downloads import (
    EpisodeRequest,
    SkippedView,
)
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.downloads import (
    SETTLED_STATUSES,
    DownloadStatus,
    ItemQuery,
    Priority,
    QueueEntry,
    RestingCatalogue,
    SeriesItems,
)
from aniworld_core.domain.identity import ItemId, SeriesKey
from aniworld_core.errors import UsageError

if TYPE_CHECKING:
    from aniworld_core.application.downloads import QueueSwitch

#: State of the queue, by whether it is stopped and paused.
_STATES: Final = {
    (False, False): "started",
    (False, True): "started and paused",
    (True, False): "stopped",
    (True, True): "stopped and paused",
}
PriorityName: TypeAlias = Literal["low", "normal", "high", "0", "1", "2"]
_SomeIds: TypeAlias = Annotated[tuple[str, ...], Parameter(name="ID", completer=stored_items)]


async def list_items(
    *,
    status: DownloadStatus | None = None,
    series: KeyText | None = None,
    search: str = "",
    by_series: bool = False,
    session: CurrentSession,
) -> int:
    """List the items of the queue.

    Args:
        status: Only items with this status.
        series: Only items of the series with this key.
        search: Only items with this text in the series' name or key, or in the episode's title.
        by_series: One line for each series instead of one for each item.
        session: The run of the command.
    """
    async with session.bookkeeping() as app:
        resting = await app.resting_catalogues.list()
        query = ItemQuery(
            statuses=frozenset() if status is None else frozenset({status}),
            series_keys=await _keys(app, series),
            search=search,
            # The items of a resting catalogue are one line below the table.
            awake_at=None if session.output.is_json or by_series else app.clock.now(),
        )
        if by_series:
            groups = (await app.queue_reader.series_page(query)).items
            _print_series(groups, session)
            has_found = bool(groups)
        else:
            found = (await app.queue_reader.page(query)).items
            _print_items(app, found, session)
            has_found = bool(found)
        if not session.output.is_json:
            _print_resting(resting, session)
    if not has_found and not resting:
        is_filtered = status or series or search
        session.output.talk("nothing matches" if is_filtered else "the queue is empty")
    return DONE


async def add(
    key: KeyText,
    /,
    *selection: FreeText,
    missing: bool = False,
    language: str | None = None,
    quality: QualityName | None = None,
    priority: PriorityName = "normal",
    session: CurrentSession,
) -> int:
    """Queue episodes without downloading them now.

    Args:
        key: Key of the series.
        selection: Episodes, such as S01, S01E03 or S01E03-E08.
        missing: Select the missing episodes of the series.
        language: Preferred languages, best first, such as ger-dub,ger-sub.
        quality: Preferred quality: best, worst or the maximum height.
        priority: Priority of the items.
        session: The run of the command.
    """
    if bool(selection) is missing:
        raise UsageError(
            "choose episodes: a selection or --missing",
            hint="aniworld queue add KEY S01E03-E08",
        )
    request = EpisodeRequest(
        selections=parse_selections(selection) if selection else None,
        missing_only=missing,
        languages=read_languages(language),
        quality=read_quality(quality),
        priority=Priority(int(priority)) if priority.isdigit() else Priority[priority.upper()],
    )
    async with session.bookkeeping() as app:
        submission = await app.queue.submit(await app.catalogue.key_of(key), request)
        views = app.queue_reader.views(submission.entries)
        names = EpisodeNames(app)
        names.add(submission.entries)
    if session.output.is_json:
        session.output.documents(
            items=views,
            skipped=[SkippedView.of(skipped) for skipped in submission.skipped],
        )
        return DONE
    print_skipped(session.output, submission.skipped)
    session.output.talk(tr("queued {n:# episode|# episodes}", n=len(submission.items)))
    session.output.table(
        ("Id", "Episode"), [(i.id[:8], names.of(i.episode)) for i in submission.items]
    )
    return DONE


async def remove(
    ids: _SomeIds = (), /, *, series: KeyText | None = None, session: CurrentSession
) -> int:
    """Remove items from the queue and delete their unfinished files.

    Args:
        ids: Ids of the items; the first characters are enough.
        series: Remove all items of the series with this key instead.
        session: The run of the command.
    """
    async with session.bookkeeping() as app:
        chosen = await _chosen(app, ids, series, "remove")
        if isinstance(chosen, ItemQuery):
            removed = await app.item_removal.discard_matching(chosen)
        else:
            removed = await app.item_removal.discard(chosen)
    return _print_count("removed", removed, session)


async def move(
    ids: _SomeIds = (), /, *, series: KeyText | None = None, session: CurrentSession
) -> int:
    """Move pending items to the front in the given order, each within its priority.

    Args:
        ids: Ids of the items; the first characters are enough.
        series: Move all pending items of the series with this key instead.
        session: The run of the command.
    """
    async with session.bookkeeping() as app:
        chosen = await _chosen(app, ids, series, "move")
        if isinstance(chosen, ItemQuery):
            moved = await app.queue.move_matching(chosen)
        else:
            moved = await app.queue.reorder(chosen)
        entries = await app.queue_reader.entries([item.id for item in moved])
        _print_items(app, entries, session)
    return DONE


async def retry(
    ids: _SomeIds = (), /, *, series: KeyText | None = None, session: CurrentSession
) -> int:
    """Put failed items back in the queue.

    Args:
        ids: Ids of the items; the first characters are enough. All failed items if omitted.
        series: Retry all failed items of the series with this key instead.
        session: The run of the command.
    """
    async with session.bookkeeping() as app:
        if not ids and series is None:
            retried = await app.queue.retry()
        else:
            chosen = await _chosen(app, ids, series, "retry")
            if isinstance(chosen, ItemQuery):
                retried = await app.queue.retry_matching(chosen)
            else:
                retried = await app.queue.retry(chosen)
    return _print_count("retried", len(retried), session)


async def _chosen(
    app: Application, ids: Sequence[str], series: str | None, command: str
) -> list[ItemId] | ItemQuery:
    """Return the ids of the chosen items, or the query for all items of a series.

    Raises:
        UsageError: If there are ids and a series, or neither.
    """
    if bool(ids) is (series is not None):
        raise UsageError(
            "choose items: ids or --series", hint=f"aniworld queue {command} --series KEY"
        )
    if series is None:
        return [item.id for item in await find_items(app, ids)]
    return ItemQuery(series_keys=await _keys(app, series))


async def _keys(app: Application, series: str | None) -> frozenset[SeriesKey]:
    return frozenset() if series is None else frozenset({await app.catalogue.key_of(series)})


async def try_again(
    catalogue: Annotated[str | None, Parameter(name="CATALOGUE")] = None,
    /,
    *,
    session: CurrentSession,
) -> int:
    """Ask a catalogue again that is not asked for a while, also by a running server.

    Args:
        catalogue: Name of the catalogue, as aniworld queue list shows it; all if omitted.
        session: The run of the command.
    """
    async with session.bookkeeping() as app:
        names = [each.name for each in await app.resting_catalogues.list()]
        if catalogue is not None and catalogue not in names:
            shown = ", ".join(names) or "none"
            raise UsageError(
                tr("no item waits for {catalogue}", catalogue=catalogue),
                hint=tr("catalogues that items wait for: {names}", names=shown),
            )
        released = await app.resting_catalogues.try_again(catalogue)
    return _print_count("released", released, session)


async def clear(status: DownloadStatus | None = None, /, *, session: CurrentSession) -> int:
    """Remove all items with a status.

    Args:
        status: Status of the items; completed and failed if omitted.
        session: The run of the command.
    """
    if status is not None and status.traits.is_held:
        raise UsageError(
            tr(
                "{status} items cannot be cleared: a worker is downloading them",
                status=tr(status.value),
            ),
            hint="remove single items with aniworld queue remove ID",
        )
    cleared = [status] if status else sorted(SETTLED_STATUSES)
    async with session.bookkeeping() as app:
        removed = sum([await _clear(app, each) for each in cleared])
    return _print_count("removed", removed, session)


async def _clear(app: Application, status: DownloadStatus) -> int:
    if status is DownloadStatus.PENDING:
        return await app.item_removal.discard_pending()
    return await app.queue.clear(status)


async def run(*, session: CurrentSession) -> int:
    """Download the pending items of the queue."""
    async with session.application() as app:
        _ = app.library.root
        pending = (await app.queue_reader.counts())[DownloadStatus.PENDING]
        if not pending:
            session.output.talk("the queue is empty")
        report = await work(app, session.output, only=None, total=pending)
        return await finish(app, session.output, report, ())


async def pause(*, session: CurrentSession) -> int:
    """Pause the queue; a running server and one started later obey it."""
    return await _switched(session, lambda switch: switch.pause())


async def resume(*, session: CurrentSession) -> int:
    """Resume the queue of the server."""
    return await _switched(session, lambda switch: switch.resume())


async def stop(*, session: CurrentSession) -> int:
    """Stop the queue; a running server and one started later obey it."""
    return await _switched(session, lambda switch: switch.set_stopped(is_stopped=True))


async def start(*, session: CurrentSession) -> int:
    """Start the queue of the server again after a stop."""
    return await _switched(session, lambda switch: switch.set_stopped(is_stopped=False))


async def _switched(
    session: CurrentSession, change: "Callable[[QueueSwitch], Awaitable[None]]"
) -> int:
    async with session.bookkeeping() as app:
        await change(app.switch)
        control = await app.switch.control()
    if session.output.is_json:
        session.output.data({"is_stopped": control.is_stopped, "is_paused": control.is_paused})
    else:
        state = _STATES[control.is_stopped, control.is_paused]
        session.output.talk(tr("the queue of the server is {state}", state=tr(state)))
    return DONE


def _print_count(word: str, count: int, session: CurrentSession) -> int:
    if session.output.is_json:
        session.output.data({word: count})
    else:
        session.output.talk(f"{tr(word)} {count}")
    return DONE


def _print_series(found: Sequence[SeriesItems], session: CurrentSession) -> None:
    if session.output.is_json:
        session.output.data(
            [
                {
                    "serie_id": each.series_key,
                    "serie_name": each.name,
                    "counts": {status.value: n for status, n in each.counts.items()},
                }
                for each in found
            ]
        )
        return
    session.output.table(
        ("Series", "Name", *(tr(status.value).capitalize() for status in DownloadStatus)),
        [
            (
                each.series_key,
                each.name,
                *(str(each.counts.get(status, "")) for status in DownloadStatus),
            )
            for each in found
        ],
    )


def _print_resting(resting: Sequence[RestingCatalogue], session: CurrentSession) -> None:
    for each in resting:
        session.output.talk(
            tr(
                "{n:# item waits|# items wait} until {until} UTC: {reason};"
                " ask now with: aniworld queue try-again {name}",
                n=each.items,
                until=f"{each.until:%Y-%m-%d %H:%M:%S}",
                reason=each.failure.to_message(),
                name=repr(each.name),
            )
        )


def _print_items(app: Application, entries: Sequence[QueueEntry], session: CurrentSession) -> None:
    if session.output.is_json:
        session.output.view(app.queue_reader.views(entries))
        return
    session.output.table(
        ("Id", "Status", "Priority", "Series", "Episode", "Done", "Note"),
        [
            (
                item.id[:8],
                tr(item.status.value),
                tr(item.priority.name.lower()),
                entry.series_name,
                item.episode.code,
                percent_text(item.progress.done),
                said(item.failure.to_message() if item.failure else item.reason or ""),
            )
            for item, entry in ((entry.item, entry) for entry in entries)
        ],
    )
