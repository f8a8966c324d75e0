"""/api/anime/rescan and /api/anime/scan: compare the library with disk and catalogues."""

from typing import Final

from aiohttp import web

from aniworld_http.keys import APPLICATION
from aniworld_http.operations import Answer, Link, Operation
from aniworld_http.schemas import json_response, no_content, read_optional_body
from aniworld_http.schemas.anime import ScanBody, ScanStarted, ScanView


async def start_scan(request: web.Request) -> web.Response:
    """Start a scan."""
    body = await read_optional_body(request, ScanBody)
    scan_id = await request.app[APPLICATION].scans.start(
        accept_loss=body.accept_loss, full=body.full
    )
    return json_response(ScanStarted(scan_id=scan_id), status=202)


async def show_scan(request: web.Request) -> web.Response:
    """Return the state of the running or last scan."""
    return json_response(ScanView.of(request.app[APPLICATION].scans.state))


async def cancel_scan(request: web.Request) -> web.Response:
    """Cancel the running scan."""
    await request.app[APPLICATION].scans.cancel()
    return no_content()


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/anime/scan",
        handler=show_scan,
        id="getScan",
        summary="Return the state of the running or last scan",
        answers={200: Answer(description="State of the scan", content=ScanView)},
    ),
    Operation(
        method="DELETE",
        path="/api/anime/scan",
        handler=cancel_scan,
        id="cancelScan",
        summary="Cancel the running scan and keep its results so far",
        answers={204: Answer(description="No scan is running")},
    ),
    Operation(
        method="POST",
        path="/api/anime/rescan",
        handler=start_scan,
        id="startScan",
        summary="Start a scan: compare the library with disk and catalogues",
        body=ScanBody,
        optional_body=True,
        answers={202: Answer(description="The scan has started", content=ScanStarted)},
        problems=(409,),
        links=(Link(operation="getScan", parameters={}, status=202),),
    ),
)
