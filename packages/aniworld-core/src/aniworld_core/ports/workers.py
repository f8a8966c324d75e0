"""The roster of live workers of a data folder."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager

from aniworld_core.domain.identity import WorkerId


class WorkerRoster(ABC):
    """Detect dead workers of this machine before their claims expire.

    Workers of other machines are detected by their expired claims.
    """

    @abstractmethod
    def enlist(self, worker: WorkerId) -> AbstractAsyncContextManager[None]:
        """Register a worker as alive inside the context, and as dead when it ends with an error.

        A worker of a killed process is dead.
        """

    @abstractmethod
    async def departed(self) -> Sequence[WorkerId]:
        """Return registered workers that are dead now, in no particular order."""

    async def living(self) -> Collection[WorkerId]:
        """Return workers whose process certainly runs, also when it is slow or suspended.

        A roster that cannot detect this returns none; then only claims count.
        """
        return ()

    @abstractmethod
    async def forget(self, worker: WorkerId) -> None:
        """Remove a dead worker, after its items were released."""
