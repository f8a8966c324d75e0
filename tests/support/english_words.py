"""English words that no German text has."""

import re
from typing import Final

_ENGLISH: Final = re.compile(
    r"\b(?:the|is|its|it|of|and|has|have|with|from|are|cannot|be|been|to|this|that|or|by|which|were"
    r"|does|must|there|no|not(?= [a-z])|a(?= [a-z])|too|than|only|already|wrong|file|files|failed"
    r"|missing)\b"
)
#: Commands, options, placeholders and names in texts.
_NOT_ENGLISH: Final = re.compile(r"\baniworld [\w -]+|`[^`]*`|--[\w-]+|\{[^}]*\}")


def has_english(text: str) -> bool:
    """Return whether a German text has an English word, or no word at all."""
    return not text.strip() or _ENGLISH.search(_NOT_ENGLISH.sub("", text)) is not None
