"""Requests that a browser was talked into by a foreign page are refused."""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from multidict import istr

from aniworld_core.errors import RestrictedError
from aniworld_http.keys import APPLICATION, SETTINGS
from aniworld_http.security.client_addresses import is_from_trusted_proxy, parse_address

_FETCH_SITE: Final = istr("Sec-Fetch-Site")
_FORWARDED_HOST: Final = istr("X-Forwarded-Host")
_FORWARDED_PORT: Final = istr("X-Forwarded-Port")
_PORT: Final = re.compile(r":[0-9]{0,5}\Z")
_LOST_PORT: Final = (
    "the page has the same host name but another port; a proxy in between must pass on the Host "
    "header with its port (nginx: proxy_set_header Host $http_host)"
)
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def check_host(request: web.Request) -> None:
    """Refuse names that are none of ours: a foreign name may lead here (DNS rebinding).

    Raises:
        HTTPBadRequest: If there is no such header, several, or none that names a host.
        HTTPMisdirectedRequest: If it names another host.
    """
    hosts = request.headers.getall(hdrs.HOST, ())
    if len(hosts) != 1:
        raise web.HTTPBadRequest(text="exactly one Host header is needed")
    name = _host_name(hosts[0])
    if name is None:
        raise web.HTTPBadRequest(text="the Host header is no host and port")
    if not _is_ours(request.app, name):
        raise web.HTTPMisdirectedRequest(
            text=f"{name[:100]!r} is no name of this server; list it in network.allowed_hosts"
        )


def check_origin(request: web.Request) -> None:
    """Refuse changes and sockets that pages of other origins ask for.

    Raises:
        RestrictedError: If it is such a request.
    """
    is_socket = request.headers.get(hdrs.UPGRADE, "").lower() == "websocket"
    if request.method not in _SAFE or is_socket:
        origins = request.headers.getall(hdrs.ORIGIN, ())
        if not all(_is_allowed(request, origin) for origin in origins):
            error = RestrictedError("this request", "it comes from a page of another origin")
            if any(_is_own_name(request, origin) for origin in origins):
                error.hint = _LOST_PORT
            raise error
        if not origins and request.headers.get(_FETCH_SITE, "").lower() == "cross-site":
            raise RestrictedError("this request", "it comes from a page of another site")


def _is_allowed(request: web.Request, origin: str) -> bool:
    if origin.casefold() in request.app[SETTINGS].cors_origins:
        return True
    place = _place(origin)
    if place is None:
        return False
    scheme = place[0]
    # The scheme is not compared: behind a proxy the server does not know its own.
    return any(_place(f"{scheme}://{own}") == place for own in _own_hosts(request))


def _own_hosts(request: web.Request) -> list[str]:
    """Return host and port under which the client reached the server, as far as is known.

    A trusted proxy that does not pass `Host` on as it came says so in other headers. No page can
    set these for another origin without being asked first.
    """
    hosts = [request.headers[hdrs.HOST]]
    if is_from_trusted_proxy(request):
        forwarded = _last(request, _FORWARDED_HOST)
        name = forwarded or _without_port(hosts[0])
        hosts += [forwarded] if forwarded else []
        if port := _last(request, _FORWARDED_PORT):
            hosts.append(f"{_without_port(name)}:{port}")
    return hosts


def _place(origin: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of an origin; `None` for what is none."""
    try:
        parts = urlsplit(origin)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    if port is None or not parts.hostname or parts.scheme not in _DEFAULT_PORTS:
        return None
    is_origin = not (parts.path or parts.query or parts.fragment or "@" in parts.netloc)
    return (parts.scheme, parts.hostname.casefold(), port) if is_origin else None


def _last(request: web.Request, name: istr) -> str:
    """Return what the nearest proxy wrote: the last value of a list."""
    values = request.headers.getall(name, ())
    return values[-1].rpartition(",")[2].strip() if values else ""


def _without_port(host: str) -> str:
    return _PORT.sub("", host)


def _is_own_name(request: web.Request, origin: str) -> bool:
    place = _place(origin)
    return place is not None and place[1] == _host_name(request.headers[hdrs.HOST])


def _is_ours(app: web.Application, name: str) -> bool:
    if name == "localhost" or _is_address(name):
        return True
    allowed = app[APPLICATION].current_config.value.network.allowed_hosts
    return name in {app[SETTINGS].host.casefold(), *(each.casefold() for each in allowed)}


# A client says the same name with every request; what strangers make up is soon forgotten.
@lru_cache(maxsize=128)
def _is_address(name: str) -> bool:
    return parse_address(name) is not None


@lru_cache(maxsize=128)
def _host_name(raw: str) -> str | None:
    """Return the name without its port, in lower case; `None` for what is no host."""
    if not raw.isascii() or any(c in "/\\@?#" or c.isspace() or not c.isprintable() for c in raw):
        return None
    try:
        parts = urlsplit(f"//{raw}")
        is_port = parts.port is None or parts.port > 0
    except ValueError:
        return None
    return parts.hostname.rstrip(".") if parts.hostname and is_port else None
