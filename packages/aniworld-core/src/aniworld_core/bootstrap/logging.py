"""Logging of the executables; a program that embeds the library sets up its own."""

import logging
import logging.config
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import structlog

#: What stands in place of a secret.
REDACTED: Final = "[redacted]"

_SECRET_NAME = re.compile(
    r"authorization|cookie|password|passwd|secret|token|api[_-]?key|signature|credential|hash",
    re.IGNORECASE,
)
_IN_TEXT = (
    # Authorization: Bearer abc, "Basic abc"
    re.compile(r"(?i)((?:\b(?:bearer|basic)\s+))[\w.~+/=-]{8,}"),
    # token=abc, "password": "abc", api_key: abc
    re.compile(
        r"(?i)(\b[\w-]*(?:token|password|passwd|secret|api[_-]?key|master_password_hash)"
        r"[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;}]+"
    ),
    # https://user:password@host
    re.compile(r"(://)[^/?#@\s]+(?=@)"),
    # Query of a link: signed links are as good as a password. The path stays readable.
    re.compile(r"(https?://[^\s?#\"']+\?)[^\s#\"'>)]+"),
    # Hashes of passwords
    re.compile(r"(\$pbkdf2-sha\d+\$)\S+"),
)


def set_up_logging(level: str = "", log_format: str = "", *, stream: Any = None) -> None:
    """Send all records of the process to one place, without secrets.

    Args:
        level: One of the usual names; empty means INFO.
        log_format: `console` or `json`; empty means console on a terminal, else json.
        stream: Where to; standard error when not given.
    """
    target = sys.stderr if stream is None else stream
    kind = log_format or ("console" if target.isatty() else "json")
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=target.isatty(), exception_formatter=_plain_traceback)
        if kind == "console"
        else structlog.processors.JSONRenderer(ensure_ascii=True)
    )
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="timestamp"),
    ]
    last: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if kind == "json":
        last.append(structlog.processors.format_exc_info)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[*last, redact_event, _one_line if kind == "console" else _unchanged, renderer],
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    for former in root.handlers[:]:
        root.removeHandler(former)
    root.addHandler(handler)
    root.setLevel((level or "INFO").upper())
    # They tell too much: full links, or what is not worth a line at each start.
    for noisy in ("httpx", "httpcore", "aiohttp.access", "apprise", "urllib3", "alembic"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def redact_event(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Take secrets out of a record: fields by their names, texts by their looks."""
    for name, value in event.items():
        event[name] = REDACTED if value and _SECRET_NAME.search(name) else _redacted(value)
    return event


def redact_text(text: str) -> str:
    """Take what looks like a secret out of a text; the rest stays readable."""
    for pattern in _IN_TEXT:
        text = pattern.sub(rf"\1{REDACTED}", text)
    return text


def _redacted(value: object) -> object:
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, Mapping):
        return {
            name: REDACTED if inner and _SECRET_NAME.search(str(name)) else _redacted(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_redacted(inner) for inner in value]
    return value


def _one_line(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Escape what could forge further lines or drive the terminal (CWE-117)."""
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

    sio.write("\n" + redact_text("".join(traceback.format_exception(*exc_info))))
