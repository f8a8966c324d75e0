"""Request handler of yt-dlp whose connections pass the address guard."""

import http.client
import io
import urllib.error
import urllib.request
import zlib
from collections.abc import Mapping
from typing import Any, Final

import attrs
from yt_dlp.networking import Request, RequestHandler, Response
from yt_dlp.networking.exceptions import HTTPError, RequestError, TransportError

from aniworld_core.errors import AddressRefusedError, InvalidLinkError
from aniworld_providers.network import codings
from aniworld_providers.ytdlp.sockets import (
    ConnectingHandler,
    GuardedConnections,
    RedirectHandler,
)

#: Longest answer to read, in bytes.
MAX_ANSWER: Final = 16 * 1024**2
#: Bytes of the last page to keep for the search for a bot check.
_KEPT: Final = 128 * 1024


@attrs.define
class LastPage:
    """The last HTML page of the site, to distinguish a bot check from a page without media."""

    url: str = ""
    headers: Mapping[str, str] = attrs.field(factory=dict)
    head: bytearray = attrs.field(factory=bytearray)

    def start(self, url: str, headers: Mapping[str, str]) -> None:
        """Start with another page if it is HTML."""
        if "html" in headers.get("Content-Type", "").lower():
            self.url, self.headers = url, headers
            self.head.clear()

    def add(self, url: str, data: bytes) -> None:
        """Append received bytes of the page, up to a limit."""
        if url == self.url:
            self.head += data[: max(0, _KEPT - len(self.head))]


class _Answer(Response):  # type: ignore[misc]  # yt-dlp has no types
    def __init__(self, raw: Any, page: LastPage, body: io.BytesIO | None) -> None:
        status = raw.status if raw.status is not None else 200
        super().__init__(
            fp=body or raw, headers=raw.headers, url=raw.url, status=status, reason=raw.reason
        )
        self._page = page
        self._left = MAX_ANSWER

    def read(self, amt: int | None = None) -> bytes:
        wanted = self._left + 1 if amt is None or amt < 0 else amt
        data: bytes = super().read(wanted)
        self._left -= len(data)
        if self._left < 0:
            raise RequestError(f"the answer is longer than {MAX_ANSWER} bytes")
        self._page.add(self.url, data)
        return data


class GuardedRH(RequestHandler):  # type: ignore[misc]  # yt-dlp has no types
    """Send http and https requests through a `GuardedConnections`, never through a proxy."""

    _SUPPORTED_URL_SCHEMES = ("http", "https")

    def __init__(self, *, connections: GuardedConnections, page: LastPage, **options: Any) -> None:
        super().__init__(**options)
        self._connections = connections
        self._page = page
        self._received: list[Any] = []

    def close(self) -> None:
        """Close answers that were not read to their end."""
        for raw in self._received:
            raw.close()
        self._received.clear()

    def _check_extensions(self, extensions: dict[str, Any]) -> None:
        super()._check_extensions(extensions)
        for known in ("cookiejar", "timeout", "legacy_ssl", "keep_header_casing"):
            extensions.pop(known, None)

    def _prepare_headers(self, request: Request, headers: Any) -> None:
        headers.setdefault("Accept-Encoding", "gzip, deflate")

    def _send(self, request: Request) -> Response:
        try:
            self._connections.guard.check_url(request.url)
            raw = self._opener(request).open(
                urllib.request.Request(  # noqa: S310 - the guard allows http and https only
                    request.url,
                    data=request.data,
                    headers=self._get_headers(request),
                    method=request.method,
                ),
                timeout=self._calculate_timeout(request),
            )
            return self._answer(raw)
        except urllib.error.HTTPError as exc:
            raise HTTPError(self._refusal(exc)) from exc
        except urllib.error.URLError as exc:
            raise TransportError(cause=exc.reason) from exc
        except (OSError, http.client.HTTPException, InvalidLinkError) as exc:
            raise TransportError(cause=exc) from exc
        except AddressRefusedError as exc:
            # Extractors ignore a failed part and then report something else.
            self._connections.refusal = self._connections.refusal or exc
            raise TransportError(cause=exc) from exc
        except ValueError as exc:
            raise RequestError(cause=exc) from exc

    def _opener(self, request: Request) -> urllib.request.OpenerDirector:
        context = self._make_sslcontext(request.extensions.get("legacy_ssl"))
        opener = urllib.request.OpenerDirector()
        for handler in (
            ConnectingHandler(self._connections, context),
            RedirectHandler(self._connections.guard),
            urllib.request.HTTPCookieProcessor(self._get_cookiejar(request)),
            urllib.request.HTTPErrorProcessor(),
            urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.UnknownHandler(),
        ):
            opener.add_handler(handler)
        opener.addheaders = []
        return opener

    def _answer(self, raw: Any) -> Response:
        self._received.append(raw)
        self._page.start(raw.url, raw.headers)
        encoding = ", ".join(codings(raw.headers.get("Content-Encoding", "")))
        if not encoding:
            return _Answer(raw, self._page, None)
        if encoding not in {"gzip", "x-gzip", "deflate"}:
            raise RequestError(f"the answer has the unknown encoding {encoding!r}")
        return _Answer(raw, self._page, io.BytesIO(_inflate(raw.read(MAX_ANSWER + 1))))

    def _refusal(self, raw: Any) -> Response:
        """Return the answer of a failed request after reading its page."""
        try:
            body = self._answer(raw).read(_KEPT)
        except RequestError:
            body = b""  # the status says enough
        return _Answer(raw, LastPage(), io.BytesIO(body))


def _inflate(packed: bytes) -> bytes:
    """Decompress a body up to the longest answer."""
    for window in (47, -zlib.MAX_WBITS):  # gzip or zlib with header, or raw deflate
        unpacker = zlib.decompressobj(window)
        try:
            return unpacker.decompress(packed, MAX_ANSWER + 1)
        except zlib.error:
            continue
    raise TransportError("the answer cannot be unpacked")
