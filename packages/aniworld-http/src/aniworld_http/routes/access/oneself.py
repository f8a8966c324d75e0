"""/api/auth: the own account, password, sessions and API keys."""

from typing import Final

from aiohttp import web

from aniworld_core.application.access import AccountChange
from aniworld_core.domain.access import Scope, parse_scope
from aniworld_core.domain.identity import SessionId
from aniworld_core.errors import RestrictedError, UsageError
from aniworld_core.messages import Message
from aniworld_http.errors import blame
from aniworld_http.keys import API_KEYS, AUTHENTICATOR
from aniworld_http.operations import ONESELF, Answer, Link, Operation
from aniworld_http.schemas import json_response, no_content, read_body
from aniworld_http.schemas.auth import (
    EndedView,
    KeyBody,
    KeyView,
    NewKeyView,
    OwnBody,
    OwnView,
    PasswordBody,
    SessionView,
)
from aniworld_http.security.callers import CALLERS, Caller, require_caller
from aniworld_http.security.rate_limits import checking_password


async def change_password(request: web.Request) -> web.Response:
    """Change the own password; all other sessions end."""
    caller = await require_caller(request)
    body = await read_body(request, PasswordBody)
    authenticator, account = request.app[AUTHENTICATOR], caller.account
    keep = caller.session.id if caller.session else None
    async with checking_password(request, name=caller.user_name):
        with blame("/new_password"):
            if account is None:
                await authenticator.password.change(
                    body.current_password, body.new_password, keep=keep
                )
            else:
                await authenticator.accounts.change_password(
                    account.id, body.current_password, body.new_password, keep=keep
                )
    request.app[CALLERS].clear()
    return no_content()


async def list_keys(request: web.Request) -> web.Response:
    """List the API keys: all for the scope admin, else the own ones."""
    caller = await require_caller(request)
    keys = await request.app[API_KEYS].list(_owner_of_keys(caller))
    accounts = await request.app[AUTHENTICATOR].accounts.list()
    names = {account.id: account.name for account in accounts}
    return json_response([KeyView.of(key, names.get(key.user)) for key in keys])


async def create_key(request: web.Request) -> web.Response:
    """Create an API key."""
    caller = await require_caller(request)
    body = await read_body(request, KeyBody)
    scope = parse_scope(body.scope)
    if not caller.scope.includes(scope):
        with blame("/scope"):
            raise UsageError(Message("key_scope_too_large", most=caller.scope.value))
    with blame("/name"):
        new = await request.app[API_KEYS].create(body.name, scope, user=caller.user)
    return json_response(NewKeyView.made(new, caller.user_name), status=201)


async def remove_key(request: web.Request) -> web.Response:
    """Delete an API key, which is invalid at once."""
    caller = await require_caller(request)
    await request.app[API_KEYS].remove(request.match_info["id"], user=_owner_of_keys(caller))
    request.app[CALLERS].clear()
    return no_content()


def _owner_of_keys(caller: Caller) -> str | None:
    """Return whose keys the caller sees; `None` for all."""
    return None if caller.scope is Scope.ADMIN else caller.user


async def show_oneself(request: web.Request) -> web.Response:
    """Return who the caller is."""
    caller = await require_caller(request)
    return json_response(OwnView.of(caller.account, caller.scope))


async def choose_language(request: web.Request) -> web.Response:
    """Store the language of the pages of the caller's account."""
    caller = await require_caller(request)
    body = await read_body(request, OwnBody)
    if caller.account is None:
        raise RestrictedError(Message("choosing_language"), Message("language_of_master"))
    account = await request.app[AUTHENTICATOR].accounts.change(
        caller.account.id, AccountChange(language=body.language)
    )
    request.app[CALLERS].clear()
    return json_response(OwnView.of(account, caller.scope))


async def list_sessions(request: web.Request) -> web.Response:
    """List the active sessions of the caller."""
    caller = await require_caller(request)
    sessions = await request.app[AUTHENTICATOR].accounts.sessions(caller.user)
    return json_response([SessionView.of(each, caller.session) for each in sessions])


async def end_session(request: web.Request) -> web.Response:
    """End one session of the caller."""
    caller = await require_caller(request)
    await request.app[AUTHENTICATOR].accounts.end_session(
        caller.user, SessionId(request.match_info["id"])
    )
    request.app[CALLERS].clear()
    return no_content()


async def end_other_sessions(request: web.Request) -> web.Response:
    """End all sessions of the caller but that of the request."""
    caller = await require_caller(request)
    ended = await request.app[AUTHENTICATOR].accounts.end_sessions(
        caller.user, keep=caller.session.id if caller.session else None
    )
    request.app[CALLERS].clear()
    return json_response(EndedView(ended=ended))


OPERATIONS: Final = (
    Operation(
        method="POST",
        path="/api/auth/password",
        handler=change_password,
        id="changePassword",
        policy=ONESELF,
        summary="Change the own password; all other sessions end",
        description=(
            "The sessions of all accounts end with those of the master password, and the API keys "
            "of an account with its sessions."
        ),
        body=PasswordBody,
        answers={204: Answer(description="The password is changed")},
        problems=(403, 404, 409, 429),
        scope=Scope.ADMIN,
    ),
    Operation(
        method="GET",
        path="/api/auth/keys",
        handler=list_keys,
        id="listKeys",
        policy=ONESELF,
        summary="List the API keys of other tools",
        description="The scope admin lists those of all users, others list their own.",
        answers={200: Answer(description="All keys, oldest first", content=tuple[KeyView, ...])},
        scope=Scope.ADMIN,
    ),
    Operation(
        method="POST",
        path="/api/auth/keys",
        handler=create_key,
        id="createKey",
        policy=ONESELF,
        summary="Create an API key for another tool, sent as X-Api-Key",
        body=KeyBody,
        answers={201: Answer(description="The key, which is shown only here", content=NewKeyView)},
        scope=Scope.ADMIN,
        links=(Link(operation="removeKey", parameters={"id": "$response.body#/id"}, status=201),),
    ),
    Operation(
        method="DELETE",
        path="/api/auth/keys/{id}",
        handler=remove_key,
        id="removeKey",
        policy=ONESELF,
        summary="Delete an API key, which is invalid at once",
        answers={204: Answer(description="The key is deleted")},
        problems=(404,),
        scope=Scope.ADMIN,
    ),
    Operation(
        method="GET",
        path="/api/auth/me",
        handler=show_oneself,
        id="getOneself",
        policy=ONESELF,
        summary="Return who the caller is and what it may do",
        answers={200: Answer(description="The caller", content=OwnView)},
    ),
    Operation(
        method="PATCH",
        path="/api/auth/me",
        handler=choose_language,
        id="chooseLanguage",
        policy=ONESELF,
        summary="Choose the language of the own pages",
        description="Only accounts have one; the master password has the language of the browser.",
        body=OwnBody,
        answers={200: Answer(description="The caller", content=OwnView)},
        problems=(403, 404),
        scope=Scope.ADMIN,
    ),
    Operation(
        method="GET",
        path="/api/auth/sessions",
        handler=list_sessions,
        id="listSessions",
        policy=ONESELF,
        summary="List the own active sessions",
        answers={200: Answer(description="Newest first", content=tuple[SessionView, ...])},
        scope=Scope.ADMIN,
    ),
    Operation(
        method="DELETE",
        path="/api/auth/sessions",
        handler=end_other_sessions,
        id="endOtherSessions",
        policy=ONESELF,
        summary="End the own sessions on all other devices",
        answers={200: Answer(description="Number of ended sessions", content=EndedView)},
        scope=Scope.ADMIN,
    ),
    Operation(
        method="DELETE",
        path="/api/auth/sessions/{id}",
        handler=end_session,
        id="endSession",
        policy=ONESELF,
        summary="End one of the own sessions",
        answers={204: Answer(description="The session is ended")},
        problems=(404,),
        scope=Scope.ADMIN,
    ),
)
