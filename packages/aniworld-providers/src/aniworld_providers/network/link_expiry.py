"""Expiry time in the query of a signed link."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl, urlsplit

#: Query parameters that hold an expiry time.
_MOMENTS: Final = frozenset(
    (
        *("e", "exp", "expire", "expires", "expiry", "expiration", "expires_at", "expiretime"),
        *("valid", "validto", "valid_to", "validuntil", "valid_until", "until", "deadline", "se"),
    )
)
#: Parameters for start time and validity in seconds: Amazon S3 and Google Cloud Storage, version 4.
_SPANS: Final = (("x-amz-date", "x-amz-expires"), ("x-goog-date", "x-goog-expires"))
#: An expiry time inside a token, as Akamai writes it: `exp=1700000000~acl=/*~hmac=...`.
_INSIDE: Final = re.compile(r"(?:^|~)exp=([0-9]{9,13})(?:~|$)", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]{9,13}", re.ASCII)
_SHORT_NUMBER: Final = re.compile(r"[0-9]{1,8}", re.ASCII)
_LONGEST_QUERY: Final = 16 * 1024
_MOST_FIELDS: Final = 200


def link_expiry(url: str) -> datetime | None:
    """Return the expiry time that a link states; `None` if it states none."""
    try:
        query = urlsplit(url).query[:_LONGEST_QUERY]
        pairs = parse_qsl(query, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return None
    found = {name.lower(): value for name, value in pairs}
    for begin, validity in _SPANS:
        since, seconds = _moment(found.get(begin, "")), found.get(validity, "")
        if since is not None and _SHORT_NUMBER.fullmatch(seconds):
            return since + timedelta(seconds=int(seconds))
    moments = [_moment(value) for name, value in found.items() if name in _MOMENTS]
    inside = (_INSIDE.search(value) for value in found.values())
    moments += [_moment(match[1]) for match in inside if match is not None]
    return min((moment for moment in moments if moment is not None), default=None)


def _moment(text: str) -> datetime | None:
    """Parse seconds or milliseconds since 1970, or an ISO 8601 time."""
    if _NUMBER.fullmatch(text):
        number = int(text)
        return datetime.fromtimestamp(number / 1000 if number > 10**11 else number, UTC)
    if not 8 <= len(text) <= 40 or "T" not in text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
