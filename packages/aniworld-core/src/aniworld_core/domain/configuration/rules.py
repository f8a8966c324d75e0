"""Check a configuration against the descriptions of its settings, and settings against each other.

The types of the values are correct already: the converter checks them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import attrs

from aniworld_core.domain.configuration.description import Setting, description_of, is_setting
from aniworld_core.domain.configuration.document import Config, NotificationsConfig
from aniworld_core.domain.json_pointer import escaped
from aniworld_core.messages import Message

#: Minimum length of the key of webhook signatures, in characters.
SHORTEST_SECRET: Final = 16
#: Maximum length of a text, in characters.
MOST_CHARACTERS: Final = 4096
#: Maximum number of entries of a list: one time of day per minute.
MOST_ENTRIES: Final = 1440


def config_problems(config: Config) -> tuple[tuple[str, str], ...]:
    """Return every broken rule of a configuration, as JSON pointer and explanation."""
    return (*section_problems(config), *_webhook_problems(config.notifications))


def section_problems(section: object, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Yield the problems of a section of settings, at any depth.

    Args:
        section: An instance of a settings class, or the value of one of its fields.
        pointer: JSON pointer of the section.
    """
    if isinstance(section, Mapping):
        for name, inner in section.items():
            yield from section_problems(inner, f"{pointer}/{escaped(name)}")
    elif isinstance(section, tuple):
        for index, inner in enumerate(section[:MOST_ENTRIES]):
            yield from section_problems(inner, f"{pointer}/{index}")
    elif attrs.has(kind := type(section)):
        for field in attrs.fields(kind):
            if not is_setting(field):
                continue
            value, where = getattr(section, field.name), f"{pointer}/{field.name}"
            yield from _value_problems(value, description_of(field), where)
            yield from section_problems(value, where)


def _value_problems(value: object, description: Setting, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, tuple):
        if len(value) > MOST_ENTRIES:
            yield pointer, Message("too_many_entries", most=MOST_ENTRIES)
        if description.is_required and not value:
            yield pointer, Message("needs_entry")
        if description.is_unique and (twice := _repeated(value)) is not None:
            yield pointer, Message("named_twice", name=str(twice))
        for index, entry in enumerate(value[:MOST_ENTRIES]):
            if isinstance(entry, str):
                yield from _at(f"{pointer}/{index}", _text_problems(entry, description))
    elif isinstance(value, str):
        yield from _at(pointer, _text_problems(value, description))
    elif isinstance(value, int | float) and description.bounds is not None:
        least, most = description.bounds
        if not least <= value <= most:  # also refuses NaN
            yield pointer, Message("must_be_between", least=_written(least), most=_written(most))


def _text_problems(text: str, description: Setting) -> Sequence[str]:
    if len(text) > MOST_CHARACTERS:
        return (Message("too_long", most=MOST_CHARACTERS),)
    if any(letter < " " or "\x7f" <= letter <= "\x9f" for letter in text):
        return (Message("no_control_characters"),)
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        return (Message("must_be_unicode"),)
    if not text and not description.is_required:
        return ()
    if description.form is not None:
        return description.form.problems(text)
    if description.choices and not description.allows(text):
        return (Message("must_be_one_of", names=list(description.choices)),)
    return (Message("must_not_be_empty"),) if description.is_required and not text.strip() else ()


def _at(pointer: str, details: Iterable[str]) -> Iterator[tuple[str, str]]:
    return ((pointer, detail) for detail in details)


def _repeated(values: Sequence[object]) -> object | None:
    return next((each for i, each in enumerate(values) if each in values[:i]), None)


def _written(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


def _webhook_problems(notifications: NotificationsConfig) -> Iterator[tuple[str, str]]:
    if notifications.webhooks and len(notifications.webhook_secret) < SHORTEST_SECRET:
        detail = Message("webhook_secret_short", least=SHORTEST_SECRET)
        yield "/notifications/webhook_secret", detail
