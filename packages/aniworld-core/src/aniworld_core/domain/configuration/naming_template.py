"""Naming templates: `{placeholder}` or `{number:02}` between literal text."""

import re
from typing import Final

import attrs

from aniworld_core.errors import InvalidTemplateError
from aniworld_core.messages import Message

#: Placeholders of each template, and whether they are numbers with a width.
PLACEHOLDERS: Final = {
    "series_folder": {"name": False, "year": True, "key": False, "site": False},
    "season_folder": {"season": True, "name": False},
    "episode": {
        "name": False,
        "code": False,
        "title": False,
        "language": False,
        "season": True,
        "episode": True,
        "absolute": True,
        "year": True,
        "key": False,
        "quality": False,
    },
}
_FIELD = re.compile(r"\{(?P<name>[a-z]*)(?::(?P<width>[^{}]*))?\}")
_WIDTH = re.compile(r"0?[1-4]", re.ASCII)
#: Maximum bytes of literal text, so that enough room remains for the values.
_LITERAL_LIMIT = 100
_FORBIDDEN = re.compile(r'[<>:"\\|?*\x00-\x1f]')


@attrs.frozen
class Field:
    """A placeholder in a template.

    Attributes:
        width: Digits a number is padded to with zeros; 0 means no padding.
    """

    name: str
    width: int = 0


@attrs.frozen
class Template:
    """A parsed template: literal texts and placeholders in order."""

    parts: tuple[str | Field, ...]

    @property
    def fields(self) -> frozenset[str]:
        """Placeholders of the template."""
        return frozenset(part.name for part in self.parts if isinstance(part, Field))


def parse_template(kind: str, text: str) -> Template:
    """Parse the template of a `NamingConfig` field.

    Raises:
        InvalidTemplateError: If the template is invalid; contains the first problem only.
    """
    problems = template_problems(kind, text)
    if problems:
        raise InvalidTemplateError(text, problems[0])
    return Template(tuple(_parts(text)))


def template_problems(kind: str, text: str) -> list[str]:
    """Return all problems of a template, in words; empty if it is valid."""
    allowed = PLACEHOLDERS[kind]
    problems: list[str] = [] if text.strip() else [Message("must_not_be_empty")]
    literal = _FIELD.sub("", text)
    if "{" in literal or "}" in literal:
        problems.append(Message("stray_brace"))
    if _FORBIDDEN.search(literal):
        problems.append(Message("file_name_characters"))
    if len(literal.encode("utf-8", "replace")) > _LITERAL_LIMIT:
        problems.append(Message("own_text_too_long", limit=_LITERAL_LIMIT))
    if kind != "season_folder" and "/" in literal:
        problems.append(Message("no_slash"))
    if any(part in {".", ".."} or part != part.strip() for part in literal.split("/")[1:]):
        problems.append(Message("no_dot_folder"))
    for field in _FIELD.finditer(text):
        name, width = field["name"], field["width"]
        if name not in allowed:
            problems.append(Message("unknown_placeholder", name=name, names=sorted(allowed)))
        elif width is not None and not (allowed[name] and _WIDTH.fullmatch(width)):
            problems.append(Message("placeholder_width", name=name, width=width))
    names = {field["name"] for field in _FIELD.finditer(text)}
    if kind == "series_folder" and not names & {"name", "key"}:
        problems.append(Message("needs_series_placeholder"))
    if kind == "episode" and "code" not in names and not {"season", "episode"} <= names:
        problems.append(Message("needs_episode_placeholder"))
    return problems


def _parts(text: str) -> list[str | Field]:
    parts: list[str | Field] = []
    position = 0
    for field in _FIELD.finditer(text):
        if field.start() > position:
            parts.append(text[position : field.start()])
        parts.append(Field(field["name"], int(field["width"] or 0)))
        position = field.end()
    if position < len(text):
        parts.append(text[position:])
    return parts
