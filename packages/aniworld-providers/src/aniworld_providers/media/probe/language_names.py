"""Recognise the language of a track by its tag or its name."""

import re

from aniworld_core.domain.media import normalise_tag

#: Names that sites put where the language tag belongs, as ISO 639-3 codes.
_NAMES = {
    "deutsch": "deu",
    "german": "deu",
    "allemand": "deu",
    "japanisch": "jpn",
    "japanese": "jpn",
    "日本語": "jpn",
    "englisch": "eng",
    "english": "eng",
    "französisch": "fra",
    "french": "fra",
    "français": "fra",
    "spanisch": "spa",
    "spanish": "spa",
    "español": "spa",
    "italienisch": "ita",
    "italian": "ita",
}

#: Characters of a tag or name that are read.
_LONGEST = 200


def language_named(written: str | None, name: str) -> str | None:
    """Return the ISO 639-3 code of a track, from its tag or else from its name."""
    written, name = (written or "")[:_LONGEST], name[:_LONGEST]
    if written:
        code = normalise_tag(written.strip())
        if code is not None and code != "und":
            return code
    for text in (written, name):
        for word in re.findall(r"\w+", text.casefold()):
            if word in _NAMES:
                return _NAMES[word]
    tag = name.strip()
    return normalise_tag(tag) if 2 <= len(tag) <= 3 else None
