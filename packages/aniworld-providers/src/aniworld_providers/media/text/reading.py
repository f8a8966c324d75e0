"""Decode the bytes of a subtitle and recognise its format."""

import codecs
import enum
import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from aniworld_core.errors import BadMediaError
from aniworld_core.messages import Message
from aniworld_providers.media.probe.sniff import SNIFF_BYTES, container_of, impostor_of
from aniworld_providers.media.text.subrip import is_timing

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: Character sets of old subtitle editors, by language (ISO 639-3).
_OLD_CHARSETS: Final = {
    **dict.fromkeys(("rus", "ukr", "bul", "bel", "srp", "mkd"), "cp1251"),
    **dict.fromkeys(("pol", "ces", "slk", "hun", "slv", "hrv", "ron"), "cp1250"),
    **dict.fromkeys(("zho", "cmn"), "gb18030"),
    "tur": "cp1254",
    "ell": "cp1253",
    "heb": "cp1255",
    "ara": "cp1256",
    "jpn": "cp932",
    "kor": "cp949",
    "tha": "cp874",
}
_USUAL_OLD: Final = "cp1252"
#: Lines that are searched for the format.
_FIRST_LINES: Final = 50
#: Sections of ASS with attached files.
_ATTACHED: Final = ("[fonts]", "[graphics]")
#: Kinds of content that `impostor_of` names and that may be a subtitle, or has its own reason.
_MAYBE_TEXT: Final = frozenset({"content_text", "content_xml", "content_nothing"})
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class TextFormat(enum.Enum):
    """The format of a subtitle."""

    WEBVTT = enum.auto()
    SUBRIP = enum.auto()
    ASS = enum.auto()


def text_of(data: bytes, language: str | None = None) -> str:
    """Return the text of a subtitle with line feeds and without a byte order mark.

    Text that is neither marked nor UTF-8 is decoded with the usual old character set of its
    language.

    Args:
        data: The bytes.
        language: ISO 639-3 code, if known.

    Raises:
        BadMediaError: If the bytes are not text.
    """
    charset = next((name for mark, name in _MARKS if data.startswith(mark)), _unmarked(data))
    try:
        text = data.decode(charset or "utf-8")
    except UnicodeDecodeError as error:
        if charset is not None:
            raise BadMediaError(Message("text_invalid", charset=charset.upper())) from error
        text = data.decode(_OLD_CHARSETS.get(language or "", _USUAL_OLD), "replace")
    if "\0" in text:
        raise BadMediaError(Message("not_a_text"))
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def format_of(data: bytes, text: str) -> TextFormat:
    """Return the format of a subtitle by its first lines.

    Raises:
        BadMediaError: If the format is unknown.
    """
    start = text.lstrip()
    if re.match(r"WEBVTT(?:[ \t\n]|\Z)", start):
        return TextFormat.WEBVTT
    if start.lower().startswith("[script info]"):
        return TextFormat.ASS
    if any(is_timing(line) for line in islice(start[:SNIFF_BYTES].split("\n"), _FIRST_LINES)):
        return TextFormat.SUBRIP
    raise BadMediaError(
        Message(
            "is_other_content",
            what=impostor_of(data[:SNIFF_BYTES]) or Message("content_not_subtitle"),
        )
    )


def require_text(data: bytes) -> None:
    """Refuse archives, films and other content that is not text.

    Raises:
        BadMediaError: If it is not text.
    """
    head = data[:SNIFF_BYTES]
    if container_of(head) is not None:
        raise BadMediaError(Message("subtitle_in_container"))
    what = impostor_of(head)
    if what is not None and what.kind not in _MAYBE_TEXT:
        raise BadMediaError(Message("is_other_content", what=what))
    if what is not None and what.kind == "content_xml":
        raise BadMediaError(Message("subtitle_is_xml"))


def clean_ass(text: str) -> str:
    """Return an ASS script without attachments and control characters.

    Raises:
        BadMediaError: If it has no dialogue.
    """
    script = _UNSEEN.sub("", "\n".join(_without_attachments(text)))
    if not re.search(r"^Dialogue:", script, re.M | re.I):
        raise BadMediaError(Message("subtitle_no_dialogue"))
    return script.rstrip("\n") + "\n"


def _without_attachments(text: str) -> Iterator[str]:
    is_attached = False
    for line in text.split("\n"):
        if line.startswith("["):
            is_attached = line[:16].lower().startswith(_ATTACHED)
        if not is_attached:
            yield line


def _unmarked(data: bytes) -> str | None:
    """Recognise UTF-16 without a mark by the zero bytes beside Latin letters."""
    head = data[:SNIFF_BYTES]
    if len(head) < 4 or b"\0" not in head:
        return None
    half = len(head) // 2
    if head[1::2].count(0) > half * 0.6 and head[::2].count(0) < half * 0.1:
        return "utf-16-le"
    if head[::2].count(0) > half * 0.6 and head[1::2].count(0) < half * 0.1:
        return "utf-16-be"
    return None
