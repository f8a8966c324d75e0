"""Settings that a loader declares itself, below `providers.<name>` of the configuration."""

from collections.abc import Mapping
from typing import TypeAlias, TypeVar

import attrs

from aniworld_core.application.configuration.document import Problem, section_problems
from aniworld_core.domain.configuration import Config
from aniworld_core.errors import InvalidConfigError

T = TypeVar("T")
#: Name of a loader → attrs class whose fields, all with defaults, are its settings.
Declared: TypeAlias = Mapping[str, type]


def own_settings(config: Config, provider: str, cls: type[T]) -> T:
    """Return what the configuration says about the fields of a loader's own class.

    Raises:
        InvalidConfigError: If a value is wrong.
    """
    settings, problems = section_problems(_given(config, provider, cls), cls, _pointer(provider))
    if problems:
        raise InvalidConfigError(problems)
    return settings


def declared_problems(config: Config, declared: Declared) -> list[Problem]:
    """Return what is wrong with the settings that loaders declare."""
    return [
        problem
        for provider, cls in declared.items()
        for problem in section_problems(_given(config, provider, cls), cls, _pointer(provider))[1]
    ]


def is_declared(pointer: str, declared: Declared) -> bool:
    """Whether the setting at a JSON pointer is one that a loader declares."""
    return any(
        pointer == f"{_pointer(provider)}/{field.name}"
        for provider, cls in declared.items()
        for field in attrs.fields(cls)
    )


def _given(config: Config, provider: str, cls: type) -> dict[str, object]:
    names = {field.name for field in attrs.fields(cls)}
    start = f"{_pointer(provider)}/"
    given = {
        pointer.removeprefix(start): value
        for pointer, value in config.unknown.items()
        if pointer.startswith(start)
    }
    return {name: value for name, value in given.items() if name in names}


def _pointer(provider: str) -> str:
    return f"/providers/{provider}"
