"""Reading the values of a document: each as what it is, none turned into another."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any, Final, TypeVar, get_args, get_origin

from cattrs import Converter

from aniworld_core.domain.media import Language, Quality, parse_language
from aniworld_core.domain.subtitles import SubtitleChoice

_LONGEST_TEXT: Final = 4096
_Named = TypeVar("_Named", bound=StrEnum)


class MismatchError(ValueError):
    """A value that is not what its setting needs; the message is for people."""


@cache
def converter() -> Converter:
    """Return the converter that takes every value as what it is and turns none into another."""
    strict = Converter(detailed_validation=True)
    strict.register_structure_hook_func(lambda cls: cls is object, lambda value, _: value)
    strict.register_structure_hook(str, _text)
    strict.register_structure_hook(bool, _bool)
    strict.register_structure_hook(int, _int)
    strict.register_structure_hook(float, _float)
    strict.register_structure_hook(Language, lambda value, _: parse_language(_text(value, str)))
    for names in (Quality, SubtitleChoice):
        strict.register_structure_hook(names, _named)
        strict.register_unstructure_hook(names, lambda name: name.value)
    strict.register_structure_hook_factory(_is_list, lambda cls: _list_hook(strict, cls))
    strict.register_unstructure_hook(Language, str)
    strict.register_unstructure_hook_func(
        _is_list,
        lambda values: [strict.unstructure(value) for value in values],
    )
    return strict


def _is_list(cls: Any) -> bool:
    return get_origin(cls) is tuple


def _text(value: object, _: type[str]) -> str:
    if not isinstance(value, str):
        raise MismatchError(f"must be a text, not {kind_of(value)}")
    if len(value) > _LONGEST_TEXT:
        raise MismatchError(f"must not be longer than {_LONGEST_TEXT} characters")
    if any(character < " " or "\x7f" <= character <= "\x9f" for character in value):
        raise MismatchError("must not hold control characters")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise MismatchError("must be valid Unicode")
    return value


def _bool(value: object, _: type[bool]) -> bool:
    if not isinstance(value, bool):
        raise MismatchError(f"must be true or false, not {kind_of(value)}")
    return value


def _int(value: object, _: type[int]) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise MismatchError(f"must be a whole number, not {kind_of(value)}")
    return value


def _float(value: object, _: type[float]) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MismatchError(f"must be a number, not {kind_of(value)}")
    try:
        return float(value)
    except OverflowError as error:
        raise MismatchError("is too large") from error


def _named(value: object, names: type[_Named]) -> _Named:
    allowed = [name.value for name in names]
    if not isinstance(value, str) or value not in allowed:
        raise MismatchError(f"must be one of {', '.join(allowed)}")
    return names(value)


def _list_hook(strict: Converter, cls: Any) -> Any:
    """Read `tuple[T, ...]` from a list; a text is no list of letters."""
    element = get_args(cls)[0]
    whole = strict.get_structure_hook(list[element])  # type: ignore[valid-type]

    def structure(value: object, _: object) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise MismatchError(f"must be a list, not {kind_of(value)}")
        return tuple(whole(value, list[element]))  # type: ignore[valid-type]

    return structure


def kind_of(value: object) -> str:
    """What a value is, for people."""
    if value is None:
        return "null"
    names = {bool: "a truth value", int: "a number", float: "a number", str: "a text"}
    if type(value) in names:
        return names[type(value)]
    return "an object" if isinstance(value, Mapping) else "a list"
