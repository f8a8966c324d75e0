"""Records of endpoints: each makes the route, the checks and the description of the API."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

import attrs
from aiohttp import web

from aniworld_core.domain.access import Scope
from aniworld_http.operations.policy import CLOSED, Policy

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


@attrs.frozen(kw_only=True)
class Answer:
    """A successful response of an operation.

    Attributes:
        description: Its meaning.
        content: Type of the body; `None` when there is none.
        media: Content type of the body.
        headers: Descriptions of its headers by name.
    """

    description: str
    content: Any = None
    media: str = "application/json"
    headers: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Link:
    """A link from a response to an operation that uses a part of it (OpenAPI 3.1, Link Object).

    Attributes:
        operation: Id of the next operation.
        parameters: Its parameters, as run-time expressions such as `$response.body#/id`.
        status: Status of the response that has the link.
    """

    operation: str
    parameters: Mapping[str, str]
    status: int = 200


@attrs.frozen(kw_only=True, eq=False)
class Endpoint:
    """A method and path that the server answers.

    Attributes:
        method: In capitals.
        path: As the router takes it, `/api/queue/{item_id}`.
        handler: Parses the request, calls one use case and renders the result.
        policy: Who may call it, and how requests and responses are treated.
        name: Name of its route, for redirects to it.
        scope: Scope that a caller needs, unless the endpoint is public; by default reading for
            GET, else control.
    """

    method: str
    path: str
    handler: Handler
    policy: Policy = CLOSED
    name: str | None = None
    scope: Scope = attrs.field()

    @scope.default
    def _usual_scope(self) -> Scope:
        return Scope.READ if self.method == "GET" else Scope.CONTROL


@attrs.frozen(kw_only=True, eq=False)
class Operation(Endpoint):
    """An endpoint that the description of the API lists.

    Attributes:
        id: Unique name in the description.
        summary: One line.
        description: More than the summary says.
        answers: Successful responses by status.
        problems: Statuses of its problem documents, in addition to those derived from the other
            fields.
        body: Type of the JSON body.
        optional_body: Whether the body may be left out.
        query: Type of the query: an attrs class whose fields all have defaults.
        path_types: Types of the names in the path; text when not given.
        links: Operations that use a part of a response.
    """

    id: str
    summary: str
    description: str = ""
    answers: Mapping[int, Answer]
    problems: tuple[int, ...] = ()
    body: Any = None
    optional_body: bool = False
    query: Any = None
    path_types: Mapping[str, Any] = attrs.field(factory=dict)
    links: tuple[Link, ...] = ()

    @property
    def tag(self) -> str:
        """Group in the description: the first name of the path after `/api`."""
        return self.path.removeprefix("/api/").strip("/").partition("/")[0]
