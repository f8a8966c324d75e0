"""`aniworld queue ...`."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from cyclopts import Parameter

from aniworld_cli.commands.downloads.choosing import (
    QualityName,
    find_items,
    parse_selections,
    read_languages,
    read_quality,
)
from aniworld_cli.commands.downloads.working import EpisodeNames, finish, print_skipped, work
from aniworld_cli.exit_codes import DONE
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
)
from aniworld_core.errors import UsageError

if TYPE_CHECKING:
    from aniworld_core.application.downloads import QueueSwitch

PriorityName: TypeAlias = Literal["low", "normal", "high", "0", "1", "2"]
_Ids: TypeAlias = Annotated[list[str], Parameter(name="ID")]


async def list_items(*, status: DownloadStatus | None = None, session: CurrentSession) -> int:
    """List the items of the queue.

    Args:
        status: Only items with this status.
        session: The run of the command.
    """
    async with session.bookkeeping() as app:
        statuses = frozenset[DownloadStatus]() if status is None else frozenset({status})
        page = await app.queue_reader.page(ItemQuery(statuses=statuses))
        _print_items(app, page.items, session)
    if not page.items:
        session.output.talk("the queue is empty" if status is None else f"nothing is {status}")
    return DONE


async def add(
    key: str,
    /,
    *selection: str,
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
    session.output.talk(f"queued {len(submission.items)} episodes")
    session.output.table(
        ("Id", "Episode"), [(i.id[:8], names.of(i.episode)) for i in submission.items]
    )
    return DONE


async def remove(ids: _Ids, /, *, session: CurrentSession) -> int:
    """Remove items from the queue and delete their unfinished files.

    Args:
        ids: Ids of the items; the first characters are enough.
        session: The run of the command.
    """
    async with session.bookkeeping() as app:
        items = await find_items(app, ids)
        removed = await app.item_removal.discard([item.id for item in items])
    return _print_count("removed", removed, session)


async def move(ids: _Ids, /, *, session: CurrentSession) -> int:
    """Move pending items to the front in the given order, each within its priority.

    Args:
        ids: Ids of the items; the first characters are enough.
        session: The run of the command.
    """
    async with session.bookkeeping() as app:
        items = await find_items(app, ids)
        moved = await app.queue.reorder([item.id for item in items])
        entries = await app.queue_reader.entries([item.id for item in moved])
        _print_items(app, entries, session)
    return DONE


async def retry(
    ids: Annotated[tuple[str, ...], Parameter(name="ID")] = (), /, *, session: CurrentSession
) -> int:
    """Put failed items back in the queue.

    Args:
        ids: Ids of the items; the first characters are enough. All failed items if omitted.
        session: The run of the command.
    """
    async with session.bookkeeping() as app:
        items = await find_items(app, ids) if ids else None
        chosen = None if items is None else [item.id for item in items]
        retried = await app.queue.retry(chosen)
    return _print_count("retried", len(retried), session)


async def clear(status: DownloadStatus | None = None, /, *, session: CurrentSession) -> int:
    """Remove all items with a status.

    Args:
        status: Status of the items; completed and failed if omitted.
        session: The run of the command.
    """
    if status is not None and status.traits.is_held:
        raise UsageError(
            f"{status} items cannot be cleared: a worker is downloading them",
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
        words = ["stopped" if control.is_stopped else "started"]
        words += ["paused"] if control.is_paused else []
        session.output.talk(f"the queue of the server is {' and '.join(words)}")
    return DONE


def _print_count(word: str, count: int, session: CurrentSession) -> int:
    if session.output.is_json:
        session.output.data({word: count})
    else:
        session.output.talk(f"{word} {count}")
    return DONE


def _print_items(app: Application, entries: Sequence[QueueEntry], session: CurrentSession) -> None:
    if session.output.is_json:
        session.output.view(app.queue_reader.views(entries))
        return
    session.output.table(
        ("Id", "Status", "Priority", "Series", "Episode", "Done", "Note"),
        [
            (
                item.id[:8],
                item.status.value,
                item.priority.name.lower(),
                item.episode.series_key,
                item.episode.code,
                f"{item.progress.percent:.0f}%",
                item.failure.message if item.failure else item.reason or "",
            )
            for item in (entry.item for entry in entries)
        ],
    )
