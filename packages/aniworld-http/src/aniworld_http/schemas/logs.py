"""Query and response of `/api/logs`."""

from typing import Annotated, Literal, TypeAlias

import attrs
from msgspec import Meta

from aniworld_core.application.catalogue import wire_time
from aniworld_core.bootstrap.logging import KeptRecord

LevelName: TypeAlias = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
_RecordId: TypeAlias = Annotated[int, Meta(ge=0, le=2**53 - 1)]


@attrs.frozen(kw_only=True)
class LogQuery:
    """Query of `GET /api/logs`.

    Attributes:
        level: Lowest level to return.
        search: Part of the message, the logger, the request or the traceback.
        limit: Maximum number of records.
        before: Return only records older than the one with this id.
        after: Return only records newer than the one with this id.
    """

    level: LevelName = "DEBUG"
    search: Annotated[str, Meta(max_length=200)] = ""
    limit: Annotated[int, Meta(ge=1, le=1000, description="Maximum number of rows")] = 200
    before: _RecordId | None = None
    after: _RecordId | None = None


@attrs.frozen(kw_only=True)
class LogRecord:
    """A log record without secrets."""

    id: int
    at: str | None
    level: str
    logger: str
    message: str
    request_id: str | None
    traceback: str | None

    @classmethod
    def of(cls, kept: KeptRecord) -> "LogRecord":
        """Return the view of a record."""
        return cls(
            id=kept.id,
            at=wire_time(kept.at),
            level=kept.level,
            logger=kept.logger,
            message=kept.message,
            request_id=kept.request_id,
            traceback=kept.traceback,
        )
