"""/api/library: folders that belong to no series, and giving them to series."""

from typing import Final

from aiohttp import web

from aniworld_core.application.library import AdoptableView, AdoptionReportView
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import Answer, Operation
from aniworld_http.schemas import json_response, read_body, read_query
from aniworld_http.schemas.library.adoption import AdoptableQuery, AdoptBody


async def adoptable(request: web.Request) -> web.Response:
    """List the folders that belong to no series."""
    query = read_query(request, AdoptableQuery)
    folders = request.app[APPLICATION].adoptable
    found = await folders.find(search=query.search, folder=query.folder)
    return json_response([AdoptableView.of(folder) for folder in found])


async def adopt(request: web.Request) -> web.Response:
    """Give folders to series."""
    body = await read_body(request, AdoptBody)
    adoption = request.app[APPLICATION].adoption
    adopt_all = adoption.adopt_sure if body.all_sure else adoption.adopt_all
    report = await adopt_all(body.to_domain())
    return json_response(AdoptionReportView.of(report))


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/library/adoptable",
        handler=adoptable,
        id="listAdoptableFolders",
        summary="List folders that belong to no series, with proposed series",
        query=AdoptableQuery,
        answers={200: Answer(description="The folders by name", content=list[AdoptableView])},
        problems=(404, 503),
    ),
    Operation(
        method="POST",
        path="/api/library/adopt",
        handler=adopt,
        id="adoptFolders",
        summary="Give folders to series; series that are not stored are added",
        description=(
            "No file is moved. Folders that cannot be adopted are in `failures`. All of it is one"
            " change in the history."
        ),
        body=AdoptBody,
        answers={200: Answer(description="What was adopted", content=AdoptionReportView)},
        problems=(409, 503),
    ),
)
