"""Cues of subtitles: clean, sort and join them."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import attrs

from aniworld_core.domain.library import is_unseen

#: Largest time in SubRip, in milliseconds.
LONGEST_MS: Final = 100 * 3_600_000 - 1
#: Most cues of one film; karaoke with a cue per syllable has fewer.
MOST_CUES: Final = 50_000
#: Longest text of one cue in characters.
_LONGEST_TEXT: Final = 4_000
#: Largest distance in milliseconds at which equal cues of two segments are joined.
_TOUCHING_MS: Final = 100
_KEPT: Final = frozenset({"b", "i", "u"})
#: A single character class, so that the search is linear.
_TAG = re.compile(r"<(/?[A-Za-z0-9][^<>]*)?>")
_TAG_START = re.compile(r"<(?!\d| +[^\s<])")
#: A `<` of the cleaned text that is neither a kept tag nor a sign such as in `<3` or `3 < 4`.
_LATER_START = re.compile(r"<(?!/?[biu]>|\d[^<>]*+(?:<|\Z)| +[^\s<])")
#: Commands of ASS, which some players also execute in SubRip; only `{\\an8}` and the like are kept.
_COMMAND = re.compile(r"\{\\[^{}<>]*\}")
_COMMAND_START = re.compile(r"\{\\+")
_PLACED = re.compile(r"\{\\an[1-9]\}")
#: Replaces a `<` that a player would read as the start of a tag.
_ANGLE: Final = "\u2039"


@attrs.frozen(order=True)
class Cue:
    """A text with its start and end in milliseconds."""

    start: int
    end: int
    text: str


def cleaned(text: str, decoded: Callable[[str], str] = lambda raw: raw) -> str:
    r"""Return the text of a cue in the form that SubRip allows.

    Only the tags `b`, `i` and `u` are kept, each closed, and a position such as `{\an8}` at the
    start. No line is blank or looks like the times of another cue.

    Args:
        text: The text, with tags.
        decoded: Decodes the escapes of the format; called with the text between tags.
    """
    parts: list[str] = []
    opened: list[str] = []
    at = 0
    cut = text[:_LONGEST_TEXT]
    for tag in _TAG.finditer(cut):
        parts.append(_literal(decoded(cut[at : tag.start()])))
        at = tag.end()
        is_end, name = _parsed_tag(tag[1] or "")
        if name not in _KEPT:
            continue
        if not is_end:
            opened.append(name)
            parts.append(f"<{name}>")
        while is_end and name in opened:
            parts.append(f"</{opened[-1]}>")
            if opened.pop() == name:
                break
    parts.append(_literal(decoded(cut[at:])))
    parts += [f"</{name}>" for name in reversed(opened)]
    whole = _without_commands("".join(parts)).replace("-->", "\u2192")
    lines = (" ".join(line.split()) for line in whole.split("\n"))
    # What was removed may have kept the parts of a tag apart.
    return _LATER_START.sub(_ANGLE, "\n".join(line for line in lines if line))


def _literal(text: str) -> str:
    if text.replace("\n", "").isprintable():  # nearly always, and quick to check
        return _TAG_START.sub(_ANGLE, text)
    seen = "".join(c if c == "\n" or not is_unseen(c) else " " if c == "\t" else "" for c in text)
    return _TAG_START.sub(_ANGLE, seen)


def _parsed_tag(tag: str) -> tuple[bool, str]:
    """Return whether a tag is a closing tag, and its name."""
    name = tag.lstrip("/").replace(".", " ").split(maxsplit=1)[:1]
    return tag.startswith("/"), "".join(name).lower()


def _without_commands(text: str) -> str:
    place = _PLACED.match(text)
    start = place.end() if place else 0
    # The rest of a nested command is changed, so that it does not become a command.
    return text[:start] + _COMMAND_START.sub("{", _COMMAND.sub("", text[start:]))


def is_shown(text: str) -> bool:
    """Whether there is visible text besides tags."""
    return bool(_PLACED.sub("", _TAG.sub("", text)).strip())


def in_order(cues: Iterable[Cue]) -> list[Cue]:
    """Return the visible cues, each once, sorted by time.

    A cue that begins before the film is cut at 0; one that ends before it or has no duration is
    dropped.
    """
    moved = (attrs.evolve(cue, start=0) if cue.start < 0 else cue for cue in cues)
    kept = {
        cue for cue in moved if cue.start < cue.end and cue.end <= LONGEST_MS and is_shown(cue.text)
    }
    return sorted(kept)


def joined(segments: Sequence[Iterable[Cue]]) -> list[Cue]:
    """Join the cues of segments.

    A cue across a border is in both segments, complete or cut in two; the result has it once.
    """
    placed = [(cue, number) for number, cues in enumerate(segments) for cue in in_order(cues)]
    placed.sort(key=lambda pair: (pair[0].start, pair[1], pair[0].end))
    found: list[Cue] = []
    last: dict[str, tuple[int, int]] = {}
    for cue, number in placed:
        place, from_segment = last.get(cue.text, (-1, number))
        if place >= 0 and from_segment != number and cue.start <= found[place].end + _TOUCHING_MS:
            end = max(cue.end, found[place].end)
            found[place] = attrs.evolve(found[place], end=end)
        else:
            place = len(found)
            found.append(cue)
        last[cue.text] = (place, number)
    return in_order(found)
