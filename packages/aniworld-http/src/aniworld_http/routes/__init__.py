"""Every endpoint: the tables of all modules, as one."""

from typing import Final

from aiohttp import web

from aniworld_http.keys import APPLICATION
from aniworld_http.operations import Operation, add_operations
from aniworld_http.rendering.library_list import LIBRARY_LIST, LibraryList
from aniworld_http.rendering.queue_answers import QUEUE_ANSWERS, QueueAnswers
from aniworld_http.routes import (
    anime,
    auth,
    browse,
    config,
    description,
    health,
    images,
    logs,
    providers,
    queue,
    scheduler,
)
from aniworld_http.routes import settings_tests as trials

#: In the order in which the description shows them.
TABLE: Final[tuple[Operation, ...]] = (
    *auth.OPERATIONS,
    *config.OPERATIONS,
    # Before the series, for a browse list is not one of them.
    *browse.OPERATIONS,
    *anime.OPERATIONS,
    *images.OPERATIONS,
    *queue.OPERATIONS,
    *scheduler.OPERATIONS,
    *providers.OPERATIONS,
    *trials.OPERATIONS,
    *health.OPERATIONS,
    *logs.OPERATIONS,
    *description.OPERATIONS,
)


def add_routes(app: web.Application, *others: Operation) -> None:
    """Add every endpoint to the server, and the *others* that stand beside these."""
    application = app[APPLICATION]
    app[LIBRARY_LIST] = LibraryList(application.catalogue)
    app[QUEUE_ANSWERS] = QueueAnswers(
        reader=application.queue_reader, config=application.current_config
    )
    add_operations(app, (*TABLE, *others))
