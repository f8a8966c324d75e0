"""Languages, qualities, and sources of media."""

import enum
import re
from typing import Final, Self

import attrs

from aniworld_core.domain.subtitles import Subtitle
from aniworld_core.errors import InvalidLanguageError, InvalidQualityError

#: Language, script, region. More would also accept a typo such as `ger-dup`.
_TAG = re.compile(r"[a-zA-Z]{2,3}(?:-[a-zA-Z]{4})?(?:-(?:[a-zA-Z]{2}|[0-9]{3}))?")

#: Names used by catalogues: audio and subtitle language as ISO 639-3 codes.
_NAMED: Final = {
    "ger-dub": ("deu", None),
    "ger-sub": ("jpn", "deu"),
    "eng-dub": ("eng", None),
    "eng-sub": ("jpn", "eng"),
    "jpn": ("jpn", None),
}
_NAME_OF: Final = {pair: name for name, pair in _NAMED.items()}
_LABELS: Final = {
    "ger-dub": "German Dub",
    "ger-sub": "German Sub",
    "eng-dub": "English Dub",
    "eng-sub": "English Sub",
}


@attrs.frozen(order=True)
class Language:
    """Spoken language and subtitle language, as one choice of a viewer.

    Attributes:
        code: `ger-dub`, `ger-sub`, `eng-dub`, `eng-sub`, `jpn`, or BCP-47 tags
            `<audio>` or `<audio>+<subtitles>` such as `fr` or `ja+fr`.
    """

    code: str

    @property
    def audio(self) -> str:
        """Return the spoken language as an ISO 639-3 code (`deu`)."""
        return _parts(self.code)[0]

    @property
    def subtitles(self) -> str | None:
        """Return the subtitle language as an ISO 639-3 code, or `None`."""
        return _parts(self.code)[1]

    def allows_audio(self, tag: str) -> bool:
        """Return whether an audio track with the tag *tag* (ISO 639-3) fits this choice.

        A dub must be spoken in its language. With subtitles the original language is spoken,
        which is usually Japanese; only the language of the subtitles is excluded.
        """
        if self.subtitles is None or tag == self.audio:
            return tag == self.audio
        return tag != self.subtitles

    @property
    def label(self) -> str:
        """Return the text for file names: `German Dub`, otherwise English language names."""
        if self.code in _LABELS:
            return _LABELS[self.code]
        import langcodes  # slow to import: large tables

        names = [langcodes.get(part).display_name("en") for part in _parts(self.code) if part]
        return " + ".join(names)

    @classmethod
    def of_tracks(cls, audio: str, subtitles: str | None = None) -> Self:
        """Return the language of a file from its track tags.

        Raises:
            InvalidLanguageError: If a tag is no language.
        """
        raw = audio if subtitles is None else f"{audio}+{subtitles}"
        return cls(parse_language(raw).code)

    def __str__(self) -> str:
        return self.code


GER_DUB: Final = Language("ger-dub")
GER_SUB: Final = Language("ger-sub")
ENG_DUB: Final = Language("eng-dub")
ENG_SUB: Final = Language("eng-sub")
JPN: Final = Language("jpn")


def parse_language(raw: str) -> Language:
    """Parse a language code; names used by catalogues are preferred.

    `de`, `deu` and `ger` are all `ger-dub`; `ja+de` is `ger-sub`.

    Raises:
        InvalidLanguageError: If *raw* is neither a known name nor one or two language tags.
    """
    text = raw.strip().lower()
    if text in _NAMED:
        return Language(text)
    tags = text.split("+")
    if not 1 <= len(tags) <= 2 or not all(_TAG.fullmatch(tag) for tag in tags):
        raise InvalidLanguageError(raw)
    alpha3 = [normalise_tag(tag) for tag in tags]
    audio = alpha3[0]
    subtitles = alpha3[1] if len(alpha3) == 2 else None
    if audio is None or (len(alpha3) == 2 and subtitles is None):
        raise InvalidLanguageError(raw)
    named = _NAME_OF.get((audio, subtitles))
    if named is not None:
        return Language(named)
    import langcodes

    return Language("+".join(langcodes.standardize_tag(tag, macro=False) for tag in tags))


def normalise_tag(tag: str) -> str | None:
    """Return the ISO 639-3 code of a language tag (`de`, `ger`, `de-DE` → `deu`), if it is one."""
    import langcodes
    from langcodes.tag_parser import LanguageTagError

    try:
        language = langcodes.get(tag)
        return language.to_alpha3() if language.is_valid() else None
    except (LanguageTagError, LookupError):
        return None


def _parts(code: str) -> tuple[str, str | None]:
    if code in _NAMED:
        return _NAMED[code]
    tags = [normalise_tag(tag) or tag for tag in code.split("+")]
    return tags[0], tags[1] if len(tags) > 1 else None


class Quality(enum.StrEnum):
    """Preferred picture height: a limit, or the best or worst on offer."""

    BEST = "best"
    WORST = "worst"
    P360 = "360p"
    P480 = "480p"
    P720 = "720p"
    P1080 = "1080p"

    @property
    def max_height(self) -> int | None:
        """Return the highest picture height in lines, or `None` without a limit."""
        return int(self.value[:-1]) if self.value.endswith("p") else None


def parse_quality(raw: str) -> Quality:
    """Parse a quality; case and surrounding spaces are ignored.

    Raises:
        InvalidQualityError: If *raw* is no quality.
    """
    try:
        return Quality(raw.strip().lower())
    except ValueError as error:
        raise InvalidQualityError(raw) from error


class TrackRole(enum.StrEnum):
    """Purpose of a video or audio track of a manifest."""

    MAIN = "main"
    DESCRIPTION = "description"
    COMMENTARY = "commentary"
    CLEAR_SPEECH = "clear-speech"
    SIGN_LANGUAGE = "sign-language"
    TRICK_MODE = "trick-mode"

    @property
    def is_of_sound(self) -> bool:
        """Return whether only audio tracks have this role."""
        return self in {self.DESCRIPTION, self.COMMENTARY, self.CLEAR_SPEECH}


class StreamKind(enum.StrEnum):
    """Format of a stream: one file or a manifest."""

    DIRECT = "direct"
    HLS = "hls"
    DASH = "dash"


@attrs.frozen
class Checksum:
    """Digest of a whole file, as the catalogue publishes it.

    Attributes:
        algorithm: `md5`, `sha1`, `sha256` or `crc32`.
        digest: Lower-case hexadecimal.
    """

    algorithm: str
    digest: str


class Extra(enum.StrEnum):
    """Something that a resolver adds to its streams only on request."""

    CHAPTERS = "chapters"
    THUMBNAIL = "thumbnail"
    AUTOMATIC_SUBTITLES = "automatic-subtitles"
    SPONSORBLOCK = "sponsorblock"


@attrs.frozen(kw_only=True)
class Chapter:
    """A chapter of a film; *start* and *end* are seconds from its beginning."""

    start: float
    end: float
    title: str = ""


@attrs.frozen(kw_only=True)
class Thumbnail:
    """A picture of a film on a server.

    Attributes:
        url: Link of the picture.
        headers: Request headers for the link, as pairs; may contain secrets.
    """

    url: str
    headers: tuple[tuple[str, str], ...] = attrs.field(default=(), repr=False)


@attrs.frozen(kw_only=True)
class MediaSource:
    """One source of an episode: a page of a hoster or a media link.

    Attributes:
        provider: Name of the loader that found it.
        hoster: Public name of the hoster.
        url: Page or media link.
        language: Language, or `None` if the catalogue names none.
        kind: Format if *url* is a media link, otherwise `None`.
        headers: Request headers for the link, as pairs; may contain secrets.
        height: Picture height in lines, if known.
        size: Whole size in bytes, if known.
        checksum: Digest of the whole file, if the catalogue publishes one.
        duration: Playing time in seconds, if known.
        reach: Exact `host:port` pairs in loopback or private networks that this source may reach
            because the owner configured the server there. Never taken from remote data.
        subtitles: Subtitles in separate files.
        extras: What to add to its streams besides the extras of the configuration.
        chapters: Chapters that the catalogue names; they are added if `extras` has them.
    """

    provider: str
    hoster: str
    url: str
    language: Language | None = None
    kind: StreamKind | None = None
    headers: tuple[tuple[str, str], ...] = attrs.field(default=(), repr=False)
    height: int | None = None
    size: int | None = None
    checksum: Checksum | None = None
    duration: float | None = None
    reach: frozenset[str] = frozenset()
    subtitles: tuple[Subtitle, ...] = ()
    extras: frozenset[Extra] = frozenset()
    chapters: tuple[Chapter, ...] = ()


@attrs.frozen(kw_only=True)
class Stream:
    """A file or manifest to fetch, with the request headers for it.

    The other fields are those of `MediaSource`. The link may expire at any time.

    Attributes:
        sound: File with the audio; the fetcher merges both if the file at `url` has none.
        chapters: Chapters to write into the file.
        thumbnails: Pictures to put into the file, best first; the first usable one is taken.
        variant: Name of the format on its page, equal for fresh links to the same file.
    """

    url: str
    kind: StreamKind
    headers: tuple[tuple[str, str], ...] = attrs.field(default=(), repr=False)
    language: Language | None = None
    height: int | None = None
    size: int | None = None
    checksum: Checksum | None = None
    duration: float | None = None
    reach: frozenset[str] = frozenset()
    provider: str = ""
    hoster: str = ""
    subtitles: tuple[Subtitle, ...] = ()
    sound: "Stream | None" = None
    chapters: tuple[Chapter, ...] = ()
    thumbnails: tuple[Thumbnail, ...] = ()
    variant: str = ""


def stream_from_source(source: MediaSource, kind: StreamKind) -> Stream:
    """Return the stream of a source whose link is media."""
    return Stream(
        url=source.url,
        kind=kind,
        headers=source.headers,
        language=source.language,
        height=source.height,
        size=source.size,
        checksum=source.checksum,
        duration=source.duration,
        reach=source.reach,
        provider=source.provider,
        hoster=source.hoster,
        subtitles=source.subtitles,
        chapters=source.chapters if Extra.CHAPTERS in source.extras else (),
    )
