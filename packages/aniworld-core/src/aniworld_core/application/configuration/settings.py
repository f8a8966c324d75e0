"""Single settings by dotted name, for the command line."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from enum import Enum
from typing import Any, Final, get_args, get_origin

import attrs

from aniworld_core.application.configuration.document import document_from_config
from aniworld_core.application.configuration.provider_settings import Declared
from aniworld_core.documents import (
    MOST_DIGITS,
    NotJsonError,
    plain_type,
    plain_values,
    read_json,
)
from aniworld_core.domain.configuration import (
    Config,
    Setting,
    description_of,
    is_list,
    is_setting,
    parse_amount,
    section_of,
)
from aniworld_core.domain.json_pointer import pointer_to
from aniworld_core.domain.media import Language
from aniworld_core.errors import InvalidConfigError, SettingNotFoundError
from aniworld_core.messages import Message, clipped

_TRUE: Final = {"true", "yes", "on", "1"}
_FALSE: Final = {"false", "no", "off", "0"}
_NONE: Final = {"", "null", "none", "default"}
NO_DECLARED: Final[Declared] = {}


@attrs.frozen
class Place:
    """Type and description of a setting or section."""

    kind: Any
    description: Setting = Setting()


def place_of(names: Sequence[str], declared: Declared = NO_DECLARED) -> Place | None:
    """Return the setting or section at a path of names, or `None`.

    A mapping accepts any name; positions in lists are omitted.
    """
    place: Place | None = Place(Config)
    for depth, name in enumerate(names):
        if place is None:
            return None
        inside = _inside(place.kind, name)
        if inside is None and depth == 2 and names[0] == "providers":
            inside = _inside(declared.get(names[1]), name)
        place = inside
    return place


def parsed_setting(dotted_name: str, raw: str, declared: Declared = NO_DECLARED) -> object:
    """Parse a setting given as text.

    Lists are comma-separated, booleans `true` or `false`, whole sections and servers JSON. Numbers
    of bytes may be written as `500K`, `2M` or `1.5GiB`. An empty text empties a list or a text.

    Raises:
        SettingNotFoundError: If there is no setting of this name.
        InvalidConfigError: If the text does not fit the type of the setting.
    """
    names = dotted_name.split(".")
    place = place_of(names, declared)
    # An entry of a list has no name of its own.
    is_inside_list = any(_is_list_at(names[:depth]) for depth in range(len(names)))
    if place is None or is_inside_list or not all(names):
        raise _not_found(dotted_name, document_from_config(Config()))
    text = raw.strip()
    unit = place.description.unit
    has_unit = unit is not None and unit.is_of_bytes and text[-1:].isalpha()
    if has_unit and (amount := parse_amount(text)) is not None:
        # Less than a byte is not 0, which often means no limit.
        return max(round(amount), int(amount > 0))
    return _parsed(place.kind, text, pointer_to(names))


def with_setting(
    document: Mapping[str, object], dotted_name: str, value: object
) -> dict[str, object]:
    """Return a document with one value replaced; missing sections are created."""
    first, _, rest = dotted_name.partition(".")
    result = dict(document)
    if rest:
        inner = result.get(first)
        result[first] = with_setting(inner if isinstance(inner, Mapping) else {}, rest, value)
    else:
        result[first] = value
    return result


def lookup(
    document: Mapping[str, object], dotted_name: str, declared: Declared = NO_DECLARED
) -> object:
    """Return a setting or section of a complete document, or its default.

    Raises:
        SettingNotFoundError: If there is no setting of this name.
    """
    value: object = document
    for name in dotted_name.split("."):
        if not isinstance(value, Mapping) or name not in value:
            try:
                return _default(dotted_name, declared)
            except SettingNotFoundError:
                raise _not_found(dotted_name, document) from None
        value = value[name]
    return value


def setting_names(document: Mapping[str, object]) -> list[str]:
    """Return the dotted names of all single settings of a complete document, in its order."""
    names: list[str] = []
    for name, value in document.items():
        if isinstance(value, Mapping) and value:
            names += [f"{name}.{inner}" for inner in setting_names(value)]
        else:
            names.append(name)
    return names


def _not_found(name: str, document: Mapping[str, object]) -> SettingNotFoundError:
    return SettingNotFoundError(
        name, close=get_close_matches(name, setting_names(document), 3, 0.75)
    )


def _inside(kind: Any, name: str) -> Place | None:
    """Return the type of a name inside a type; lists are skipped."""
    if get_origin(kind) is Mapping:
        return Place(get_args(kind)[1])
    section: Any = section_of(kind) if is_list(kind) else kind
    if section is None or not attrs.has(section):
        return None
    field = next((f for f in attrs.fields(section) if f.name == name and is_setting(f)), None)
    return Place(field.type, description_of(field)) if field is not None else None


def _is_list_at(names: Sequence[str]) -> bool:
    place = place_of(names)
    return place is not None and is_list(place.kind)


def _default(dotted_name: str, declared: Declared) -> object:
    """Return the default of a catalogue's setting, which the document may omit."""
    names = dotted_name.split(".")
    place = place_of(names, declared)
    if place is None or names[0] != "providers" or not 2 <= len(names) <= 3:
        raise SettingNotFoundError(dotted_name)
    name = names[1]
    section = document_from_config(Config(providers={name: Config().provider(name)}))["providers"]
    defaults: dict[str, object] = dict(section[name])  # type: ignore[index]  # a section
    if name in declared:
        defaults |= plain_values(declared[name]())
    return defaults if len(names) == 2 else defaults[names[2]]


def _parsed(declared_kind: Any, text: str, pointer: str) -> object:
    kind = plain_type(declared_kind)
    if kind is not declared_kind and text.lower() in _NONE:
        return None
    if kind is bool:
        if text.lower() not in _TRUE | _FALSE:
            raise InvalidConfigError(
                [(pointer, Message("must_be_truth_value", found=clipped(text)))]
            )
        return text.lower() in _TRUE
    if kind in (int, float):
        return _number(kind, text, pointer)
    if kind is str or (isinstance(kind, type) and issubclass(kind, Enum)):
        return text
    if is_list(kind) and get_args(kind)[0] in (str, Language):
        return [part.strip() for part in text.split(",") if part.strip()]
    try:
        document = read_json(text)
    except NotJsonError as error:
        problem = Message("must_be_json", reason=error.reason)
        raise InvalidConfigError([(pointer, problem)]) from error
    if document.faults:
        raise InvalidConfigError([(pointer + where, why) for where, why in document.faults])
    return document.value


def _number(kind: type[int] | type[float], text: str, pointer: str) -> object:
    if len(text) > MOST_DIGITS:
        raise InvalidConfigError([(pointer, Message("most_digits", most=MOST_DIGITS))])
    try:
        return kind(text)
    except ValueError as error:
        wanted = "must_be_whole_number" if kind is int else "must_be_number"
        problem = Message(wanted, found=clipped(text))
        raise InvalidConfigError([(pointer, problem)]) from error
