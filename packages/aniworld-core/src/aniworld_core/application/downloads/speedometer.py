"""How fast a transfer was."""

import attrs

from aniworld_core.domain.downloads import Phase, Progress
from aniworld_core.ports.fetcher import ProgressCallback


@attrs.define(eq=False)
class Speedometer:
    """Passes progress on and remembers its speed.

    Speeds are averaged as reported: bytes over time would count what an earlier attempt left,
    and pauses.
    """

    _listener: ProgressCallback
    _sum: float = attrs.field(default=0.0, init=False)
    _count: int = attrs.field(default=0, init=False)

    @property
    def rate(self) -> float:
        """Mean bytes per second while bytes came in; 0 if none was reported."""
        return self._sum / self._count if self._count else 0.0

    async def on_progress(self, progress: Progress) -> None:
        """Take note and pass it on."""
        if progress.phase is Phase.FETCHING and progress.rate > 0:
            self._sum += progress.rate
            self._count += 1
        await self._listener(progress)
