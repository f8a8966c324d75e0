"""HTTP authentication for a web server: password (RFC 7616, 7617) or token (RFC 6750)."""

import base64
import re
from typing import TYPE_CHECKING, Final

import attrs

from aniworld_core.domain.configuration import ServerConfig

if TYPE_CHECKING:
    import httpx

#: Start of one of several challenges in a header.
_CHALLENGE: Final = re.compile(
    r"(?:^|,)\s*(Basic|Bearer|Digest|Negotiate|NTLM)(?=\s|,|$)", re.IGNORECASE
)


@attrs.define(eq=False)
class IndexAccess:
    """Build the `Authorization` header of one server with the scheme that the server requests.

    A password is sent only on request, and with the strongest offered scheme.

    Attributes:
        is_refused: Whether the server refused the credentials; they are not sent again.
    """

    _server: ServerConfig
    is_refused: bool = False
    _is_proven: bool = False
    _basic: str = attrs.field(default="", repr=False)
    _digest: "httpx.DigestAuth | None" = attrs.field(default=None, repr=False)

    def headers(self, method: str, url: str) -> dict[str, str]:
        """Return the headers for a request; empty until the server requests authentication."""
        if self._server.token:
            return {"Authorization": f"Bearer {self._server.token}"}
        if self._digest is not None:
            return {"Authorization": _digest_header(self._digest, method, url)}
        return {"Authorization": self._basic} if self._basic else {}

    @property
    def grows_old(self) -> bool:
        """Whether the header is valid for a limited time only."""
        return self._digest is not None

    def accepted(self) -> None:
        """Record that the server accepted a request."""
        self._is_proven = True

    def challenged(self, challenge: str, *, was_sent: bool) -> bool:
        """Process a refusal; return whether another attempt may succeed.

        Args:
            challenge: The `WWW-Authenticate` header of the refusal.
            was_sent: Whether the refused request had an `Authorization` header.
        """
        if not self._server.username or self._server.token:
            return False
        # The nonce of a digest expires; a password that was right before is still right.
        if was_sent and not (self._digest is not None and self._is_proven):
            return False
        self._is_proven = False
        offered = _offered(challenge)
        if "digest" in offered:
            self._digest = self._prepared(offered["digest"])
        if self._digest is None and ("basic" in offered or not offered):
            pair = f"{self._server.username}:{self._server.password}".encode()
            self._basic = f"Basic {base64.b64encode(pair).decode('ascii')}"
        return bool(self._basic or self._digest)

    def _prepared(self, challenge: str) -> "httpx.DigestAuth | None":
        import httpx

        digest = httpx.DigestAuth(self._server.username, self._server.password)
        request = httpx.Request("GET", self._server.base_url)
        flow = digest.auth_flow(request)
        next(flow)
        headers = {"WWW-Authenticate": challenge}
        try:
            flow.send(httpx.Response(401, headers=headers, request=request))
        except (httpx.HTTPError, LookupError, ValueError, NotImplementedError, StopIteration):
            # The digest uses an algorithm that httpx does not support.
            return None
        flow.close()
        return digest


def _digest_header(digest: "httpx.DigestAuth", method: str, url: str) -> str:
    import httpx

    request = httpx.Request(method, url)
    flow = digest.auth_flow(request)
    next(flow)
    flow.close()
    return request.headers["Authorization"]


def _offered(challenge: str) -> dict[str, str]:
    """Return the challenges in a header by scheme, the first of each."""
    found: dict[str, str] = {}
    starts = list(_CHALLENGE.finditer(challenge))
    ends = [*(match.start() for match in starts[1:]), len(challenge)]
    for match, end in zip(starts, ends, strict=False):
        found.setdefault(match[1].lower(), challenge[match.start(1) : end].strip(" ,"))
    return found
