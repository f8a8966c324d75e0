"""Which episodes of a series a request selects, and which of them are skipped."""

from collections.abc import Sequence

import attrs

from aniworld_core.domain.catalogue import Episode, Series, select_episodes
from aniworld_core.domain.downloads import Priority
from aniworld_core.domain.identity import EpisodeRef, EpisodeSelection, ItemId
from aniworld_core.domain.media import Language, Quality
from aniworld_core.messages import Message


@attrs.frozen(kw_only=True)
class EpisodeRequest:
    """The episodes of a series to queue, with the settings of their items.

    Attributes:
        selections: Which episodes; `None` means all.
        missing_only: Leave out episodes that the library holds or that are not wanted, without
            listing them as skipped.
        again: Download episodes also when the library holds them or when they are not wanted.
        languages: Wanted languages in order, instead of the series' or global ones.
        quality: Wanted quality, instead of the series' or global one.
        priority: The priority of the new items.
        reason: Why the program queues them; `None` if a person does.
    """

    selections: tuple[EpisodeSelection, ...] | None = None
    missing_only: bool = False
    again: bool = False
    languages: tuple[Language, ...] | None = None
    quality: Quality | None = None
    priority: Priority = Priority.NORMAL
    reason: Message | None = None


@attrs.frozen(kw_only=True)
class Skipped:
    """A requested episode that was not queued.

    Attributes:
        series_name: The name of the series, for people.
        item_id: The open item of the episode, if that is the reason.
    """

    episode: EpisodeRef
    series_name: str
    reason: str
    item_id: ItemId | None = None


def as_selection(episode: EpisodeRef | EpisodeSelection) -> EpisodeSelection:
    """Return a single episode as a selection of one."""
    if isinstance(episode, EpisodeSelection):
        return episode
    return EpisodeSelection(episode.season, episode.number, episode.number)


def selected(series: Series, request: EpisodeRequest) -> Sequence[Episode]:
    """Return the episodes that a request names, each once, in order.

    Raises:
        EpisodeNotFoundError: If a selection names no episode of the series; `positions` holds the
            indexes of all such selections.
    """
    if request.selections is None:
        return series.episodes
    return select_episodes(series, request.selections)


def reason_to_skip(episode: Episode, is_queued: bool, *, again: bool) -> str | None:  # noqa: FBT001
    """Return why an episode is not queued, or `None`."""
    if is_queued:
        return Message("already_queued_episode")
    if episode.downloaded and not again:
        return Message("already_downloaded")
    if not episode.wanted and not again:
        return Message("not_wanted")
    if not episode.available:
        return Message("not_announced_yet")
    return None
