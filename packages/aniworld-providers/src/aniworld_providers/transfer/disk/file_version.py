"""What makes two answers the same version of a file."""

from typing import Self

import attrs

from aniworld_providers.network.bytes import ByteResponse
from aniworld_providers.transfer.disk.ledger import Entry


@attrs.frozen(kw_only=True)
class FileShape:
    """The version of a file, as its server tells it.

    Attributes:
        size: Whole size in bytes, if known.
        etag: The strong entity tag, if it has one.
        modified: The date of the last change, if told.
    """

    size: int | None
    etag: str | None = None
    modified: str | None = None

    @classmethod
    def of(cls, response: ByteResponse) -> Self:
        """Read the shape out of an answer."""
        return cls(size=response.total, etag=response.etag, modified=response.last_modified)

    @classmethod
    def from_entry(cls, entry: Entry) -> Self | None:
        """Read the shape a ledger was kept for; `None` if it is of something else."""
        size, etag, modified = entry.get("size"), entry.get("etag"), entry.get("modified")
        if entry.get("kind") != "direct" or not isinstance(size, int | None):
            return None
        if not isinstance(etag, str | None) or not isinstance(modified, str | None):
            return None
        if any(character < " " for character in f"{etag}{modified}"):
            return None  # nothing that ever was in a header
        return cls(size=size, etag=etag, modified=modified)

    def to_entry(self) -> Entry:
        """Return the shape as a ledger keeps it."""
        return {"kind": "direct", "size": self.size, "etag": self.etag, "modified": self.modified}

    @property
    def validator(self) -> str | None:
        """What `If-Range` is given (RFC 9110 13.1.5); `None` if there is nothing to hold on to."""
        return self.etag or self.modified

    def contradicts(self, other: "FileShape") -> bool:
        """Whether the two can be told to be different versions."""
        return any(
            mine is not None and theirs is not None and mine != theirs
            for mine, theirs in (
                (self.size, other.size),
                (self.etag, other.etag),
                (self.modified, other.modified),
            )
        )

    def confirms(self, other: "FileShape") -> bool:
        """Whether a validator says that the two are the same version."""
        return self.validator is not None and self == other
