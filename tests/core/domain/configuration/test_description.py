"""Descriptions of settings: which fields of a class are settings."""

from enum import StrEnum

import attrs

from aniworld_core.domain.configuration import NOT_IN_DOCUMENT, Setting, described, setting


@attrs.frozen(kw_only=True)
class _Section:
    """A section with settings around a field that the document does not have."""

    folder: str = setting(default="films")
    origin: str = attrs.field(default="", metadata={NOT_IN_DOCUMENT: True})
    number: int = setting(default=1)


def test_fields_outside_of_the_document_are_no_settings() -> None:
    """Such a field hides no setting behind it."""
    found = [(each.path, each.default) for each in described(_Section)]
    assert found == [(("folder",), "films"), (("number",), 1)]


class _Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@attrs.frozen(kw_only=True)
class _Choices:
    colour: _Colour = setting(default=_Colour.RED)
    fewer: _Colour = setting(default=_Colour.RED, description=Setting(choices=("red",)))
    text: str = setting(default="")


def test_choices_of_an_enumeration_are_its_members() -> None:
    """Declared choices come first; other types have none."""
    found = {each.name: each.choices for each in described(_Choices)}
    assert found == {"colour": ("red", "blue"), "fewer": ("red",), "text": ()}
