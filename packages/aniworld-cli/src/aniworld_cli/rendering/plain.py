"""Remove control characters from untrusted text before it is printed on a terminal."""

import json
import re
import unicodedata
from typing import Final

#: Characters that reverse the reading direction, so that a line would show another text.
_BIDI: Final = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
#: Complete escape sequences, so that no part of them remains in the text.
_SEQUENCES: Final = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|[\x1b\x9b]\[?[0-?]*[ -/]*[@-~]", re.ASCII
)
#: Control characters that JSON permits unescaped and terminals interpret.
_UNSAFE_IN_JSON: Final = re.compile(f"[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff{_BIDI}]")
_REMOVED: Final = re.compile(f"[{_BIDI}\ufeff]")


def plain(text: str) -> str:
    """Return *text* as one line without control characters, escape sequences or direction marks."""
    line = _REMOVED.sub("", _SEQUENCES.sub("", text))
    return "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in line)


def to_json(value: object, *, indent: int | None = 2, ascii_only: bool = False) -> str:
    """Return *value* as JSON without characters that a terminal would interpret."""
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    return _UNSAFE_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
