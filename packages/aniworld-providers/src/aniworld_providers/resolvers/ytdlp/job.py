"""Input and output of the process that runs an extraction."""

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
        source: The page.
        allowed: `host:port` pairs that may be reached besides the public internet.
        now: Current time.
        answer_within: Timeout of a server in seconds.
    """

    source: MediaSource
    allowed: frozenset[str]
    now: datetime
    answer_within: float


@attrs.frozen
class Failure:
    """An error in transit between processes; its constructor takes other arguments."""

    kind: type[AniworldError]
    message: str
    fields: Mapping[str, Any]

    @classmethod
    def of(cls, error: AniworldError) -> Self:
        """Pack an error."""
        return cls(type(error), str(error), dict(vars(error)))

    def unpacked(self) -> AniworldError:
        """Return the packed error."""
        error = self.kind.__new__(self.kind, self.message)
        vars(error).update(self.fields)
        return error


Outcome: TypeAlias = tuple[Stream, ...] | Failure
