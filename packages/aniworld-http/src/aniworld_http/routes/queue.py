"""/api/queue: what is downloaded, in which order, and whether it is."""

from typing import Final

from aiohttp import web

from aniworld_core.application.downloads import (
    DownloadItemView,
    QueueStatus,
    QueueSummary,
    SkippedView,
    WorkerState,
)
from aniworld_core.domain.downloads import DownloadStatus
from aniworld_core.domain.identity import ItemId, parse_series_key
from aniworld_http.errors import blame
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import Answer, Link, Operation
from aniworld_http.queue_runner import QUEUE_RUNNER
from aniworld_http.rendering import QUEUE_ANSWERS
from aniworld_http.schemas import (
    encoded_json,
    json_response,
    listed,
    no_content,
    read_body,
    read_optional_body,
    read_query,
)
from aniworld_http.schemas.queue import (
    DownloadRequest,
    ItemIds,
    ItemIdText,
    ItemsQuery,
    QueueState,
    Removed,
    Reordered,
    Retried,
    RetryBody,
    Submitted,
)


async def status(request: web.Request) -> web.Response:
    """Show the whole queue."""
    figures = request.app[QUEUE_ANSWERS]
    return encoded_json(request, await figures.status(_worker(request.app)))


async def list_items(request: web.Request) -> web.Response:
    """Show a part of the queue."""
    query = read_query(request, ItemsQuery)
    page = await request.app[APPLICATION].queue_reader.find(query.asked())
    return listed(request, page.items, page.total)


async def summary(request: web.Request) -> web.Response:
    """Show the figures alone."""
    figures = request.app[QUEUE_ANSWERS]
    return encoded_json(request, await figures.summary(_worker(request.app)))


async def add(request: web.Request) -> web.Response:
    """Queue episodes."""
    app = request.app[APPLICATION]
    body = await read_body(request, DownloadRequest)
    with blame("/serie_id"):
        key = parse_series_key(body.serie_id)
    submission = await app.queue.submit(key, body.episode_request(await app.catalogue.get(key)))
    return json_response(
        Submitted(
            items=await app.queue_reader.show(submission.items),
            skipped=tuple(SkippedView.of(skipped) for skipped in submission.skipped),
        ),
        status=201,
    )


async def remove(request: web.Request) -> web.Response:
    """Take one item out."""
    await request.app[APPLICATION].library_actions.discard_one(
        ItemId(request.match_info["item_id"])
    )
    return no_content()


async def remove_completed(request: web.Request) -> web.Response:
    """Take out what is through."""
    removed = await request.app[APPLICATION].queue.clear(DownloadStatus.COMPLETED)
    return json_response(Removed(removed=removed))


async def remove_failed(request: web.Request) -> web.Response:
    """Take out what failed."""
    removed = await request.app[APPLICATION].queue.clear(DownloadStatus.FAILED)
    return json_response(Removed(removed=removed))


async def remove_several(request: web.Request) -> web.Response:
    """Take several items out."""
    body = await read_body(request, ItemIds)
    ids = [ItemId(each) for each in dict.fromkeys(body.item_ids)]
    return json_response(
        Removed(removed=await request.app[APPLICATION].library_actions.discard(ids))
    )


async def start(request: web.Request) -> web.Response:
    """Work the queue."""
    await request.app[QUEUE_RUNNER].start()
    await request.app[APPLICATION].switch.set_stopped(is_stopped=False)
    return _state(request.app)


async def stop(request: web.Request) -> web.Response:
    """Put active items back and rest."""
    await request.app[QUEUE_RUNNER].stop()
    await request.app[APPLICATION].switch.set_stopped(is_stopped=True)
    return _state(request.app)


async def pause(request: web.Request) -> web.Response:
    """Let transfers stand still."""
    await request.app[APPLICATION].switch.pause()
    return _state(request.app)


async def resume(request: web.Request) -> web.Response:
    """Let transfers go on."""
    await request.app[APPLICATION].switch.resume()
    return _state(request.app)


async def retry(request: web.Request) -> web.Response:
    """Try failed items again."""
    body = await read_optional_body(request, RetryBody)
    ids = None if body.item_ids is None else [ItemId(i) for i in dict.fromkeys(body.item_ids)]
    retried = await request.app[APPLICATION].queue.retry(ids)
    return json_response(Retried(retried=len(retried)))


async def reorder(request: web.Request) -> web.Response:
    """Put items first."""
    app = request.app[APPLICATION]
    body = await read_body(request, ItemIds)
    moved = await app.queue.reorder([ItemId(each) for each in body.item_ids])
    return json_response(Reordered(items=await app.queue_reader.show(moved)))


def _worker(app: web.Application) -> WorkerState:
    worker = app[APPLICATION].worker
    is_running = app[QUEUE_RUNNER].is_running
    return WorkerState(
        is_running=is_running,
        is_paused=worker.is_paused,
        waiting_for=worker.waiting_for if is_running else None,
    )


def _state(app: web.Application) -> web.Response:
    state = _worker(app)
    return json_response(QueueState(is_running=state.is_running, is_paused=state.is_paused))


def _control(name: str, handler: object, summary: str, problems: tuple[int, ...] = ()) -> Operation:
    return Operation(
        method="POST",
        path=f"/api/queue/{name}",
        handler=handler,  # type: ignore[arg-type]  # one of the handlers above
        id=f"{name}Queue",
        summary=summary,
        description="Doing it twice changes nothing.",
        answers={200: Answer(description="How the queue stands", content=QueueState)},
        problems=problems,
    )


_ITEM: Final = {"item_id": ItemIdText}
_TOTAL: Final = {"X-Total-Count": "How many there are in all"}
OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/queue/status",
        handler=status,
        id="getQueueStatus",
        summary="The whole queue",
        answers={200: Answer(description="Items by status, and figures", content=QueueStatus)},
    ),
    Operation(
        method="GET",
        path="/api/queue/items",
        handler=list_items,
        id="listItems",
        summary="A part of the queue",
        query=ItemsQuery,
        answers={
            200: Answer(
                description="The items in the order of the queue",
                content=tuple[DownloadItemView, ...],
                headers=_TOTAL,
            )
        },
    ),
    Operation(
        method="GET",
        path="/api/queue/summary",
        handler=summary,
        id="getQueueSummary",
        summary="The queue in a few figures, for dashboards",
        answers={200: Answer(description="The figures", content=QueueSummary)},
    ),
    Operation(
        method="POST",
        path="/api/queue/add",
        handler=add,
        id="addToQueue",
        summary="Queue episodes of a series",
        description="An episode that is queued or downloaded already is skipped, and told.",
        body=DownloadRequest,
        answers={201: Answer(description="The new items", content=Submitted)},
        problems=(404,),
        links=(
            Link(
                operation="removeItem",
                parameters={"item_id": "$response.body#/items/0/id"},
                status=201,
            ),
        ),
    ),
    Operation(
        method="DELETE",
        path="/api/queue/completed",
        handler=remove_completed,
        id="removeCompleted",
        summary="Take every completed item out of the queue",
        answers={200: Answer(description="How many there were", content=Removed)},
    ),
    Operation(
        method="DELETE",
        path="/api/queue/failed",
        handler=remove_failed,
        id="removeFailed",
        summary="Take every failed item out of the queue",
        answers={200: Answer(description="How many there were", content=Removed)},
    ),
    Operation(
        method="DELETE",
        path="/api/queue/{item_id}",
        handler=remove,
        id="removeItem",
        summary="Take an item out of the queue",
        description="An active one is cancelled first; what was fetched of it is deleted.",
        path_types=_ITEM,
        answers={204: Answer(description="It is out")},
        problems=(404, 409),
    ),
    Operation(
        method="POST",
        path="/api/queue/remove",
        handler=remove_several,
        id="removeItems",
        summary="Take several items out of the queue",
        description="Unknown ids are passed over; active items are cancelled first.",
        body=ItemIds,
        answers={200: Answer(description="How many there were", content=Removed)},
        problems=(409,),
    ),
    _control("start", start, "Work the queue", problems=(409,)),
    _control("stop", stop, "Put active items back, keeping what was fetched, and rest"),
    _control("pause", pause, "Let active transfers stand still where they are"),
    _control("resume", resume, "Let transfers go on"),
    Operation(
        method="POST",
        path="/api/queue/retry",
        handler=retry,
        id="retryItems",
        summary="Put failed items back in the queue",
        body=RetryBody,
        optional_body=True,
        answers={200: Answer(description="How many there were", content=Retried)},
        problems=(404, 409),
    ),
    Operation(
        method="POST",
        path="/api/queue/reorder",
        handler=reorder,
        id="reorderItems",
        summary="Put pending items first, in this order, each within its priority",
        body=ItemIds,
        answers={200: Answer(description="The moved items", content=Reordered)},
        problems=(404, 409),
    ),
)
