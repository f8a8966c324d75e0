"""The one converter of bodies: strict, and naming every bad field.

cattrs walks the shape and gathers the mistakes; each single value is judged by msgspec, by the
very types and bounds from which the API description is made, so that the two cannot differ.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

import attrs
import msgspec
from cattrs import ClassValidationError, Converter, IterableValidationError
from cattrs.errors import (
    AttributeValidationNote,
    ForbiddenExtraKeysError,
    IterableValidationNote,
)
from cattrs.gen import make_dict_structure_fn

from aniworld_core.errors import AniworldError

#: JSON pointer (RFC 6901) and explanation.
Problem: TypeAlias = tuple[str, str]
_Hook: TypeAlias = Callable[[Any, Any], Any]


class _MismatchError(ValueError):
    """A value that is not what its field needs; the message is for people."""


@cache
def converter() -> Converter:
    """Return the converter that takes every value as what it is and turns none into another."""
    strict = Converter(detailed_validation=True, forbid_extra_keys=True)
    strict.register_structure_hook_factory(_is_whole, _judge)
    # cattrs asks its own lenient hooks for these classes before it asks any factory.
    for kind in (str, int, float, bool):
        strict.register_structure_hook(kind, _judge(kind))
    strict.register_structure_hook_factory(_is_list, lambda kind: _list(strict, kind))
    strict.register_structure_hook_factory(_is_choice, lambda kind: _choice(strict, kind))
    strict.register_structure_hook_factory(attrs.has, lambda kind: _object(strict, kind))
    return strict


def problems_of(error: BaseException, pointer: str = "") -> list[Problem]:
    """List what a failed structuring found, one entry for each bad field."""
    if isinstance(error, ForbiddenExtraKeysError):
        names = sorted(error.extra_fields)
        return [(f"{pointer}/{escaped(name)}", "is not known") for name in names]
    if not isinstance(error, ClassValidationError | IterableValidationError):
        return [(pointer, _explained(error))]
    problems: list[Problem] = []
    for inner in error.exceptions:
        problems += problems_of(inner, pointer + _step(inner))
    return problems


def escaped(name: str) -> str:
    """Write a name as one token of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def plain_type(kind: Any) -> Any:
    """Return a type without bounds and without `None`."""
    while get_origin(kind) is Annotated:
        kind = kind.__origin__
    if get_origin(kind) in {Union, UnionType}:
        kinds = [each for each in get_args(kind) if each is not type(None)]
        return plain_type(kinds[0]) if len(kinds) == 1 else kind
    return kind


def _step(error: BaseException) -> str:
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote):
            return f"/{escaped(note.name)}"
        if isinstance(note, IterableValidationNote):
            return f"/{escaped(str(note.index))}"
    return f"/{escaped(str(error.args[0]))}" if isinstance(error, KeyError) else ""


def _explained(error: BaseException) -> str:
    if isinstance(error, KeyError):
        return "is required"
    if isinstance(error, _MismatchError | msgspec.ValidationError | AniworldError | ValueError):
        return str(error)
    raise error  # a mistake of ours: no shape of ours can be read like this


def _is_whole(kind: Any) -> bool:
    """Whether it has no parts that could each be wrong."""
    if get_origin(kind) is Annotated:
        return _is_whole(kind.__origin__)
    if get_origin(kind) is Literal or kind is object:
        return True
    if get_origin(kind) in {Union, UnionType}:
        return all(map(_is_whole, get_args(kind)))
    return isinstance(kind, type) and get_origin(kind) is None and not attrs.has(kind)


def _judge(kind: Any) -> _Hook:
    if kind is object:
        return lambda value, _: value
    if plain_type(kind) is int:
        return lambda value, _: msgspec.convert(_as_whole(value), kind)
    return lambda value, _: msgspec.convert(value, kind)


def _as_whole(value: object) -> object:
    """Take `2.0` for the whole number that it is (JSON Schema 2020-12, section 6.1.1)."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _is_list(kind: Any) -> bool:
    if get_origin(kind) is Annotated:
        return _is_list(kind.__origin__)
    return get_origin(kind) is tuple


def _list(strict: Converter, kind: Any) -> _Hook:
    """Read `tuple[T, ...]`: first how many there are, then each by itself."""
    bounds = getattr(kind, "__metadata__", ())
    (element, *_) = get_args(plain_type(kind))
    elements: Any = list[element]  # type: ignore[valid-type]  # made at run time
    each = strict.get_structure_hook(elements)
    counted: Any = Annotated[(tuple[Any, ...], *bounds)] if bounds else tuple[Any, ...]

    def structure(value: object, _: object) -> tuple[object, ...]:
        msgspec.convert(value, counted)
        return tuple(each(value, elements))

    return structure


def _is_choice(kind: Any) -> bool:
    return get_origin(kind) in {Union, UnionType} and not _is_whole(kind)


def _choice(strict: Converter, kind: Any) -> _Hook:
    """Read a union by the JSON type of the value: object, list, or anything else."""
    kinds = get_args(kind)
    of_object = next((k for k in kinds if attrs.has(k)), None)
    of_list = next((k for k in kinds if _is_list(k)), None)
    rest = [k for k in kinds if k not in {of_object, of_list}]
    of_rest: Any = Union[tuple(rest)] if rest else None  # noqa: UP007 - made at run time

    def structure(value: object, _: object) -> object:
        if of_object is not None and isinstance(value, Mapping):
            return strict.structure(value, of_object)
        if of_list is not None and isinstance(value, Sequence) and not isinstance(value, str):
            return strict.structure(value, of_list)
        if of_rest is None:
            raise _MismatchError("has the wrong type")
        return msgspec.convert(value, of_rest)

    return structure


def _object(strict: Converter, kind: Any) -> _Hook:
    fields = make_dict_structure_fn(kind, strict, _cattrs_forbid_extra_keys=True)

    def structure(value: object, _: object) -> object:
        if not isinstance(value, Mapping):
            raise _MismatchError("must be an object")
        return fields(value, kind)

    return structure
