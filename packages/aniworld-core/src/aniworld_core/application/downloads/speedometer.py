"""Mean speed of a transfer."""

import attrs

from aniworld_core.domain.downloads import Phase, Progress
from aniworld_core.ports.fetcher import ProgressCallback


@attrs.define(eq=False)
class Speedometer:
    """Forwards progress to a listener and averages its speed.

    Bytes divided by time would be wrong: they include the bytes of an earlier attempt and pauses.
    """

    _listener: ProgressCallback
    _sum: float = attrs.field(default=0.0, init=False)
    _count: int = attrs.field(default=0, init=False)

    @property
    def rate(self) -> float:
        """Return the mean of the reported speeds in bytes per second; 0 without any."""
        return self._sum / self._count if self._count else 0.0

    async def on_progress(self, progress: Progress) -> None:
        """Record the speed and call the listener."""
        if progress.phase is Phase.FETCHING and progress.rate > 0:
            self._sum += progress.rate
            self._count += 1
        await self._listener(progress)
