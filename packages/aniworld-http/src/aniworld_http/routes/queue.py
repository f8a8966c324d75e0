"""/api/queue: list, add, reorder, retry and remove items; start, stop and pause the queue."""

from typing import Final

from aiohttp import web

from aniworld_core.application.downloads import (
    ITEMS_PER_LIST,
    DownloadItemView,
    QueueStatus,
    QueueSummary,
    RestingView,
    SkippedView,
)
from aniworld_core.domain.access import Scope
from aniworld_core.domain.downloads import DownloadStatus, ItemQuery, RunState
from aniworld_core.domain.identity import ItemId, parse_series_key
from aniworld_core.errors import EpisodeNotFoundError, InvalidFieldsError
from aniworld_http.errors import blame
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import Answer, Handler, Link, Operation
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
    ItemChoice,
    ItemIdText,
    ItemsQuery,
    Released,
    Removed,
    Reordered,
    Retried,
    RetryBody,
    SeriesInQueue,
    Submitted,
    TryAgain,
)


async def status(request: web.Request) -> web.Response:
    """Return the queue status."""
    answers = request.app[QUEUE_ANSWERS]
    return encoded_json(request, await answers.status(request.app[QUEUE_RUNNER].state))


async def list_items(request: web.Request) -> web.Response:
    """Return a page of the queue."""
    app = request.app[APPLICATION]
    query = read_query(request, ItemsQuery).as_item_query(app.clock.now())
    page = await app.queue_reader.page(query)
    return listed(request, app.queue_reader.views(page.items), page.total)


async def list_series(request: web.Request) -> web.Response:
    """Return a page of the queue with one entry for each series."""
    app = request.app[APPLICATION]
    query = read_query(request, ItemsQuery).as_item_query(app.clock.now())
    page = await app.queue_reader.series_page(query)
    return listed(request, tuple(map(SeriesInQueue.of, page.items)), page.total)


async def summary(request: web.Request) -> web.Response:
    """Return the totals of the queue."""
    answers = request.app[QUEUE_ANSWERS]
    return encoded_json(request, await answers.summary(request.app[QUEUE_RUNNER].state))


async def add(request: web.Request) -> web.Response:
    """Queue episodes of a series."""
    app = request.app[APPLICATION]
    body = await read_body(request, DownloadRequest)
    with blame("/serie_id"):
        key = parse_series_key(body.serie_id)
    series = await app.catalogue.get(key)
    request_of_core = body.episode_request()
    problems = body.folder_problems(series)
    try:
        # Any other problem queues nothing; unknown episodes are reported as well.
        submit = app.queue.preview if problems else app.queue.submit
        submission = await submit(series, request_of_core)
    except EpisodeNotFoundError as error:
        problems += body.episode_problems(error)
    if problems:
        raise InvalidFieldsError(problems)
    return json_response(
        Submitted(
            items=app.queue_reader.views(submission.entries),
            skipped=tuple(SkippedView.of(skipped) for skipped in submission.skipped),
        ),
        status=201,
    )


async def remove(request: web.Request) -> web.Response:
    """Remove one item."""
    removal = request.app[APPLICATION].item_removal
    await removal.discard_one(ItemId(request.match_info["item_id"]))
    return no_content()


async def remove_pending(request: web.Request) -> web.Response:
    """Remove all pending items."""
    removed = await request.app[APPLICATION].item_removal.discard_pending()
    return json_response(Removed(removed=removed))


async def remove_completed(request: web.Request) -> web.Response:
    """Remove all completed items."""
    return await _clear(request, DownloadStatus.COMPLETED)


async def remove_failed(request: web.Request) -> web.Response:
    """Remove all failed items."""
    return await _clear(request, DownloadStatus.FAILED)


async def _clear(request: web.Request, status: DownloadStatus) -> web.Response:
    removed = await request.app[APPLICATION].queue.clear(status)
    return json_response(Removed(removed=removed))


async def remove_several(request: web.Request) -> web.Response:
    """Remove several items."""
    app = request.app[APPLICATION]
    chosen = (await read_body(request, ItemChoice)).chosen(app.clock.now())
    if isinstance(chosen, ItemQuery):
        removed = await app.item_removal.discard_matching(chosen)
    else:
        removed = await app.item_removal.discard(chosen)
    return json_response(Removed(removed=removed))


async def start(request: web.Request) -> web.Response:
    """Start the queue."""
    await request.app[QUEUE_RUNNER].start()
    await request.app[APPLICATION].switch.set_stopped(is_stopped=False)
    return _state(request.app)


async def stop(request: web.Request) -> web.Response:
    """Stop the queue and requeue its active items."""
    await request.app[QUEUE_RUNNER].stop()
    await request.app[APPLICATION].switch.set_stopped(is_stopped=True)
    return _state(request.app)


async def pause(request: web.Request) -> web.Response:
    """Pause the active transfers."""
    await request.app[APPLICATION].switch.pause()
    return _state(request.app)


async def resume(request: web.Request) -> web.Response:
    """Resume the paused transfers."""
    await request.app[APPLICATION].switch.resume()
    return _state(request.app)


async def retry(request: web.Request) -> web.Response:
    """Retry failed items."""
    app = request.app[APPLICATION]
    chosen = (await read_optional_body(request, RetryBody)).chosen(app.clock.now())
    if isinstance(chosen, ItemQuery):
        retried = await app.queue.retry_matching(chosen)
    else:
        retried = await app.queue.retry(chosen)
    return json_response(Retried(retried=len(retried)))


async def reorder(request: web.Request) -> web.Response:
    """Move pending items to the front."""
    app = request.app[APPLICATION]
    chosen = (await read_body(request, ItemChoice)).chosen(app.clock.now())
    if isinstance(chosen, ItemQuery):
        moved = await app.queue.move_matching(chosen)
    else:
        moved = await app.queue.reorder(chosen)
    shown = await app.queue_reader.entries([item.id for item in moved[:ITEMS_PER_LIST]])
    return json_response(Reordered(moved=len(moved), items=app.queue_reader.views(shown)))


async def list_resting(request: web.Request) -> web.Response:
    """List the catalogues that are not asked for a while."""
    resting = await request.app[APPLICATION].resting_catalogues.list()
    return json_response(tuple(map(RestingView.of, resting)))


async def try_again(request: web.Request) -> web.Response:
    """Have catalogues asked again before their time."""
    body = await read_optional_body(request, TryAgain)
    released = await request.app[APPLICATION].resting_catalogues.try_again(body.catalogue)
    return json_response(Released(released=released))


def _state(app: web.Application) -> web.Response:
    state = app[QUEUE_RUNNER].state
    return json_response(RunState(is_running=state.is_running, is_paused=state.is_paused))


def _control(
    name: str,
    handler: Handler,
    summary: str,
    problems: tuple[int, ...] = (),
) -> Operation:
    return Operation(
        method="POST",
        path=f"/api/queue/{name}",
        handler=handler,
        id=f"{name}Queue",
        summary=summary,
        description="A second request changes nothing.",
        answers={200: Answer(description="The state of the queue", content=RunState)},
        problems=problems,
    )


_ITEM: Final = {"item_id": ItemIdText}
_TOTAL: Final = {"X-Total-Count": "Number of matching items"}
OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/queue/status",
        handler=status,
        id="getQueueStatus",
        summary="The state of the queue and the first 500 items of each status",
        answers={200: Answer(description="Items by status, and totals", content=QueueStatus)},
    ),
    Operation(
        method="GET",
        path="/api/queue/items",
        handler=list_items,
        id="listItems",
        summary="Queue items: page, filter and search",
        query=ItemsQuery,
        answers={
            200: Answer(
                description="The items in the order asked for",
                content=tuple[DownloadItemView, ...],
                headers=_TOTAL,
            )
        },
    ),
    Operation(
        method="GET",
        path="/api/queue/series",
        handler=list_series,
        id="listSeriesInQueue",
        summary="Queue items with one entry for each series: page, filter and search",
        description="A series stands where its first item stands. Limit and offset count series.",
        query=ItemsQuery,
        answers={
            200: Answer(
                description="The series in the order of their first items",
                content=tuple[SeriesInQueue, ...],
                headers={"X-Total-Count": "Number of series with matching items"},
            )
        },
    ),
    Operation(
        method="GET",
        path="/api/queue/summary",
        handler=summary,
        id="getQueueSummary",
        summary="The numbers of the queue, for dashboards",
        answers={200: Answer(description="The numbers", content=QueueSummary)},
    ),
    Operation(
        method="POST",
        path="/api/queue/add",
        handler=add,
        id="addToQueue",
        scope=Scope.REQUEST,
        summary="Queue episodes of a series",
        description="An episode that is queued or downloaded already is listed under `skipped`.",
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
        path="/api/queue/pending",
        handler=remove_pending,
        id="removePending",
        summary="Remove all pending items",
        description="Active items stay. Unfinished files of the removed items are deleted.",
        answers={200: Answer(description="The number of items", content=Removed)},
    ),
    Operation(
        method="DELETE",
        path="/api/queue/completed",
        handler=remove_completed,
        id="removeCompleted",
        summary="Remove all completed items",
        answers={200: Answer(description="The number of items", content=Removed)},
    ),
    Operation(
        method="DELETE",
        path="/api/queue/failed",
        handler=remove_failed,
        id="removeFailed",
        summary="Remove all failed items",
        answers={200: Answer(description="The number of items", content=Removed)},
    ),
    Operation(
        method="DELETE",
        path="/api/queue/{item_id}",
        handler=remove,
        id="removeItem",
        summary="Remove an item",
        description="An active item is cancelled first; its downloaded parts are deleted.",
        path_types=_ITEM,
        answers={204: Answer(description="The item is removed")},
        problems=(404, 409),
    ),
    Operation(
        method="POST",
        path="/api/queue/remove",
        handler=remove_several,
        id="removeItems",
        summary="Remove several items",
        description="Unknown ids are ignored; active items are cancelled first.",
        body=ItemChoice,
        answers={200: Answer(description="The number of items", content=Removed)},
        problems=(409,),
    ),
    _control("start", start, "Start the queue", problems=(409,)),
    _control("stop", stop, "Stop the queue; active items become pending and keep their parts"),
    _control("pause", pause, "Pause the active transfers"),
    _control("resume", resume, "Resume the paused transfers"),
    Operation(
        method="GET",
        path="/api/queue/resting",
        handler=list_resting,
        id="listRestingCatalogues",
        summary="Catalogues that are not asked for a while, with the number of waiting items",
        description="They failed several times in a row or asked for a pause.",
        answers={200: Answer(description="The catalogues", content=tuple[RestingView, ...])},
    ),
    Operation(
        method="POST",
        path="/api/queue/resting/try",
        handler=try_again,
        id="tryRestingCatalogues",
        summary="Have a catalogue asked again before its time",
        description="One attempt decides. A catalogue that is not resting releases no item.",
        body=TryAgain,
        optional_body=True,
        answers={200: Answer(description="The number of released items", content=Released)},
    ),
    Operation(
        method="POST",
        path="/api/queue/retry",
        handler=retry,
        id="retryItems",
        scope=Scope.REQUEST,
        summary="Retry failed items",
        description="A filter selects failed items only.",
        body=RetryBody,
        optional_body=True,
        answers={200: Answer(description="The number of items", content=Retried)},
        problems=(404, 409),
    ),
    Operation(
        method="POST",
        path="/api/queue/reorder",
        handler=reorder,
        id="reorderItems",
        summary="Move pending items to the front in this order, each within its priority",
        description=(
            "A filter selects pending items only, and they keep their order. "
            f"`items` holds at most {ITEMS_PER_LIST} of the moved items."
        ),
        body=ItemChoice,
        answers={200: Answer(description="The moved items", content=Reordered)},
        problems=(404, 409),
    ),
)
