"""Checks of `Host` and `Origin` against DNS rebinding and cross-site request forgery."""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from multidict import istr

from aniworld_core.errors import RestrictedError
from aniworld_core.messages import Message
from aniworld_http.keys import APPLICATION, SETTINGS
from aniworld_http.refusals import refused
from aniworld_http.security.client_addresses import is_from_trusted_proxy, parse_address

_FETCH_SITE: Final = istr("Sec-Fetch-Site")
_FORWARDED_HOST: Final = istr("X-Forwarded-Host")
_FORWARDED_PROTO: Final = istr("X-Forwarded-Proto")
_FORWARDED_PORT: Final = istr("X-Forwarded-Port")
_PORT: Final = re.compile(r":[0-9]{0,5}\Z")
_LOST_PORT: Final = Message("other_origin.hint")
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def check_host(request: web.Request) -> None:
    """Check that `Host` names this server; a foreign name may resolve to it (DNS rebinding).

    Raises:
        HTTPBadRequest: If the header is missing, repeated or malformed.
        HTTPMisdirectedRequest: If it names another host.
    """
    hosts = request.headers.getall(hdrs.HOST, ())
    if len(hosts) != 1:
        raise refused(web.HTTPBadRequest, Message("host_header_count"))
    name = _host_name(hosts[0])
    if name is None:
        raise refused(web.HTTPBadRequest, Message("host_header_invalid"))
    if not _is_own_host(request.app, name):
        raise refused(web.HTTPMisdirectedRequest, Message("host_not_allowed", name=name[:100]))


def check_origin(request: web.Request) -> None:
    """Check that a changing request or a WebSocket handshake is not sent by a foreign page.

    Raises:
        RestrictedError: If `Origin` or `Sec-Fetch-Site` names another origin.
    """
    is_socket = request.headers.get(hdrs.UPGRADE, "").lower() == "websocket"
    if request.method not in _SAFE or is_socket:
        origins = request.headers.getall(hdrs.ORIGIN, ())
        if not all(_is_allowed(request, origin) for origin in origins):
            error = RestrictedError(Message("this_request"), Message("other_origin"))
            if any(_is_own_name(request, origin) for origin in origins):
                error.hint = _LOST_PORT
            raise error
        if not origins and request.headers.get(_FETCH_SITE, "").lower() == "cross-site":
            raise RestrictedError(Message("this_request"), Message("other_site"))


def own_origin(request: web.Request) -> str:
    """Return the origin under which the client reached the server, as far as it is known.

    A trusted proxy reports its scheme in `X-Forwarded-Proto`.
    """
    proxied = _last(request, _FORWARDED_PROTO) if is_from_trusted_proxy(request) else ""
    scheme = proxied if proxied in _DEFAULT_PORTS else request.scheme
    return f"{scheme}://{_own_hosts(request)[-1]}"


def _is_allowed(request: web.Request, origin: str) -> bool:
    if origin.casefold() in request.app[SETTINGS].cors_origins:
        return True
    parsed = _parse_origin(origin)
    if parsed is None:
        return False
    scheme = parsed[0]
    # The scheme is not compared, because the scheme in front of a proxy is unknown.
    return any(_parse_origin(f"{scheme}://{own}") == parsed for own in _own_hosts(request))


def _own_hosts(request: web.Request) -> list[str]:
    """Return the hosts with ports under which the client may have reached the server.

    A trusted proxy that changes `Host` reports the original in `X-Forwarded-*`. A page of another
    origin cannot set these headers without a preflight.
    """
    hosts = [request.headers[hdrs.HOST]]
    if is_from_trusted_proxy(request):
        forwarded = _last(request, _FORWARDED_HOST)
        name = forwarded or _without_port(hosts[0])
        hosts += [forwarded] if forwarded else []
        if port := _last(request, _FORWARDED_PORT):
            hosts.append(f"{_without_port(name)}:{port}")
    return hosts


def _parse_origin(origin: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of an origin; `None` if it is malformed."""
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
    """Return the last value of a header, which the nearest proxy wrote."""
    values = request.headers.getall(name, ())
    return values[-1].rpartition(",")[2].strip() if values else ""


def _without_port(host: str) -> str:
    return _PORT.sub("", host)


def _is_own_name(request: web.Request, origin: str) -> bool:
    parsed = _parse_origin(origin)
    return parsed is not None and parsed[1] == _host_name(request.headers[hdrs.HOST])


def _is_own_host(app: web.Application, name: str) -> bool:
    if name == "localhost" or _is_address(name):
        return True
    allowed = app[APPLICATION].current_config.value.network.allowed_hosts
    return name in {app[SETTINGS].host.casefold(), *(each.casefold() for each in allowed)}


# A client sends the same name with every request; made-up names soon leave the cache.
@lru_cache(maxsize=128)
def _is_address(name: str) -> bool:
    return parse_address(name) is not None


@lru_cache(maxsize=128)
def _host_name(raw: str) -> str | None:
    """Return the host name without its port, in lower case; `None` if it is malformed."""
    if not raw.isascii() or any(c in "/\\@?#" or c.isspace() or not c.isprintable() for c in raw):
        return None
    try:
        parts = urlsplit(f"//{raw}")
        is_port = parts.port is None or parts.port > 0
    except ValueError:
        return None
    return parts.hostname.rstrip(".") if parts.hostname and is_port else None
