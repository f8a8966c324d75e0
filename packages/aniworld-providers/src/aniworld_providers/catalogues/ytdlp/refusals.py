"""Refusals of single videos: seen at a refresh of one video, or at a download.

A list often names videos that its site then shows only to members, to adults or in some countries.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import attrs

from aniworld_core.errors import AniworldError, SeriesNotFoundError, SourceGoneError
from aniworld_core.messages import kind_of
from aniworld_providers.ytdlp import EntryState

#: Time after which a refused video is tried again.
_TRIED_AFTER: Final = timedelta(days=7)
#: The same for a live stream or premiere, which becomes available at its time.
_AWAITED_FOR: Final = timedelta(hours=6)
#: Kinds of refusals of a video, and the states that they are.
_STATES: Final[Mapping[str | None, EntryState]] = {
    "region_blocked": EntryState.REGION,
    "age_check_wanted": EntryState.AGE,
    "membership_wanted": EntryState.MEMBERS_ONLY,
    "login_wanted": EntryState.LOGIN,
    "site_says_private": EntryState.PRIVATE,
    "site_says_gone": EntryState.GONE,
    "site_says_unavailable": EntryState.GONE,
    "live_broadcast": EntryState.LIVE,
    "only_audio": EntryState.AUDIO_ONLY,
}


@attrs.frozen(kw_only=True)
class Refusal:
    """A refusal of a video at its download.

    Attributes:
        at: Time of the refusal.
        cookies: Version of the owner's cookie file at that time; empty without a file.
    """

    state: EntryState
    at: datetime
    cookies: str = ""

    def holds(self, now: datetime, cookies: str) -> bool:
        """Return whether the video is still taken for refused.

        Args:
            now: Current time.
            cookies: Version of the cookie file; with another one the site may show the video.
        """
        wait = _AWAITED_FOR if self.state.is_waited_for else _TRIED_AFTER
        return now - self.at < wait and cookies == self.cookies


def refused_state(error: AniworldError) -> EntryState | None:
    """Return the state of a video that an error describes; `None` for other errors."""
    cause = error.__cause__ if isinstance(error, SeriesNotFoundError) else error
    state = _STATES.get(kind_of(getattr(cause, "reason", None)))
    if state is None and isinstance(cause, SourceGoneError) and not cause.is_part:
        return EntryState.GONE
    return state
