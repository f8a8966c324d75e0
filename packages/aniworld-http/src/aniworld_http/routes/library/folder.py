"""/api/library/folder: whether the library folder can be used."""

from typing import Final

from aiohttp import web

from aniworld_http.checks import FOLDER_PROBE, FolderTrial
from aniworld_http.operations import Answer, Operation
from aniworld_http.schemas import json_response

#: Seconds to wait for the file system.
_PATIENCE: Final = 6.0


async def show_folder(request: web.Request) -> web.Response:
    """Return the result of the last test of the library folders."""
    found = await request.app[FOLDER_PROBE].look(_PATIENCE)
    return json_response(found or FolderTrial(path="", is_usable=True))


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/library/folder",
        handler=show_folder,
        id="getLibraryFolder",
        summary="Return whether the library folder can be used",
        description=(
            "The first folder that is missing, cannot be read or cannot be written; otherwise the "
            "main folder. The result is at most ten seconds old. Nothing is written to test it."
        ),
        answers={200: Answer(description="The folder", content=FolderTrial)},
    ),
)
