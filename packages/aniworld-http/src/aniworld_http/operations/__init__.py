"""Endpoints of the server: records with their policies, routes, and the description of the API.

Each endpoint is declared once. Routes, access checks, rate limits, compression, the access log and
the OpenAPI document all follow from its record.
"""

from aniworld_http.operations.docs_page import DOCS_POLICY, render_docs_page
from aniworld_http.operations.document import describe, problem_statuses
from aniworld_http.operations.endpoint import Answer, Endpoint, Handler, Link, Operation
from aniworld_http.operations.policy import (
    CLOSED,
    EARLY_PAGE,
    FILE,
    ONESELF,
    PAGE,
    PUBLIC,
    SECRET,
    Budget,
    Kind,
    Policy,
)
from aniworld_http.operations.routing import (
    ROUTES,
    RouteTable,
    add_endpoints,
    endpoint_of,
    operation_of,
    operations_of,
    policy_of,
    redirect_to,
)

__all__ = [
    "CLOSED",
    "DOCS_POLICY",
    "EARLY_PAGE",
    "FILE",
    "ONESELF",
    "PAGE",
    "PUBLIC",
    "ROUTES",
    "SECRET",
    "Answer",
    "Budget",
    "Endpoint",
    "Handler",
    "Kind",
    "Link",
    "Operation",
    "Policy",
    "RouteTable",
    "add_endpoints",
    "describe",
    "endpoint_of",
    "operation_of",
    "operations_of",
    "policy_of",
    "problem_statuses",
    "redirect_to",
    "render_docs_page",
]
