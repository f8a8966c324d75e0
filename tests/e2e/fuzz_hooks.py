"""Hooks for schemathesis, which loads this module."""

import json
import os
import re
from typing import Any, Final

import schemathesis

#: Field name -> existing values.
_KNOWN: Final[dict[str, Any]] = json.loads(os.environ["FUZZED_VALUES"])
#: Fields with documented formats; all others are only bounded in length.
_PATTERNS: Final = {
    "episodes": re.compile(r"[Ss][0-9]{1,4}[Ee][0-9]{1,4}"),
    "serie_id": re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*"),
    "item_ids": re.compile(r".{1,100}", re.DOTALL),
    "link": re.compile(r".{1,2048}", re.DOTALL),
}
_ANYTHING: Final = re.compile(r".{1,4096}", re.DOTALL)


def map_body(_context: Any, body: Any) -> Any:
    """Put existing values into every other body, so that some requests succeed.

    Only valid values are replaced. A changed password is set to the current one, because later runs
    must be able to sign in.
    """
    if not isinstance(body, dict):
        return body
    named = {
        name: known
        for name, known in _KNOWN.items()
        if _fits(name, body.get(name)) and len(body[name]) % 2
    }
    if "current_password" in named and _fits("new_password", body.get("new_password")):
        named["new_password"] = named["current_password"]
    if _fits("master_password", body.get("master_password")):
        named["master_password"] = _KNOWN["password"]
    return {**body, **named}


def _fits(name: str, value: object) -> bool:
    pattern = _PATTERNS.get(name, _ANYTHING)
    if isinstance(value, list):
        return bool(value) and all(isinstance(e, str) and pattern.fullmatch(e) for e in value)
    return isinstance(value, str) and bool(pattern.fullmatch(value))


schemathesis.hook(map_body)
