"""The work that only one process of an installation does."""

from collections.abc import Callable, Mapping

import anyio
import attrs

from aniworld_core.application.automation.roles.membership import Membership
from aniworld_core.application.automation.tasks.background import BackgroundTasks, TaskLoop
from aniworld_core.application.storage_outage import StorageOutage
from aniworld_core.domain.automation import TaskName
from aniworld_core.errors import StorageUnavailableError
from aniworld_core.ports.nodes import Leadership

_COMPONENT = "the scheduler"
_RETRY_SECONDS = 2.0


@attrs.define(eq=False, kw_only=True)
class LeaderDuties:
    """Runs periodic tasks and what follows events, while this process leads.

    Args:
        leadership: Gives the lead.
        membership: Is told who leads.
        tasks: The registry of background tasks.
        loops: Returns the continuous tasks of the leader.
        outage: Records that the lead cannot be asked for.
    """

    _leadership: Leadership
    _membership: Membership
    _tasks: BackgroundTasks
    _loops: Callable[[], Mapping[TaskName, TaskLoop]]
    _outage: StorageOutage

    async def run(self) -> None:
        """Wait for the lead and do the work, until cancelled."""
        while True:
            try:
                await self._leadership.lead(self._work)
            except StorageUnavailableError as error:
                self._outage.failed(_COMPONENT, error)
            await anyio.sleep(_RETRY_SECONDS)

    async def _work(self) -> None:
        self._outage.recovered(_COMPONENT)
        self._membership.set_leader(is_leader=True)
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._tasks.serve)
                for name, loop in self._loops().items():
                    group.start_soon(self._tasks.follow, name, loop)
        finally:
            self._membership.set_leader(is_leader=False)
