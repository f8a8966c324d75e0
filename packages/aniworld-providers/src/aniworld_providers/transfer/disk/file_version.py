"""Compare the versions of a file by size and validators."""

from typing import Self

import attrs

from aniworld_providers.network.bytes import ByteResponse
from aniworld_providers.transfer.disk.ledger import Entry


@attrs.frozen(kw_only=True)
class FileVersion:
    """The version of a file as its server describes it.

    Attributes:
        size: Size in bytes, if known.
        etag: Strong entity tag, if any.
        modified: `Last-Modified` date, if any.
    """

    size: int | None
    etag: str | None = None
    modified: str | None = None

    @classmethod
    def of(cls, response: ByteResponse) -> Self:
        """Return the version that a response describes."""
        return cls(size=response.total, etag=response.etag, modified=response.last_modified)

    @classmethod
    def from_entry(cls, entry: Entry) -> Self | None:
        """Return the version in the first line of a ledger; `None` if the line has none."""
        size, etag, modified = entry.get("size"), entry.get("etag"), entry.get("modified")
        if entry.get("kind") != "direct" or not isinstance(size, int | None):
            return None
        if not isinstance(etag, str | None) or not isinstance(modified, str | None):
            return None
        if any(character < " " for character in f"{etag}{modified}"):
            return None  # no header value has control characters
        return cls(size=size, etag=etag, modified=modified)

    def to_entry(self) -> Entry:
        """Return the version as the first line of a ledger."""
        return {"kind": "direct", "size": self.size, "etag": self.etag, "modified": self.modified}

    @property
    def validator(self) -> str | None:
        """Value for `If-Range` (RFC 9110 section 13.1.5), or `None` without any validator."""
        return self.etag or self.modified

    def contradicts(self, other: "FileVersion") -> bool:
        """Whether the two differ in a value that both have."""
        return any(
            mine is not None and theirs is not None and mine != theirs
            for mine, theirs in (
                (self.size, other.size),
                (self.etag, other.etag),
                (self.modified, other.modified),
            )
        )

    def confirms(self, other: "FileVersion") -> bool:
        """Whether both have the same validator and size."""
        return self.validator is not None and self == other
