"""The configuration as a JSON document: strict on the way in, complete on the way out."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, get_args, get_origin

import attrs
from cattrs import ClassValidationError, IterableValidationError
from cattrs.errors import (
    AttributeValidationNote,
    IterableValidationNote,
    StructureHandlerNotFoundError,
)

from aniworld_core.application.configuration.strict_values import MismatchError, converter, kind_of
from aniworld_core.domain.configuration import Config, config_problems
from aniworld_core.errors import AniworldError, InvalidConfigError

Problem = tuple[str, str]
T = TypeVar("T")


def config_from_document(document: object) -> Config:
    """Read a document, partial or whole; what it leaves out has its default.

    Settings this version does not know are kept in `Config.unknown`.

    Raises:
        InvalidConfigError: If values have the wrong type or range; all of them are listed.
    """
    if not isinstance(document, Mapping):
        raise InvalidConfigError([("", f"must be an object, not {kind_of(document)}")])
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


def section_problems(
    given: Mapping[str, object], cls: type[T], pointer: str
) -> tuple[T, list[Problem]]:
    """Structure a section that is declared elsewhere.

    Args:
        given: What the document says, only names that the class has.
        cls: An attrs class whose fields all have defaults.
        pointer: Where the section stands.

    Returns:
        The section, with defaults where something is wrong, and what is wrong.
    """
    try:
        return converter().structure(dict(given), cls), []
    except ClassValidationError as error:
        problems = _faults(error, pointer)
    except AniworldError as error:  # a validator of the class
        problems = [(pointer, str(error))]
    return cls(), problems


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
            problems.append((where, f"must be an object, not {kind_of(value)}"))
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
            problems.append((where, f"must be an object, not {kind_of(element)}"))
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
    if isinstance(error, MismatchError | AniworldError):
        return str(error)
    if isinstance(error, StructureHandlerNotFoundError):  # pragma: no cover - a mistake of ours
        raise error
    return "has the wrong type"


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
