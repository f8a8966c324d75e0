"""/api/users: accounts of further users."""

from typing import Final

from aiohttp import web

from aniworld_core.application.access import AccountChange
from aniworld_core.domain.access import Scope, parse_role, parse_user_name
from aniworld_http.errors import blame
from aniworld_http.keys import AUTHENTICATOR
from aniworld_http.operations import Answer, Link, Operation
from aniworld_http.schemas import json_response, no_content, read_body
from aniworld_http.schemas.auth import EndedView, NewUserBody, UserBody, UserView
from aniworld_http.security.callers import CALLERS


async def list_users(request: web.Request) -> web.Response:
    """List all accounts."""
    accounts = await request.app[AUTHENTICATOR].accounts.list()
    return json_response([UserView.of(account) for account in accounts])


async def show_user(request: web.Request) -> web.Response:
    """Return one account."""
    account = await request.app[AUTHENTICATOR].accounts.get(request.match_info["id"])
    return json_response(UserView.of(account))


async def create_user(request: web.Request) -> web.Response:
    """Create an account."""
    body = await read_body(request, NewUserBody)
    with blame("/name"):
        name = parse_user_name(body.name)
    with blame("/password"):
        account = await request.app[AUTHENTICATOR].accounts.create(
            name, parse_role(body.role), password=body.password, language=body.language
        )
    return json_response(UserView.of(account), status=201)


async def change_user(request: web.Request) -> web.Response:
    """Change an account."""
    body = await read_body(request, UserBody)
    with blame("/name"):
        name = None if body.name is None else parse_user_name(body.name)
    change = AccountChange(
        name=name,
        role=None if body.role is None else parse_role(body.role),
        language=body.language,
        password=body.password,
        is_disabled=body.disabled,
    )
    with blame("/password"):
        account = await request.app[AUTHENTICATOR].accounts.change(
            request.match_info["id"], change, revision=body.revision
        )
    request.app[CALLERS].clear()
    return json_response(UserView.of(account))


async def remove_user(request: web.Request) -> web.Response:
    """Remove an account."""
    await request.app[AUTHENTICATOR].accounts.remove(request.match_info["id"])
    request.app[CALLERS].clear()
    return no_content()


async def sign_out_user(request: web.Request) -> web.Response:
    """End all sessions of an account."""
    accounts = request.app[AUTHENTICATOR].accounts
    account = await accounts.get(request.match_info["id"])
    ended = await accounts.end_sessions(account.id)
    request.app[CALLERS].clear()
    return json_response(EndedView(ended=ended))


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/users",
        handler=list_users,
        id="listUsers",
        summary="List the accounts of further users",
        answers={200: Answer(description="Sorted by name", content=tuple[UserView, ...])},
        scope=Scope.ADMIN,
    ),
    Operation(
        method="POST",
        path="/api/users",
        handler=create_user,
        id="createUser",
        summary="Create an account",
        body=NewUserBody,
        answers={201: Answer(description="The new account", content=UserView)},
        problems=(409,),
        scope=Scope.ADMIN,
        links=(
            Link(operation="changeUser", parameters={"id": "$response.body#/id"}, status=201),
            Link(operation="removeUser", parameters={"id": "$response.body#/id"}, status=201),
        ),
    ),
    Operation(
        method="GET",
        path="/api/users/{id}",
        handler=show_user,
        id="getUser",
        summary="Return one account",
        answers={200: Answer(description="The account", content=UserView)},
        problems=(404,),
        scope=Scope.ADMIN,
    ),
    Operation(
        method="PATCH",
        path="/api/users/{id}",
        handler=change_user,
        id="changeUser",
        summary="Change name, role, language, password or state of an account",
        description=(
            "A new password, and `disabled`, end all sessions, sockets and API keys of the account."
        ),
        body=UserBody,
        answers={200: Answer(description="The changed account", content=UserView)},
        problems=(404, 409),
        scope=Scope.ADMIN,
    ),
    Operation(
        method="DELETE",
        path="/api/users/{id}",
        handler=remove_user,
        id="removeUser",
        summary="Remove an account with its sessions and API keys",
        answers={204: Answer(description="The account is removed")},
        problems=(404,),
        scope=Scope.ADMIN,
    ),
    Operation(
        method="POST",
        path="/api/users/{id}/sign-out",
        handler=sign_out_user,
        id="signOutUser",
        summary="End all sessions of an account",
        answers={200: Answer(description="Number of ended sessions", content=EndedView)},
        problems=(404,),
        scope=Scope.ADMIN,
    ),
)
