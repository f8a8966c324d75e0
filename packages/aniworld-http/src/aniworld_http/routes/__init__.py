"""Handlers and endpoints of the server, one module per group.

To add an operation, add it to `OPERATIONS` of its module. Its policy sets access, rate limit and
secrecy; the description of the API follows from the record.
"""

from typing import Final

from aiohttp import web

from aniworld_http.checks import FOLDER_PROBE
from aniworld_http.keys import APPLICATION, SETTINGS, UPTIME
from aniworld_http.operations import Endpoint, Operation, add_endpoints
from aniworld_http.rendering import (
    LIBRARY_LIST,
    QUEUE_ANSWERS,
    STATIC,
    TEMPLATES,
    LibraryList,
    QueueAnswers,
    StaticFiles,
    Templates,
)
from aniworld_http.routes import (
    access,
    anime,
    automation,
    browse,
    configuration,
    description,
    files,
    health,
    identify,
    images,
    library,
    logs,
    opml,
    providers,
    queue,
)
from aniworld_http.routes.pages import MENU, page_endpoints

#: All operations in the order of the description.
TABLE: Final[tuple[Operation, ...]] = (
    *access.OPERATIONS,
    *configuration.OPERATIONS,
    # Before the series, because "browse" and "scan" would match the key of a series.
    *browse.OPERATIONS,
    *library.OPERATIONS,
    *anime.OPERATIONS,
    *identify.OPERATIONS,
    *opml.OPERATIONS,
    *images.OPERATIONS,
    *queue.OPERATIONS,
    *automation.OPERATIONS,
    *providers.OPERATIONS,
    *health.OPERATIONS,
    *logs.OPERATIONS,
    *description.OPERATIONS,
)


def add_routes(app: web.Application, *others: Endpoint) -> None:
    """Add every endpoint to the server, *others* after the operations."""
    application = app[APPLICATION]
    app[LIBRARY_LIST] = LibraryList(application.overview)
    app[QUEUE_ANSWERS] = QueueAnswers(
        reader=application.queue_reader, config=application.current_config
    )
    app[STATIC] = static = StaticFiles.load()
    app[TEMPLATES] = Templates(
        base=app[SETTINGS].base_path.rstrip("/"),
        static=static,
        version=app[UPTIME].version,
        menu=MENU,
        is_library_unusable=lambda: app[FOLDER_PROBE].is_unusable,
    )
    add_endpoints(app, (*TABLE, *others, *access.ENDPOINTS, *files.ENDPOINTS, *page_endpoints(app)))
