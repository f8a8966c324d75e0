"""Log format and removal of secrets."""

import io
import json
import logging
import re
import time
from collections.abc import Iterator

import pytest
import structlog

from aniworld_core.bootstrap.logging import (
    LONGEST_TEXT,
    REDACTED,
    LogRing,
    redact_text,
    redact_traceback,
    set_up_logging,
)
from aniworld_core.bootstrap.logging import setup as logging_module
from support.expressions import pumps
from support.growth import assert_linear

SECRETS = [
    "Authorization: Bearer eyJhbGciOi.CANARY.x-y_z",
    "token=CANARY",
    '{"password": "CANARY"}',
    "X-Api-Key: CANARY",
    "https://user:CANARY@host/path",
    "GET https://host/file.mp4?sig=CANARY&expires=1",
    "$pbkdf2-sha256$600000$CANARY$CANARY",
]


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("log_format", ["json", "console"])
def test_secrets_never_reach_the_log(secret: str, log_format: str) -> None:
    """Secrets in texts, arguments, fields and tracebacks are removed."""
    stream = io.StringIO()
    set_up_logging("debug", log_format, stream=stream)
    log = logging.getLogger("test")
    log.info(secret)
    log.info("%s", secret)
    structlog.get_logger("test").info("x", note=secret, token="CANARY", deep=[{"a": secret}])
    structlog.get_logger("test").info("x", deep={"password": "CANARY"})
    log.error("it failed", exc_info=ValueError(secret))
    assert "CANARY" not in stream.getvalue()
    assert stream.getvalue().count(REDACTED) >= 5


def test_what_is_no_secret_stays_readable() -> None:
    """Paths of links, series keys and plain words stay readable."""
    text = "https://host/a/b.mp4 attack-on-titan S01E05 tokens: of appreciation, 3 passwords"
    assert redact_text(text).startswith("https://host/a/b.mp4 attack-on-titan S01E05")
    assert redact_text("https://host/a.m3u8?x=1 failed") == f"https://host/a.m3u8?{REDACTED} failed"


PATTERNS = {
    name: value for name, value in vars(logging_module).items() if isinstance(value, re.Pattern)
}


@pytest.mark.thorough
@pytest.mark.parametrize("name", PATTERNS)
def test_each_expression_is_linear(name: str) -> None:
    """Every expression of the redaction takes linear time, also without the length limit."""
    pattern = PATTERNS[name]
    for token in [*pumps(pattern), "a-", "://", "https://", "token", "token=", "@", "?", "a@"]:
        assert_linear(lambda text: pattern.sub("", text), token)
        assert_linear(lambda text: pattern.sub("", text), token, end="\x01")


def test_a_long_text_is_cut_before_it_is_searched() -> None:
    """Long texts are cut before the search for secrets, also in the ring."""
    ring = LogRing()
    for token in ("a-", "://", "token ", "https://a?", "token=" * 9, "\n", "a\n", "bearer "):
        text = token * (1_000_000 // len(token))
        began = time.thread_time()
        assert len(redact_text(text)) <= LONGEST_TEXT * 4
        redact_traceback(text)
        ring.emit(logging.LogRecord("x", logging.INFO, "", 0, text, (), None))
        assert time.thread_time() - began < 1


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("place", range(0, 60, 3))
def test_a_cut_reveals_no_part_of_a_secret(secret: str, place: int) -> None:
    """Wherever a text is cut, no part of a secret remains."""
    start = "x " * (LONGEST_TEXT // 2 - place)
    shown = redact_text(f"{start}{secret} {'y' * LONGEST_TEXT}")
    rest = shown[len(start) :].replace(REDACTED, "")
    assert not re.search(r"[/:@$=. \"]CA?N?A?R?Y?", rest)


def test_a_password_with_signs_of_links_is_hidden_whole() -> None:
    """Everything before the last at sign of a host is hidden."""
    assert redact_text("http://me:p@ss@host/x") == f"http://{REDACTED}@host/x"


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_one_record_is_one_line(log_format: str) -> None:
    """Line breaks and escape sequences in names are escaped."""
    stream = io.StringIO()
    set_up_logging("info", log_format, stream=stream)
    logging.getLogger("test").info("a\r\nb\x1b[31m\u2028c\x85 %s", "d\ne")
    assert len(stream.getvalue().splitlines()) == 1
    assert "\x1b" not in stream.getvalue()


def test_json_lines_are_complete() -> None:
    """JSON lines have level, logger, time and text; the level filters."""
    stream = io.StringIO()
    set_up_logging("WARNING", stream=stream)
    logging.getLogger("x.y").info("not shown")
    logging.getLogger("x.y").warning("shown")
    (line,) = stream.getvalue().splitlines()
    record = json.loads(line)
    assert (record["level"], record["logger"], record["event"]) == ("warning", "x.y", "shown")
    assert record["timestamp"].endswith("Z")


def test_setting_up_twice_logs_once() -> None:
    """The last set-up replaces earlier ones."""
    stream = io.StringIO()
    set_up_logging(stream=io.StringIO())
    set_up_logging(stream=stream)
    logging.getLogger("x").info("once")
    assert len(stream.getvalue().splitlines()) == 1
