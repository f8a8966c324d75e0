"""Identities: series keys, episode codes and opaque ids."""

import re
import unicodedata
from typing import NewType

import attrs

from aniworld_core.errors import InvalidEpisodeError, InvalidKeyError, InvalidNameError
from aniworld_core.messages import Message

#: Identity of a series; only `parse_series_key` makes one.
SeriesKey = NewType("SeriesKey", str)
#: Identity of a download item: a UUID in text form.
ItemId = NewType("ItemId", str)
#: Identity of one running worker process.
WorkerId = NewType("WorkerId", str)
#: Identity of a signed-in session.
SessionId = NewType("SessionId", str)
#: Number of a change of library files in the journal.
ChangeId = NewType("ChangeId", int)
#: Number of a bulk job.
JobId = NewType("JobId", int)
#: Folder of a series relative to the library root; never an identity.
FolderName = NewType("FolderName", str)

#: Most characters of a key, so that it fits into a path component and an index.
MAX_KEY_LENGTH = 200
MAX_EPISODE = 9999
#: Most characters of the display name of a series.
MAX_NAME_LENGTH = 200

_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NOT_IN_KEY = re.compile(r"[^a-z0-9]+")
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "’": "'"})
_SELECTION = re.compile(
    r"S(?P<season>\d{1,4})(?:E(?P<first>\d{1,4})(?:-(?:S(?P<season2>\d{1,4}))?E?(?P<last>\d{1,4}))?)?",
    re.ASCII | re.IGNORECASE,
)


def parse_series_key(raw: str) -> SeriesKey:
    """Return *raw* as a key, or raise `InvalidKeyError` with the broken rule."""
    if not raw:
        raise InvalidKeyError(raw, Message("is_empty"))
    if len(raw) > MAX_KEY_LENGTH:
        raise InvalidKeyError(raw, Message("longer_than", limit=MAX_KEY_LENGTH))
    if _KEY.fullmatch(raw):
        return SeriesKey(raw)
    if raw != raw.lower():
        raise InvalidKeyError(raw, Message("key_upper_case"))
    if raw.startswith("-") or raw.endswith("-"):
        raise InvalidKeyError(raw, Message("key_outer_hyphen"))
    if "--" in raw:
        raise InvalidKeyError(raw, Message("key_double_hyphen"))
    raise InvalidKeyError(raw, Message("key_characters"))


def key_from_name(name: str) -> SeriesKey | None:
    """Make a key of a name: `Für Elise (2011)` becomes `fuer-elise-2011`.

    Accents are dropped and German umlauts spelt out. Different names may give the same key.

    Returns:
        The key, or `None` if the name has no letter or digit that a key can hold.
    """
    spelt = unicodedata.normalize("NFC", name.casefold()).translate(_SPELT_OUT)
    plain = unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode("ascii")
    words = _NOT_IN_KEY.sub("-", plain.lower().replace("'", "")).strip("-")
    key = words[:MAX_KEY_LENGTH].rstrip("-")
    return SeriesKey(key) if key else None


def parse_series_name(raw: str) -> str:
    """Return a display name without surrounding spaces, in NFC.

    Raises:
        InvalidNameError: If it is empty, too long, or holds control characters.
    """
    name = unicodedata.normalize("NFC", raw.strip())
    if not name:
        raise InvalidNameError(raw, Message("is_empty"))
    if len(name) > MAX_NAME_LENGTH:
        raise InvalidNameError(raw, Message("longer_than", limit=MAX_NAME_LENGTH))
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in name):
        raise InvalidNameError(raw, Message("has_control_characters"))
    return name


@attrs.frozen(order=True)
class EpisodeRef:
    """Reference to an episode of a series; season 0 holds films and specials."""

    series_key: SeriesKey
    season: int
    number: int

    @property
    def code(self) -> str:
        """Return the code `S01E05`, with three or four digits where needed."""
        return format_episode_code(self.season, self.number)

    def __str__(self) -> str:
        return f"{self.series_key} {self.code}"


@attrs.frozen
class EpisodeSelection:
    """A season, one episode or a range within one season, as a user enters it.

    Attributes:
        first: First episode number, or `None` for the whole season.
        last: Last episode number, inclusive; equals `first` for one episode.
    """

    season: int
    first: int | None = None
    last: int | None = None

    def contains(self, season: int, number: int) -> bool:
        """Return whether the episode is selected."""
        if season != self.season:
            return False
        if self.first is None or self.last is None:
            return True
        return self.first <= number <= self.last

    def __str__(self) -> str:
        if self.first is None or self.last is None:
            return f"S{self.season:02d}"
        code = format_episode_code(self.season, self.first)
        return code if self.first == self.last else f"{code}-E{self.last:02d}"


def format_episode_code(season: int, number: int, last: int | None = None) -> str:
    """Return `S01E05`, or `S01E05-E06` for a double episode."""
    code = f"S{season:02d}E{number:02d}"
    return f"{code}-E{last:02d}" if last is not None and last != number else code


def parse_episode_selection(raw: str) -> EpisodeSelection:
    """Parse `S01`, `S01E03`, `S01E03-E08` or `S01E03-08`.

    Raises:
        InvalidEpisodeError: If *raw* has another form, names two seasons or counts backwards.
    """
    match = _SELECTION.fullmatch(raw.strip())
    if match is None:
        raise InvalidEpisodeError(raw, Message("episode_form"))
    season = int(match["season"])
    if match["first"] is None:
        return EpisodeSelection(season)
    first = int(match["first"])
    last = int(match["last"]) if match["last"] else first
    if match["season2"] is not None and int(match["season2"]) != season:
        raise InvalidEpisodeError(raw, Message("range_in_one_season"))
    if last < first:
        raise InvalidEpisodeError(raw, Message("range_backwards"))
    return EpisodeSelection(season, first, last)


def parse_episode_code(raw: str) -> tuple[int, int]:
    """Parse `S01E05` into season and number.

    Raises:
        InvalidEpisodeError: If *raw* is not exactly one episode.
    """
    selection = parse_episode_selection(raw)
    if selection.first is None or selection.first != selection.last:
        raise InvalidEpisodeError(raw, Message("one_episode_needed"))
    return selection.season, selection.first
