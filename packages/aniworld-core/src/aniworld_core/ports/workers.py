"""Which workers of this data folder are alive."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager

from aniworld_core.domain.identity import WorkerId


class WorkerRoster(ABC):
    """Knows at once which workers of this machine have died, without waiting for their claims.

    Claims that expire remain the rule for workers of other machines.
    """

    @abstractmethod
    def enlist(self, worker: WorkerId) -> AbstractAsyncContextManager[None]:
        """Count as alive inside the context, and as dead when it ends with an error.

        A killed process counts as dead by itself.
        """

    @abstractmethod
    async def departed(self) -> Sequence[WorkerId]:
        """Return workers that once enlisted and are dead now, in no particular order."""

    async def living(self) -> Collection[WorkerId]:
        """Return workers whose process certainly runs, also when it is slow or suspended.

        A roster that cannot tell returns none; then only claims count.
        """
        return ()

    @abstractmethod
    async def forget(self, worker: WorkerId) -> None:
        """Strike a departed worker off, once its items are released."""
