"""/api/library/files, attention, losses and the confirmation of a loss."""

from typing import Final

from aiohttp import web

from aniworld_core.application.library import (
    AttentionKind,
    AttentionView,
    ChangeView,
    LibraryFileView,
    LossView,
)
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.library import FileState
from aniworld_core.errors import EpisodeNotFoundError, InvalidFieldsError, UnsafePathError
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import Answer, Link, Operation
from aniworld_http.schemas import json_response, listed, read_body, read_query
from aniworld_http.schemas.anime import ScanStarted
from aniworld_http.schemas.library.files import (
    AttentionQuery,
    DeleteFileBody,
    FilesQuery,
    LeaveMissingBody,
    PinBody,
)


async def list_files(request: web.Request) -> web.Response:
    """List files by state and series."""
    query = read_query(request, FilesQuery)
    states = [FileState(name) for name in query.state or FileState]
    series = None if query.series is None else SeriesKey(query.series)
    page = await request.app[APPLICATION].storage.files.find(
        states, series=series, limit=query.limit, offset=query.offset
    )
    return listed(request, [LibraryFileView.of(file) for file in page.items], page.total)


async def show_attention(request: web.Request) -> web.Response:
    """Return what needs a decision."""
    query = read_query(request, AttentionQuery)
    kinds = [AttentionKind(name) for name in query.kind or AttentionKind]
    attention = request.app[APPLICATION].attention
    overview = await attention.overview(kinds, limit=query.limit, offset=query.offset)
    return json_response(AttentionView.of(overview))


async def list_losses(request: web.Request) -> web.Response:
    """List the losses that wait for a confirmation."""
    losses = await request.app[APPLICATION].storage.files.losses()
    return json_response([LossView.of(loss) for loss in losses])


async def accept_loss(request: web.Request) -> web.Response:
    """Confirm that files were removed on purpose, and scan."""
    scan_id = await request.app[APPLICATION].scans.start(accept_loss=True)
    return json_response(ScanStarted(scan_id=scan_id), status=202)


async def leave_missing(request: web.Request) -> web.Response:
    """Decide that episodes with deleted files stay missing."""
    body = await read_body(request, LeaveMissingBody)
    await request.app[APPLICATION].attention.leave_missing(body.to_domain())
    return web.Response(status=204)


async def inspect(request: web.Request) -> web.Response:
    """Start to inspect the files that were not inspected yet."""
    request.app[APPLICATION].inspection.wake()
    return web.Response(status=202)


async def pin(request: web.Request) -> web.Response:
    """Pin a file to an episode, or remove the pin."""
    pins = request.app[APPLICATION].pins
    body = await read_body(request, PinBody)
    selection = body.selection()
    try:
        if selection is None:
            file = await pins.unpin(body.path)
        else:
            key = None if body.key is None else SeriesKey(body.key)
            file = await pins.pin(body.path, selection, key=key)
    except EpisodeNotFoundError as error:
        raise InvalidFieldsError([("/episode", error.message)]) from error
    except UnsafePathError as error:
        raise InvalidFieldsError([("/path", error.message)]) from error
    return json_response(LibraryFileView.of(file))


async def delete_file(request: web.Request) -> web.Response:
    """Move a file to the recycle bin."""
    body = await read_body(request, DeleteFileBody)
    actions = request.app[APPLICATION].library_actions
    try:
        change = await actions.delete_file(body.path, unwanted=body.unwanted)
    except UnsafePathError as error:
        raise InvalidFieldsError([("/path", error.message)]) from error
    return json_response(ChangeView.of(change))


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/library/files",
        handler=list_files,
        id="listLibraryFiles",
        summary="List the files of the library by state and series, with facts about their media",
        query=FilesQuery,
        answers={
            200: Answer(
                description="The files, ordered by path",
                content=tuple[LibraryFileView, ...],
                headers={"X-Total-Count": "Number of all files in these states"},
            )
        },
    ),
    Operation(
        method="GET",
        path="/api/library/attention",
        handler=show_attention,
        id="getAttention",
        summary="List what needs a decision: losses, deletions, unowned folders, doubtful files",
        description="`counts` has the numbers of all kinds. With `limit=0` nothing else is listed.",
        query=AttentionQuery,
        answers={200: Answer(description="Numbers and entries by kind", content=AttentionView)},
    ),
    Operation(
        method="POST",
        path="/api/library/files/pin",
        handler=pin,
        id="pinFile",
        summary="Say which episode a file is, or let its name decide again",
        description="Scans never change a pin. The newest pin of an episode counts.",
        body=PinBody,
        answers={200: Answer(description="The file", content=LibraryFileView)},
        problems=(404, 503),
    ),
    Operation(
        method="POST",
        path="/api/library/files/delete",
        handler=delete_file,
        id="deleteFile",
        summary="Move a file with its subtitles and sidecars to the recycle bin",
        description="The change is in the history and can be undone.",
        body=DeleteFileBody,
        answers={200: Answer(description="The change", content=ChangeView)},
        problems=(409, 503),
    ),
    Operation(
        method="POST",
        path="/api/library/deleted/leave-missing",
        handler=leave_missing,
        id="leaveMissing",
        summary="Leave episodes missing although somebody deleted their files on the disk",
        description=(
            "They are no longer listed as deleted. The other decision is to mark them as not "
            "wanted: `POST /api/anime/{key}/wanted`. Unknown episodes are skipped."
        ),
        body=LeaveMissingBody,
        answers={204: Answer(description="Done")},
    ),
    Operation(
        method="POST",
        path="/api/library/files/inspect",
        handler=inspect,
        id="inspectFiles",
        summary="Read the content of the files that were not inspected yet",
        description="Facts, fingerprints and states of the files follow in the background.",
        answers={202: Answer(description="The inspection has started")},
    ),
    Operation(
        method="GET",
        path="/api/library/losses",
        handler=list_losses,
        id="listLosses",
        summary="List the parts of the library in which too much is gone",
        answers={200: Answer(description="The losses", content=tuple[LossView, ...])},
    ),
    Operation(
        method="POST",
        path="/api/library/scan/accept-loss",
        handler=accept_loss,
        id="acceptLoss",
        summary="Confirm that files were removed on purpose, and scan",
        answers={202: Answer(description="The scan has started", content=ScanStarted)},
        problems=(409,),
        links=(Link(operation="getScan", parameters={}, status=202),),
    ),
)
