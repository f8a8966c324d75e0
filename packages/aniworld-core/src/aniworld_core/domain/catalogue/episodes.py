"""One episode of a series, with its state in the library and in the catalogue."""

import attrs

from aniworld_core.domain.media import Language
from aniworld_core.messages import Message


@attrs.frozen(kw_only=True)
class Titles:
    """German and English title of an episode."""

    de: str | None = None
    en: str | None = None

    def preferred(self, language: Language | None, number: int) -> str:
        """Return the German title for German, else the English, else any, else `Episode N`."""
        wants_german = language is not None and "deu" in (language.audio, language.subtitles)
        first, second = (self.de, self.en) if wants_german else (self.en, self.de)
        return first or second or f"Episode {number}"


@attrs.frozen(kw_only=True)
class Episode:
    """One episode of a series.

    Attributes:
        last_number: Last number of a double episode, otherwise `None`.
        languages: Known languages; `None` if none were read yet.
        available: False for an announced episode, which never counts as missing.
        unavailable: Why an episode that is not available cannot be downloaded, such as a private
            video; `None` if it is announced only.
        link: Page of the episode, where its catalogue gives one.
        catalogue_id: Id of the entry of a list that the episode is; otherwise empty. It keeps the
            number with its entry if the catalogue loses its own record.
        wanted: False for an episode that the owner does not want; it never counts as missing.
        downloaded: Whether the library has a file of it.
        file: Path of the file relative to the library root, with forward slashes.
        file_language: Language of the file, where known.
    """

    season: int
    number: int
    titles: Titles = Titles()
    last_number: int | None = None
    languages: frozenset[Language] | None = None
    available: bool = True
    wanted: bool = True
    downloaded: bool = False
    file: str | None = None
    file_language: Language | None = None
    unavailable: Message | None = None
    link: str | None = None
    catalogue_id: str = ""

    @property
    def missing(self) -> bool:
        """Return whether it is available and wanted but not in the library."""
        return self.available and self.wanted and not self.downloaded

    @property
    def counted(self) -> bool:
        """Return whether it counts in the total of its series."""
        return self.downloaded or (self.available and self.wanted)

    @property
    def announced(self) -> bool:
        """Return whether it is wanted, and its catalogue has announced it only."""
        return self.wanted and not (self.available or self.downloaded)

    def with_file(self, file: str | None, language: Language | None) -> "Episode":
        """Return the episode with a file in the library, or without one.

        A scan calls it for every file, so no generic copy is made.
        """
        return Episode(
            season=self.season,
            number=self.number,
            titles=self.titles,
            last_number=self.last_number,
            languages=self.languages,
            available=self.available,
            wanted=self.wanted,
            downloaded=file is not None,
            file=file,
            file_language=language,
            unavailable=self.unavailable,
            link=self.link,
            catalogue_id=self.catalogue_id,
        )

    def is_same_but_file(self, other: "Episode") -> bool:
        """Return whether another state of the episode differs in nothing but its file."""
        return (
            self.season == other.season
            and self.number == other.number
            and self.titles == other.titles
            and self.last_number == other.last_number
            and self.languages == other.languages
            and self.available == other.available
            and self.wanted == other.wanted
            and self.unavailable == other.unavailable
            and self.link == other.link
            and self.catalogue_id == other.catalogue_id
        )
