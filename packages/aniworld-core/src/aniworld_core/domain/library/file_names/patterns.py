"""Patterns for file names. Each runs in linear time: no quantifier contains another."""

import re
from typing import Final

from aniworld_core.domain.media import ENG_DUB, ENG_SUB, GER_DUB, GER_SUB, JPN, Language

#: Container suffixes of video files, lower case, with their dot.
VIDEO_SUFFIXES: Final = frozenset(
    {".mkv", ".mp4", ".m4v", ".avi", ".mov", ".ts", ".m2ts", ".webm", ".wmv", ".flv"}
    | {".mpg", ".mpeg", ".ogm", ".ogv"}
)

_START = r"(?<![^\W_])"  # no letter or digit before it
_END = r"(?![^\W_])"  # no letter or digit after it
_FLAGS = re.IGNORECASE | re.ASCII

#: `S01E05`, `S1.E1`, `s01ep05`, `S01 E05`.
SEASON_EPISODE: Final = re.compile(_START + r"S(\d{1,4})[ ._-]?EP?(\d{1,4})(?!\d)", _FLAGS)
#: Further numbers: `-E06`, `E06`, `-S01E06`; `-06` only if nothing else follows directly.
NEXT_EPISODE: Final = re.compile(r"[._]?-?(?:S\d{1,4})?EP?(\d{1,4})(?!\d)", _FLAGS)
NEXT_NUMBER: Final = re.compile(r"-(\d{2,4})" + _END, _FLAGS)
#: `1x05`, but not `1280x720`.
CROSS: Final = re.compile(_START + r"(\d{1,2})x(\d{1,4})(?!\d)", _FLAGS)
NEXT_CROSS: Final = re.compile(r"(?:(?:-\d{1,2})?x|-(?=\d\d))(\d{1,4})(?!\d)", _FLAGS)
VERSION: Final = re.compile(r"[ ._]?v(\d{1,2})" + _END, _FLAGS)
#: The code in names of Aniworld and most managers: ` - S01E05`, ` - S01E05-E06`.
OWN_CODE: Final = re.compile(
    r" - S(\d{2,4})E(\d{2,4})(?:-E(\d{2,4}))?(?= - (?!\d{3,4} - )| \(|$)", re.A
)
#: The absolute number of the pattern `S01E05 - 005 - Title`.
ABSOLUTE_AFTER: Final = re.compile(r" - (\d{3,4})(?= - )", _FLAGS)

#: A season in a name or folder, and a folder that is nothing but a season.
SEASON_WORD: Final = re.compile(
    _START + r"(?:(?:season|staffel|saison)[ ._-]?(\d{1,4})"
    r"|(\d{1,2})(?:st|nd|rd|th)[ ._]season|(\d{1,2})\.[ ._]?staffel|S(\d{1,2}))" + _END,
    _FLAGS,
)
SPECIALS_FOLDER: Final = re.compile(
    r"specials?|extras?|filme?|films?|movies?|ovas?|oads?|season[ ._-]?0+", _FLAGS
)

#: `Movie 001`, `Film 1`, `OVA 2`, `Special 03`, `SP1`.
SPECIAL: Final = re.compile(
    _START + r"(movie|film|ova|oad|special|sp)[ ._-]{0,3}(\d{1,3})" + _END, _FLAGS
)
SPECIAL_WORD: Final = re.compile(_START + r"(?:ova|oad|specials?|movie)" + _END, _FLAGS)
#: Creditless openings and endings, previews, menus: never episodes.
EXTRA: Final = re.compile(
    _START + r"(?:NC(?:OP|ED)|creditless|clean (?:opening|ending)|PV|menu|preview)[ ._-]?\d{0,2}"
    r"(?:v\d)?" + _END,
    _FLAGS,
)
#: `Episode 05`, `Ep04`, `E1135`, `Folge 12`, `#957`.
EPISODE_WORD: Final = re.compile(
    r"(?:" + _START + r"(?:(?:episode|episodio|folge|ep)[ ._-]{0,2}|e)|#)(\d{1,4})(?!\d)", _FLAGS
)
#: `第05話`, `第5集`.
EPISODE_CJK: Final = re.compile(r"第[ ]?(\d{1,4})[ ]?[話话集回]")

_NUMBER = r"(\d{1,4})(?:\.([1-9]))?(?:[ ._]?v(\d))?(?:[-~](\d{1,4}))?"
_AFTER_NUMBER = r"(?=$|[ _\[(~\x00]|-\x00|\.(?!\d))"
#: `- 09v2`, `- 12.5`, `- 26-27`, `- 01~10`.
DASH_NUMBER: Final = re.compile(
    r"(?:[ _.]-[ _.]|[ _.]-|[ _](?=\d{1,4}~\d))" + _NUMBER + _AFTER_NUMBER, _FLAGS
)
#: Content of `[05]`, `[05v2]`, `[01-12]`.
BRACKET_NUMBER: Final = re.compile(_NUMBER + r"(?: ?END)?", _FLAGS)
#: `05 - Title`, `05.mkv`, and with a season folder also `05 Title`.
LEADING_NUMBER: Final = re.compile(_NUMBER + r"(?=$|[ _]?-[ _]|[.](?!\d)|_)", _FLAGS)
LEADING_LOOSE: Final = re.compile(_NUMBER + _AFTER_NUMBER, _FLAGS)

BRACKETS: Final = re.compile(r"\[[^\[\]]*\]|\([^()]*\)|\{[^{}]*\}")
#: Words with digits that are no episode numbers.
NOISE: Final = re.compile(
    _START + r"(?:\d{3,4}[pi](?:\d\d)?|\d{3,4}x\d{3,4}|[xh][. ]?26[456]|\d{1,2}[- ]?bit|hi\d{1,2}p?"
    r"|(?:aac|ac3|e-?ac-?3|ddp?|dts|flac|opus|truehd)[. ]?[1-9]\.[0-2]|[1257]\.[01]"
    r"|(?:part|teil|vol(?:ume)?|cour|disc|disk|cd|pt)[. _]?\d{1,3}|mp[34]|4k|8k"
    r"|(?:blu-?ray|bd|dvd|web)[- ]?(?:rip|dl)?|\d{2,3}fps)" + _END,
    _FLAGS,
)
YEAR: Final = re.compile(r"(?:19|20)\d\d")
#: Picture heights that appear in brackets without `p`.
HEIGHTS: Final = frozenset({360, 480, 540, 576, 720, 1080, 1440, 2160, 4320})
CHECKSUM: Final = re.compile(r"[0-9a-f]{8}", _FLAGS)

_LANGUAGE = re.compile(
    _START
    + r"(ger(?:man)?|deutsch|eng(?:lish)?|englisch)[ ._-]?(dub|sub)(?:bed|s|titles?)?"
    + _END,
    _FLAGS,
)
_WORDS: Final = {
    "deutsch": GER_DUB,
    "german": GER_DUB,
    "ger": GER_DUB,
    "dub": GER_DUB,
    "sub": GER_SUB,
    "english": ENG_DUB,
    "englisch": ENG_DUB,
    "eng": ENG_DUB,
    "japanese": JPN,
    "japanisch": JPN,
    "jpn": JPN,
    "omu": GER_SUB,
}
_SCENE_GERMAN = re.compile(r"[._]german(?=[._])", _FLAGS)
#: English language names in Aniworld's file names. They are listed here because looking them
#: up loads a large table.
LABELS: Final = {
    "french": Language("fr"),
    "spanish": Language("es"),
    "italian": Language("it"),
    "portuguese": Language("pt"),
    "korean": Language("ko"),
    "chinese": Language("zh"),
    "russian": Language("ru"),
    "polish": Language("pl"),
    "turkish": Language("tr"),
    "arabic": Language("ar"),
    "dutch": Language("nl"),
    "swedish": Language("sv"),
    "danish": Language("da"),
    "finnish": Language("fi"),
}

_IGNORED_FOLDERS: Final = frozenset(
    {"@eadir", "#recycle", "#snapshot", "$recycle.bin", "lost+found"}
    | {"system volume information", "sample", "samples", "trailer", "trailers"}
)
_PARTIAL_WORD = re.compile(r"[._](?:part|ytdl|te?mp|crdownload|aria2|download|!qb)")
_PARTIAL = re.compile(
    r"\.(?:part|ytdl|temp|tmp|crdownload|aria2|download|!qb)$|\.part(?:-frag\d{0,9}|\.)|_tmp\.\w{1,5}$"
    r"|\.part\d{0,9}$",
    _FLAGS,
)
_SAMPLE = re.compile(r"(?:^|[-._])(?:sample|trailer)(?:\.\w{1,5})?$|^sample[-._]", _FLAGS)


def video_suffix(name: str) -> str:
    """Return the container suffix as written, or an empty string if it is no video name."""
    _, dot, suffix = name.rpartition(".")
    return dot + suffix if f".{suffix.lower()}" in VIDEO_SUFFIXES and dot else ""


def is_video_name(name: str) -> bool:
    """Return whether a file of this name counts as an episode or film."""
    return bool(video_suffix(name)) and not is_ignored_name(name)


def is_ignored_name(name: str) -> bool:
    """Return whether a file or folder is ignored: hidden, partial, sample, trailer, system."""
    lowered = name.lower()
    if lowered.startswith(".") or lowered in _IGNORED_FOLDERS:
        return True
    # The cheap search for the word saves the pattern for most names.
    if ("sample" in lowered or "trailer" in lowered) and _SAMPLE.search(lowered):
        return True
    return bool(_PARTIAL_WORD.search(lowered) and _PARTIAL.search(lowered))


def find_language(stem: str, after: str) -> Language | None:
    """Return the language that words in a file name state.

    Args:
        stem: Whole name without suffix.
        after: Part after the episode number, in which bare language names count.
    """
    match = _LANGUAGE.search(stem)
    if match:
        is_german = match[1].lower().startswith(("g", "d"))
        if match[2].lower() == "dub":
            return GER_DUB if is_german else ENG_DUB
        return GER_SUB if is_german else ENG_SUB
    words = [bracket[1:-1] for bracket in BRACKETS.findall(after)]
    words.append(BRACKETS.sub("", after).rpartition(" - ")[2])
    for word in reversed(words):
        found = _language_word(word.strip().lower())
        if found:
            return found
    return GER_DUB if _SCENE_GERMAN.search(after) and " " not in stem.strip() else None


def is_language_word(word: str) -> bool:
    """Return whether a part of a name is only a language."""
    return bool(_LANGUAGE.fullmatch(word) or _language_word(word.strip().lower()))


def _language_word(word: str) -> Language | None:
    return _WORDS.get(word) or LABELS.get(word)
