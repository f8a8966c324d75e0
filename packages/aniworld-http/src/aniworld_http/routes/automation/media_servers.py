"""/api/media-servers: how refreshes of the media servers went."""

from collections.abc import Mapping
from typing import Any, Final, Literal

import attrs
from aiohttp import web

from aniworld_core.application.automation import MediaServerState
from aniworld_core.application.catalogue import wire_time
from aniworld_core.messages import MessageView, kind_field, values_field
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import Answer, Operation
from aniworld_http.schemas import json_response


@attrs.frozen(kw_only=True)
class MediaServerView(MessageView):
    """State of one media server.

    Attributes:
        name: Its name.
        kind: Name of its adapter.
        status: `idle` before the first refresh, `ok`, or `failed` after a failure.
        pending: Number of changed folders that it has not refreshed yet.
        refreshed_at: Time of the last successful refresh since the start.
        failed_at: Time of the last failure since then.
        problem: Reason of that failure.
        next_try_at: Time of the next attempt; null if it waits for corrected settings.
    """

    name: str
    kind: str
    status: Literal["idle", "ok", "failed"]
    pending: int
    refreshed_at: str | None
    failed_at: str | None
    problem: str | None
    problem_kind: str | None = kind_field("problem")
    problem_values: Mapping[str, Any] = values_field("problem")
    next_try_at: str | None

    @classmethod
    def of(cls, state: MediaServerState) -> "MediaServerView":
        """Return the view of a state."""
        failed = state.problem is not None
        return cls(
            name=state.server.label,
            kind=state.server.kind,
            status="failed" if failed else "ok" if state.refreshed_at else "idle",
            pending=state.pending,
            refreshed_at=wire_time(state.refreshed_at),
            failed_at=wire_time(state.failed_at),
            problem=state.problem,
            next_try_at=wire_time(state.next_try_at),
        )


async def show_media_servers(request: web.Request) -> web.Response:
    """Show the state of every enabled media server."""
    states = request.app[APPLICATION].media_servers.states()
    return json_response(tuple(MediaServerView.of(state) for state in states))


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/media-servers",
        handler=show_media_servers,
        id="listMediaServers",
        summary="State of every enabled media server: last refresh, last problem, what is pending",
        answers={
            200: Answer(description="The servers", content=tuple[MediaServerView, ...]),
        },
    ),
)
