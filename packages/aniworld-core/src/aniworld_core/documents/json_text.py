"""Read a JSON text into plain values, with the faults of single values."""

import json
import math
from collections import Counter
from functools import partial
from typing import Any, Final, TypeAlias, cast

import attrs

from aniworld_core.domain.json_pointer import escaped
from aniworld_core.messages import Message

#: JSON pointer (RFC 6901) and explanation.
Problem: TypeAlias = tuple[str, str]
#: Deepest nesting of objects and lists in a document.
MOST_DEPTH: Final = 64
#: Most digits of a whole number: no setting or field needs more, and printing them is slow.
MOST_DIGITS: Final = 300


class NotJsonError(ValueError):
    """The text is not JSON, so that nothing can be said about its values."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@attrs.frozen
class JsonDocument:
    """The values of a JSON text.

    Attributes:
        value: The values; `None` in place of a faulty one.
        faults: What is wrong with single values, whatever they stand for.
    """

    value: object
    faults: tuple[Problem, ...] = ()


def read_json(raw: bytes | str) -> JsonDocument:
    """Read a JSON text (RFC 8259) in UTF-8.

    A name that an object has twice, NaN, Infinity, a number that is too large and nesting deeper
    than `MOST_DEPTH` are faults of single values.

    Raises:
        NotJsonError: If it is not JSON at all, or a text in it is not Unicode.
    """
    found: list[_Fault | _RepeatingObject] = []
    try:
        text = raw if isinstance(raw, str) else raw.decode()
        value = json.loads(
            text,
            object_pairs_hook=partial(_object_of, found),
            parse_int=partial(_int_of, found),
            parse_float=partial(_float_of, found),
            parse_constant=lambda name: _fault(found, Message("number_not_json", raw=name)),
        )
    except UnicodeDecodeError as error:
        raise NotJsonError(Message("not_utf8_at", place=error.start)) from error
    except RecursionError as error:
        raise NotJsonError(Message("nested_text", limit=MOST_DEPTH)) from error
    except json.JSONDecodeError as error:
        reason = Message("json_error", line=error.lineno, column=error.colno, detail=error.msg)
        raise NotJsonError(reason) from error
    except ValueError as error:
        raise NotJsonError(str(error)) from error
    faults: list[Problem] = []
    # Most texts have no fault: only what may have one is searched for it.
    is_searched = text.count("{") + text.count("[") > MOST_DEPTH or "\\u" in text or found
    return JsonDocument(_sound(value, "", 0, faults) if is_searched else value, tuple(faults))


@attrs.frozen
class _Fault:
    """Stands for a value that JSON or this reader does not allow."""

    detail: str


class _RepeatingObject(dict[str, object]):
    """An object in which names are repeated; the last value of each is kept."""

    repeated: frozenset[str] = frozenset()


_Found: TypeAlias = list[_Fault | _RepeatingObject]


def _fault(found: _Found, detail: str) -> _Fault:
    found.append(_Fault(detail))
    return _Fault(detail)


def _object_of(found: _Found, pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) == len(pairs):
        return result
    repeating = _RepeatingObject(result)
    counts = Counter(name for name, _ in pairs)
    repeating.repeated = frozenset(name for name, count in counts.items() if count > 1)
    found.append(repeating)
    return repeating


def _int_of(found: _Found, digits: str) -> object:
    if len(digits) > MOST_DIGITS:
        return _fault(found, Message("number_too_long", digits=len(digits.lstrip("-"))))
    return int(digits)


def _float_of(found: _Found, digits: str) -> object:
    number = float(digits)
    return number if math.isfinite(number) else _fault(found, Message("number_too_large"))


def _sound(value: Any, pointer: str, depth: int, faults: list[Problem]) -> object:
    """Return a value without its faulty parts, which are noted."""
    fault: str | None = None
    if isinstance(value, _Fault):
        fault = value.detail
    elif isinstance(value, dict | list) and depth == MOST_DEPTH:
        fault = Message("nested_too_deep", limit=MOST_DEPTH)
    if fault is not None:
        faults.append((pointer, fault))
        return None
    if isinstance(value, str):
        _require_unicode(value, pointer)
    if not isinstance(value, dict | list):
        return cast("object", value)
    if isinstance(value, list):
        return [_sound(e, f"{pointer}/{i}", depth + 1, faults) for i, e in enumerate(value)]
    result: dict[str, object] = {}
    for name, inner in value.items():
        _require_unicode(name, pointer)
        where = f"{pointer}/{escaped(name)}"
        if isinstance(value, _RepeatingObject) and name in value.repeated:
            faults.append((where, Message("name_repeated")))
        result[name] = _sound(inner, where, depth + 1, faults)
    return result


def _require_unicode(text: str, pointer: str) -> None:
    """Refuse halves of surrogate pairs, which UTF-8 cannot hold."""
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise NotJsonError(Message("text_not_unicode", pointer=pointer or "/"))
