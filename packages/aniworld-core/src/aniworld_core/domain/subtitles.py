"""Subtitles that come beside a film: what they are, where they are, how their files are called."""

import enum
import re
from typing import Final, Self

import attrs

#: Words in names of tracks and files that say more about a subtitle than its language.
_WORDS = re.compile(r"[^\W_]+")
_FORCED: Final = frozenset({"forced", "foreign", "erzwungen"})
_HEARING: Final = frozenset({"sdh", "cc", "hi", "hoh", "hearing"})


class SubtitleChoice(enum.StrEnum):
    """Which subtitles are put beside an episode."""

    ALL = "all"
    WANTED = "wanted"
    NONE = "none"


@attrs.frozen(kw_only=True)
class TextTrack:
    """What a subtitle is.

    Attributes:
        language: ISO 639-3 code, or `None` where nobody says.
        forced: Whether it only holds what must be read by everybody, such as signs.
        hearing_impaired: Whether it also tells of sounds.
    """

    language: str | None = None
    forced: bool = False
    hearing_impaired: bool = False

    @property
    def tags(self) -> str:
        """What its file has between the film's name and its suffix, such as `.de.forced`.

        Languages have two letters where ISO 639-1 has any, as media servers like best.
        """
        words = [self._short_language] if self.language else []
        words += ["forced"] if self.forced else []
        words += ["sdh"] if self.hearing_impaired else []
        return "".join(f".{word}" for word in words)

    def is_wanted(self, languages: frozenset[str] | None) -> bool:
        """Whether it is among *languages*; `None` stands for all.

        One of unknown language may be any of them.
        """
        if languages is None:
            return True
        return bool(languages) and (self.language is None or self.language in languages)

    @property
    def _short_language(self) -> str:
        import langcodes  # slow to import

        return langcodes.get(self.language or "und").language or "und"


@attrs.frozen(kw_only=True)
class Subtitle(TextTrack):
    """A subtitle that lies in a file of its own on a server.

    Attributes:
        url: Its link.
        headers: Request headers the link needs, as pairs; may hold secrets.
    """

    url: str
    headers: tuple[tuple[str, str], ...] = attrs.field(default=(), repr=False)

    @classmethod
    def called(
        cls,
        name: str,
        *,
        url: str,
        language: str | None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> Self:
        """Make the one whose name or file name tells whether it is a special one."""
        forced, hearing_impaired = flags_in(name)
        return cls(
            url=url,
            headers=headers,
            language=language,
            forced=forced,
            hearing_impaired=hearing_impaired,
        )


def flags_in(name: str) -> tuple[bool, bool]:
    """Tell by the words of a name whether a subtitle is forced, and for the hearing impaired."""
    words = set(_WORDS.findall(name.casefold()))
    return not words.isdisjoint(_FORCED), not words.isdisjoint(_HEARING)
