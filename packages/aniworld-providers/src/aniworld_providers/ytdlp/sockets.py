"""Guarded connections of one extraction."""

import http.client
import socket
import ssl
import urllib.request
from functools import partial
from typing import IO, Any, Final
from urllib.parse import urlsplit

from aniworld_core.errors import AddressRefusedError, AniworldError
from aniworld_providers.network import AddressGuard

#: Most redirects of one request.
MAX_REDIRECTS: Final = 5
#: Headers that a redirect to another host drops.
_PERSONAL: Final = frozenset({"authorization", "cookie", "proxy-authorization"})


class GuardedConnections:
    """Open and track the connections of one extraction.

    Attributes:
        guard: The address guard.
        refusal: The first refused address.
    """

    def __init__(self, guard: AddressGuard) -> None:
        self.guard = guard
        self.refusal: AddressRefusedError | None = None
        self._open: set[socket.socket] = set()

    def connect(self, host: str, port: int, timeout: float | None) -> socket.socket:
        """Connect to the first address of *host* that the guard permits and that answers.

        Raises:
            AddressRefusedError: If the guard permits none of them.
            OSError: If the name is unknown or no address answers.
        """
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        permitted = [e for e in found if self.guard.permits(str(e[4][0]), port, host=host)]
        if found and not permitted:
            self.guard.require(str(found[0][4][0]), port, host=host)
        failure = OSError(f"{host} has no address")
        for family, kind, protocol, _, address in permitted:
            connection = socket.socket(family, kind, protocol)
            try:
                connection.settimeout(timeout)
                connection.connect(address)
            except OSError as exc:
                connection.close()
                failure = exc
            else:
                self._open.add(connection)
                return connection
        raise failure

    def secure(self, plain: socket.socket, context: ssl.SSLContext, host: str) -> ssl.SSLSocket:
        """Wrap a connection in TLS."""
        wrapped = context.wrap_socket(plain, server_hostname=host)
        self._open.add(wrapped)
        return wrapped

    def close(self) -> None:
        """Close all open connections."""
        for connection in self._open:
            connection.close()
        self._open.clear()


class _Connection(http.client.HTTPConnection):
    def __init__(self, connections: GuardedConnections, host: str, **options: Any) -> None:
        super().__init__(host, **options)
        self._connections = connections

    def connect(self) -> None:
        self.sock = self._connections.connect(self.host, self.port, self.timeout)


class _SecureConnection(_Connection):
    default_port = http.client.HTTPS_PORT

    def __init__(
        self, connections: GuardedConnections, context: ssl.SSLContext, host: str, **options: Any
    ) -> None:
        super().__init__(connections, host, **options)
        self._context = context

    def connect(self) -> None:
        super().connect()
        self.sock = self._connections.secure(self.sock, self._context, self.host)


class ConnectingHandler(urllib.request.AbstractHTTPHandler):
    """Open http and https links through the guarded connections only."""

    def __init__(self, connections: GuardedConnections, context: ssl.SSLContext) -> None:
        super().__init__()
        self._connections = connections
        self._context = context
        self.http_request = self.do_request_
        self.https_request = self.do_request_

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        """Send a request over plain http."""
        return self.do_open(partial(_Connection, self._connections), request)

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        """Send a request over TLS."""
        return self.do_open(partial(_SecureConnection, self._connections, self._context), request)


class RedirectHandler(urllib.request.HTTPRedirectHandler):
    """Follow redirects that the guard permits; drop personal headers for another host."""

    max_redirections = MAX_REDIRECTS

    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Return the request for a redirect.

        Raises:
            AddressRefusedError: If the guard refuses its address.
            InvalidLinkError: If it does not lead to a web link.
        """
        try:
            self._guard.check_url(newurl)
        except AniworldError:
            fp.close()
            raise
        follow = super().redirect_request(req, fp, code, msg, headers, newurl)
        if follow is not None and urlsplit(newurl).netloc != urlsplit(req.full_url).netloc:
            for name in [name for name in follow.headers if name.lower() in _PERSONAL]:
                follow.remove_header(name)
        return follow
