"""Scrubber: remove secrets and addresses from recorded pages."""

import hashlib
import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

import attrs

from aniworld_core.domain.configuration import ProviderConfig, ServerConfig

#: Start of the placeholder for a secret. A digest follows, so that different secrets differ.
_REMOVED: Final = "removed-"
#: Placeholder addresses from the documentation ranges (RFC 5737, RFC 3849).
_IPV4: Final = "192.0.2.1"
_IPV6: Final = "2001:db8::1"
#: Response headers needed for replay; others may identify a person.
_HEADERS: Final = frozenset(
    {"content-type", "content-language", "location", "retry-after", "www-authenticate"}
)
_PRIVATE_PART = re.compile(
    r"token|password|passwort|passwd|secret|api_?key|session_?id|csrf", re.IGNORECASE
)
_PRIVATE_NAMES: Final = frozenset({"pw", "nonce"})
_PRIVATE_PARAMETERS: Final = _PRIVATE_NAMES | {"t", "auth", "sig", "signature"}
# Each expression matches any name with its value, and `_is_private` decides afterwards. An
# expression that searches for the private names would scan long names repeatedly.
_IN_QUERY = re.compile(r"([?&](?:amp;)?([\w-]++)=)([^&\"'\s<>#\\]++)")
_IN_JSON = re.compile(r'("(\w++)"\s*+:\s*+")((?:[^"\\]++|\\.)*+)', re.DOTALL)
_IN_CHALLENGE = re.compile(r'\b((?:nonce|opaque|cnonce)=")([^"]*)', re.IGNORECASE)
_IN_TAG = re.compile(
    r"<(?:meta|input)\b(?:[^<>\"']++|\"[^\"]*+\"|'[^']*+'|[\"'])*+>?+", re.IGNORECASE
)
_WORD = re.compile(r"\w++")
_VALUE = re.compile(r"""(\b(?:value|content)\s*=\s*["'])([^"']*)""", re.IGNORECASE)
_USER = re.compile(r"""(https?://)[^/\s"'<>@]+@""", re.IGNORECASE)
_FOUR = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")
_SIX = re.compile(
    r"(?<![\w:])(?:(?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}:){1,6}"
    r"(?::[0-9a-f]{1,4}){1,6}|(?:[0-9a-f]{1,4}:){2,7}:)(?![\w:])",
    re.IGNORECASE,
)


@attrs.frozen(kw_only=True)
class Scrubber:
    """Replace secrets and addresses in texts; equal inputs give equal outputs.

    Scrubbing a scrubbed text changes nothing, so an adapter that gets recorded pages requests
    exactly the recorded links.

    Attributes:
        section: The configuration with placeholders, enough to open the adapter again.
    """

    section: ProviderConfig
    _rules: tuple[tuple[re.Pattern[str], str], ...] = attrs.field(repr=False)
    _names: Mapping[str, str] = attrs.field(repr=False)

    @classmethod
    def of(cls, section: ProviderConfig) -> "Scrubber":
        """Return a scrubber for the secrets and servers in a provider's configuration."""
        rules: list[tuple[re.Pattern[str], str]] = []
        base = section.base_url
        if base:
            rules += _hiding(base, "site.invalid")
            base = _moved(base, "site.invalid")
        servers = []
        for number, server in enumerate(section.servers, start=1):
            host = f"server-{number}.invalid"
            rules += [*_hiding(server.base_url, host), *_hiding_secrets(server)]
            servers.append(_placeholder(server, f"server-{number}", _moved(server.base_url, host)))
        return cls(
            section=ProviderConfig(base_url=base, servers=tuple(servers)),
            rules=tuple(rules),
            names={s.name: p.name for s, p in zip(section.servers, servers, strict=True) if s.name},
        )

    def text(self, text: str) -> str:
        """Scrub a page, a link or a message."""
        for pattern, placeholder in self._rules:
            text = pattern.sub(placeholder, text)
        text = _USER.sub(r"\1", text)
        text = _IN_QUERY.sub(_digested_parameter, text)
        text = _IN_JSON.sub(_digested_field, text)
        text = _IN_TAG.sub(_digested_tag, text)
        return _SIX.sub(_IPV6, _FOUR.sub(_IPV4, text))

    def words(self, text: str) -> str:
        """Scrub a message, which may contain the configured names of servers."""
        for name, placeholder in self._names.items():
            text = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", placeholder, text)
        return self.text(text)

    def reference(self, text: str) -> str:
        """Scrub an argument, which may begin with the configured name of a server."""
        for name, placeholder in self._names.items():
            if text.startswith(name):
                text = placeholder + text.removeprefix(name)
                break
        return self.text(text)

    def headers(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        """Return the headers needed for replay, scrubbed."""
        kept = {name: value for name, value in headers.items() if name in _HEADERS}
        return {name: self.text(_IN_CHALLENGE.sub(_digested, v)) for name, v in kept.items()}


def _digested(match: re.Match[str]) -> str:
    return match[1] + _digest_of(match[2])


def _digested_parameter(match: re.Match[str]) -> str:
    name = match[2].lower()
    is_private = name in _PRIVATE_PARAMETERS or name.startswith("x-amz-") or _is_private(name)
    return match[1] + _digest_of(match[3]) if is_private else match[0]


def _digested_field(match: re.Match[str]) -> str:
    return match[1] + _digest_of(match[3]) if _is_private(match[2]) else match[0]


def _digested_tag(tag: re.Match[str]) -> str:
    is_private = any(_is_private(word[0]) for word in _WORD.finditer(tag[0]))
    return _VALUE.sub(_digested, tag[0]) if is_private else tag[0]


def _is_private(name: str) -> bool:
    return name.lower() in _PRIVATE_NAMES or _PRIVATE_PART.search(name) is not None


def _digest_of(secret: str) -> str:
    if not secret or secret.startswith(_REMOVED):
        return secret
    return f"{_REMOVED}{hashlib.sha256(secret.encode('utf-8', 'replace')).hexdigest()[:6]}"


def _hiding(url: str, placeholder: str) -> Iterator[tuple[re.Pattern[str], str]]:
    """Yield the rules that replace a server's host, in links and elsewhere."""
    parts = urlsplit(url.strip())
    host = parts.hostname or ""
    netloc = parts.netloc.rpartition("@")[2]
    if not host:
        return
    for written in {netloc, quote(netloc, safe=""), f"{host}:{parts.port}"} - {host}:
        yield re.compile(rf"(?<![\w.-]){re.escape(written)}(?![\w-])", re.IGNORECASE), placeholder
    # A host name of one label may be an ordinary word, so replace it in links only.
    alone = r"(?<![\w.-])" if "." in host or ":" in host else r"(?<=//)"
    yield re.compile(rf"{alone}\[?{re.escape(host)}\]?(?![\w-])", re.IGNORECASE), placeholder


def _hiding_secrets(server: ServerConfig) -> Iterator[tuple[re.Pattern[str], str]]:
    for secret in {server.password, server.token} - {""}:
        for written in _spellings(secret):
            yield re.compile(re.escape(written)), f"{_REMOVED}secret"
    for written in _spellings(server.username) if server.username else ():
        # A short user name may be part of any word, so replace it as a whole JSON string only.
        yield re.compile(rf'"{re.escape(written)}"'), '"user"'


def _spellings(text: str) -> Iterator[str]:
    """Yield the spellings of a text on pages: plain, in JSON, in HTML, in links."""
    found = {text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}
    yield from sorted(found | {html.escape(text), quote(text, safe="")}, key=len, reverse=True)


def _placeholder(server: ServerConfig, name: str, base: str) -> ServerConfig:
    return ServerConfig(
        name=name,
        base_url=base,
        username="user" if server.username else "",
        password=f"{_REMOVED}secret" if server.password else "",
        token=f"{_REMOVED}secret" if server.token else "",
    )


def _moved(url: str, host: str) -> str:
    return urlunsplit(urlsplit(url.strip())._replace(netloc=host))
