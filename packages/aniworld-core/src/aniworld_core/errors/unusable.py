"""Errors of a source that stays unusable: the caller never retries it."""

from aniworld_core.errors.base import AniworldError, shown_link
from aniworld_core.messages import Message


class UnusableError(AniworldError):
    """The other side gave something that will not become usable by waiting."""


class SourceGoneError(UnusableError):
    """The file or page behind a source, or a part of it, does not exist.

    Attributes:
        what: The file, the page, or the part.
        reason: What was observed.
        is_part: Whether only a part is missing, such as one segment; the link itself is good.
    """

    template = "{what} is missing: {reason}"
    hint: str | None = Message("source_gone.hint")

    def __init__(
        self, what: str, reason: str = Message("no_longer_exists"), *, is_part: bool = False
    ) -> None:
        super().__init__(what=what, reason=reason)
        self.what = what
        self.reason = reason
        self.is_part = is_part


class SourceBlockedError(SourceGoneError):
    """A server may not give out the file for legal reasons (HTTP 451, RFC 7725)."""

    template = "{what} is blocked for legal reasons: {reason}"
    hint: str | None = Message("source_blocked.hint")


class UnsupportedSourceError(UnusableError):
    """Nothing installed can turn this source into media."""

    template = "cannot download from {what}: {reason}"

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(what=what, reason=reason)
        self.what = what
        self.reason = reason


class ProtectedError(UnusableError):
    """The stream is protected; Aniworld does not circumvent protection."""

    template = "{what} is protected ({scheme})"

    def __init__(self, what: str, scheme: str) -> None:
        super().__init__(what=what, scheme=scheme)
        self.scheme = scheme


class BadPlaylistError(UnusableError):
    """The manifest cannot be parsed, or is not a manifest."""

    template = "the playlist cannot be used: {reason}"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)
        self.reason = reason


class BadMediaError(UnusableError):
    """The received bytes are not the promised media."""

    template = "the media is not usable: {reason}"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)
        self.reason = reason


class AddressRefusedError(UnusableError):
    """A link leads to an address that must not be reached."""

    template = "refused to connect to {address}: {reason}"
    hint: str | None = Message("address_refused.hint")

    def __init__(self, address: str, reason: str) -> None:
        address = shown_link(address) if "://" in address else address
        super().__init__(address=address, reason=reason)
        self.address = address
        self.reason = reason


class ProviderChangedError(UnusableError):
    """A page or answer no longer has the expected structure."""

    template = "{provider} has changed its pages: {missing} is missing"
    hint: str | None = Message("provider_changed.hint")

    def __init__(self, provider: str, missing: str) -> None:
        super().__init__(provider=provider, missing=missing)
        self.provider = provider
        self.missing = missing


class UnusableAnswerError(ProviderChangedError):
    """An answer cannot be used at all: it is too long, takes too long to read, or is broken.

    Attributes:
        reason: What is wrong with the answer.
    """

    template = "the answer of {provider} cannot be used: {reason}"
    hint: str | None = Message("unusable_answer.hint")

    def __init__(self, provider: str, reason: str) -> None:
        UnusableError.__init__(self, provider=provider, reason=reason)
        self.provider = provider
        self.reason: str = reason
        self.missing: str = reason


class ProviderFaultError(UnusableError):
    """The adapter of a catalogue has a bug."""

    template = "the adapter of {provider} has a bug: {error}"
    hint: str | None = Message("provider_fault.hint")

    def __init__(self, provider: str, mistake: Exception) -> None:
        said = " ".join(f"{type(mistake).__name__}: {mistake}".split())[:300]
        super().__init__(provider=provider, error=said)
        self.provider = provider
