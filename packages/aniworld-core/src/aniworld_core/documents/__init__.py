"""Read JSON documents strictly: every value as what it is, every fault with its JSON pointer.

The one reader of `config.json`, of parts of it, and of the bodies and queries of requests. It
works in two steps, each of which collects all faults: `read_json` turns bytes into plain values,
`structure` turns plain values into attrs classes. What a class allows is in its types; a bound in
`Annotated[...]` is any object with the attributes `ge`, `le`, `min_length`, `max_length` or
`pattern`, such as `msgspec.Meta`.
"""

from aniworld_core.documents.converter import (
    NOT_KNOWN,
    MismatchError,
    converter,
    kind_of,
    plain_type,
    plain_values,
    problems_of,
    structure,
    wire_name,
)
from aniworld_core.documents.json_text import (
    MOST_DEPTH,
    MOST_DIGITS,
    JsonDocument,
    NotJsonError,
    Problem,
    read_json,
)

__all__ = [
    "MOST_DEPTH",
    "MOST_DIGITS",
    "NOT_KNOWN",
    "JsonDocument",
    "MismatchError",
    "NotJsonError",
    "Problem",
    "converter",
    "kind_of",
    "plain_type",
    "plain_values",
    "problems_of",
    "read_json",
    "structure",
    "wire_name",
]
