"""Titles and names of unknown origin as one line that is safe to show."""

import unicodedata
from typing import Final

#: Joiners between letters of Persian and Indic scripts, and between the parts of an emoji. They
#: are format characters, as are those that reverse a line and must not pass.
_JOINERS: Final = "\u200c\u200d"
#: Selectors of a country's part after a black flag (Unicode Technical Standard 51).
_TAGS: Final = range(0xE0020, 0xE0080)
_FLAG: Final = "\U0001f3f4"
_SKIN: Final = range(0x1F3FB, 0x1F400)


def one_line(text: str, most: int | None = None, *, lines: bool = False) -> str:
    """Return a text with spaces in place of characters that are not printable.

    Args:
        text: Any text.
        most: Most characters of the result; no visible character is split.
        lines: Whether to keep the ends of lines and repeated spaces.
    """
    head = text if most is None else text[: 4 * most]
    kept = "".join(
        c if _is_kept(head, place) or (lines and c == "\n") else " " for place, c in enumerate(head)
    )
    plain = (kept if lines else " ".join(kept.split())).strip()
    if most is None or len(plain) <= most:
        return plain
    end = most
    while end and _continues(plain, end):
        end -= 1
    return plain[: end or most].strip()


def _is_kept(text: str, at: int) -> bool:
    character = text[at]
    if character.isprintable():
        return True
    before = text[at - 1] if at else " "
    if character in _JOINERS:
        after = text[at + 1] if at + 1 < len(text) else " "
        return before.isprintable() and before != " " and after.isprintable() and after != " "
    return ord(character) in _TAGS and (before == _FLAG or ord(before) in _TAGS)


def _continues(text: str, at: int) -> bool:
    """Return whether the character at *at* belongs to the visible character before it."""
    character = text[at]
    return (
        unicodedata.category(character).startswith("M")
        or character in _JOINERS
        or text[at - 1] == "\u200d"
        or ord(character) in _TAGS
        or ord(character) in _SKIN
    )
