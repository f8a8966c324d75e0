"""`aniworld calendar-feed`: tokens of the calendar feed."""

from typing import Annotated

import attrs
from cyclopts import Parameter

from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.texts import tr
from aniworld_cli.session import CurrentSession
from aniworld_core.application.access import ApiKeys
from aniworld_core.application.catalogue import wire_time
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.access import ApiKey, Scope
from aniworld_core.errors import ApiKeyNotFoundError


@attrs.frozen(kw_only=True)
class FeedView:
    """A token of the feed without its secret."""

    id: str
    name: str
    created_at: str | None
    last_used_at: str | None

    @classmethod
    def of(cls, key: ApiKey) -> "FeedView":
        """Return the view of a token."""
        return cls(
            id=key.id,
            name=key.name,
            created_at=wire_time(key.created_at),
            last_used_at=wire_time(key.last_used_at),
        )


async def create(
    name: Annotated[str, Parameter(name="NAME")], /, *, session: CurrentSession
) -> int:
    """Create a token of the calendar feed and print it; it is shown only now.

    Args:
        name: Name of the program or person that gets it.
        session: The run it belongs to.
    """
    output = session.output
    async with session.bookkeeping() as app:
        new = await _keys(app).create(name, Scope.CALENDAR)
    path = f"/api/calendar.ics?token={new.plain}"
    if output.is_json:
        output.data({**attrs.asdict(FeedView.of(new.key)), "token": new.plain, "path": path})
    else:
        output.line(path)
        output.talk("append this to the address of the server; the token is shown only now")
    return DONE


async def list_feeds(*, session: CurrentSession) -> int:
    """List the tokens of the calendar feed, oldest first.

    Args:
        session: The run it belongs to.
    """
    output = session.output
    async with session.bookkeeping() as app:
        views = [FeedView.of(key) for key in await _feeds(app)]
    if output.is_json:
        output.documents(feeds=views)
    elif not views:
        output.talk("there is no token")
    else:
        output.table(
            ("Id", "Name", "Created", "Last used"),
            [(v.id, v.name, v.created_at or "", v.last_used_at or "") for v in views],
        )
    return DONE


async def revoke(
    feed_id: Annotated[str, Parameter(name="ID")], /, *, session: CurrentSession
) -> int:
    """Revoke a token of the calendar feed; a running server refuses it after 15 seconds.

    Args:
        feed_id: Id of the token, as `aniworld calendar-feed list` shows it.
        session: The run it belongs to.
    """
    async with session.bookkeeping() as app:
        if feed_id not in {key.id for key in await _feeds(app)}:
            raise ApiKeyNotFoundError(feed_id)
        await _keys(app).remove(feed_id)
    if session.output.is_json:
        session.output.data({"id": feed_id, "revoked": True})
    else:
        session.output.talk(tr("revoked {token}", token=feed_id))
    return DONE


def _keys(app: Application) -> ApiKeys:
    return ApiKeys(keys=app.storage.api_keys, clock=app.clock)


async def _feeds(app: Application) -> list[ApiKey]:
    return [key for key in await _keys(app).list() if key.scope is Scope.CALENDAR]
