"""Read XML within limits: number of elements, depth, attributes; no document type."""

from typing import TYPE_CHECKING, Final

import attrs

from aniworld_core.messages import Message

if TYPE_CHECKING:
    import xml.etree.ElementTree as ET

#: Characters to parse at once, so that other threads can run in between.
_CHUNK: Final = 512 * 1024


class XmlError(ValueError):
    """The text is not XML, declares a document type or exceeds a limit; the message says which."""


class MalformedXmlError(XmlError):
    """The text is not well-formed; up to the fault it keeps to the limits."""


@attrs.frozen(kw_only=True)
class XmlLimits:
    """Limits of a document.

    Attributes:
        elements: Most elements.
        depth: Deepest nesting.
        attributes: Most attributes of one element.
    """

    elements: int = 100_000
    depth: int = 32
    attributes: int = 64


def read_xml(
    text: str | bytes, limits: XmlLimits, *, keep_namespaces: bool = False
) -> "ET.Element":
    """Parse a document.

    Args:
        text: The document; bytes are decoded as it declares.
        limits: Its limits.
        keep_namespaces: Whether elements are called `{<namespace>}<name>` instead of `<name>`.
            Attributes with a namespace are always called `<namespace>}<name>`.

    Raises:
        MalformedXmlError: If it is not well-formed.
        XmlError: If it declares a document type or exceeds a limit.
    """
    import xml.etree.ElementTree as ET  # most transfers read no XML
    from xml.parsers import expat

    builder = ET.TreeBuilder()
    is_text = isinstance(text, str)
    parser = expat.ParserCreate("utf-8" if is_text else None, namespace_separator="}")
    parser.buffer_text = True
    reader = _Reader(builder, limits, keep_namespaces)
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = builder.data
    # A document type can define entities that fill the memory.
    parser.StartDoctypeDeclHandler = _refuse_document_type
    data = text.encode("utf-8", "replace") if isinstance(text, str) else text
    try:
        for start in range(0, len(data), _CHUNK):
            parser.Parse(data[start : start + _CHUNK], False)  # noqa: FBT003 - its only form
        parser.Parse(b"", True)  # noqa: FBT003 - as above
        return builder.close()
    except XmlError:
        raise
    except (expat.ExpatError, ValueError, AssertionError) as error:
        raise MalformedXmlError(Message("xml_invalid", detail=str(error))) from error


@attrs.define(eq=False)
class _Reader:
    """Build the tree and check the limits before each element is stored."""

    _builder: "ET.TreeBuilder"
    _limits: XmlLimits
    _keep_namespaces: bool
    _count: int = 0
    _depth: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        self._depth += 1
        if self._count > self._limits.elements:
            raise XmlError(Message("xml_too_many_elements", limit=self._limits.elements))
        if self._depth > self._limits.depth:
            raise XmlError(Message("xml_too_deep", limit=self._limits.depth))
        if len(attributes) > self._limits.attributes:
            raise XmlError(Message("xml_too_many_attributes", limit=self._limits.attributes))
        self._builder.start(self._name(name), attributes)

    def end(self, name: str) -> None:
        self._depth -= 1
        self._builder.end(self._name(name))

    def _name(self, name: str) -> str:
        if self._keep_namespaces and "}" in name:
            return f"{{{name}"
        return name.rpartition("}")[2]


def _refuse_document_type(*_declaration: object) -> None:
    raise XmlError(Message("xml_document_type"))
