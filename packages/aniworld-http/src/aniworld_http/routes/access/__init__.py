"""/api/auth and /api/users: sign-in, the own account, and accounts of further users."""

from typing import Final

from aniworld_http.operations import Operation
from aniworld_http.routes.access import oneself, signing_in, users
from aniworld_http.routes.access.oidc import ENDPOINTS

OPERATIONS: Final[tuple[Operation, ...]] = (
    *signing_in.OPERATIONS,
    *oneself.OPERATIONS,
    *users.OPERATIONS,
)

__all__ = ["ENDPOINTS", "OPERATIONS"]
