"""Forms of texts that settings hold: times, addresses, networks, header values."""

import re
from collections.abc import Callable, Sequence
from ipaddress import ip_network
from pathlib import PurePath
from typing import Final
from urllib.parse import urlsplit

from aniworld_core.domain.configuration.description import TextForm
from aniworld_core.domain.configuration.hours import parse_hours, parse_time_of_day
from aniworld_core.domain.configuration.naming_template import template_problems
from aniworld_core.domain.configuration.path_mapping import parse_path_mapping
from aniworld_core.errors import InvalidInputError
from aniworld_core.messages import Message

_WEB_ONLY: Final = Message("must_be_web_address")
_APPRISE_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S")
_HEADER_ONLY: Final = Message("must_be_visible_ascii")


def is_header_value(text: str) -> bool:
    """Return whether a text can be sent as the value of a header.

    Only visible ASCII and spaces inside are allowed: RFC 9110, section 5.5, leaves other
    characters to former uses, and clients refuse them.
    """
    return text.isascii() and (not text or text.isprintable()) and text == text.strip()


def is_web_address(url: str) -> bool:
    """Return whether requests can be sent to a URL: `http` or `https`, a host, a valid port."""
    try:
        parts = urlsplit(url)
        has_port = parts.port != 0  # raises for ports that are no number or too large
    except ValueError:
        return False
    is_one_word = not any(letter.isspace() for letter in url)
    return is_one_word and has_port and parts.scheme in ("http", "https") and bool(parts.hostname)


def naming_template(kind: str) -> TextForm:
    """Return the form of the naming template of this name."""
    return TextForm("template", lambda text: template_problems(kind, text))


def _must_parse(parse: Callable[[str], object]) -> Callable[[str], Sequence[str]]:
    def problems(text: str) -> Sequence[str]:
        try:
            parse(text)
        except InvalidInputError as error:
            return (error.message,)
        return ()

    return problems


def _must_be(is_right: Callable[[str], object], detail: str) -> Callable[[str], Sequence[str]]:
    return lambda text: () if is_right(text) else (detail,)


def _is_absolute(path: str) -> bool:
    return path.startswith("~") or PurePath(path).is_absolute()


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


TIME_OF_DAY: Final = TextForm("HH:MM", _must_parse(parse_time_of_day), "03:30")
TIME_SPAN: Final = TextForm("HH:MM-HH:MM", _must_parse(parse_hours), "22:00-06:00")
WEB_ADDRESS: Final = TextForm(
    "http or https address",
    _must_be(is_web_address, _WEB_ONLY),
    "http://192.168.1.5:8096",
    is_address=True,
)
NETWORK: Final = TextForm(
    "address or network",
    _must_be(_is_network, Message("must_be_network")),
    "10.0.0.0/8",
)
APPRISE_ADDRESS: Final = TextForm(
    "Apprise address",
    _must_be(_APPRISE_URL.match, Message("must_be_apprise_url")),
    "ntfy://topic",
    is_address=True,
)
ABSOLUTE_FOLDER: Final = TextForm(
    "absolute path", _must_be(_is_absolute, Message("relative_path")), "/mnt/second/anime"
)
PATH_MAPPING: Final = TextForm(
    "OURS => THEIRS", _must_parse(parse_path_mapping), "/srv/anime => /data/anime"
)
HEADER_VALUE: Final = TextForm("visible ASCII", _must_be(is_header_value, _HEADER_ONLY))
