"""The configuration as a JSON document: strict when read, complete when written."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import attrs

from aniworld_core.documents import NOT_KNOWN, Problem, kind_of, plain_values, structure
from aniworld_core.domain.configuration import (
    Config,
    DescribedSetting,
    config_problems,
    section_problems,
)
from aniworld_core.domain.json_pointer import tokens_of
from aniworld_core.errors import InvalidConfigError
from aniworld_core.messages import Message

T = TypeVar("T")


def config_from_document(document: object, faults: Sequence[Problem] = ()) -> Config:
    """Parse a document, partial or complete; missing settings have their defaults.

    Settings that this version does not know are kept in `Config.unknown`.

    Args:
        document: Plain values, as `read_json` returns them.
        faults: Problems of single values found by `read_json`.

    Raises:
        InvalidConfigError: If values have the wrong type, form or range; lists all of them.
    """
    if not isinstance(document, Mapping):
        raise InvalidConfigError(
            [*faults, ("", Message("must_be_object", found=kind_of(document)))]
        )
    config, found = structure(document, Config)
    unknown = [pointer for pointer, detail in found if detail is NOT_KNOWN]
    wrong = [problem for problem in found if problem[1] is not NOT_KNOWN]
    if config is None:
        config = _sound_part(document, unknown, [pointer for pointer, _ in wrong])
    named = {pointer for pointer, _ in faults}
    problems = list(faults)
    for several in (wrong, config_problems(config)):
        problems += [problem for problem in several if problem[0] not in named]
        named.update(pointer for pointer, _ in several)
    if problems:
        raise InvalidConfigError(sorted(problems, key=_document_order))
    return attrs.evolve(config, unknown={p: value_at(document, tokens_of(p)) for p in unknown})


def document_from_config(config: Config) -> dict[str, object]:
    """Return the complete configuration as plain values, with unknown settings in their places."""
    document: dict[str, Any] = plain_values(config)
    for pointer, value in config.unknown.items():
        *parents, name = tokens_of(pointer)
        parent = value_at(document, parents)
        if isinstance(parent, dict):
            parent.setdefault(name, value)
    return document


def unknown_settings(document: object) -> tuple[str, ...]:
    """Return the JSON pointers of settings that this version does not know."""
    _, problems = structure(document, Config)
    return tuple(pointer for pointer, detail in problems if detail is NOT_KNOWN)


def read_section(
    given: Mapping[str, object], cls: type[T], pointer: str
) -> tuple[T, list[Problem]]:
    """Parse a section whose class an adapter declares.

    Args:
        given: Values of the document, only under names that the class has.
        cls: An attrs class whose fields all have defaults.
        pointer: JSON pointer of the section.

    Returns:
        The section, with defaults in place of invalid values, and the problems.
    """
    section, problems = structure(given, cls, pointer)
    if section is None:
        return cls(), problems
    return section, list(section_problems(section, pointer))


def merged(stored: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    """Return a complete document with a partial one merged into it; only objects are merged."""
    result = dict(stored)
    for name, value in changes.items():
        former = result.get(name)
        if isinstance(former, Mapping) and isinstance(value, Mapping):
            result[name] = merged(former, value)
        else:
            result[name] = value
    return result


def value_at(document: object, names: Iterable[str]) -> object:
    """Return the value at a path of names and positions, `None` if there is none."""
    for name in names:
        if isinstance(document, Mapping):
            document = document.get(name)
        elif isinstance(document, list) and name.isdecimal() and int(name) < len(document):
            document = document[int(name)]
        else:
            return None
    return document


def stored_value(document: Mapping[str, object], setting: DescribedSetting) -> object:
    """Return the value of a setting in a document; its default if it is not set."""
    value = value_at(document, setting.path)
    return setting.default if value is None else value


def valid_part(document: Mapping[str, object], problems: Sequence[Problem]) -> Config:
    """Return the configuration of a document with defaults in place of its invalid settings.

    Args:
        document: Plain values.
        problems: The problems of the document.

    Raises:
        InvalidConfigError: If nothing but the document as a whole can be left out.
    """
    wrong: set[tuple[str, ...]] = set()
    while True:
        found = {_whole_list(document, tokens_of(pointer)) for pointer, _ in problems}
        if () in found or found <= wrong:
            raise InvalidConfigError(problems)
        wrong |= found
        try:
            return config_from_document(_left_out(document, wrong))
        except InvalidConfigError as error:
            # A setting may contradict the default of another one.
            problems = error.problems


def without(document: Mapping[str, object], paths: Iterable[Sequence[str]]) -> dict[str, object]:
    """Return a document without the values at some paths; a list is left out as a whole."""
    omitted = {_whole_list(document, list(path)) for path in paths}
    return {
        name: _left_out(value, omitted, (name,))
        for name, value in document.items()
        if (name,) not in omitted
    }


def with_invalid_part(
    config: Config, document: Mapping[str, object], problems: Sequence[Problem]
) -> dict[str, object]:
    """Return a complete document of a configuration with the invalid settings of another."""
    result = document_from_config(config)
    for pointer, _ in problems:
        *parents, name = _whole_list(document, tokens_of(pointer))
        section = value_at(document, parents)
        if isinstance(section, Mapping) and name in section:
            result = _with_value(result, (*parents, name), section[name])
    return result


def _with_value(
    document: Mapping[str, object], names: Sequence[str], value: object
) -> dict[str, object]:
    first, *rest = names
    inner = document.get(first)
    section = inner if isinstance(inner, Mapping) else {}
    return {**document, first: _with_value(section, rest, value) if rest else value}


def _sound_part(document: object, unknown: list[str], wrong: list[str]) -> Config:
    """Return the valid part of a document, so that ranges are checked in the same run."""
    without = {tuple(tokens_of(pointer)) for pointer in unknown}
    without |= {_whole_list(document, tokens_of(pointer)) for pointer in wrong}
    config, problems = structure(_left_out(document, without), Config)
    if config is None:  # pragma: no cover - nothing that was named is left
        raise InvalidConfigError(problems)
    return config


def _whole_list(document: object, tokens: list[str]) -> tuple[str, ...]:
    """Return the path of a value, or of the list that contains it: entries cannot be omitted."""
    for depth in range(1, len(tokens)):
        if isinstance(value_at(document, tokens[:depth]), list | tuple):
            return tuple(tokens[:depth])
    return tuple(tokens)


def _left_out(value: object, without: set[tuple[str, ...]], path: tuple[str, ...] = ()) -> object:
    if isinstance(value, Mapping):
        return {
            name: _left_out(inner, without, (*path, str(name)))
            for name, inner in value.items()
            if (*path, str(name)) not in without
        }
    if isinstance(value, list | tuple):
        return [_left_out(inner, without, (*path, str(i))) for i, inner in enumerate(value)]
    return value


def _document_order(problem: Problem) -> int:
    sections = [field.name for field in attrs.fields(Config)]
    first = next(iter(tokens_of(problem[0])), "")
    return sections.index(first) if first in sections else len(sections)
