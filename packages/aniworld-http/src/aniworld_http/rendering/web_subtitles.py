"""Subtitle files as WebVTT, the only format that browsers show."""

import html
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

#: Most characters of a cue; longer ones are drawings or no text. The parser takes quadratic time.
_MAX_CUE: Final = 4000
#: Most cues that are converted; a film has about 2,000.
_MAX_CUES: Final = 20_000
_LINE_END: Final = re.compile(r"\r\n?|\n")
#: Markup of SubRip. An angle bracket that opens no tag stays.
_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]{0,100}>")
_FORMATS: Final = {".srt": "srt", ".ass": "ass", ".ssa": "ssa"}


def to_webvtt(name: str, content: bytes) -> str:
    """Return a subtitle file as WebVTT; a file that is no subtitle gives no cues.

    Styles, positions and drawings are left out.
    """
    text = _decoded(content).lstrip("\ufeff")
    suffix = PurePosixPath(name).suffix.lower()
    if suffix == ".vtt":
        return text if text.startswith("WEBVTT") else "WEBVTT\n"
    cues = list(_cues(text, _FORMATS.get(suffix, "srt")))
    return "\n".join(["WEBVTT\n", *cues])


def _decoded(content: bytes) -> str:
    for coding in ("utf-8", "utf-16") if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8",):
        try:
            return content.decode(coding)
        except UnicodeDecodeError:
            continue
    return content.decode("cp1252", "replace")


def _cues(text: str, form: str) -> Iterator[str]:
    import pysubs2  # slow to import

    bounded = "\n".join(_bounded(text, by_line=form != "srt"))
    try:
        found = pysubs2.SSAFile.from_string(bounded, format_=form, keep_html_tags=True)
    except (pysubs2.Pysubs2Error, ValueError, ArithmeticError, LookupError):
        return
    events = [e for e in found if e.is_text and 0 <= e.start < e.end]
    for event in sorted(events, key=lambda each: each.start)[:_MAX_CUES]:
        lines = (_TAG.sub("", line).strip() for line in _LINE_END.split(event.plaintext))
        shown = "\n".join(html.escape(line, quote=False) for line in lines if line)
        if shown:
            yield f"{_time(event.start)} --> {_time(event.end)}\n{shown}\n"


def _bounded(text: str, *, by_line: bool) -> Iterator[str]:
    """Yield the lines without those that make a cue too long, and one of several empty lines."""
    length, former = 0, ""
    for line in _LINE_END.split(text):
        if not line and not former:
            continue
        former = line
        if by_line or "-->" in line:
            length = 0
        length += len(line) + 1
        if length <= _MAX_CUE:
            yield line


def _time(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}.{rest:03d}"
