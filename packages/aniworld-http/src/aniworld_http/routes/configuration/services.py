"""/api/notifications/services: add notification services by the values that they need."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

import attrs
from aiohttp import web
from msgspec import Meta

from aniworld_core.application.automation import NotificationAddressView, SettingTrial
from aniworld_core.domain.access import Scope
from aniworld_core.ports.notification_services import NotificationService
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import SECRET, Answer, Operation
from aniworld_http.routes.configuration.document import seen_by
from aniworld_http.schemas import json_response, no_content, read_body
from aniworld_http.schemas.config import ConfigDocument

_List = Literal["urls", "webhooks"]
_MOST_DIGITS: Final = 4
_Position = Annotated[int, Meta(ge=0, le=9999)]
_Value = Annotated[str, Meta(max_length=2000)]


@attrs.frozen(kw_only=True)
class ServiceValues:
    """A service and its values by the names of its fields."""

    service: Annotated[str, Meta(min_length=1, max_length=100)]
    values: Annotated[Mapping[str, _Value], Meta(max_length=50)] = attrs.field(
        factory=dict, repr=False
    )


async def list_services(request: web.Request) -> web.Response:
    """List the notification services with the values that they need."""
    return json_response(tuple(await request.app[APPLICATION].notification_setup.services()))


async def test_service(request: web.Request) -> web.Response:
    """Send a test notification with values that are not stored."""
    body = await read_body(request, ServiceValues)
    trial = await request.app[APPLICATION].notification_setup.test(body.service, body.values)
    return json_response(trial)


async def add_service(request: web.Request) -> web.Response:
    """Add a notification service to the configuration."""
    body = await read_body(request, ServiceValues)
    application = request.app[APPLICATION]
    config = await application.notification_setup.add(body.service, body.values)
    return json_response(application.config.shown(config), status=201)


async def list_addresses(request: web.Request) -> web.Response:
    """List the stored addresses without their secrets."""
    return json_response(tuple(await request.app[APPLICATION].notification_setup.addresses()))


async def remove_address(request: web.Request) -> web.Response:
    """Remove a stored address."""
    name, text = request.match_info["list"], request.match_info["position"]
    is_number = text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
    position = int(text) if is_number else -1
    setup = request.app[APPLICATION].notification_setup
    await setup.remove(name, position, only_if=seen_by(request))
    return no_content()


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/notifications/services",
        handler=list_services,
        id="listNotificationServices",
        policy=SECRET,
        summary="Notification services with the values that they need",
        description="Empty if Apprise is not installed.",
        answers={200: Answer(description="All services", content=tuple[NotificationService, ...])},
        scope=Scope.ADMIN,
    ),
    Operation(
        method="POST",
        path="/api/notifications/services/test",
        handler=test_service,
        id="testNotificationService",
        policy=SECRET,
        summary="Send a test notification with values that are not stored",
        body=ServiceValues,
        answers={200: Answer(description="Whether the service accepted it", content=SettingTrial)},
        scope=Scope.ADMIN,
    ),
    Operation(
        method="POST",
        path="/api/notifications/services",
        handler=add_service,
        id="addNotificationService",
        policy=SECRET,
        summary="Add a notification service to `notifications.urls`",
        description="The address made from the values is a secret and is never part of a response.",
        body=ServiceValues,
        answers={201: Answer(description="The whole configuration", content=ConfigDocument)},
        problems=(409,),
        scope=Scope.ADMIN,
    ),
    Operation(
        method="GET",
        path="/api/notifications/addresses",
        handler=list_addresses,
        id="listNotificationAddresses",
        policy=SECRET,
        summary="Stored notification addresses without their secrets",
        answers={
            200: Answer(description="All addresses", content=tuple[NotificationAddressView, ...])
        },
        scope=Scope.ADMIN,
    ),
    Operation(
        method="DELETE",
        path="/api/notifications/addresses/{list}/{position}",
        handler=remove_address,
        id="removeNotificationAddress",
        policy=SECRET,
        summary="Remove a stored notification address",
        description=(
            "With the header `If-Match` and the `ETag` of `getConfig`, it removes nothing and "
            "answers 409 if somebody else has changed the configuration since."
        ),
        path_types={"list": _List, "position": _Position},
        answers={204: Answer(description="It is removed")},
        problems=(404, 409, 422),
        scope=Scope.ADMIN,
    ),
)
