"""Text in file names that holds digits and is no episode number."""

import re
from typing import Final

from aniworld_core.domain.library.file_names.titles import GAP

_START = r"(?<![^\W_])"
_END = r"(?![^\W_])"
_FLAGS = re.IGNORECASE | re.ASCII

#: Brackets, dashes, digits and spaces of other scripts; every character stays one character.
TRANSLATED: Final = str.maketrans(
    "【】「」『』［］〔〕（）｛｝–—‐‑−〜～×＃　★☆_\u00a0０１２３４５６７８９",
    "[][][][][](){}-----~~x#     0123456789",
)

#: Picture, sound, size and identity, beginning with a digit.
_DIGITS: Final = re.compile(
    _START
    + r"(?:[0-9]{3,4}[pi](?:[0-9]{2,3})?(?:hd)?|(?!(?:19|20)[0-9]{2}x[0-3]?[0-9]{1,2}(?![0-9]))"
    r"[0-9]{3,4} ?[x*] ?[0-9]{3,4}[a-z]{0,3}|[248]k|[0-9]{1,2}[ -]?bits?|10b"
    r"|[23]d|(?<!#)[1-9][.][0-2](?:ch)?(?![.]?[0-9])|[1-8]ch"
    r"|[0-9]{2,3}(?:[.][0-9]{1,3})?[ ]?fps"
    r"|[0-9]{1,2} (?:movies?|films?|filme) (?:collection|box|pack)"
    r"|[0-9]{1,4}(?:[.,][0-9]{1,2})? ?[kmgt]i?b"
    r"|[0-9]{2,5}kb(?:ps|/s)?"
    r"|(?!0)[0-9]{1,4}(?:[.][0-9]{1,2})?-(?=[a-z]{2})|[0-9]{1,2}月(?:新番)?"
    r"|[0-9]{1,4}(?:st|nd|rd|th))" + _END,
    _FLAGS,
)
#: The same, beginning with a letter.
_LETTERS: Final = re.compile(
    _START + r"(?:[xh][. ]?26[3-6]|avc|hevc(?:[ -]?10)?|vp9|av1|mp[34]|mpeg-?[24]|vc-?1|wmv[0-9]?"
    r"|divx[0-9]?(?:[.][0-9]){0,3}|xvid[0-9]?|hi[0-9]{1,3}p?|ma10p?|yuv[0-9]{3}p?[0-9]{0,2}"
    r"|(?:he-?)?(?:aac|ac-?3|e-?ac-?3|ddp?|dd\+|dts(?:-?(?:hd|es))?(?:[ .-]?ma)?|flac|opus|truehd"
    r"|l?pcm|ogg|vorbis|atmos|dolby)(?:[ ._-]?[1-9][. ][0-2])?(?:x[2-9])?"
    r"|(?:vol(?:ume)?|disc|disk|cd|dvd|bd|dvd-?r|region|pt)[. ]{0,2}[0-9]{1,3}(?:v[0-9])?"
    r"|hd[ ]?[0-9]{3,4}p?|bs[0-9]{1,2}"
    r"|(?:tvdb|tmdb|imdb|anidb|anilist|mal)(?:id)?[-= ]{1,2}(?:tt)?[0-9]{1,10}"
    r"|(?:blu-?ray|bd|dvd|web|hd|hdtv|br|tv)[ -]?(?:rip|dl|mux|raw)?|remux|remastered|raw"
    r"|hdtvmux|pdtv|dsr|vostfr|vostf|vf|subfrench|multi|uncensored|uncut|dual[ .-]?audio"
    r"|amzn|baha|cr"
    r"|(?:ger|german|deutsch|eng|english|jap|jpn|ita|fr|french)[ .-]?(?:dub|sub)(?:bed|s)?"
    r"|german|deutsch|english|french|complete|batch|proper|repack|end|fin|final(?=[ ]?\Z))" + _END,
    _FLAGS,
)
_CHECKSUM: Final = re.compile(
    r"(?<=[\[(])[0-9a-f]{8}(?=[\])])"
    r"|(?<=[- .\x00])(?=[0-9]{0,7}[a-f])(?=[a-f]{0,7}[0-9])[0-9a-f]{8}(?=[ .]?\Z)",
    _FLAGS,
)
_YEARS: Final = re.compile(
    r"(?<=[(\[])(?:19|20)[0-9]{2}(?:-(?:19|20)?[0-9]{2})?(?=[)\]])"
    r"|(?<![^\W_])(?:19|20)[0-9]{2}(?![^\W_]|-[0-9]|x[0-9])",
    re.ASCII,
)
#: A height without `p` between other remarks: `2013.720.x264`.
_HEIGHT: Final = re.compile(r"(?<=\x00[. ])(?:480|576|720|1080|2160)(?=[. -]\x00)")
_WEBSITE: Final = re.compile(r"www[.][\w-]{1,40}[.][a-z]{2,6}", _FLAGS)

#: Names that are made up: nothing but letters and digits, and long.
OBFUSCATED: Final = re.compile(
    r"(?=[a-z]{0,40}[0-9])(?=[0-9]{0,40}[a-z])(?:[0-9a-z]{16,300}|[0-9a-f]{5,15})", _FLAGS
)
#: Sources of television programmes, whose three digits are season and episode.
TELEVISION: Final = re.compile(_START + r"(?:hdtv|pdtv|dsr|tvrip|dimension|lol)" + _END, _FLAGS)

#: Where the description of a release begins.
RELEASE: Final = re.compile(
    r"[ ._-](?:[0-9]{3,4}[pi]|web(?:-?dl|-?rip)?|blu-?ray|bd-?rip|[hp]dtv|dvd(?:-?rip)?"
    r"|[xh][ .]?26[45]|hevc|(?:german|multi)[ .](?:dl|dubbed|[0-9])|repack|proper"
    r"|fastsub|vostfr)(?![^\W_])",
    re.IGNORECASE | re.ASCII,
)


def gap(match: re.Match[str]) -> str:
    """Return a gap as long as the match, so that positions stay."""
    return GAP * len(match[0])


def without_noise(text: str) -> str:
    """Return a name with gaps for text that holds digits and no episode number.

    Dots that separate words become spaces.
    """
    for pattern in (_WEBSITE, _CHECKSUM, _LETTERS, _DIGITS, _YEARS, _HEIGHT):
        text = pattern.sub(gap, text)
    return text.replace(".", " ")
