"""What the server has logged."""

from typing import Annotated, Literal, TypeAlias

import attrs
from msgspec import Meta

from aniworld_core.application.catalogue import wire_time
from aniworld_core.bootstrap.log_ring import KeptRecord

LevelName: TypeAlias = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
_RecordId: TypeAlias = Annotated[int, Meta(ge=0, le=2**53 - 1)]


@attrs.frozen(kw_only=True)
class LogQuery:
    """Which records to show, newest first.

    Attributes:
        level: The lowest level.
        search: Part of the message, the logger, the request or the traceback.
        before: Only records older than the one with this id.
        after: Only records newer than the one with this id.
    """

    level: LevelName = "DEBUG"
    search: Annotated[str, Meta(max_length=200)] = ""
    limit: Annotated[int, Meta(ge=1, le=1000, description="Most rows to return")] = 200
    before: _RecordId | None = None
    after: _RecordId | None = None


@attrs.frozen(kw_only=True)
class LogRecord:
    """One record; secrets are left out of it."""

    id: int
    at: str | None
    level: str
    logger: str
    message: str
    request_id: str | None
    traceback: str | None

    @classmethod
    def of(cls, kept: KeptRecord) -> "LogRecord":
        """Show a record."""
        return cls(
            id=kept.id,
            at=wire_time(kept.at),
            level=kept.level,
            logger=kept.logger,
            message=kept.message,
            request_id=kept.request_id,
            traceback=kept.traceback,
        )
