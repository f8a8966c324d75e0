"""Single settings by their dotted names, as the command line uses them."""

import json
from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Any, get_args, get_origin

import attrs

from aniworld_core.application.configuration.document import document_fields, document_from_config
from aniworld_core.domain.configuration import Config
from aniworld_core.domain.media import Language, Quality
from aniworld_core.domain.subtitles import SubtitleChoice
from aniworld_core.errors import InvalidConfigError, SettingNotFoundError

_TRUE = {"true", "yes", "on", "1"}
_FALSE = {"false", "no", "off", "0"}


def changed(document: Mapping[str, object], dotted_name: str, raw: str) -> dict[str, object]:
    """Return the document with one setting read from text; the result is not validated.

    Lists are comma-separated, truth values `true` or `false`, whole sections and servers JSON.
    An empty text empties a list or a text.

    Raises:
        SettingNotFoundError: If there is no setting of this name.
        InvalidConfigError: If the text is not of the setting's kind.
    """
    names = dotted_name.split(".")
    value = _parsed(_type_of(dotted_name, names), raw, "/" + "/".join(names))
    return _with(document, names, value)


def lookup(document: Mapping[str, object], dotted_name: str) -> object:
    """Return a setting or section of a whole document.

    Raises:
        SettingNotFoundError: If there is no setting of this name.
    """
    value: object = document
    for name in dotted_name.split("."):
        if not isinstance(value, Mapping) or name not in value:
            return _default(document, dotted_name)
        value = value[name]
    return value


def setting_names(document: Mapping[str, object]) -> list[str]:
    """Return the dotted names of all single settings of a whole document, in its order."""
    names: list[str] = []
    for name, value in document.items():
        if isinstance(value, Mapping) and value:
            names += [f"{name}.{inner}" for inner in setting_names(value)]
        else:
            names.append(name)
    return names


def _default(document: Mapping[str, object], dotted_name: str) -> object:
    """Answer for a catalogue that the document does not mention."""
    section, _, rest = dotted_name.partition(".")
    name, _, setting = rest.partition(".")
    providers = document.get("providers")
    if section == "providers" and name and isinstance(providers, Mapping) and name not in providers:
        _type_of(dotted_name, dotted_name.split("."))
        config = Config(providers={name: Config().provider(name)})
        default: Any = document_from_config(config)["providers"]
        return default[name][setting] if setting else default[name]
    raise SettingNotFoundError(dotted_name)


def _type_of(dotted_name: str, names: Sequence[str]) -> Any:
    kind: Any = Config
    for name in names:
        if get_origin(kind) is not None and get_origin(kind) is not tuple and name:
            kind = get_args(kind)[1]  # a mapping has any key
        elif attrs.has(kind) and name in document_fields(kind):
            kind = document_fields(kind)[name]
        else:
            raise SettingNotFoundError(dotted_name)
    return kind


def _parsed(kind: Any, raw: str, pointer: str) -> object:
    text = raw.strip()
    if isinstance(kind, UnionType):
        if text.lower() in {"", "null", "none", "default"}:
            return None
        kind = next(arg for arg in get_args(kind) if arg is not type(None))
    if kind is bool:
        if text.lower() not in _TRUE | _FALSE:
            raise InvalidConfigError([(pointer, "must be true or false")])
        return text.lower() in _TRUE
    if kind in (int, float):
        return _number(kind, text, pointer)
    if kind in (str, Quality, SubtitleChoice):
        return text
    if get_args(kind)[:1] in ((str,), (Language,)) and get_origin(kind) is tuple:
        return [part.strip() for part in text.split(",") if part.strip()]
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidConfigError([(pointer, f"must be JSON ({error})")]) from error


def _number(kind: type[int] | type[float], text: str, pointer: str) -> object:
    try:
        return kind(text)
    except ValueError as error:
        wanted = "a whole number" if kind is int else "a number"
        raise InvalidConfigError([(pointer, f"must be {wanted}")]) from error


def _with(document: Mapping[str, object], names: Sequence[str], value: object) -> dict[str, object]:
    first, *rest = names
    result = dict(document)
    if rest:
        inner = result.get(first)
        result[first] = _with(inner if isinstance(inner, Mapping) else {}, rest, value)
    else:
        result[first] = value
    return result
