"""The table of endpoints, and what is made of it."""

from aniworld_http.operations.operation import PUBLIC, Answer, Handler, Link, Operation
from aniworld_http.operations.routing import (
    OPERATIONS,
    add_operations,
    operation_of,
    path_below_base,
)

__all__ = [
    "OPERATIONS",
    "PUBLIC",
    "Answer",
    "Handler",
    "Link",
    "Operation",
    "add_operations",
    "operation_of",
    "path_below_base",
]
