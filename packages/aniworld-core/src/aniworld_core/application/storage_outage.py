"""Log one line for each database outage, however many components notice it."""

import logging

import attrs

from aniworld_core.errors import AniworldError

logger: logging.Logger = logging.getLogger(__name__)


@attrs.define(eq=False)
class StorageOutage:
    """Record which components cannot use the database.

    Components report only their own calls, because a successful read proves nothing about
    writes. The first failure is a warning, later ones are debug messages, and the
    recovery of the last component is one info line.
    """

    _failing: set[str] = attrs.field(factory=set, init=False)

    @property
    def is_over(self) -> bool:
        """Return whether every component has recovered."""
        return not self._failing

    def failed(self, component: str, error: AniworldError) -> None:
        """Record a failed call.

        Args:
            component: Name of the caller for the log, such as `the queue`.
            error: Its error, such as `StorageUnavailableError`.
        """
        level = logging.WARNING if not self._failing else logging.DEBUG
        self._failing.add(component)
        logger.log(level, "%s waits: %s", component, error)

    def recovered(self, component: str) -> None:
        """Record that the component's calls work; cheap if they never failed."""
        if component in self._failing:
            self._failing.discard(component)
            if not self._failing:
                logger.info("the database can be used again")
