"""Read JSON strictly, with its pointer for every fault, and XML within limits.

The one reader of `config.json`, of parts of it, and of the bodies and queries of requests. It
works in two steps, each of which collects all faults: `read_json` turns bytes into plain values,
`structure` turns plain values into attrs classes. What a class allows is in its types; a bound in
`Annotated[...]` is any object with the attributes `ge`, `le`, `min_length`, `max_length` or
`pattern`, such as `msgspec.Meta`. `read_xml` reads XML of other programs and servers.
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
from aniworld_core.documents.xml_text import MalformedXmlError, XmlError, XmlLimits, read_xml

__all__ = [
    "MOST_DEPTH",
    "MOST_DIGITS",
    "NOT_KNOWN",
    "JsonDocument",
    "MalformedXmlError",
    "MismatchError",
    "NotJsonError",
    "Problem",
    "XmlError",
    "XmlLimits",
    "converter",
    "kind_of",
    "plain_type",
    "plain_values",
    "problems_of",
    "read_json",
    "read_xml",
    "structure",
    "wire_name",
]
