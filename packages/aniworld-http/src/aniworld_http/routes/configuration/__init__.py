"""/api/config: the configuration, its backups, folders of the server, and tests of settings."""

from typing import Final

from aniworld_http.operations import Operation
from aniworld_http.routes.configuration import document, folders, services, trials

OPERATIONS: Final[tuple[Operation, ...]] = (
    *document.OPERATIONS,
    *folders.OPERATIONS,
    *services.OPERATIONS,
    *trials.OPERATIONS,
)

__all__ = ["OPERATIONS"]
