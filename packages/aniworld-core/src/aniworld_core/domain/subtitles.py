"""Subtitles beside a film: language and kind, link, and file name."""

import enum
import re
from typing import Final, Self

import attrs

#: Words in names of tracks and files that mark special subtitles.
_WORDS = re.compile(r"[^\W_]+")
_FORCED: Final = frozenset({"forced", "foreign", "erzwungen"})
_HEARING: Final = frozenset({"sdh", "cc", "hi", "hoh", "hearing"})


class SubtitleChoice(enum.StrEnum):
    """Which subtitles are stored beside an episode."""

    ALL = "all"
    WANTED = "wanted"
    NONE = "none"


@attrs.frozen(kw_only=True)
class TextTrack:
    """Language and kind of a subtitle.

    Attributes:
        language: ISO 639-3 code, or `None` if unknown.
        forced: Whether it has only texts for every viewer, such as signs.
        hearing_impaired: Whether it also describes sounds.
        translated: Whether a machine translated it; the same text is offered in many languages.
    """

    language: str | None = None
    forced: bool = False
    hearing_impaired: bool = False
    translated: bool = False

    @property
    def tags(self) -> str:
        """Return the part of its file name between the film's name and the suffix: `.de.forced`.

        Languages have two letters where ISO 639-1 has a code, as media servers expect.
        """
        words = [self._short_language] if self.language else []
        words += ["forced"] if self.forced else []
        words += ["sdh"] if self.hearing_impaired else []
        return "".join(f".{word}" for word in words)

    def is_wanted(self, languages: frozenset[str] | None) -> bool:
        """Return whether its language is one of *languages*; `None` means all but translated ones.

        A subtitle of unknown language always matches.
        """
        if languages is None:
            return not self.translated
        return bool(languages) and (self.language is None or self.language in languages)

    @property
    def _short_language(self) -> str:
        import langcodes  # slow to import

        return langcodes.get(self.language or "und").language or "und"


@attrs.frozen(kw_only=True)
class Subtitle(TextTrack):
    """A subtitle in a separate file on a server.

    Attributes:
        url: Link of the file.
        headers: Request headers for the link, as pairs; may contain secrets.
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
        """Return the subtitle with the flags that its name or file name states."""
        forced, hearing_impaired = flags_in(name)
        return cls(
            url=url,
            headers=headers,
            language=language,
            forced=forced,
            hearing_impaired=hearing_impaired,
        )


def flags_in(name: str) -> tuple[bool, bool]:
    """Return whether the words of a name mark a subtitle as forced, and as for hearing impaired."""
    words = set(_WORDS.findall(name.casefold()))
    return not words.isdisjoint(_FORCED), not words.isdisjoint(_HEARING)
