"""Settings that a loader declares itself, below `providers.<name>` of the configuration."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias, TypeVar

import attrs

from aniworld_core.application.configuration.document import read_section, value_at
from aniworld_core.documents import Problem
from aniworld_core.domain.configuration import Config, DescribedSetting, described
from aniworld_core.domain.json_pointer import pointer_to
from aniworld_core.errors import InvalidConfigError

T = TypeVar("T")
#: Name of a loader → attrs class whose fields, all with defaults, are its settings.
Declared: TypeAlias = Mapping[str, type]


def own_settings(config: Config, provider: str, cls: type[T]) -> T:
    """Return the configured values of a loader's own settings class.

    Raises:
        InvalidConfigError: If a value is invalid.
    """
    section, problems = _read(config, provider, cls)
    if problems:
        raise InvalidConfigError(problems)
    return section


def declared_problems(config: Config, declared: Declared) -> list[Problem]:
    """Return the problems of settings that loaders declare."""
    return [
        problem for provider, cls in declared.items() for problem in _read(config, provider, cls)[1]
    ]


def problems_of_document(document: object, declared: Declared) -> list[Problem]:
    """Return the problems of declared settings in a document whose other parts are invalid too."""
    found: list[Problem] = []
    for provider, cls in declared.items():
        section = value_at(document, _path(provider))
        names = {field.name for field in attrs.fields(cls)}
        given = section if isinstance(section, Mapping) else {}
        own = {name: value for name, value in given.items() if name in names}
        found += read_section(own, cls, pointer_to(_path(provider)))[1]
    return found


def is_declared(pointer: str, declared: Declared) -> bool:
    """Return whether a loader declares the setting at a JSON pointer."""
    return any(
        pointer == pointer_to((*_path(provider), field.name))
        for provider, cls in declared.items()
        for field in attrs.fields(cls)
    )


def all_settings(declared: Declared) -> Iterator[DescribedSetting]:
    """Yield all settings: those of this version, then those that loaders declare."""
    yield from described(Config)
    for provider, cls in declared.items():
        yield from described(cls, _path(provider))


def announcing(name: str, declared: Declared) -> tuple[str, ...]:
    """Return the loaders whose settings class announces a setting of all providers."""
    return tuple(provider for provider, cls in declared.items() if name in getattr(cls, "uses", ()))


def _read(config: Config, provider: str, cls: type[T]) -> tuple[T, list[Problem]]:
    given = {
        field.name: config.unknown[pointer]
        for field in attrs.fields(cls)  # type: ignore[arg-type]  # an attrs class
        if (pointer := pointer_to((*_path(provider), field.name))) in config.unknown
    }
    return read_section(given, cls, pointer_to(_path(provider)))


def _path(provider: str) -> tuple[str, str]:
    return "providers", provider
