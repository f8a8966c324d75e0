"""Which episodes of a series are wanted, and which of them are passed over."""

from collections.abc import Sequence

import attrs

from aniworld_core.domain.catalogue import Episode, Series
from aniworld_core.domain.downloads import Priority
from aniworld_core.domain.identity import EpisodeRef, EpisodeSelection, ItemId
from aniworld_core.domain.media import Language, Quality
from aniworld_core.errors import EpisodeNotFoundError
from aniworld_core.messages import Message


@attrs.frozen(kw_only=True)
class EpisodeRequest:
    """Which episodes of a series are wanted, and how.

    Attributes:
        selections: Which episodes; `None` means all.
        missing_only: Pass over what the library holds already without a word.
        again: Fetch episodes also when the library holds them.
    """

    selections: tuple[EpisodeSelection, ...] | None = None
    missing_only: bool = False
    again: bool = False
    languages: tuple[Language, ...] | None = None
    quality: Quality | None = None
    priority: Priority = Priority.NORMAL


@attrs.frozen(kw_only=True)
class Skipped:
    """An episode that was asked for and not queued.

    Attributes:
        item_id: The open item that stands in the way, if that is the reason.
    """

    episode: EpisodeRef
    reason: str
    item_id: ItemId | None = None


def as_selection(episode: EpisodeRef | EpisodeSelection) -> EpisodeSelection:
    """A single episode as a selection of one."""
    if isinstance(episode, EpisodeSelection):
        return episode
    return EpisodeSelection(episode.season, episode.number, episode.number)


def selected(series: Series, request: EpisodeRequest) -> Sequence[Episode]:
    """Return the episodes that a request names, each once, in order.

    Raises:
        EpisodeNotFoundError: If a selection names no episode of the series.
    """
    if request.selections is None:
        return series.episodes
    chosen: dict[tuple[int, int], Episode] = {}
    for selection in request.selections:
        matched = [e for e in series.episodes if _covers(selection, e)]
        if not matched:
            raise EpisodeNotFoundError(series.key, str(selection))
        chosen |= {(e.season, e.number): e for e in matched}
    return [chosen[place] for place in sorted(chosen)]


def _covers(selection: EpisodeSelection, episode: Episode) -> bool:
    numbers = range(episode.number, (episode.last_number or episode.number) + 1)
    return any(selection.contains(episode.season, number) for number in numbers)


def reason_to_skip(episode: Episode, is_queued: bool, *, again: bool) -> str | None:  # noqa: FBT001
    """Why an episode is passed over, if it is."""
    if is_queued:
        return Message("already_queued_episode")
    if episode.downloaded and not again:
        return Message("already_downloaded")
    if not episode.available:
        return Message("not_announced_yet")
    return None
