"""From the bytes of a subtitle, whatever a server calls them, to text in a format that is known."""

import codecs
import enum
import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from aniworld_core.errors import BadMediaError
from aniworld_providers.media.probe.sniff import SNIFF_BYTES, container_of, impostor_of
from aniworld_providers.media.text.subrip import is_timing

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: What programs of the time before Unicode wrote, by language (ISO 639-3).
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
#: How many lines a format may take to show itself.
_FIRST_LINES: Final = 50
#: Sections of ASS that hold files.
_ATTACHED: Final = ("[fonts]", "[graphics]")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class TextFormat(enum.Enum):
    """How a subtitle is written."""

    WEBVTT = enum.auto()
    SUBRIP = enum.auto()
    ASS = enum.auto()


def text_of(data: bytes, language: str | None = None) -> str:
    """Return bytes as text, with line feeds between its lines and without a byte order mark.

    Text that is neither marked nor UTF-8 is taken for what was usual in its language.

    Args:
        data: The bytes.
        language: ISO 639-3 code, if known.

    Raises:
        BadMediaError: If they are no text.
    """
    charset = next((name for mark, name in _MARKS if data.startswith(mark)), _unmarked(data))
    try:
        text = data.decode(charset or "utf-8")
    except UnicodeDecodeError as error:
        if charset is not None:
            raise BadMediaError(f"it is no {charset.upper()} text") from error
        text = data.decode(_OLD_CHARSETS.get(language or "", _USUAL_OLD), "replace")
    if "\0" in text:
        raise BadMediaError("it is no text")
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def format_of(data: bytes, text: str) -> TextFormat:
    """Tell by its first lines how a subtitle is written.

    Raises:
        BadMediaError: If it is none.
    """
    start = text.lstrip()
    if re.match(r"WEBVTT(?:[ \t\n]|\Z)", start):
        return TextFormat.WEBVTT
    if start.lower().startswith("[script info]"):
        return TextFormat.ASS
    if any(is_timing(line) for line in islice(start[:SNIFF_BYTES].split("\n"), _FIRST_LINES)):
        return TextFormat.SUBRIP
    raise BadMediaError(f"it is {impostor_of(data[:SNIFF_BYTES]) or 'no known kind of subtitle'}")


def require_text(data: bytes) -> None:
    """Refuse what is packed or a film before it is taken for text.

    Raises:
        BadMediaError: If it is.
    """
    head = data[:SNIFF_BYTES]
    if container_of(head) is not None:
        raise BadMediaError("it comes in a film container, which is not read")
    what = impostor_of(head)
    if what is not None and what not in {"a text", "an XML document", "nothing at all"}:
        raise BadMediaError(f"it is {what}")
    if what == "an XML document":
        raise BadMediaError("it is XML (TTML or IMSC), which is not read")


def clean_ass(text: str) -> str:
    """Return an ASS script without attachments and characters that are none.

    Raises:
        BadMediaError: If it shows nothing.
    """
    script = _UNSEEN.sub("", "\n".join(_without_attachments(text)))
    if not re.search(r"^Dialogue:", script, re.M | re.I):
        raise BadMediaError("it shows nothing")
    return script.rstrip("\n") + "\n"


def _without_attachments(text: str) -> Iterator[str]:
    is_attached = False
    for line in text.split("\n"):
        if line.startswith("["):
            is_attached = line[:16].lower().startswith(_ATTACHED)
        if not is_attached:
            yield line


def _unmarked(data: bytes) -> str | None:
    """Tell UTF-16 without a mark by the zeros it has beside nearly every Latin letter."""
    head = data[:SNIFF_BYTES]
    if len(head) < 4 or b"\0" not in head:
        return None
    half = len(head) // 2
    if head[1::2].count(0) > half * 0.6 and head[::2].count(0) < half * 0.1:
        return "utf-16-le"
    if head[::2].count(0) > half * 0.6 and head[1::2].count(0) < half * 0.1:
        return "utf-16-be"
    return None
