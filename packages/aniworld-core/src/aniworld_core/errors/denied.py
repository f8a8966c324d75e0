"""Errors about permission: the caller proves who it is, or waits."""

from datetime import timedelta

from aniworld_core.errors.base import AniworldError
from aniworld_core.messages import Message


class DeniedError(AniworldError):
    """The caller may not do this."""


class BadCredentialsError(DeniedError):
    """The password is wrong."""

    template = "the password is wrong"


class WrongPasswordError(DeniedError):
    """The current password that confirms a change is wrong; the session stays valid."""

    template = "the current password is wrong"


class BadSignInError(BadCredentialsError):
    """The user name or the password is wrong; which of them is not said."""

    template = "the user name or the password is wrong"


class ProviderSignInError(DeniedError):
    """The sign-in with the identity provider failed."""

    template = "the sign-in with {provider} failed: {reason}"

    def __init__(self, provider: str, reason: str) -> None:
        super().__init__(provider=provider, reason=reason)
        self.provider = provider


class InvalidTokenError(DeniedError):
    """The token is malformed, forged, expired or revoked."""

    template = "the token is not valid: {reason}"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)
        self.reason = reason


class NotSetUpError(DeniedError):
    """No master password is set yet."""

    template = "no master password is set yet"

    @property
    def kind(self) -> str:
        """The kind that the interface description gives: `setup_required`."""
        return "setup_required"


class RateLimitedError(DeniedError):
    """The caller sent too many requests."""

    template = "too many requests; try again in {wait_seconds:.0f} s"

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__(wait_seconds=retry_after.total_seconds())
        self.retry_after = retry_after


class RestrictedError(DeniedError):
    """The catalogue or the server does not give this to everybody."""

    template = "{what} is restricted: {reason}"

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(what=what, reason=reason)
        self.what = what


class ProviderDeniedError(DeniedError):
    """The provider refused the configured credentials; they are tried once."""

    template = "{provider} refused the configured user name, password or token"

    def __init__(self, provider: str) -> None:
        super().__init__(provider=provider)
        self.provider = provider
        self.hint: str | None = Message("provider_denied.hint", provider=provider)
