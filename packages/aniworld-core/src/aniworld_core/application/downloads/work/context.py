"""Ports and state that the parts of a worker share, so that each takes one argument for them."""

from collections.abc import Callable

import attrs

from aniworld_core.application.storage_outage import StorageOutage
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.queue import QueueRepository
from aniworld_core.ports.tickets import TicketDispatcher


def _never() -> bool:
    return False


@attrs.frozen(kw_only=True, eq=False)
class WorkTickets:
    """Dispatchers of one worker.

    Attributes:
        run: Tells the lanes of a run without end when to claim.
        drain: The same for the items of a person who waits for them.
    """

    run: TicketDispatcher
    drain: TicketDispatcher


@attrs.frozen(kw_only=True, eq=False)
class WorkContext:
    """What attempts, sessions and the sweep of one worker use.

    Attributes:
        queue: The stored items.
        bus: Receives the events.
        clock: The time.
        tickets: Tell the lanes when to claim.
        outage: Logs database outages.
        is_paused: Returns whether the transfers of this worker are paused.
    """

    queue: QueueRepository
    bus: ProgressBus
    clock: Clock
    tickets: WorkTickets
    outage: StorageOutage = attrs.field(factory=StorageOutage)
    is_paused: Callable[[], bool] = _never
