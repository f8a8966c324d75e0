"""The configuration as a JSON document: strict on the way in, complete on the way out."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, get_args, get_origin

import attrs
from cattrs import ClassValidationError, Converter, IterableValidationError
from cattrs.errors import (
    AttributeValidationNote,
    IterableValidationNote,
    StructureHandlerNotFoundError,
)

from aniworld_core.domain.config import Config
from aniworld_core.domain.config_rules import config_problems
from aniworld_core.domain.media import Language, Quality, parse_language
from aniworld_core.domain.subtitle import SubtitleChoice
from aniworld_core.errors import AniworldError, InvalidConfigError

Problem = tuple[str, str]
_Named = TypeVar("_Named", bound=StrEnum)
_LONGEST_TEXT = 4096


class _MismatchError(ValueError):
    """A value that is not what its setting needs; the message is for people."""


def config_from_document(document: object) -> Config:
    """Read a document, partial or whole; what it leaves out has its default.

    Settings this version does not know are kept in `Config.unknown`.

    Raises:
        InvalidConfigError: If values have the wrong type or range; all of them are listed.
    """
    if not isinstance(document, Mapping):
        raise InvalidConfigError([("", f"must be an object, not {_kind(document)}")])
    unknown: dict[str, object] = {}
    problems: list[Problem] = []
    known = _known_part(Config, document, "", unknown, problems)
    config = _structured(known, problems)
    said = {pointer for pointer, _ in problems}
    problems += [problem for problem in config_problems(config) if problem[0] not in said]
    if problems:
        raise InvalidConfigError(sorted(problems, key=_document_order))
    return attrs.evolve(config, unknown=unknown)


def document_from_config(config: Config) -> dict[str, object]:
    """Write the whole configuration, unknown settings where they were."""
    document: dict[str, Any] = converter().unstructure(attrs.evolve(config, unknown={}))
    del document["unknown"]
    for pointer, value in config.unknown.items():
        *parents, name = _tokens(pointer)
        parent = _descend(document, parents)
        if isinstance(parent, dict):
            parent.setdefault(name, value)
    return document


def unknown_settings(document: object) -> tuple[str, ...]:
    """Return the JSON pointers of settings this version does not know."""
    unknown: dict[str, object] = {}
    if isinstance(document, Mapping):
        _known_part(Config, document, "", unknown, [])
    return tuple(unknown)


def merged(stored: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    """Lay a partial document over a whole one; objects merge, everything else replaces."""
    result = dict(stored)
    for name, value in changes.items():
        former = result.get(name)
        if isinstance(former, Mapping) and isinstance(value, Mapping):
            result[name] = merged(former, value)
        else:
            result[name] = value
    return result


def document_fields(cls: type) -> dict[str, Any]:
    """Return name and type of the settings of a section."""
    return {
        field.name: field.type
        for field in attrs.fields(cls)
        if not (cls is Config and field.name == "unknown")
    }


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
        raise _MismatchError(f"must be a text, not {_kind(value)}")
    if len(value) > _LONGEST_TEXT:
        raise _MismatchError(f"must not be longer than {_LONGEST_TEXT} characters")
    if any(character < " " or "\x7f" <= character <= "\x9f" for character in value):
        raise _MismatchError("must not hold control characters")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise _MismatchError("must be valid Unicode")
    return value


def _bool(value: object, _: type[bool]) -> bool:
    if not isinstance(value, bool):
        raise _MismatchError(f"must be true or false, not {_kind(value)}")
    return value


def _int(value: object, _: type[int]) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _MismatchError(f"must be a whole number, not {_kind(value)}")
    return value


def _float(value: object, _: type[float]) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _MismatchError(f"must be a number, not {_kind(value)}")
    return float(value)


def _named(value: object, names: type[_Named]) -> _Named:
    allowed = [name.value for name in names]
    if not isinstance(value, str) or value not in allowed:
        raise _MismatchError(f"must be one of {', '.join(allowed)}")
    return names(value)


def _list_hook(strict: Converter, cls: Any) -> Any:
    """Read `tuple[T, ...]` from a list; a text is no list of letters."""
    element = get_args(cls)[0]
    whole = strict.get_structure_hook(list[element])  # type: ignore[valid-type]

    def structure(value: object, _: object) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise _MismatchError(f"must be a list, not {_kind(value)}")
        return tuple(whole(value, list[element]))  # type: ignore[valid-type]

    return structure


def _known_part(
    cls: type,
    document: Mapping[Any, object],
    pointer: str,
    unknown: dict[str, object],
    problems: list[Problem],
) -> dict[str, object]:
    """Separate what `cls` knows from what it does not, sections included."""
    fields = document_fields(cls)
    known: dict[str, object] = {}
    for name, value in document.items():
        where = f"{pointer}/{_escaped(str(name))}"
        if name not in fields:
            unknown[where] = value
            continue
        section = _section_of(fields[name])
        if section is None:
            known[name] = value
        elif get_origin(fields[name]) is tuple:
            known[name] = _known_list(section, value, where, unknown, problems)
        elif not isinstance(value, Mapping):
            problems.append((where, f"must be an object, not {_kind(value)}"))
        elif attrs.has(fields[name]):
            known[name] = _known_part(section, value, where, unknown, problems)
        else:
            known[name] = _known_map(section, value, where, unknown, problems)
    return known


def _known_list(
    section: type, value: object, pointer: str, unknown: dict[str, object], problems: list[Problem]
) -> object:
    if not isinstance(value, list | tuple):
        return value  # the converter says what is wrong with it
    return [
        _known_part(section, element, f"{pointer}/{index}", unknown, problems)
        if isinstance(element, Mapping)
        else element
        for index, element in enumerate(value)
    ]


def _known_map(
    section: type,
    value: Mapping[Any, object],
    pointer: str,
    unknown: dict[str, object],
    problems: list[Problem],
) -> dict[str, object]:
    known: dict[str, object] = {}
    for name, element in value.items():
        where = f"{pointer}/{_escaped(str(name))}"
        if isinstance(element, Mapping):
            known[name] = _known_part(section, element, where, unknown, problems)
        else:
            problems.append((where, f"must be an object, not {_kind(element)}"))
    return known


def _section_of(field_type: Any) -> type | None:
    """Return the class of settings inside a field's type, if it holds any."""
    candidates = [field_type, *get_args(field_type)]
    return next((c for c in candidates if isinstance(c, type) and attrs.has(c)), None)


def _structured(known: dict[str, object], problems: list[Problem]) -> Config:
    """Structure what is right, note what is wrong, so that ranges are checked as well."""
    try:
        return converter().structure(known, Config)
    except ClassValidationError as error:
        found = _faults(error, "")
    problems += found
    for pointer, _ in found:
        _drop(known, _tokens(pointer))
    return converter().structure(known, Config)


def _drop(document: object, tokens: Sequence[str]) -> None:
    """Remove a setting, or the whole list an element of it stands in."""
    for position, token in enumerate(tokens):
        if not isinstance(document, dict):
            return
        inner = document.get(token)
        if position == len(tokens) - 1 or isinstance(inner, list | tuple):
            document.pop(token, None)
            return
        document = inner


def _faults(error: BaseException, pointer: str) -> list[Problem]:
    if not isinstance(error, ClassValidationError | IterableValidationError):
        return [(pointer, _explained(error))]
    problems: list[Problem] = []
    for inner in error.exceptions:
        step = ""
        for note in getattr(inner, "__notes__", ()):
            if isinstance(note, AttributeValidationNote):
                step = f"/{_escaped(note.name)}"
            elif isinstance(note, IterableValidationNote):
                step = f"/{_escaped(str(note.index))}"
        if isinstance(inner, KeyError) and not step:
            step = f"/{_escaped(str(inner.args[0]))}"
        problems += _faults(inner, pointer + step)
    return problems


def _explained(error: BaseException) -> str:
    if isinstance(error, KeyError):
        return "is required"
    if isinstance(error, _MismatchError | AniworldError):
        return str(error)
    if isinstance(error, StructureHandlerNotFoundError):  # pragma: no cover - a mistake of ours
        raise error
    return "has the wrong type"


def _kind(value: object) -> str:
    if value is None:
        return "null"
    names = {bool: "a truth value", int: "a number", float: "a number", str: "a text"}
    if type(value) in names:
        return names[type(value)]
    return "an object" if isinstance(value, Mapping) else "a list"


def _document_order(problem: Problem) -> int:
    sections = list(document_fields(Config))
    first = _tokens(problem[0])[0] if problem[0] else ""
    return sections.index(first) if first in sections else len(sections)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _tokens(pointer: str) -> list[str]:
    return [t.replace("~1", "/").replace("~0", "~") for t in pointer.split("/")[1:]]


def _descend(document: object, tokens: Sequence[str]) -> object:
    for token in tokens:
        if isinstance(document, Mapping):
            document = document.get(token)
        elif isinstance(document, list) and token.isdigit() and int(token) < len(document):
            document = document[int(token)]
        else:
            return None
    return document
