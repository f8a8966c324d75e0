"""/api/library: rename, import, history and undo of library files."""

from typing import Annotated, Final

from aiohttp import web
from msgspec import Meta

from aniworld_core.application.library import (
    AppliedPlanView,
    ChangeEntryView,
    ChangePlanView,
    ChangeView,
    ImportDraftView,
)
from aniworld_core.domain.access import Scope
from aniworld_core.domain.identity import ChangeId, SeriesKey
from aniworld_core.errors import ChangeNotFoundError
from aniworld_http.errors import blame
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import Answer, Link, Operation
from aniworld_http.schemas import json_response, listed, read_body, read_query
from aniworld_http.schemas.library.changes import (
    HistoryQuery,
    ImportApplyBody,
    ImportBody,
    RenameApplyBody,
    RenameBody,
    SidecarsApplyBody,
    SidecarsBody,
)

#: Every number of so many digits fits into the database.
_MOST_DIGITS: Final = 15


async def plan_rename(request: web.Request) -> web.Response:
    """Plan to rename files."""
    body = await read_body(request, RenameBody)
    plan = await request.app[APPLICATION].changes.plan_rename([SeriesKey(k) for k in body.keys])
    return json_response(ChangePlanView.of(plan))


async def apply_rename(request: web.Request) -> web.Response:
    """Rename the files of a plan that was shown."""
    body = await read_body(request, RenameApplyBody)
    keys = [SeriesKey(key) for key in body.keys]
    applied = await request.app[APPLICATION].changes.rename(keys, digest=body.digest)
    return json_response(AppliedPlanView.of(*applied))


async def plan_import(request: web.Request) -> web.Response:
    """Plan to import a folder."""
    body = await read_body(request, ImportBody)
    with blame("/folder"):
        draft = await request.app[APPLICATION].changes.plan_import(body.to_domain())
    return json_response(ImportDraftView.of_draft(draft))


async def apply_import(request: web.Request) -> web.Response:
    """Import the files of a plan that was shown."""
    body = await read_body(request, ImportApplyBody)
    changes = request.app[APPLICATION].changes
    applied = await changes.import_folder(body.to_domain(), digest=body.digest)
    return json_response(AppliedPlanView.of(*applied))


async def plan_sidecars(request: web.Request) -> web.Response:
    """Plan NFO files and pictures."""
    body = await read_body(request, SidecarsBody)
    plan = await request.app[APPLICATION].changes.plan_sidecars(body.to_domain())
    return json_response(ChangePlanView.of(plan))


async def apply_sidecars(request: web.Request) -> web.Response:
    """Write the NFO files and pictures of a plan that was shown."""
    body = await read_body(request, SidecarsApplyBody)
    changes = request.app[APPLICATION].changes
    applied = await changes.write_sidecars(body.to_domain(), digest=body.digest)
    return json_response(AppliedPlanView.of(*applied))


async def history(request: web.Request) -> web.Response:
    """List the changes of library files."""
    query = read_query(request, HistoryQuery)
    page = await request.app[APPLICATION].changes.history(limit=query.limit, offset=query.offset)
    return listed(request, [ChangeEntryView.of(entry) for entry in page.items], page.total)


async def show_change(request: web.Request) -> web.Response:
    """Return one change with its files."""
    change = await request.app[APPLICATION].changes.get(_number(request))
    return json_response(ChangeView.of(change))


async def undo(request: web.Request) -> web.Response:
    """Undo a change."""
    change = await request.app[APPLICATION].changes.undo(_number(request))
    return json_response(ChangeView.of(change))


def _number(request: web.Request) -> ChangeId:
    text = request.match_info["change_id"]
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        raise ChangeNotFoundError(text)
    return ChangeId(int(text))


_ID: Final = {"change_id": Annotated[int, Meta(ge=1, le=2**53, description="Number")]}
_PLAN: Final = {200: Answer(description="The plan; nothing is changed", content=ChangePlanView)}
_APPLIED: Final = {
    200: Answer(description="The applied plan and its entry", content=AppliedPlanView)
}
_UNDO: Final = Link(operation="undoChange", parameters={"change_id": "$response.body#/change/id"})
OPERATIONS: Final = (
    Operation(
        method="POST",
        path="/api/library/rename/plan",
        handler=plan_rename,
        id="planRename",
        summary="Plan to rename files after the naming templates",
        body=RenameBody,
        answers=_PLAN,
        problems=(404, 409, 503),
    ),
    Operation(
        method="POST",
        path="/api/library/rename/apply",
        handler=apply_rename,
        id="applyRename",
        summary="Rename the files of a plan",
        description="Answers 409 if the plan is no longer the one with this digest.",
        body=RenameApplyBody,
        answers=_APPLIED,
        problems=(404, 409, 503, 507),
        links=(_UNDO,),
    ),
    Operation(
        method="POST",
        path="/api/library/import/plan",
        handler=plan_import,
        id="planImport",
        summary="Plan to import the files of other programs",
        description=(
            "`matches` says what each video was taken for. Send the body again with `corrections`"
            " to change that."
        ),
        body=ImportBody,
        scope=Scope.ADMIN,
        answers={
            200: Answer(
                description="The plan with its matches; nothing is changed", content=ImportDraftView
            )
        },
        problems=(404, 409, 503),
    ),
    Operation(
        method="POST",
        path="/api/library/import/apply",
        handler=apply_import,
        id="applyImport",
        summary="Import the files of a plan",
        description="Answers 409 if the plan is no longer the one with this digest.",
        body=ImportApplyBody,
        scope=Scope.ADMIN,
        answers=_APPLIED,
        problems=(404, 409, 503, 507),
        links=(_UNDO,),
    ),
    Operation(
        method="POST",
        path="/api/library/sidecars/plan",
        handler=plan_sidecars,
        id="planSidecars",
        summary="Plan to write NFO files and pictures",
        description="Files of other programs are refused unless `replace_foreign` is true.",
        body=SidecarsBody,
        answers=_PLAN,
        problems=(404, 409, 503),
    ),
    Operation(
        method="POST",
        path="/api/library/sidecars/apply",
        handler=apply_sidecars,
        id="applySidecars",
        summary="Write the NFO files and pictures of a plan",
        description="Answers 409 if the plan is no longer the one with this digest.",
        body=SidecarsApplyBody,
        answers=_APPLIED,
        problems=(404, 409, 503, 507),
        links=(_UNDO,),
    ),
    Operation(
        method="GET",
        path="/api/library/history",
        handler=history,
        id="listChanges",
        summary="List the changes of library files, newest first",
        query=HistoryQuery,
        answers={
            200: Answer(
                description="The changes",
                content=tuple[ChangeEntryView, ...],
                headers={"X-Total-Count": "Number of all changes"},
            )
        },
    ),
    Operation(
        method="GET",
        path="/api/library/history/{change_id}",
        handler=show_change,
        id="getChange",
        summary="Return one change with what happened to each file",
        path_types=_ID,
        answers={200: Answer(description="The change", content=ChangeView)},
        problems=(404,),
    ),
    Operation(
        method="POST",
        path="/api/library/history/{change_id}/undo",
        handler=undo,
        id="undoChange",
        summary="Undo a change",
        description="The undo is a change as well, and can be undone.",
        path_types=_ID,
        answers={200: Answer(description="The undo", content=ChangeView)},
        problems=(404, 409, 503, 507),
    ),
)
