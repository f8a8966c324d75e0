"""Change one series of a job, and change it back."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.downloads import JobAction
from aniworld_core.domain.identity import EpisodeRef, EpisodeSelection, SeriesKey


@attrs.frozen(kw_only=True)
class WorkResult:
    """What became of a series.

    Attributes:
        changed: Whether it is changed by the job.
        note: What undo needs; it replaces the note that was made before.
        episodes: Number of queued episodes.
    """

    changed: bool
    note: Mapping[str, Any]
    episodes: int = 0


class SeriesWork(ABC):
    """The work of one kind of job on one series."""

    def check(self, action: JobAction) -> None:  # noqa: B027 - most kinds have nothing to check
        """Check an action before it is stored.

        Raises:
            AniworldError: If it cannot be done with any series.
        """

    @abstractmethod
    async def note(self, series: Series, action: JobAction) -> Mapping[str, Any]:
        """Return what undo needs, as JSON values; it is stored before `apply` is called."""

    @abstractmethod
    async def apply(self, series: Series, action: JobAction, note: Mapping[str, Any]) -> WorkResult:
        """Change the series. It may be called again with the same note after a crash.

        Raises:
            AniworldError: If it cannot be changed.
        """

    async def apply_to_gone(self, key: SeriesKey, note: Mapping[str, Any]) -> WorkResult:
        """Return what became of a series that is gone, after a crash during `apply`."""
        return WorkResult(changed=False, note=note)

    @abstractmethod
    async def undo(self, key: SeriesKey, note: Mapping[str, Any], *, again: bool) -> bool:
        """Change the series back, as far as nobody has changed it since.

        Args:
            key: The series.
            note: What `apply` returned.
            again: A crash has interrupted it; parts of it may be done.

        Returns:
            Whether anything was changed back.

        Raises:
            AniworldError: If it cannot be changed back.
        """


def places(episodes: Iterable[EpisodeRef]) -> list[list[int]]:
    """Return seasons and numbers of episodes as JSON values."""
    return [[episode.season, episode.number] for episode in episodes]


def selections(noted: Iterable[list[int]]) -> tuple[EpisodeSelection, ...]:
    """Return the selections of episodes that `places` noted."""
    return tuple(EpisodeSelection(season, number, number) for season, number in noted)
