"""The shapes of bodies and answers, and the only ways in and out of JSON.

Shapes shared with the command line are in the `views` modules of `aniworld_core.application`.
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
