"""The text of a stored configuration: read it, write it, and compare it."""

import codecs
import json
from collections.abc import Mapping

import attrs

from aniworld_core.application.configuration import config_from_document, document_from_config
from aniworld_core.documents import JsonDocument, NotJsonError, read_json
from aniworld_core.domain.configuration import Config
from aniworld_core.errors import InvalidConfigError
from aniworld_core.messages import Message
from aniworld_core.ports.config import StoredDocument


def document_of(raw: bytes) -> JsonDocument:
    """Parse a text; raises `NotJsonError`."""
    # Editors of Windows put a byte order mark before the text.
    return read_json(raw.removeprefix(codecs.BOM_UTF8))


def config_of(document: JsonDocument) -> Config:
    """Return the configuration of a document; raises `InvalidConfigError`."""
    return config_from_document(document.value, document.faults)


def config_of_backup(name: str, raw: bytes) -> Config:
    """Return the configuration of a backup.

    Raises:
        InvalidConfigError: If it is not valid.
    """
    try:
        return config_of(document_of(raw))
    except NotJsonError as error:
        problem = Message("backup_not_json", name=name, reason=error.reason)
        raise InvalidConfigError([("", problem)]) from error


def with_hash(config: Config, hashed: str) -> Config:
    """Return a configuration with another hash of the master password."""
    return attrs.evolve(config, other=attrs.evolve(config.other, master_password_hash=hashed))


def written(config: Config) -> bytes:
    """Return the text of a configuration."""
    return text_of(document_from_config(config))


def text_of(document: Mapping[str, object]) -> bytes:
    """Return the text of a document."""
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def stored_document(document: JsonDocument) -> StoredDocument:
    """Return a document whose value is an object, for `ConfigStore.document`."""
    values = document.value if isinstance(document.value, Mapping) else {}
    return StoredDocument(values, tuple(pointer for pointer, _ in document.faults))


def is_same(document: JsonDocument, config: Config) -> bool:
    """Return whether a document is that of a configuration."""
    try:
        return config_of(document) == config
    except InvalidConfigError:
        return False
