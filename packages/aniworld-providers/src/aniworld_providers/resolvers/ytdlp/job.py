"""What goes into the process of an extraction and what comes out of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self, TypeAlias

import attrs

from aniworld_core.domain.media import MediaSource, Stream
from aniworld_core.errors import AniworldError


@attrs.frozen(kw_only=True)
class Job:
    """One extraction.

    Attributes:
        source: What to look at.
        allowed: What may be reached besides the public internet, as `AddressGuard` takes it.
        now: The time.
        answer_within: Seconds of silence after which a server is given up.
    """

    source: MediaSource
    allowed: frozenset[str]
    now: datetime
    answer_within: float


@attrs.frozen
class Failure:
    """An error on its way between processes; its own constructor takes other arguments."""

    kind: type[AniworldError]
    message: str
    fields: Mapping[str, Any]

    @classmethod
    def of(cls, error: AniworldError) -> Self:
        """Pack an error."""
        return cls(type(error), str(error), dict(vars(error)))

    def unpacked(self) -> AniworldError:
        """Return an error like the packed one."""
        error = self.kind.__new__(self.kind, self.message)
        vars(error).update(self.fields)
        return error


Outcome: TypeAlias = tuple[Stream, ...] | Failure
