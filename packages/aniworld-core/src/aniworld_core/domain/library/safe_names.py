"""Turn untrusted text into one safe path component."""

import re
import unicodedata
from typing import Final

#: Most bytes of a component that every common file system accepts.
COMPONENT_LIMIT: Final = 255
#: Most characters that are read; more could never fit into a component.
_INPUT_LIMIT = 1024

_COLON_IN_TEXT = re.compile(r"(?<!\s)\s*+:\s++")
_REPLACEMENTS = str.maketrans(
    {":": "-", "/": "-", "\\": "-", "|": "-", '"': "'", "<": "", ">": "", "?": "", "*": ""}
)
_SPACES = re.compile(r"\s+")
_LONGEST_RESERVED = len("CONOUT$")


def safe_component(text: str, *, max_bytes: int = 200, fallback: str = "_") -> str:
    """Return *text* as a file or folder name that is valid on every common file system.

    The result is in NFC and never empty, `.` or `..`. It holds no separator, no control, format
    (zero-width, direction) or surrogate character, starts with no dot, hyphen or space, ends
    with no dot or space, and is not a device name of Windows. A colon between words becomes
    ` - `, a slash `-`, a double quote `'`; other characters that some file system forbids are
    removed. Letters of all scripts stay. The function is idempotent.

    Args:
        text: Any text, such as a title from a catalogue.
        max_bytes: Longest result in UTF-8, at least 16; the default leaves room below
            `COMPONENT_LIMIT` for every suffix in use, such as `.part.ledger`.
        fallback: Result if nothing is left.
    """
    name = _trimmed(cut_to_bytes(_trimmed(safe_text(text)), max_bytes))
    if not name:
        return fallback
    name = _without_device_name(name)
    return name if _fits(name, max_bytes) else _trimmed(cut_to_bytes(name, max_bytes)) or fallback


def safe_text(text: str) -> str:
    """Return *text* without characters that no component may contain; may be empty."""
    name = unicodedata.normalize("NFC", text[:_INPUT_LIMIT])
    name = _COLON_IN_TEXT.sub(" - ", name).translate(_REPLACEMENTS)
    name = "".join(" " if c.isspace() else c for c in name if c.isspace() or not is_unseen(c))
    # Removing characters can join a letter and its accent again.
    return unicodedata.normalize("NFC", _SPACES.sub(" ", name).strip())


def cut_to_bytes(text: str, max_bytes: int) -> str:
    """Return the longest prefix of *text* that fits and splits no visible character."""
    if _fits(text, max_bytes):
        return text
    # Ignoring incomplete bytes ends the prefix between code points.
    kept = text.encode("utf-8", "ignore")[:max_bytes].decode("utf-8", "ignore")
    end = len(kept)
    while 0 < end < len(text) and _continues(text, end):
        end -= 1
    return text[: end or len(kept)]


def same_name(first: str, second: str) -> bool:
    """Return whether two names are equal without case and in one Unicode form."""
    return fold_name(first) == fold_name(second)


def fold_name(name: str) -> str:
    """Return a name for comparison: NFC without case."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def is_unseen(character: str) -> bool:
    """Return whether it is a control, format, surrogate or line-separating character."""
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _fits(text: str, max_bytes: int) -> bool:
    return len(text.encode("utf-8", "surrogatepass")) <= max_bytes


def _continues(text: str, index: int) -> bool:
    """Return whether the character at *index* belongs to the one before it."""
    character = text[index]
    if unicodedata.category(character).startswith("M") or "\U0001f3fb" <= character <= "\U0001f3ff":
        return True
    return _is_flag_letter(character) and _flag_letters_before(text, index) % 2 == 1


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_letters_before(text: str, index: int) -> int:
    start = index
    while start and _is_flag_letter(text[start - 1]):
        start -= 1
    return index - start


def _trimmed(name: str) -> str:
    return name.lstrip(" .-").rstrip(" .")


def _without_device_name(name: str) -> str:
    """Add an underscore to the stem of a reserved name of Windows (`con.txt` → `con_.txt`)."""
    if len(name.partition(".")[0].rstrip()) > _LONGEST_RESERVED:
        return name
    from pathvalidate import sanitize_filename  # slow to import, rarely needed

    # Windows also reads `con .txt` as the console.
    stem, dot, rest = name.partition(".")
    checked: str = sanitize_filename(
        f"{stem.rstrip()}{dot}{rest}",
        platform="universal",
        additional_reserved_names=["CONIN$", "CONOUT$"],
    )
    return name if checked == f"{stem.rstrip()}{dot}{rest}" else checked
