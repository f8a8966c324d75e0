"""Stretches of time with the text that is shown in them."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import attrs

from aniworld_core.domain.library import is_unseen

#: Longest time SubRip can write, in milliseconds.
LONGEST_MS: Final = 100 * 3_600_000 - 1
#: More than any film has; a karaoke of every syllable stays below.
MOST_CUES: Final = 50_000
#: Longest text of one cue; more would cover the picture.
_LONGEST_TEXT: Final = 4_000
#: Cues of one text that are this close across a cut, in milliseconds, are one.
_TOUCHING_MS: Final = 100
_KEPT: Final = frozenset({"b", "i", "u"})
#: One character class and no more, so that no text makes the search slow.
_TAG = re.compile(r"<(/?[A-Za-z0-9][^<>]*)?>")
_TAG_START = re.compile(r"<(?!\d| +[^\s<])")
#: Commands of another format, which some players obey in this one too; one of them is usual.
_COMMAND = re.compile(r"\{\\[^{}]*\}")
_COMMAND_START = re.compile(r"\{\\+")
_PLACED = re.compile(r"\{\\an[1-9]\}")
#: Not `<`, which a player would take for the start of a tag, but looks like it.
_ANGLE: Final = "\u2039"


@attrs.frozen(order=True)
class Cue:
    """A text and when it is shown, in milliseconds."""

    start: int
    end: int
    text: str


def cleaned(text: str, decoded: Callable[[str], str] = lambda raw: raw) -> str:
    r"""Return the text of a cue as SubRip may hold it.

    Only the tags `b`, `i` and `u` stay, each closed, and a place such as `{\an8}` in front. No
    line is blank and none could be taken for the time of another cue.

    Args:
        text: The text, with tags.
        decoded: Undoes what the format escapes; is given what is between the tags.
    """
    parts: list[str] = []
    opened: list[str] = []
    at = 0
    cut = text[:_LONGEST_TEXT]
    for tag in _TAG.finditer(cut):
        parts.append(_literal(decoded(cut[at : tag.start()])))
        at = tag.end()
        is_end, name = _told_by(tag[1] or "")
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
    whole = _without_commands("".join(parts).replace("-->", "\u2192"))
    lines = (" ".join(line.split()) for line in whole.split("\n"))
    return "\n".join(line for line in lines if line)


def _literal(text: str) -> str:
    if text.replace("\n", "").isprintable():  # as nearly all is, and quickly told
        return _TAG_START.sub(_ANGLE, text)
    seen = "".join(c if c == "\n" or not is_unseen(c) else " " if c == "\t" else "" for c in text)
    return _TAG_START.sub(_ANGLE, seen)


def _told_by(tag: str) -> tuple[bool, str]:
    """Tell of the inside of a tag whether it ends something, and what."""
    name = tag.lstrip("/").replace(".", " ").split(maxsplit=1)[:1]
    return tag.startswith("/"), "".join(name).lower()


def _without_commands(text: str) -> str:
    place = _PLACED.match(text)
    start = place.end() if place else 0
    # What is left of one inside of another is disarmed, for it must not become a whole one.
    return text[:start] + _COMMAND_START.sub("{", _COMMAND.sub("", text[start:]))


def is_shown(text: str) -> bool:
    """Whether there is anything to see besides tags."""
    return bool(_PLACED.sub("", _TAG.sub("", text)).strip())


def in_order(cues: Iterable[Cue]) -> list[Cue]:
    """Return the cues that can be shown, each once, ordered by time.

    What begins before the film is cut there, what ends before it or never begins is dropped.
    """
    moved = (attrs.evolve(cue, start=0) if cue.start < 0 else cue for cue in cues)
    kept = {
        cue for cue in moved if cue.start < cue.end and cue.end <= LONGEST_MS and is_shown(cue.text)
    }
    return sorted(kept)


def joined(segments: Sequence[Iterable[Cue]]) -> list[Cue]:
    """Put the cues of segments together.

    A cue that reaches over a border is in both segments, as a whole or cut in two; here it is
    one again.
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
