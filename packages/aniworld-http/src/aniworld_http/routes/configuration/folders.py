"""/api/config/folders: choose a folder of the server."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final, TypeVar

import anyio
import attrs
from aiohttp import web
from anyio import to_thread
from msgspec import Meta

from aniworld_core.domain.access import Scope
from aniworld_core.errors import LibraryNotSetError, LibraryUnavailableError
from aniworld_core.messages import Message
from aniworld_http.checks import FolderBrowser, FolderListing
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import SECRET, Answer, Operation
from aniworld_http.schemas import json_response, read_body, read_query
from aniworld_http.schemas.config import ServerPath
from aniworld_http.schemas.paging import Offset

T = TypeVar("T")

#: Percent-encoded, it fits into 8 KiB, to which proxies limit the first line.
_QueryPath = Annotated[
    str,
    Meta(min_length=1, max_length=600, pattern=r"^[^\x00-\x1f]*[^\x00-\x20][^\x00-\x1f]*$"),
]
#: Seconds in which a folder must respond.
_PATIENCE_SECONDS: Final = 10.0


@attrs.frozen(kw_only=True)
class FolderQuery:
    """Folder to list, and the part of its folders.

    Attributes:
        path: Absolute path; by default the first library folder, or the home folder.
        limit: Largest number of folders in the response.
        offset: Number of folders to skip.
    """

    path: _QueryPath | None = None
    limit: Annotated[int, Meta(ge=1, le=500)] = 200
    offset: Offset = 0


@attrs.frozen(kw_only=True)
class NewFolder:
    """Folder to create in an existing one."""

    path: ServerPath


@attrs.frozen(kw_only=True)
class CreatedFolder:
    """Absolute path of the created folder."""

    path: str


async def list_folders(request: web.Request) -> web.Response:
    """List the folders in a folder of the server."""
    query = read_query(request, FolderQuery)
    path = query.path or ""

    def work(browser: FolderBrowser) -> tuple[FolderListing, int]:
        return browser.list(path, offset=query.offset, limit=query.limit)

    listing, total = await _in_thread(request, path, work)
    return json_response(listing, headers={"X-Total-Count": str(total)})


async def create_folder(request: web.Request) -> web.Response:
    """Create a folder on the server."""
    body = await read_body(request, NewFolder)
    created = await _in_thread(request, body.path, lambda browser: browser.create(body.path))
    return json_response(CreatedFolder(path=str(created)), status=201)


async def _in_thread(request: web.Request, path: str, work: Callable[[FolderBrowser], T]) -> T:
    """Call the browser in a thread, which is abandoned if the disk never answers.

    Raises:
        LibraryUnavailableError: If the disk does not answer in time.
    """
    application = request.app[APPLICATION]
    library: list[Path] = []
    with contextlib.suppress(LibraryNotSetError):
        library = [application.library.root, *application.library.other_roots]

    def begin() -> T:
        return work(FolderBrowser.of(library))

    try:
        with anyio.fail_after(_PATIENCE_SECONDS):
            return await to_thread.run_sync(begin, abandon_on_cancel=True)
    except TimeoutError as error:
        reason = Message("no_answer_within", waited_seconds=_PATIENCE_SECONDS)
        raise LibraryUnavailableError(path, reason) from error


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/config/folders",
        handler=list_folders,
        id="listFolders",
        policy=SECRET,
        summary="List the folders in a folder of the server, to choose one",
        description=(
            "Only the library folders and the home folder of the server's user can be browsed; "
            "links that lead elsewhere and hidden folders are left out."
        ),
        query=FolderQuery,
        answers={
            200: Answer(
                description="The folder and a part of its folders",
                content=FolderListing,
                headers={"X-Total-Count": "Number of folders in it"},
            )
        },
        problems=(404,),
        scope=Scope.ADMIN,
    ),
    Operation(
        method="POST",
        path="/api/config/folders",
        handler=create_folder,
        id="createFolder",
        policy=SECRET,
        summary="Create a folder in a library folder or the home folder",
        body=NewFolder,
        answers={201: Answer(description="The created folder", content=CreatedFolder)},
        problems=(404, 409),
        scope=Scope.ADMIN,
    ),
)
