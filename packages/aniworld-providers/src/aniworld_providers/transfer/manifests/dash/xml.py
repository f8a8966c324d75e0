"""Reads the XML of a DASH manifest within limits: size, number of elements, depth, attributes."""

import xml.etree.ElementTree as ET
from typing import Final
from xml.parsers import expat

from aniworld_core.errors import BadPlaylistError

#: Most elements; the segments of a film of three hours stay below in every quality.
MAX_ELEMENTS: Final = 100_000
#: Deepest nesting; a manifest needs about eight levels.
MAX_DEPTH: Final = 32
#: Most attributes of one element.
MAX_ATTRIBUTES: Final = 64
#: Characters that are read at once, so that other threads get their turn.
_CHUNK: Final = 512 * 1024


def read_xml(text: str) -> ET.Element:
    """Read a document; names of elements come without their namespace.

    Attributes with a namespace are called `<namespace>}<name>`.

    Raises:
        BadPlaylistError: If it is no XML, declares a document type or exceeds a limit.
    """
    builder = ET.TreeBuilder()
    parser = expat.ParserCreate(encoding="utf-8", namespace_separator="}")
    parser.buffer_text = True
    reader = _Reader(builder)
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = _refuse_document_type
    data = text.encode("utf-8", "replace")
    try:
        for start in range(0, len(data), _CHUNK):
            parser.Parse(data[start : start + _CHUNK], False)  # noqa: FBT003 - its only form
        parser.Parse(b"", True)  # noqa: FBT003 - as above
        return builder.close()
    except (expat.ExpatError, ValueError, AssertionError) as error:
        raise BadPlaylistError(f"the manifest is no XML ({error})") from error


class _Reader:
    """Builds the tree, and counts what it is made of before it is stored."""

    def __init__(self, builder: ET.TreeBuilder) -> None:
        self._builder = builder
        self._count = 0
        self._depth = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        self._depth += 1
        if self._count > MAX_ELEMENTS:
            raise BadPlaylistError(f"it has more than {MAX_ELEMENTS} elements")
        if self._depth > MAX_DEPTH:
            raise BadPlaylistError(f"its elements are nested more than {MAX_DEPTH} deep")
        if len(attributes) > MAX_ATTRIBUTES:
            raise BadPlaylistError(f"an element has more than {MAX_ATTRIBUTES} attributes")
        self._builder.start(name.rpartition("}")[2], attributes)

    def end(self, name: str) -> None:
        self._depth -= 1
        self._builder.end(name.rpartition("}")[2])


def _refuse_document_type(*_declaration: object) -> None:
    raise BadPlaylistError("it declares a document type, which no manifest needs")
