"""Result of reading a file name: numbers, kind, and how sure the reading is."""

import datetime
from enum import StrEnum
from typing import Final

import attrs

from aniworld_core.domain.media import Language
from aniworld_core.messages import Message


class NameKind(StrEnum):
    """What a file is, as far as its name says."""

    EPISODE = "episode"
    #: OVA, OAD, ONA, special, recap, or a file of season 0.
    SPECIAL = "special"
    MOVIE = "movie"
    #: Opening, ending, preview, menu, trailer or other bonus clip: never an episode.
    EXTRA = "extra"
    #: One file with a whole season or a long range.
    BATCH = "batch"
    UNKNOWN = "unknown"


class SeasonSource(StrEnum):
    """Where the season of a reading comes from."""

    NAME = "name"
    FOLDER = "folder"


class SequelKind(StrEnum):
    """How a name marks a later part of a series without naming a season."""

    #: A roman numeral or a bare number behind the title: `Alpha II`, `Alpha 2`.
    NUMERAL = "numeral"
    #: `Part 2`, `Teil 2`.
    PART = "part"
    #: `Cour 2`.
    COUR = "cour"
    #: `Final Season`.
    FINAL = "final"


@attrs.frozen
class SequelMark:
    """A mark of a later part of a series.

    Attributes:
        kind: Kind of the mark.
        number: Its number; `None` if it has none (`Final Season`).
        text: The mark as written.
    """

    kind: SequelKind
    number: int | None
    text: str


@attrs.frozen
class Numbers:
    """A season, if known, and episode numbers.

    Attributes:
        season: Season; `None` if the numbers may count through all seasons.
        episodes: Episode numbers, ascending.
    """

    season: int | None
    episodes: tuple[int, ...]

    @property
    def text(self) -> str:
        """The numbers as a code: `S01E05`, `E05-E06`."""
        season = "" if self.season is None else f"S{self.season:02}"
        ends = dict.fromkeys((self.episodes[:1] + self.episodes[-1:]) if self.episodes else ())
        return season + "-".join(f"E{number:02}" for number in ends)


class NameRule(StrEnum):
    """The rule that decided a reading; most reliable first."""

    OWN_NAME = "own_name"
    SEASON_EPISODE = "season_episode"
    CROSS = "cross"
    SEASON_WORDS = "season_words"
    EXTRA = "extra"
    SPECIAL = "special"
    EPISODE_WORD = "episode_word"
    DATE = "date"
    FRACTION = "fraction"
    SEASON_FOLDER = "season_folder"
    COMPACT = "compact"
    DASH = "dash"
    BRACKETS = "brackets"
    LEADING = "leading"
    AFTER_TITLE = "after_title"
    BATCH = "batch"
    MOVIE = "movie"
    FOLDER = "folder"
    NONE = "none"


#: Rule -> explanation shown by `aniworld parse`.
_WHY: Final = {
    NameRule.OWN_NAME: Message("name_rule_own_name"),
    NameRule.SEASON_EPISODE: Message("name_rule_season_episode"),
    NameRule.CROSS: Message("name_rule_cross"),
    NameRule.SEASON_WORDS: Message("name_rule_season_words"),
    NameRule.EXTRA: Message("name_rule_extra"),
    NameRule.SPECIAL: Message("name_rule_special"),
    NameRule.EPISODE_WORD: Message("name_rule_episode_word"),
    NameRule.DATE: Message("name_rule_date"),
    NameRule.FRACTION: Message("name_rule_fraction"),
    NameRule.SEASON_FOLDER: Message("name_rule_season_folder"),
    NameRule.COMPACT: Message("name_rule_compact"),
    NameRule.DASH: Message("name_rule_dash"),
    NameRule.BRACKETS: Message("name_rule_brackets"),
    NameRule.LEADING: Message("name_rule_leading"),
    NameRule.AFTER_TITLE: Message("name_rule_after_title"),
    NameRule.BATCH: Message("name_rule_batch"),
    NameRule.MOVIE: Message("name_rule_movie"),
    NameRule.FOLDER: Message("name_rule_folder"),
    NameRule.NONE: Message("name_rule_none"),
}


@attrs.frozen(kw_only=True)
class ParsedName:
    """Result of reading a file name.

    A reading with a doubt has neither season nor episodes: what they could be is in
    `candidates`, for a person to choose from.

    Attributes:
        kind: What the file is; `UNKNOWN` if the name does not say.
        season: Season, 0 for specials; `None` if the name and its folders state none.
        season_from: Whether the season is in the name or in a folder.
        episodes: Episode numbers, ascending. Without a season they count within a season or
            through all of them.
        absolute: Numbers through all seasons, or numbers that may be that.
        mark: Word that makes the file special, in lower case: `ova`, `oad`, `ona`, `special`,
            `movie`, `recap`, `ncop`, `trailer` and so on; empty otherwise.
        sequel: Mark of a later part that is not a season; `None` if there is none.
        version: Release version, 1 unless the name contains `v2`; 0 for `v0`.
        date: Date of broadcast, for names with a date in place of a number.
        fraction: Number of a recap, such as 12.5.
        doubt: Why the reading is not sure; `None` if it is.
        candidates: Possible readings of a name in doubt, most likely first.
        rule: The rule that decided.
        span: Start and end of the numbers in the name (without folders).
        title: Name of the series in the file name or folder.
        removed: The part of the name that was recognised as the known title.
        episode_title: Title of the episode, if the name has one.
        language: Language, if the name states one.
    """

    kind: NameKind = NameKind.UNKNOWN
    season: int | None = None
    season_from: SeasonSource | None = None
    episodes: tuple[int, ...] = ()
    absolute: tuple[int, ...] = ()
    mark: str = ""
    sequel: SequelMark | None = None
    version: int = 1
    date: datetime.date | None = None
    fraction: float | None = None
    doubt: Message | None = None
    candidates: tuple[Numbers, ...] = ()
    rule: NameRule = NameRule.NONE
    span: tuple[int, int] = (0, 0)
    title: str = ""
    removed: str = ""
    episode_title: str = ""
    language: Language | None = None

    @property
    def why(self) -> Message:
        """What the name is read by."""
        return _WHY[self.rule]

    @property
    def is_special(self) -> bool:
        """Whether it is a special, film or bonus clip."""
        return self.kind in {NameKind.SPECIAL, NameKind.MOVIE, NameKind.EXTRA}

    @property
    def is_sure(self) -> bool:
        """Whether the name says what the file is, without contradiction."""
        return self.doubt is None and self.kind is not NameKind.UNKNOWN
