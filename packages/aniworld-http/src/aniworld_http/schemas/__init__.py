"""Types of request bodies, queries and responses, and the conversion from and to JSON.

Views that the command line shares are in `aniworld_core.application`.
"""

from aniworld_http.schemas.reading import (
    JSON,
    read_body,
    read_document,
    read_json_body,
    read_optional_body,
    read_query,
    structured,
)
from aniworld_http.schemas.writing import (
    Encoded,
    cached_json,
    encoded_json,
    encoded_list,
    json_response,
    listed,
    no_content,
)

__all__ = [
    "JSON",
    "Encoded",
    "cached_json",
    "encoded_json",
    "encoded_list",
    "json_response",
    "listed",
    "no_content",
    "read_body",
    "read_document",
    "read_json_body",
    "read_optional_body",
    "read_query",
    "structured",
]
