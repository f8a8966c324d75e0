"""Values of the demo: series, episodes, packagings and clips."""

import enum

import attrs

from aniworld_core.domain.identity import SeriesKey, format_episode_code
from aniworld_core.domain.media import Language


class Packaging(enum.StrEnum):
    """Packaging of the media of an episode."""

    HLS_TS = "ts"
    HLS_FMP4 = "fmp4"
    HLS_ENCRYPTED = "aes"
    HLS_AUDIO = "audio"  #: separate playlists for video, each audio language and subtitles
    MP4 = "mp4"
    MKV = "mkv"

    @property
    def is_hls(self) -> bool:
        """Whether it is a playlist with segments instead of one file."""
        return self not in {Packaging.MP4, Packaging.MKV}


class Obstacle(enum.Enum):
    """Why the media of an episode cannot be downloaded at once."""

    GONE = enum.auto()  #: The catalogue lists it, and the server has no file.
    PERSON = enum.auto()  #: The server wants a person to open the link first.


@attrs.frozen(kw_only=True)
class DemoEpisode:
    """One invented episode.

    Attributes:
        packagings: Offered packagings, preferred first.
        obstacle: What hinders its download; `None` for most.
    """

    season: int
    number: int
    de: str
    en: str
    languages: tuple[Language, ...]
    seconds: int
    packagings: tuple[Packaging, ...]
    available: bool = True
    obstacle: Obstacle | None = None


@attrs.frozen(kw_only=True)
class DemoSeries:
    """One invented series.

    Attributes:
        colour: Chroma (Cb, Cr) of its pictures.
    """

    key: SeriesKey
    de: str
    en: str
    year: int
    end_year: int | None
    description: str
    genres: tuple[str, ...]
    other_titles: tuple[str, ...]
    colour: tuple[int, int]
    episodes: tuple[DemoEpisode, ...]


@attrs.frozen(kw_only=True)
class Clip:
    """The media of one episode in one packaging, with their audio languages."""

    series: DemoSeries
    episode: DemoEpisode
    audio: tuple[str, ...]
    packaging: Packaging

    @property
    def name(self) -> str:
        """Name of its folder and first part of its links; the same in every run."""
        code = format_episode_code(self.episode.season, self.episode.number).lower()
        return f"{self.series.key}-{code}-{'-'.join(self.audio)}-{self.packaging}"

    @property
    def entry(self) -> str:
        """The file that a player opens."""
        return "index.m3u8" if self.packaging.is_hls else f"episode.{self.packaging}"


def clip_of(
    series: DemoSeries, episode: DemoEpisode, language: Language, packaging: Packaging
) -> Clip:
    """Return the clip of an episode in a language."""
    spoken = {language.audio}
    if packaging is Packaging.HLS_AUDIO:
        spoken = {offered.audio for offered in episode.languages}
    return Clip(series=series, episode=episode, audio=tuple(sorted(spoken)), packaging=packaging)
