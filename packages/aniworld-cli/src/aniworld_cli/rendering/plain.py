"""Making text of unknown origin harmless before it reaches a terminal."""

import json
import re
import unicodedata
from typing import Final

#: Turn the reading direction round, so that a line shows something else than it says.
_BIDI: Final = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
#: Escape sequences as a whole, so that no rest of them is left in the text.
_SEQUENCES: Final = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|[\x1b\x9b]\[?[0-?]*[ -/]*[@-~]", re.ASCII
)
#: What JSON leaves as it is and terminals do not.
_UNSAFE_IN_JSON: Final = re.compile(f"[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff{_BIDI}]")
_REMOVED: Final = re.compile(f"[{_BIDI}\ufeff]")


def plain(text: str) -> str:
    """Return *text* as one line without control characters, escape sequences or turns."""
    line = _REMOVED.sub("", _SEQUENCES.sub("", text))
    return "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in line)


def to_json(value: object, *, indent: int | None = 2, ascii_only: bool = False) -> str:
    """Write *value* as JSON that no terminal takes for a command."""
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    return _UNSAFE_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
