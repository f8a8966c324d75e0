"""Requests and answers of the page client, and the errors for failed answers."""

import re
from codecs import lookup
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, Self
from urllib.parse import SplitResult, quote, urlencode, urljoin, urlsplit, urlunsplit

import attrs

from aniworld_core.errors import (
    InvalidConfigError,
    InvalidLinkError,
    NeedsPersonError,
    ProviderDeniedError,
    SourceGoneError,
    UnusableAnswerError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_providers.network.answers import is_bot_check, is_temporary, parse_retry_after

#: Longest wait to accept from a site; a longer one is treated as this.
_LONGEST_WAIT = timedelta(days=7)
_XML_ENCODING = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._-]{1,40})", re.IGNORECASE)
#: Names of codecs for text in pages; others, such as `punycode`, may be slow.
_CODECS = re.compile(
    r"ascii|iso8859-\d+|cp\d+|koi8-[ru]|shift_jis|euc_(?:jp|kr)|gb2312|gbk|gb18030|big5"
    r"|mac-roman|utf-16(?:-[bl]e)?"
)
#: All printable ASCII characters. `quote` leaves them unchanged.
_KEPT = "".join(map(chr, range(0x21, 0x7F)))


class PageMissingError(SourceGoneError):
    """The site answers 404 or 410."""

    def __init__(self, url: str, status: int) -> None:
        super().__init__(url, Message("http_status", status=status))
        self.url = url
        self.status = status


#: Names of headers that carry credentials.
CREDENTIALS: Final = frozenset({"authorization", "x-emby-token", "x-plex-token"})


class NotJsonError(UnusableAnswerError):
    """An answer that should be JSON is something else."""

    def __init__(self, provider: str, url: str) -> None:
        super().__init__(provider, Message("answer_not_json", path=urlsplit(url).path))
        self.url = url


class TemporaryFaultError(Exception):
    """A fault that a retry may not meet; stays inside the page client.

    Attributes:
        reason: What happened.
        host: The host that caused it.
        retry_after: The wait that the site asked for, or `None`.
    """

    def __init__(self, reason: str, host: str, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.host = host
        self.retry_after = retry_after


def _read_only(headers: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(headers))


@attrs.frozen(kw_only=True)
class Page:
    """An answer.

    Attributes:
        url: The link of the answer, after redirects.
        text: The decoded body.
        headers: By lower-case name.
    """

    status: int
    url: str
    text: str
    headers: Mapping[str, str] = attrs.field(converter=_read_only)


@attrs.frozen(kw_only=True)
class PageRequest:
    """A request.

    Attributes:
        accepts: Statuses to return to the caller instead of raising an error.
        wants_body: Whether to read the body.
        stays: Whether to refuse a redirect to another origin.
        holds: How long a cached answer may be used, whatever its headers state.
        declared_charset: Whether to decode the body as its header or XML declaration states.
    """

    url: str
    headers: Mapping[str, str] = attrs.field(repr=False)
    fresh: bool = False
    method: str = "GET"
    body: bytes = attrs.field(default=b"", repr=False)
    accepts: frozenset[int] = frozenset()
    wants_body: bool = True
    stays: bool = False
    holds: timedelta = timedelta()
    declared_charset: bool = False

    @classmethod
    def of(
        cls,
        url: str,
        params: Mapping[str, str] | Sequence[tuple[str, str]] | None,
        headers: Mapping[str, str] | None,
        *,
        fresh: bool,
    ) -> Self:
        """Return a request with *params* added to the query of *url*.

        Raises:
            InvalidLinkError: If *url* is not a link.
        """
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise InvalidLinkError(url, Message("not_a_link")) from error
        query = "&".join(filter(None, (parts.query, urlencode(params or {}))))
        return cls(url=_tidy(parts._replace(query=query)), headers=dict(headers or {}), fresh=fresh)

    @property
    def host(self) -> str:
        """Host of the server, with the port if the link names one."""
        return urlsplit(self.url).netloc.lower()

    @property
    def origin(self) -> str:
        """Scheme, host and port of the server."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}".lower()

    @property
    def has_credentials(self) -> bool:
        """Whether the request carries credentials."""
        return any(name.lower() in CREDENTIALS for name in self.headers)

    def redirected(self, target: str) -> Self:
        """Return the request for a redirect; another origin gets only the `Accept` header."""
        url = urljoin(self.url, target)
        old, new = urlsplit(self.url), urlsplit(url)
        same = (old.scheme, old.netloc) == (new.scheme, new.netloc)
        accept = {name: v for name, v in self.headers.items() if name.lower() == "accept"}
        return attrs.evolve(
            self,
            url=_tidy(new),
            headers=self.headers if same else accept,
        )


def _tidy(parts: SplitResult) -> str:
    """Return a link as it is sent: without fragment, with spaces and umlauts percent-encoded."""
    return urlunsplit(
        parts._replace(
            path=quote(parts.path, safe=_KEPT), query=quote(parts.query, safe=_KEPT), fragment=""
        )
    )


def decode_declared(body: bytes, content_type: str) -> str:
    """Decode a body as its byte order mark, XML declaration or header states; UTF-8 by default.

    The declaration comes before the header, because many servers send the same header for every
    file (RFC 7303, section 3.3 allows both).
    """
    for mark, name in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if body.startswith(mark):
            return body[2:].decode(name, "replace")
    declared = _XML_ENCODING.match(body)
    header = _CHARSET.search(content_type)
    named = [declared[1].decode("ascii")] if declared else []
    named += [header[1]] if header else []
    for name in named:
        try:
            codec = lookup(name).name
        except LookupError:
            continue
        if _CODECS.fullmatch(codec):
            return body.decode(codec, "replace")
    return body.decode("utf-8-sig", "replace")


def raise_for_status(
    page: Page, asked: PageRequest, *, provider: str, site: str, clock: Clock
) -> None:
    """Raise the error for an answer that is not a success.

    Raises:
        TemporaryFaultError: If a retry may succeed.
        PageMissingError: If there is no such page.
        ProviderDeniedError: If the site refuses the credentials.
        NeedsPersonError: If the site asks for a bot check or login, or blocks the client.
        UnusableAnswerError: If the site does not accept the request.
    """
    status = page.status
    if 200 <= status < 300:
        return
    if is_bot_check(page.text):
        raise NeedsPersonError(site, page.url, Message("bot_check"))
    if is_temporary(status):
        wait = page_wait(page.headers.get("retry-after", ""), clock.now())
        raise TemporaryFaultError(Message("http_status", status=status), asked.host, wait)
    if status in {404, 410}:
        raise PageMissingError(page.url, status)
    if status in {401, 403} and asked.has_credentials:
        raise ProviderDeniedError(provider)
    if status == 401:
        raise NeedsPersonError(site, page.url, Message("login_wanted"))
    if status == 403:
        raise NeedsPersonError(site, page.url, Message("access_refused"))
    if status == 451:
        raise NeedsPersonError(site, page.url, Message("legally_blocked", status=status))
    raise UnusableAnswerError(provider, Message("http_status", status=status))


def page_wait(value: str, now: datetime) -> timedelta | None:
    """Return the wait before the next request for a `Retry-After` header.

    Returns:
        A wait of zero to seven days, or `None` if the header is missing or malformed.
    """
    wait = parse_retry_after(value, now)
    return None if wait is None else min(max(wait, timedelta()), _LONGEST_WAIT)


def origin_of(url: str, pointer: str = "") -> str:
    """Return the `host:port` of a configured link, as the address guard lists it.

    Args:
        url: The link.
        pointer: JSON pointer to the setting, for the error.

    Raises:
        InvalidConfigError: If it is not an `http` or `https` link with a host.
    """
    try:
        parts = urlsplit(url.strip())
        default = {"http": 80, "https": 443}.get(parts.scheme, 0)
        host, port = parts.hostname or "", default and (parts.port or default)
    except ValueError:
        host, port = "", 0
    if not host or not port:
        raise InvalidConfigError([(pointer, Message("not_a_web_link", raw=url))])
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
