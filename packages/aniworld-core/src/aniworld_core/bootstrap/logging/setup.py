"""Logging of the executables; a program that embeds the library sets up its own logging."""

import logging
import logging.config
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import structlog

#: Replacement of a secret.
REDACTED: Final = "[redacted]"

_SECRET_NAME = re.compile(
    r"authorization|cookie|password|passwd|secret|token|api[_-]?key|signature|credential|hash",
    re.IGNORECASE,
)
#: Most characters of a logged text. It is cut before it is searched for secrets.
LONGEST_TEXT: Final = 8192
#: Most lines of a logged traceback; the last ones name the error.
_MOST_LINES: Final = 400
_LONGEST_LINE: Final = 2000
#: Deepest nesting of a logged value.
_DEEPEST: Final = 8
_CUT: Final = "…"
#: Longest word in characters that is dropped when the cut splits it.
_LONGEST_WORD: Final = 200

# All expressions below take linear time: a failed match is never retried inside the characters
# that it has read.
#: `Authorization: Bearer abc`, `"Basic abc"`.
_SCHEME = re.compile(r"(?i)(\b(?:bearer|basic)\s++)[\w.~+/=-]{8,}+")
#: `token=abc`, `"password": "abc"`, `api_key: abc`.
_ASSIGNED = re.compile(
    r"(?i)((?:token|password|passwd|secret|api[_-]?key|master_password_hash)"
    r"[\"']?+\s*+[=:]\s*+[\"']?+)[^\s\"'&,;}]++"
)
#: `https://user:password@host`.
_AUTHORITY = re.compile(r"://([^/?#\s]++)")
#: The query of a link: a signed link grants access like a password. The path stays.
_QUERY = re.compile(r"(https?://[^\s?#\"']++)(\?[^\s#\"'>)]++)?")
#: Password hashes.
_HASH = re.compile(r"(\$pbkdf2-sha\d++\$)\S++")


def set_up_logging(level: str = "", log_format: str = "", *, stream: Any = None) -> None:
    """Send all log records of the process to one stream, without secrets.

    Args:
        level: One of the usual names; empty means INFO.
        log_format: `console` or `json`; empty means console on a terminal, else json.
        stream: Output stream; standard error by default.
    """
    target = sys.stderr if stream is None else stream
    kind = log_format or ("console" if target.isatty() else "json")
    handler = logging.StreamHandler(target)
    handler.setFormatter(make_formatter(kind, colors=target.isatty()))
    root = logging.getLogger()
    for former in root.handlers[:]:
        root.removeHandler(former)
    root.addHandler(handler)
    set_log_level(level or "INFO")
    structlog.configure(
        processors=[*_shared_processors(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def set_log_level(level: str) -> None:
    """Log records of this level and above; some libraries log only warnings and errors."""
    root = logging.getLogger()
    root.setLevel(level.upper())
    # These log full links, or irrelevant lines at each start.
    for noisy in ("httpx", "httpcore", "aiohttp.access", "apprise", "urllib3", "alembic"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))


def make_formatter(kind: str, *, colors: bool = False) -> logging.Formatter:
    """Return a formatter that writes records without secrets.

    Args:
        kind: `console` or `json`.
        colors: Whether `console` uses colours.
    """
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=_plain_traceback)
        if kind == "console"
        else structlog.processors.JSONRenderer(ensure_ascii=True)
    )
    last: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if kind == "json":
        last.append(structlog.processors.format_exc_info)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared_processors(),
        processors=[*last, redact_event, _one_line if kind == "console" else _unchanged, renderer],
    )


def _shared_processors() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="timestamp"),
    ]


def redact_event(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Remove secrets from a record: fields by name, texts by pattern."""
    for name, value in event.items():
        if name in {"exception", "stack"} and isinstance(value, str):
            event[name] = redact_traceback(value)
        else:
            event[name] = _redacted_field(name, value, 0)
    return event


def redact_text(text: str) -> str:
    """Return *text* without its secrets, cut to `LONGEST_TEXT` characters.

    It takes linear time for any text.
    """
    text = cut_text(text)
    text = _SCHEME.sub(rf"\1{REDACTED}", text)
    text = _ASSIGNED.sub(rf"\1{REDACTED}", text)
    text = _AUTHORITY.sub(_without_user, text)
    text = _QUERY.sub(_without_query, text)
    return _HASH.sub(rf"\1{REDACTED}", text)


def redact_traceback(text: str) -> str:
    """Return the last lines of a traceback, cut and without secrets."""
    lines = text.splitlines()
    kept = lines[-_MOST_LINES:]
    mark = [_CUT] if len(kept) < len(lines) else []
    return "\n".join([*mark, *(redact_text(cut_text(line, _LONGEST_LINE)) for line in kept)])


def cut_text(text: str, limit: int = LONGEST_TEXT) -> str:
    """Return the start of *text*, at most *limit* characters and an ellipsis.

    A word at the cut is dropped, because part of a secret may not be recognised.
    """
    if len(text) <= limit:
        return text
    start = text[:limit]
    words = start[-_LONGEST_WORD:].rsplit(None, 1)
    return start[: len(start) - len(words[-1])] + _CUT if len(words) > 1 else start + _CUT


def _without_user(link: re.Match[str]) -> str:
    user, at, host = link[1].rpartition("@")
    if at:
        return f"://{REDACTED if user else ''}@{host}"
    # The host of a cut link may be a user and the start of a password.
    return f"://{REDACTED}" if link[1].endswith(_CUT) else link[0]


def _without_query(link: re.Match[str]) -> str:
    return f"{link[1]}?{REDACTED}" if link[2] else link[0]


def _redacted_field(name: object, value: object, depth: int) -> object:
    if value and _SECRET_NAME.search(cut_text(str(name), _LONGEST_WORD)):
        return REDACTED
    return _redacted(value, depth)


def _redacted(value: object, depth: int) -> object:
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, Mapping | list | tuple):
        if depth >= _DEEPEST:
            return _CUT
        if isinstance(value, Mapping):
            return {n: _redacted_field(n, inner, depth + 1) for n, inner in value.items()}
        return [_redacted(inner, depth + 1) for inner in value]
    return value


def _one_line(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Escape characters that could forge lines or control the terminal (CWE-117)."""
    for name, value in event.items():
        if isinstance(value, str) and name not in {"exception", "stack"}:
            event[name] = "".join(c if c.isprintable() else repr(c)[1:-1] for c in value)
    return event


def _unchanged(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    return event


def _plain_traceback(sio: Any, exc_info: Any) -> None:
    import traceback

    sio.write("\n" + redact_traceback("".join(traceback.format_exception(*exc_info))))
