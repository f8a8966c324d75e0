"""Languages, qualities, and where media come from."""

import enum
import re
from typing import Final, Self

import attrs

from aniworld_core.domain.subtitles import Subtitle
from aniworld_core.errors import InvalidLanguageError, InvalidQualityError

#: Language, script, region; no more, or a slip such as `ger-dup` would be a language as well.
_TAG = re.compile(r"[a-zA-Z]{2,3}(?:-[a-zA-Z]{4})?(?:-(?:[a-zA-Z]{2}|[0-9]{3}))?")

#: The catalogues' own names: audio and subtitle language as ISO 639-3 codes.
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
    """What is spoken and what is shown as text, as one choice a viewer makes.

    Attributes:
        code: `ger-dub`, `ger-sub`, `eng-dub`, `eng-sub`, `jpn`, or BCP-47 tags
            `<audio>` or `<audio>+<subtitles>` such as `fr` or `ja+fr`.
    """

    code: str

    @property
    def audio(self) -> str:
        """The spoken language as an ISO 639-3 code (`deu`)."""
        return _parts(self.code)[0]

    @property
    def subtitles(self) -> str | None:
        """The subtitle language as an ISO 639-3 code, or `None`."""
        return _parts(self.code)[1]

    def allows_audio(self, tag: str) -> bool:
        """Whether a sound track tagged *tag* (ISO 639-3) may belong to this choice.

        A dub is spoken in its language. With subtitles the original is spoken, which is mostly
        but not always Japanese; only the language of the subtitles themselves is ruled out.
        """
        if self.subtitles is None or tag == self.audio:
            return tag == self.audio
        return tag != self.subtitles

    @property
    def label(self) -> str:
        """The words used in file names: `German Dub`, else English language names."""
        if self.code in _LABELS:
            return _LABELS[self.code]
        import langcodes  # tables that take longer to load than anything else here

        names = [langcodes.get(part).display_name("en") for part in _parts(self.code) if part]
        return " + ".join(names)

    @classmethod
    def of_tracks(cls, audio: str, subtitles: str | None = None) -> Self:
        """Make the language of a file from its track tags.

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
    """Read a language code, giving the catalogues' own name where one exists.

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
    """The wanted picture height: a ceiling, or an end of what is offered."""

    BEST = "best"
    WORST = "worst"
    P360 = "360p"
    P480 = "480p"
    P720 = "720p"
    P1080 = "1080p"

    @property
    def max_height(self) -> int | None:
        """The greatest picture height in lines, or `None` when there is no ceiling."""
        return int(self.value[:-1]) if self.value.endswith("p") else None


def parse_quality(raw: str) -> Quality:
    """Read a quality, ignoring case and surrounding spaces.

    Raises:
        InvalidQualityError: If *raw* names none.
    """
    try:
        return Quality(raw.strip().lower())
    except ValueError as error:
        raise InvalidQualityError(raw) from error


class TrackRole(enum.StrEnum):
    """What a picture or sound of a manifest is there for."""

    MAIN = "main"
    DESCRIPTION = "description"
    COMMENTARY = "commentary"
    CLEAR_SPEECH = "clear-speech"
    SIGN_LANGUAGE = "sign-language"
    TRICK_MODE = "trick-mode"

    @property
    def is_of_sound(self) -> bool:
        """Whether only sound has this role."""
        return self in {self.DESCRIPTION, self.COMMENTARY, self.CLEAR_SPEECH}


class StreamKind(enum.StrEnum):
    """How the bytes of a stream are laid out."""

    DIRECT = "direct"
    HLS = "hls"
    DASH = "dash"


@attrs.frozen
class Checksum:
    """A digest the catalogue promises for a whole file.

    Attributes:
        algorithm: `md5`, `sha1`, `sha256` or `crc32`.
        digest: Lower-case hexadecimal.
    """

    algorithm: str
    digest: str


@attrs.frozen(kw_only=True)
class MediaSource:
    """One place an episode can be had from: a hoster page or a media link.

    Attributes:
        provider: Name of the loader that found it.
        hoster: Name of the place that serves it, as shown to people.
        url: The page or the media link.
        language: What is spoken and shown, or `None` when the catalogue does not say.
        kind: How the media are laid out when *url* already is media, else `None`.
        headers: Request headers the link needs, as pairs; may hold secrets.
        height: Picture height in lines, if known.
        size: Whole size in bytes, if known.
        checksum: Digest of the whole file, if the catalogue publishes one.
        duration: Playing time in seconds, if known.
        reach: Exact `host:port` pairs in loopback or private ranges that this source may reach
            because the owner configured the server there. Never taken from remote data.
        subtitles: Subtitles in files of their own that belong to it.
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


@attrs.frozen(kw_only=True)
class Stream:
    """Something that can be fetched: a file or a manifest, with what its server wants to see.

    The fields mean what they mean in `MediaSource`; a stream link may expire at any time.
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


def stream_from_source(source: MediaSource, kind: StreamKind) -> Stream:
    """Make the stream of a source whose link already is media."""
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
    )
