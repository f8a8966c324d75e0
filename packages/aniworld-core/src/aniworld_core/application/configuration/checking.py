"""Check a document before it becomes the configuration."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import reduce
from pathlib import PurePath
from typing import Final, TypeAlias

import attrs

from aniworld_core.application.configuration.document import (
    config_from_document,
    document_from_config,
    merged,
)
from aniworld_core.application.configuration.provider_settings import (
    Declared,
    declared_problems,
    problems_of_document,
)
from aniworld_core.application.configuration.secrets import REDACTED, restored_secrets
from aniworld_core.documents import Problem
from aniworld_core.domain.configuration import Config, described
from aniworld_core.domain.json_pointer import escaped, pointer_to
from aniworld_core.errors import InvalidConfigError
from aniworld_core.messages import Message

#: Name of the setting that holds the hash of the master password.
HASH: Final = "master_password_hash"
_HIDDEN: Final[str] = Message("hidden_secret")
#: Paths of the settings that name a folder.
_FOLDERS: Final = tuple(each.path for each in described(Config) if each.description.is_folder)

#: Returns why a folder at an absolute path cannot be used, or `None`.
FolderCheck: TypeAlias = Callable[[str], Awaitable[str | None]]


@attrs.frozen
class ConfigCheck:
    """Result of checking a document.

    Attributes:
        errors: Pairs of JSON pointer and explanation; empty if the document can be stored.
        warnings: The same for values that can be stored but are probably wrong.
    """

    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether the document can be stored."""
        return not self.errors


def laid_over(
    stored: Config, document: Mapping[str, object], declared: Declared
) -> dict[str, object]:
    """Return a document over the stored configuration, with its secrets."""
    whole = document_from_config(stored)
    return merged(whole, restored_secrets(document, whole, declared))


def checked_config(
    document: Mapping[str, object],
    stored: Config,
    declared: Declared,
    faults: Sequence[Problem] = (),
) -> Config:
    """Parse a document whose secrets must all be known; the stored hash stays.

    Raises:
        InvalidConfigError: If it is invalid.
    """
    other = document.get("other")
    if isinstance(other, Mapping):
        document = {**document, "other": {**other, HASH: ""}}
    hidden = [(pointer, _HIDDEN) for pointer in _still_hidden(document)]
    try:
        config = config_from_document(document, faults)
    except InvalidConfigError as error:
        # A problem of a hidden value must not reveal anything about the secret.
        pointers = {pointer for pointer, _ in hidden}
        found = [*error.problems, *problems_of_document(document, declared)]
        others = [problem for problem in found if problem[0] not in pointers]
        raise InvalidConfigError([*others, *hidden]) from error
    hidden += declared_problems(config, declared)
    if hidden:
        raise InvalidConfigError(hidden)
    return with_hash(config, stored.other.master_password_hash)


def _still_hidden(value: object, pointer: str = "") -> list[str]:
    if isinstance(value, Mapping):
        inner = [(escaped(name), element) for name, element in value.items()]
    elif isinstance(value, list | tuple):
        inner = [(str(index), element) for index, element in enumerate(value)]
    else:
        return [pointer] if isinstance(value, str) and REDACTED in value else []
    return [p for name, element in inner for p in _still_hidden(element, f"{pointer}/{name}")]


def with_hash(config: Config, hashed: str) -> Config:
    """Return a configuration with another hash of the master password."""
    return attrs.evolve(config, other=attrs.evolve(config.other, master_password_hash=hashed))


async def folder_problems(
    config: Config, stored: Config, check: FolderCheck | None
) -> list[Problem]:
    """Return the problems of folders that differ from the stored ones.

    Args:
        config: The new configuration.
        stored: The stored one.
        check: Returns why a folder cannot be used; `None` checks only whether it is absolute.
    """
    problems: list[Problem] = []
    for names in _FOLDERS:
        path, former = _setting(config, names), _setting(stored, names)
        if not path or path == former:
            continue
        problem: str | None = None
        if not path.startswith("~") and not PurePath(path).is_absolute():
            problem = Message("relative_path")
        elif check is not None:
            problem = await check(path)
        if problem is not None:
            problems.append((pointer_to(names), problem))
    return problems


def _setting(config: Config, names: Sequence[str]) -> str:
    return str(reduce(getattr, names, config))
