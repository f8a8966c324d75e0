"""One record per endpoint: it makes the route, the checks and the description of the API."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias

import attrs
from aiohttp import web

from aniworld_core.domain.access import Scope

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

#: What anybody may call, signed in or not. Everything else is refused without a token.
PUBLIC: Final = frozenset(
    {
        "/api/auth/setup",
        "/api/auth/login",
        "/api/auth/status",
        "/api/openapi.json",
        "/api/docs",
        "/health",
        "/health/live",
        "/health/ready",
    }
)


@attrs.frozen(kw_only=True)
class Answer:
    """One way in which an operation ends well.

    Attributes:
        description: What it means.
        content: Type of the body; `None` when there is none.
        media: Content type of the body.
        headers: Headers that come with it, with what they say.
    """

    description: str
    content: Any = None
    media: str = "application/json"
    headers: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Link:
    """Where to go on with a part of the answer.

    Attributes:
        operation: Id of the next operation.
        parameters: Its parameters, as run-time expressions such as `$response.body#/id`.
        status: The answer that leads there.
    """

    operation: str
    parameters: Mapping[str, str]
    status: int = 200


@attrs.frozen(kw_only=True, eq=False)
class Operation:
    """An endpoint.

    Attributes:
        method: In capitals.
        path: As the router takes it, `/api/queue/{item_id}`.
        handler: Parses, calls one use case, renders.
        id: Names it in the description; unique.
        summary: What it does, in one line.
        description: What else is to know.
        answers: Its answers by status.
        problems: Statuses of the problem documents it may answer with, besides those that
            follow from the rest of the record.
        body: Shape of the JSON body.
        optional_body: Whether the body may be left out.
        query: Shape of the query: an attrs class whose fields all have defaults.
        path_types: Types of the names in the path; text when not given.
        scope: What the caller must be allowed; by default reading for GET, else control.
        links: Where to go on.
    """

    method: str
    path: str
    handler: Handler
    id: str
    summary: str
    description: str = ""
    answers: Mapping[int, Answer]
    problems: tuple[int, ...] = ()
    body: Any = None
    optional_body: bool = False
    query: Any = None
    path_types: Mapping[str, Any] = attrs.field(factory=dict)
    scope: Scope = attrs.field()
    links: tuple[Link, ...] = ()

    @scope.default
    def _usual_scope(self) -> Scope:
        return Scope.READ if self.method == "GET" else Scope.CONTROL

    @property
    def is_public(self) -> bool:
        """Whether anybody may call it."""
        return self.path in PUBLIC

    @property
    def tag(self) -> str:
        """The group it is shown in: the first name of its path behind `/api`."""
        return self.path.removeprefix("/api/").strip("/").partition("/")[0]
