"""Fold titles for comparison: spellings of one title get a common key, different titles do not."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

import attrs

#: Most characters of a title that are compared.
_LIMIT: Final = 300
#: Fewest characters of a loose key: with less, different titles become equal.
_LEAST_LOOSE: Final = 6

_SPELT: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_LONG: Final = str.maketrans({"ō": "ou", "ū": "uu", "ā": "aa", "ē": "ee", "ī": "ii"})
_LONG_O: Final = str.maketrans({"ō": "oo", "ū": "uu", "ā": "aa", "ē": "ei", "ī": "ii"})
_PLAIN: Final = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ß": "ss"}
    | dict.fromkeys("'’‘ʼ`´", "")
    | {"&": " and ", "+": " plus ", "½": " 1 2 ", "×": " x ", "@": " at "}
)
_WORD: Final = re.compile(r"[^\W_]+")
#: Words for `&` that differ between the spellings of a title.
_JOINERS: Final = frozenset({"and", "und"})
_ARTICLES: Final = frozenset({"the", "a", "an", "der", "die", "das", "ein", "eine"})
_LONG_VOWEL: Final = re.compile(r"a[ae]+|o[eou]+|u[eu]+|ii+|ee+")
_DIGIT: Final = re.compile(r"(?<=\d) (?=\d)")


@attrs.frozen
class TitleKeys:
    """Keys of a title; two titles are alike if they share one.

    Attributes:
        strict: Keys with umlauts and long vowels written out or without their marks; titles that
            share one have the same words.
        loose: Key that also ignores a leading article and, unless the title is short, how long
            vowels and umlauts are written (`ō`, `o` and `ou`; `ü`, `u` and `ue`).
    """

    strict: frozenset[str]
    loose: str = ""

    def __bool__(self) -> bool:
        return bool(self.strict)


@lru_cache(maxsize=65536)
def title_keys(title: str) -> TitleKeys:
    """Return the keys of a title.

    Case, Unicode form, punctuation, dots and underscores never matter. Titles of other scripts
    keep their letters.
    """
    text = unicodedata.normalize("NFC", title[:_LIMIT]).casefold()
    before, _, behind = text.rpartition(",")
    if behind.strip() in _ARTICLES and before.strip():
        text = f"{behind} {before}"  # `The Alpha` is also written `Alpha, The`
    plain = _words(text)
    if not plain:
        return TitleKeys(frozenset())
    strict, spelt = {_joined(plain)}, plain
    if not text.isascii():
        written = [text.translate(table) for table in (_SPELT, _LONG, _LONG_O)]
        spelt = _words(written[0])
        strict.add(_joined(spelt))
        strict |= {_joined(_words(other)) for other in written[1:] if other != text}
    whole = _joined(_without_article(spelt))
    loose = _LONG_VOWEL.sub(lambda match: match[0][0], whole)
    return TitleKeys(frozenset(strict), loose if len(loose) >= _LEAST_LOOSE else whole)


def same_title(first: str, second: str) -> bool:
    """Return whether two titles are spellings of one title."""
    one, other = title_keys(first), title_keys(second)
    return bool(one.strict & other.strict) or bool(one.loose and one.loose == other.loose)


def _words(text: str) -> list[str]:
    text = text.translate(_PLAIN)
    if not text.isascii():
        # Only accents of European scripts are dropped: a dakuten makes another Japanese letter.
        decomposed = unicodedata.normalize("NFKD", text)
        bare = "".join(c for c in decomposed if not "\u0300" <= c <= "\u036f")
        text = unicodedata.normalize("NFKC", bare).casefold()
    words = _WORD.findall(text)
    return [word for word in words if word not in _JOINERS] or words


def _without_article(words: list[str]) -> list[str]:
    return words[1:] if len(words) > 1 and words[0] in _ARTICLES else words


def _joined(words: list[str]) -> str:
    """Join words, but keep numbers apart: `1 2` is not `12`."""
    return _DIGIT.sub("_", " ".join(words)).replace(" ", "")
