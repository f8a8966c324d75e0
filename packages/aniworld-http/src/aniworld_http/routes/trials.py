"""Trying settings out: what files would be called, and whether news arrives."""

from typing import Annotated, Final

import attrs
from aiohttp import web
from msgspec import Meta

from aniworld_core.domain.access import Scope
from aniworld_core.domain.config import NamingConfig
from aniworld_core.domain.naming import preview
from aniworld_http.errors import blame
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import Answer, Operation
from aniworld_http.schemas import json_response, read_body

_Template = Annotated[str, Meta(max_length=1000)]


@attrs.frozen(kw_only=True)
class NamingBody:
    """Templates to look at; what is left out is as configured."""

    series_folder: _Template | None = None
    season_folder: _Template | None = None
    episode: _Template | None = None

    def over(self, naming: NamingConfig) -> NamingConfig:
        """Return *naming* with these templates in it."""
        given = attrs.asdict(self, filter=lambda _field, value: value is not None)
        return attrs.evolve(naming, **given)


@attrs.frozen(kw_only=True)
class NamingSample:
    """What the templates make of a few telling episodes, below the library folder."""

    paths: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Delivery:
    """Whether a trial arrived; `error` is null when it did."""

    address: str
    error: str | None


@attrs.frozen(kw_only=True)
class Deliveries:
    """What became of the trials."""

    results: tuple[Delivery, ...]


async def preview_names(request: web.Request) -> web.Response:
    """Show what files would be called."""
    body = await read_body(request, NamingBody)
    present = request.app[APPLICATION].current_config.value.naming
    for name, template in attrs.asdict(body).items():
        if template is not None:
            # One after the other, so that a mistake is shown at its own field.
            with blame(f"/{name}"):
                preview(attrs.evolve(present, **{name: template}))
    return json_response(NamingSample(paths=tuple(preview(body.over(present)))))


async def test_notifications(request: web.Request) -> web.Response:
    """Send a trial to everybody who is told."""
    outcomes = await request.app[APPLICATION].announcer.test_all()
    return json_response(
        Deliveries(
            results=tuple(
                Delivery(address=address, error=error or None)
                for address, error in outcomes.items()
            )
        )
    )


OPERATIONS: Final = (
    Operation(
        method="POST",
        path="/api/config/naming-preview",
        handler=preview_names,
        id="previewNames",
        summary="What files would be called; changes nothing",
        body=NamingBody,
        answers={200: Answer(description="A few telling examples", content=NamingSample)},
    ),
    Operation(
        method="POST",
        path="/api/notifications/test",
        handler=test_notifications,
        id="testNotifications",
        summary="Send a trial to every configured address",
        answers={200: Answer(description="What became of each", content=Deliveries)},
        scope=Scope.ADMIN,
    ),
)
