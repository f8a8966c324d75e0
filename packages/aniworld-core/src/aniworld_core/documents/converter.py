"""Turn plain values into attrs classes and back, with every problem and its JSON pointer."""

import re
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Final, Literal, TypeAlias, TypeVar, Union, get_args, get_origin

import attrs
from cattrs import ClassValidationError, Converter, IterableValidationError
from cattrs.errors import AttributeValidationNote, ForbiddenExtraKeysError, IterableValidationNote
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from aniworld_core.documents.json_text import Problem
from aniworld_core.domain.configuration import NOT_IN_DOCUMENT
from aniworld_core.domain.json_pointer import escaped
from aniworld_core.domain.media import Language, parse_language
from aniworld_core.errors import AniworldError
from aniworld_core.messages import Message

_Hook: TypeAlias = Callable[[Any, Any], Any]
T = TypeVar("T")
#: Explanation of a name that a class does not have.
NOT_KNOWN: Final = Message("not_known")


class MismatchError(ValueError):
    """A value does not fit its field; the message is for people."""


def structure(value: object, kind: type[T], pointer: str = "") -> tuple[T | None, list[Problem]]:
    """Return plain values as an instance of *kind*, or all problems if there are any.

    Names that the class does not have are problems.
    """
    try:
        return converter().structure(value, kind), []
    except (ClassValidationError, IterableValidationError, MismatchError, AniworldError) as error:
        return None, problems_of(error, pointer)


def plain_values(value: object) -> Any:
    """Return an instance of an attrs class as plain JSON values."""
    return converter().unstructure(value)


@cache
def converter() -> Converter:
    """Return the cattrs converter, which never converts a value to another JSON type."""
    strict = Converter(detailed_validation=True, forbid_extra_keys=True)
    strict.register_structure_hook_func(lambda kind: kind is object, lambda value, _: value)
    for kind, read in _SIMPLE.items():
        strict.register_structure_hook(kind, _simple_hook(read))
    strict.register_structure_hook_factory(_is_enum, _choice_hook)
    strict.register_structure_hook_factory(_is_literal, _choice_hook)
    strict.register_structure_hook_factory(_is_list, lambda k: _list_hook(strict, k))
    strict.register_structure_hook_factory(_is_union, lambda k: _union_hook(strict, k))
    strict.register_structure_hook_factory(attrs.has, lambda k: _object_hook(strict, k))
    strict.register_structure_hook_factory(_is_annotated, lambda k: _bounded_hook(strict, k))
    strict.register_structure_hook_factory(_is_mapping, lambda k: _mapping_hook(strict, k))
    strict.register_unstructure_hook_factory(attrs.has, lambda k: _object_writer(strict, k))
    strict.register_unstructure_hook(Language, str)
    strict.register_unstructure_hook_func(_is_enum, lambda member: member.value)
    strict.register_unstructure_hook_func(
        _is_list, lambda values: [strict.unstructure(value) for value in values]
    )
    return strict


def problems_of(error: BaseException, pointer: str = "") -> list[Problem]:
    """Return the problems of a failed conversion, one entry for each invalid value."""
    if isinstance(error, ForbiddenExtraKeysError):
        names = sorted(map(str, error.extra_fields))
        return [(f"{pointer}/{escaped(name)}", NOT_KNOWN) for name in names]
    if not isinstance(error, ClassValidationError | IterableValidationError):
        return [(pointer, _explained(error))]
    problems: list[Problem] = []
    for inner in error.exceptions:
        problems += problems_of(inner, pointer + _step(inner))
    return problems


def plain_type(kind: Any) -> Any:
    """Return a type without its bounds and without `None`."""
    while get_origin(kind) is Annotated:
        kind = kind.__origin__
    if get_origin(kind) in {Union, UnionType}:
        kinds = [each for each in get_args(kind) if each is not type(None)]
        return plain_type(kinds[0]) if len(kinds) == 1 else kind
    return kind


def kind_of(value: object) -> str:
    """Return the JSON type of a value in words."""
    if value is None:
        return Message("type_null")
    names = {bool: "type_truth_value", int: "type_number", float: "type_number", str: "type_text"}
    if type(value) in names:
        return Message(names[type(value)])
    return Message("type_object") if isinstance(value, Mapping) else Message("type_list")


def _step(error: BaseException) -> str:
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote):
            return f"/{escaped(note.name.removesuffix('_'))}"
        if isinstance(note, IterableValidationNote):
            return f"/{escaped(note.index)}"
    return f"/{escaped(error.args[0])}" if isinstance(error, KeyError) else ""


def _explained(error: BaseException) -> str:
    if isinstance(error, KeyError):
        return Message("required")
    if isinstance(error, AniworldError | ValueError):
        return _message_of(error)
    raise error  # an error in the class itself is a bug


def _message_of(error: AniworldError | ValueError) -> str:
    if isinstance(error, AniworldError):
        return error.message
    text = error.args[0] if error.args else ""
    return text if isinstance(text, Message) else str(error)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise MismatchError(Message("must_be_text", found=kind_of(value)))
    return value


def _bool(value: object) -> bool:
    if not isinstance(value, bool):
        raise MismatchError(Message("must_be_truth_value", found=kind_of(value)))
    return value


def _int(value: object) -> int:
    if isinstance(value, float) and value.is_integer():
        return int(value)  # 2.0 is a whole number (JSON Schema 2020-12, section 6.1.1)
    if isinstance(value, bool) or not isinstance(value, int):
        raise MismatchError(Message("must_be_whole_number", found=kind_of(value)))
    return value


def _float(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MismatchError(Message("must_be_number", found=kind_of(value)))
    try:
        return float(value)
    except OverflowError as error:
        raise MismatchError(Message("number_too_large")) from error


_SIMPLE: Final[Mapping[Any, Callable[[object], object]]] = {
    str: _text,
    bool: _bool,
    int: _int,
    float: _float,
    Language: lambda value: parse_language(_text(value)),
}


def _simple_hook(read: Callable[[object], object]) -> _Hook:
    def hook(value: object, kind: Any) -> object:
        # cattrs treats a StrEnum as plain text.
        return _choice_hook(kind)(value, kind) if _is_enum(kind) else read(value)

    return hook


def _is_literal(kind: Any) -> bool:
    return get_origin(kind) is Literal


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)


def _choice_hook(kind: Any) -> _Hook:
    """Return the hook for an enum or a `Literal`."""
    allowed = {v: v for v in get_args(kind)} if _is_literal(kind) else {m.value: m for m in kind}

    def read(value: object, _: object) -> object:
        # In Python 1 and true are equal and have equal hashes.
        found = isinstance(value, str | int) and not isinstance(value, bool) and value in allowed
        if not found:
            raise MismatchError(Message("must_be_one_of", names=[str(each) for each in allowed]))
        return allowed[value]

    return read


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is tuple


def _list_hook(strict: Converter, kind: Any) -> _Hook:
    """Return the hook for `tuple[T, ...]`; a text is not a list of characters."""
    elements: Any = list[get_args(kind)[0]]  # type: ignore[misc]  # made at run time
    each = strict.get_structure_hook(elements)

    def read(value: object, _: object) -> tuple[object, ...]:
        return tuple(each(_list(value), elements))

    return read


def _list(value: object) -> Sequence[object]:
    if not isinstance(value, list | tuple):
        raise MismatchError(Message("must_be_list", found=kind_of(value)))
    return value


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in {Union, UnionType}


def _union_hook(strict: Converter, kind: Any) -> _Hook:
    """Return the hook for a union, which chooses the member by the JSON type of the value."""
    kinds = [each for each in get_args(kind) if each is not type(None)]
    of_object = next((k for k in kinds if attrs.has(plain_type(k))), None)
    of_list = next((k for k in kinds if _is_list(plain_type(k))), None)
    of_rest = _joined([k for k in kinds if k not in {of_object, of_list}])
    is_optional = len(kinds) < len(get_args(kind))

    def read(value: object, _: object) -> object:
        if value is None and is_optional:
            return None
        chosen = of_rest
        if of_object is not None and (isinstance(value, Mapping) or of_list is of_rest is None):
            chosen = of_object
        elif of_list is not None and (isinstance(value, list | tuple) or of_rest is None):
            chosen = of_list
        if chosen is None:
            raise MismatchError(Message("must_not_be", found=kind_of(value)))
        return strict.structure(value, chosen)

    return read


def _joined(kinds: Sequence[Any]) -> Any:
    """Return the only type, or one `Literal` of several; `None` if there is none."""
    if len(kinds) > 1 and all(map(_is_literal, kinds)):
        values = tuple(value for kind in kinds for value in get_args(kind))
        return Literal[values]  # made at run time
    return next(iter(kinds), None)


def _object_hook(strict: Converter, kind: Any) -> _Hook:
    overrides = _overrides(kind)
    fields = make_dict_structure_fn(kind, strict, _cattrs_forbid_extra_keys=True, **overrides)

    def read(value: object, _: object) -> object:
        if not isinstance(value, Mapping):
            raise MismatchError(Message("must_be_object", found=kind_of(value)))
        return fields(value, kind)

    return read


def _overrides(kind: Any) -> dict[str, Any]:
    """Return what differs from the usual: left out fields, and names that are Python keywords."""
    fields = attrs.fields(kind)
    renamed = {f.name: override(rename=name) for f in fields if (name := wire_name(f)) != f.name}
    return renamed | {f.name: override(omit=True) for f in fields if NOT_IN_DOCUMENT in f.metadata}


def wire_name(field: "attrs.Attribute[Any]") -> str:
    """Return the name of a field outside of Python: `from` for the field `from_`."""
    return field.name.removesuffix("_")


def _object_writer(strict: Converter, kind: Any) -> Any:
    return make_dict_unstructure_fn(kind, strict, **_overrides(kind))


def _is_mapping(kind: Any) -> bool:
    return get_origin(kind) is Mapping


def _mapping_hook(strict: Converter, kind: Any) -> _Hook:
    """Return the hook for `Mapping[str, T]`."""
    whole: Any = dict[str, get_args(kind)[1]]  # type: ignore[misc]  # made at run time
    each = strict.get_structure_hook(whole)

    def read(value: object, _: object) -> object:
        if not isinstance(value, Mapping):
            raise MismatchError(Message("must_be_object", found=kind_of(value)))
        return each(value, whole)

    return read


def _is_annotated(kind: Any) -> bool:
    return get_origin(kind) is Annotated


def _bounded_hook(strict: Converter, kind: Any) -> _Hook:
    """Return the hook for a type with bounds: first the type is checked, then the bounds."""
    inner = kind.__origin__
    is_list = _is_list(plain_type(inner))

    def read(value: object, _: object) -> object:
        if is_list and value is not None:
            for bound in kind.__metadata__:  # Checked before the entries are converted.
                _check_length(bound, _list(value), "least_entries", "too_many_entries")
        found = strict.structure(value, inner)
        for bound in kind.__metadata__:
            if isinstance(found, str):
                _check_length(bound, found, "least_characters", "most_characters")
                _check_pattern(bound, found)
            elif isinstance(found, int | float) and not isinstance(found, bool):
                _check_range(bound, found)
        return found

    return read


def _check_length(bound: object, value: Sequence[object], too_few: str, too_many: str) -> None:
    least, most = getattr(bound, "min_length", None), getattr(bound, "max_length", None)
    if least is not None and len(value) < least:
        if not value and isinstance(value, str):
            raise MismatchError(Message("must_not_be_empty"))
        raise MismatchError(Message(too_few, least=least))
    if most is not None and len(value) > most:
        raise MismatchError(Message(too_many, most=most))


def _check_pattern(bound: object, text: str) -> None:
    pattern = getattr(bound, "pattern", None)
    if pattern is not None and not re.search(pattern, text):
        raise MismatchError(Message("must_match", pattern=pattern))


def _check_range(bound: object, number: float) -> None:
    least, most = getattr(bound, "ge", None), getattr(bound, "le", None)
    is_low = least is not None and number < least
    if not is_low and (most is None or number <= most):
        return
    if least is not None and most is not None:
        raise MismatchError(Message("must_be_between", least=least, most=most))
    raise MismatchError(
        Message("must_be_at_least", least=least)
        if is_low
        else Message("must_be_at_most", most=most)
    )
