"""Change settings by dotted name, also in a document in which others are invalid."""

from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from aniworld_core.application.configuration.checking import HASH
from aniworld_core.application.configuration.document import (
    config_from_document,
    document_from_config,
    merged,
    valid_part,
    value_at,
)
from aniworld_core.application.configuration.provider_settings import (
    Declared,
    declared_problems,
    problems_of_document,
)
from aniworld_core.application.configuration.secrets import restored_secrets
from aniworld_core.application.configuration.settings import parsed_setting, with_setting
from aniworld_core.documents import Problem
from aniworld_core.domain.configuration import Config
from aniworld_core.domain.json_pointer import pointer_to
from aniworld_core.errors import InvalidConfigError
from aniworld_core.ports.config import StoredDocument

#: Key that signs webhooks: no address receives it.
_SIGNING_KEY: Final = ("notifications", "webhook_secret")


@attrs.frozen(kw_only=True)
class PartialChange:
    """Changed settings of a document in which others may be invalid.

    Attributes:
        stored: The valid part of the former document.
        document: The changed document.
        valid: Its valid part.
        problems: What is still invalid in it.
    """

    stored: Config
    document: Mapping[str, object]
    valid: Mapping[str, object]
    problems: Sequence[Problem]


def with_settings(
    whole: Mapping[str, object], values: Mapping[str, str], declared: Declared
) -> dict[str, object]:
    """Return a complete document with changed settings; a secret stays only for its address.

    Args:
        whole: The stored document.
        values: Dotted name → text.
        declared: Settings that loaders declare themselves.

    Raises:
        SettingNotFoundError: If there is no setting of a name.
        InvalidConfigError: If a text does not fit the type of its setting.
    """
    changes: dict[str, object] = {}
    for name, raw in values.items():
        changes = with_setting(changes, name, parsed_setting(name, raw, declared))
    section, name = _SIGNING_KEY
    if isinstance(given := changes.get(section), Mapping) and name not in given:
        changes = merged(changes, {section: {name: value_at(whole, _SIGNING_KEY)}})
    return merged(whole, restored_secrets(changes, whole, declared))


def changed_beside(
    document: StoredDocument,
    problems: Sequence[Problem],
    values: Mapping[str, str],
    declared: Declared,
) -> PartialChange:
    """Change settings of a document in which settings are invalid; the password hash stays.

    Args:
        document: The stored document.
        problems: What is invalid in it.
        values: Dotted name → text.
        declared: Settings that loaders declare themselves.

    Raises:
        SettingNotFoundError: If there is no setting of a name.
        InvalidConfigError: If a new value is invalid, or another value could not be written again.
    """
    given = [pointer_to(name.split(".")) for name in values]
    if not all(_is_in(each, given) for each in document.unwritable):
        raise InvalidConfigError(problems)
    stored = valid_part(document.values, problems)
    whole = merged(document_from_config(stored), document.values)
    changed = with_settings(whole, values, declared)
    if isinstance(other := changed["other"], Mapping):
        changed["other"] = {**other, HASH: value_at(whole, ("other", HASH)) or ""}
    left = _problems(changed, declared)
    former = {pointer for pointer, _ in problems}
    new = [each for each in left if each[0] not in former or _is_in(each[0], given)]
    if new:
        raise InvalidConfigError(new)
    valid = document_from_config(valid_part(changed, left)) if left else changed
    return PartialChange(stored=stored, document=changed, valid=valid, problems=left)


def _problems(document: Mapping[str, object], declared: Declared) -> Sequence[Problem]:
    try:
        return declared_problems(config_from_document(document), declared)
    except InvalidConfigError as error:
        return [*error.problems, *problems_of_document(document, declared)]


def _is_in(pointer: str, places: Sequence[str]) -> bool:
    return any(f"{pointer}/".startswith(f"{place}/") for place in places)
