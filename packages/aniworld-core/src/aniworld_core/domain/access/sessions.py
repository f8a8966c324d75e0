"""Signed-in sessions and the claims their tokens carry."""

from datetime import datetime

import attrs

from aniworld_core.domain.identity import SessionId


@attrs.frozen(kw_only=True)
class Session:
    """One sign-in. It is stored in the database so that it can be revoked.

    Attributes:
        user: Id of the account, or `master` for the master password.
    """

    id: SessionId
    user: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None


@attrs.frozen(kw_only=True)
class TokenClaims:
    """Claims of a token; the stored session decides whether the token is still valid."""

    session_id: SessionId
    user: str
    created_at: datetime
    expires_at: datetime
