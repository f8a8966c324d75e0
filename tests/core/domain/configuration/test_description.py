"""Descriptions of settings: which fields of a class are settings."""

from enum import StrEnum
from typing import Any

import attrs
import pytest

from aniworld_core.domain.configuration import (
    NOT_IN_DOCUMENT,
    Setting,
    described,
    section_of,
    setting,
)
from aniworld_core.domain.configuration.forms import NETWORK


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


@pytest.mark.parametrize(
    ("kind", "section"),
    [(_Section, _Section), (tuple[_Section, ...], _Section), (str, None), (_Colour, None)],
)
def test_a_section_is_a_class_with_settings(kind: Any, section: type | None) -> None:
    """A list of sections counts as its elements; values and their lists are none."""
    assert section_of(kind) is section


@pytest.mark.parametrize(
    ("text", "is_right"),
    [
        ("10.0.0.0/8", True),
        ("10.1.2.3/8", True),
        ("10.1.2.3", True),
        ("2001:db8::/32", True),
        ("10.0.0.0/33", False),
        ("host", False),
        ("", False),
    ],
)
def test_a_network_may_be_written_with_any_of_its_addresses(text: str, is_right: bool) -> None:
    """An address alone is a network as well; names are none."""
    assert (not NETWORK.problems(text)) is is_right
