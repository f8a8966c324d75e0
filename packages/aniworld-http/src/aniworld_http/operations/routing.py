"""Routes made from endpoints, and the endpoint and policy of a request."""

from collections.abc import Iterable
from typing import Final

import attrs
from aiohttp import web

from aniworld_http.keys import SETTINGS
from aniworld_http.operations.endpoint import Endpoint, Operation
from aniworld_http.operations.policy import EARLY_PAGE, FILE, PUBLIC, Budget, Kind, Policy

#: Policy of unknown paths that are in no area of their own: they get the page for 404.
_UNKNOWN: Final = EARLY_PAGE


@attrs.define(eq=False)
class RouteTable:
    """All routes of a server with their policies.

    Attributes:
        operations: The described endpoints, in the order of their registration.
    """

    _prefix: str
    operations: list[Operation] = attrs.field(factory=list, init=False)
    _endpoints: dict[web.AbstractRoute, Endpoint] = attrs.field(factory=dict, init=False)
    _policies: dict[web.AbstractRoute, Policy] = attrs.field(factory=dict, init=False)
    #: Policies for requests with a method that the path does not have.
    _paths: dict[str, Policy] = attrs.field(factory=dict, init=False)
    #: Policies of unknown paths, by the first segment.
    _areas: dict[str, Policy] = attrs.field(factory=dict, init=False)

    def add(self, router: web.UrlDispatcher, endpoint: Endpoint) -> None:
        """Add the routes of an endpoint."""
        for path in _spellings(endpoint):
            resource = router.add_resource(self._prefix + path, name=endpoint.name)
            methods = [endpoint.method]
            if endpoint.method == "GET" and not endpoint.policy.is_handshake:
                # RFC 9110 section 9.3.2; aiohttp sends the headers and leaves the body away.
                methods.append("HEAD")
            for method in methods:
                route = resource.add_route(method, endpoint.handler)
                self._endpoints[route] = endpoint
                self.declare(route, endpoint.policy)
        if isinstance(endpoint, Operation):
            self.operations.append(endpoint)
        self._add_fallbacks(endpoint)

    def declare(self, route: web.AbstractRoute, policy: Policy) -> None:
        """Set the policy of a route that another library added."""
        self._policies[route] = policy

    def endpoint_of(self, route: web.AbstractRoute) -> Endpoint | None:
        """Return the endpoint of a route; `None` for an unknown path or a foreign route."""
        return self._endpoints.get(route)

    def declared_policy(self, route: web.AbstractRoute) -> Policy | None:
        """Return the policy of a route; `None` if it has none, which no route may have."""
        return self._policies.get(route)

    def policy_of(self, request: web.Request) -> Policy:
        """Return the policy that applies to a request.

        An unknown path, or an unknown method of a known path, has the policy of its area: below
        `/api/` and `/ws/` such requests are counted and need a token like all others. A public
        path lists its methods in a 405 for every client.
        """
        policy = self._policies.get(request.match_info.route)
        if policy is not None:
            return policy
        path = self._path_below_base(request)
        if path in self._paths:
            return self._paths[path]
        segment, slash, _ = path.removeprefix("/").partition("/")
        return self._areas.get(segment, _UNKNOWN) if slash else _UNKNOWN

    def _add_fallbacks(self, endpoint: Endpoint) -> None:
        policy = endpoint.policy
        segment, slash, _ = endpoint.path.removeprefix("/").partition("/")
        match policy.kind:
            case Kind.API | Kind.SOCKET:
                self._areas[segment] = Policy(kind=policy.kind)
            case Kind.FILE if slash:
                self._areas[segment] = FILE
            case _:
                pass
        if policy.is_public and "{" not in endpoint.path:
            self._paths[endpoint.path] = attrs.evolve(
                PUBLIC, kind=policy.kind, budget=_counted(policy.budget)
            )

    def _path_below_base(self, request: web.Request) -> str:
        """Return the path without the base path; empty when it is outside the base path."""
        path = request.path
        if not self._prefix:
            return path
        return path.removeprefix(self._prefix) if path.startswith(f"{self._prefix}/") else ""


#: The routes of this server.
ROUTES: Final = web.AppKey("ROUTES", RouteTable)


def add_endpoints(app: web.Application, endpoints: Iterable[Endpoint]) -> None:
    """Add the routes of endpoints below the base path."""
    if ROUTES not in app:
        app[ROUTES] = RouteTable(app[SETTINGS].base_path.rstrip("/"))
    for endpoint in endpoints:
        app[ROUTES].add(app.router, endpoint)


def operations_of(app: web.Application) -> tuple[Operation, ...]:
    """Return the described endpoints of a server, in the order of their registration."""
    return tuple(app[ROUTES].operations)


def operation_of(request: web.Request) -> Operation | None:
    """Return the operation of a request; `None` for pages, files and unknown paths."""
    endpoint = endpoint_of(request)
    return endpoint if isinstance(endpoint, Operation) else None


def endpoint_of(request: web.Request) -> Endpoint | None:
    """Return the endpoint of a request; `None` for unknown paths and preflights."""
    return request.app[ROUTES].endpoint_of(request.match_info.route)


def policy_of(request: web.Request) -> Policy:
    """Return the policy that applies to a request."""
    return request.app[ROUTES].policy_of(request)


def redirect_to(request: web.Request, name: str) -> web.Response:
    """Return a redirect to the endpoint with a name."""
    location = str(request.app.router[name].url_for())
    return web.Response(status=303, headers={"Location": location})


def _counted(budget: Budget) -> Budget:
    """Return the budget for a request that guesses no password."""
    return Budget.REQUESTS if budget is Budget.GUESSES else budget


def _spellings(endpoint: Endpoint) -> tuple[str, ...]:
    """Return the paths of an endpoint: older clients end the root of a group with a slash."""
    path = endpoint.path
    is_root = endpoint.policy.kind is Kind.API and path.count("/") == 2
    return (path, f"{path}/") if is_root else (path,)
