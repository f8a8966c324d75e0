"""Words for languages in file names."""

import re
from typing import Final

from aniworld_core.domain.media import ENG_DUB, ENG_SUB, GER_DUB, GER_SUB, JPN, Language

_START = r"(?<![^\W_])"  # no letter or digit before it
_END = r"(?![^\W_])"  # no letter or digit after it
_FLAGS = re.IGNORECASE | re.ASCII

BRACKETS: Final = re.compile(r"\[[^\[\]]*\]|\([^()]*\)|\{[^{}]*\}")
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
