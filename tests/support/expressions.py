"""Analysis of regular expressions: what makes them slow, and texts that show it.

The parse tree of `re` is read. A pattern is weak when it can take more than linear time:

- *nested*: a repeat inside another one, where the end of an inner round can be read in two ways;
- *overlapping*: two repeats that follow each other and accept the same characters;
- *restarting*: when it is searched for, a repeat behind a start that the repeat itself accepts, so
  that a failed attempt is repeated from every position it has read.

Repeats that are possessive or bounded by `FEW` are not counted, except where the search restarts.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from functools import cache
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, Final

#: Repeats up to this number are constant work.
FEW: Final = 1000
#: Characters a set is tried on: ASCII, Latin, and a few of other kinds.
_ALPHABET: Final = tuple(
    map(chr, [*range(0x180), 0x200B, 0x2028, 0x3042, 0x4E00, 0x7B2C, 0xD800, 0xFEFF, 0x1F600])
)
_REPEATS: Final = {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}
_NO_WIDTH: Final = {codes.AT, codes.ASSERT, codes.ASSERT_NOT}

Node = tuple[Any, Any]


def weaknesses(pattern: re.Pattern[Any], *, is_searched: bool = True) -> list[str]:
    """Return what makes *pattern* slow; empty when it takes linear time.

    Args:
        pattern: The compiled pattern.
        is_searched: Whether it may begin anywhere (`search`, `sub`, `finditer`, `split`).
    """
    nodes = list(_tree(pattern))
    found = [*_nested(nodes, pattern.flags), *_overlapping(nodes, pattern.flags)]
    if is_searched:
        found += _restarting(nodes, pattern.flags)
    return sorted(set(found))


def pumps(pattern: re.Pattern[Any]) -> list[str]:
    """Return texts that, repeated, keep a weak pattern busy: its parts, prefixes and examples."""
    nodes = list(_tree(pattern))
    whole = [_example(branch, pattern.flags) for branch in _alternatives(nodes)]
    repeated = [_example(list(n[1][2]), pattern.flags) for n in _walk(nodes) if n[0] in _REPEATS]
    cut = [text[: len(text) - 1] for text in whole[:3]]
    start = [text[: max(len(text) // 2, 1)] for text in whole[:3]]
    return [text for text in dict.fromkeys([*whole[:4], *cut, *start, *repeated[:8]]) if text]


def openings(pattern: re.Pattern[Any]) -> list[tuple[str, str]]:
    """Return starts and texts to repeat behind them, which keep a weak pattern busy.

    A pattern that begins with a quotation mark, say, is slow behind one mark only, where a repeat
    reads a long text. The texts are what the repeat reads, and the words that follow it.
    """
    found: dict[tuple[str, str], None] = {}
    for sequence in _alternatives(list(_tree(pattern))):
        for place, node in enumerate(sequence):
            start = _example(sequence[:place], pattern.flags)
            if _is_long(node) and start:
                rest = sequence[place + 1 :]
                word = list(itertools.takewhile(lambda n: n[0] is codes.LITERAL, rest))
                body = _example(list(node[1][2]), pattern.flags)
                texts = (_example(word, pattern.flags), body)
                found |= dict.fromkeys((start, text) for text in texts if text)
    return list(found)


def _tree(pattern: re.Pattern[Any]) -> Any:
    text = pattern.pattern
    return parser.parse(
        text if isinstance(text, str) else text.decode("latin-1"), pattern.flags & ~re.DEBUG
    )


def _children(node: Node) -> Iterator[list[Node]]:
    op, value = node
    if op in _REPEATS:
        yield list(value[2])
    elif op is codes.SUBPATTERN:
        yield list(value[3])
    elif op is codes.BRANCH:
        yield from map(list, value[1])
    elif op is codes.ATOMIC_GROUP:
        yield list(value)
    elif op in {codes.ASSERT, codes.ASSERT_NOT}:
        yield list(value[1])
    elif op is codes.GROUPREF_EXISTS:
        yield from (list(part) for part in value[1:] if part)


def _walk(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        for inner in _children(node):
            yield from _walk(inner)


@cache
def _matching(kind: str, value: Any, flags: int) -> frozenset[str]:
    """Return the characters of the alphabet that one node of one character accepts."""
    return frozenset(c for c in _ALPHABET if _accepts(kind, value, c, flags))


def _accepts(kind: str, value: Any, character: str, flags: int) -> bool:
    if kind == "ANY":
        return bool(flags & re.DOTALL) or character != "\n"
    forms = {character, character.lower(), character.upper()} if flags & re.I else {character}
    forms = {form for form in forms if len(form) == 1}
    if kind == "LITERAL":
        return any(form == chr(value) for form in forms)
    if kind == "NOT_LITERAL":
        return all(form != chr(value) for form in forms)
    is_negated = bool(value) and value[0][0] is codes.NEGATE
    members = value[1:] if is_negated else value
    is_member = any(_is_member(member, form, flags) for member in members for form in forms)
    return is_member != is_negated


def _is_member(member: Node, character: str, flags: int) -> bool:
    op, value = member
    if op is codes.LITERAL:
        return bool(ord(character) == value)
    if op is codes.RANGE:
        return bool(value[0] <= ord(character) <= value[1])
    letter = {
        codes.CATEGORY_DIGIT: r"\d",
        codes.CATEGORY_NOT_DIGIT: r"\D",
        codes.CATEGORY_SPACE: r"\s",
        codes.CATEGORY_NOT_SPACE: r"\S",
        codes.CATEGORY_WORD: r"\w",
        codes.CATEGORY_NOT_WORD: r"\W",
    }[value]
    return re.match(letter, character, flags & re.ASCII) is not None


def _set(node: Node, flags: int) -> frozenset[str]:
    """Return all characters that may occur in what a node matches."""
    op, value = node
    if op is codes.IN:
        return _matching("IN", tuple(map(tuple, value)), flags)
    if op in {codes.LITERAL, codes.NOT_LITERAL, codes.ANY}:
        return _matching(str(op), value, flags)
    if op in _NO_WIDTH:
        return frozenset()
    if op in {codes.GROUPREF, codes.GROUPREF_EXISTS}:
        return frozenset(_ALPHABET)
    if op is codes.SUBPATTERN:
        flags = (flags | value[1]) & ~value[2]
    return frozenset().union(*(_set(n, flags) for inner in _children(node) for n in inner))


def _is_nullable(node: Node) -> bool:
    op, value = node
    if op in _NO_WIDTH or op in {codes.GROUPREF, codes.GROUPREF_EXISTS}:
        return True
    if op in _REPEATS:
        return value[0] == 0 or all(map(_is_nullable, value[2]))
    if op is codes.BRANCH:
        return any(all(map(_is_nullable, inner)) for inner in _children(node))
    if op in {codes.SUBPATTERN, codes.ATOMIC_GROUP}:
        return all(all(map(_is_nullable, inner)) for inner in _children(node))
    return False


def _first(node: Node, flags: int) -> frozenset[str]:
    """Return the characters that what a node matches may begin with."""
    op, value = node
    if op not in _REPEATS and op not in {codes.BRANCH, codes.SUBPATTERN, codes.ATOMIC_GROUP}:
        return _set(node, flags)
    if op is codes.SUBPATTERN:
        flags = (flags | value[1]) & ~value[2]
    found: set[str] = set()
    for inner in _children(node):
        for part in inner:
            found |= _first(part, flags)
            if not _is_nullable(part):
                break
    return frozenset(found)


def _is_long(node: Node) -> bool:
    return node[0] in _REPEATS and node[1][1] > FEW


def _long_inside(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in _walk(nodes):
        if _is_long(node):
            yield node


def _nested(nodes: Sequence[Node], flags: int) -> Iterator[str]:
    for outer in _long_inside(nodes):
        if outer[0] is codes.POSSESSIVE_REPEAT:
            continue
        body = list(outer[1][2])
        for inner in _long_inside(body):
            if inner[0] is codes.POSSESSIVE_REPEAT:
                continue
            own = _set(inner, flags)
            # A mandatory character that the inner repeat refuses ends each round in one way only.
            fixed = [n for n in _flat(body) if not _is_nullable(n) and n is not inner]
            if not any(_set(n, flags).isdisjoint(own) for n in fixed):
                yield f"nested: {_shown(inner, flags)} inside {_shown(outer, flags)}"


def _flat(nodes: Sequence[Node]) -> Iterator[Node]:
    """Yield the parts of a sequence, with groups opened."""
    for node in nodes:
        if node[0] in {codes.SUBPATTERN, codes.ATOMIC_GROUP}:
            for inner in _children(node):
                yield from _flat(inner)
        else:
            yield node


def _sequences(nodes: Sequence[Node]) -> Iterator[list[Node]]:
    yield list(_flat(nodes))
    for node in _walk(nodes):
        if node[0] in _REPEATS or node[0] in {codes.BRANCH, codes.ASSERT, codes.ASSERT_NOT}:
            for inner in _children(node):
                yield list(_flat(inner))


def _overlapping(nodes: Sequence[Node], flags: int) -> Iterator[str]:
    for sequence in _sequences(nodes):
        for place, node in enumerate(sequence):
            if not _is_long(node) or node[0] is codes.POSSESSIVE_REPEAT:
                continue
            own = _set(node, flags)
            for later in sequence[place + 1 :]:
                is_shared = bool(own & _first(later, flags))
                if is_shared and any(own & _set(n, flags) for n in _long_inside([later])):
                    yield f"overlapping: {_shown(node, flags)} and {_shown(later, flags)}"
                if not _is_nullable(later) and not is_shared:
                    break


def _restarting(nodes: Sequence[Node], flags: int) -> Iterator[str]:
    for branch in _alternatives(list(nodes)):
        sequence = list(_flat(branch))
        for place, node in enumerate(sequence):
            if not _is_long(node):
                continue
            rest = sequence[place + 1 :]
            if all(n[0] not in _NO_WIDTH and _is_nullable(n) for n in rest):
                continue  # nothing behind it can fail
            own = _set(node, flags)
            if not any(_stops_restart(n, own, flags) for n in sequence[:place]):
                yield f"restarting: {_shown(node, flags)} is searched from every place in it"


def _stops_restart(node: Node, repeated: frozenset[str], flags: int) -> bool:
    """Whether a part before a repeat keeps the search from starting again inside the repeat."""
    op, value = node
    if op is codes.BRANCH:
        return all(
            any(_stops_restart(n, repeated, flags) for n in _flat(inner))
            for inner in _children(node)
        )
    if op is codes.AT and value in {codes.AT_BEGINNING, codes.AT_BEGINNING_STRING}:
        return value is codes.AT_BEGINNING_STRING or not flags & re.M or "\n" not in repeated
    if op is codes.AT:
        words = {c for c in _ALPHABET if re.match(r"\w", c, flags & re.ASCII)}
        return value is codes.AT_BOUNDARY and (repeated <= words or repeated.isdisjoint(words))
    if op in {codes.ASSERT, codes.ASSERT_NOT} and value[0] < 0:
        inner = list(_flat(value[1]))
        sets = [_set(n, flags) for n in inner if not _is_nullable(n)]
        if op is codes.ASSERT:
            return any(s.isdisjoint(repeated) for s in sets)
        return len(inner) == 1 and len(sets) == 1 and repeated <= sets[0]
    return not _is_nullable(node) and _set(node, flags).isdisjoint(repeated)


def _alternatives(nodes: list[Node]) -> list[list[Node]]:
    """Return the sequences of a pattern; the first levels of branches are written out."""
    found: list[list[Node]] = [[]]
    for node in _flat(nodes):
        options = (
            [list(inner) for inner in _children(node)] if node[0] is codes.BRANCH else [[node]]
        )
        found = [[*start, *option] for start in found for option in options][:200]
    return found


def _example(nodes: Sequence[Node], flags: int) -> str:
    """Return a short text that the nodes match, as far as it can be told without looking around."""
    return "".join(_example_of(node, flags) for node in nodes)


def _example_of(node: Node, flags: int) -> str:
    op, value = node
    if op in _NO_WIDTH or op in {codes.GROUPREF, codes.GROUPREF_EXISTS}:
        return ""
    if op in _REPEATS:
        count: int = min(max(value[0], 1), 20)
        return _example(list(value[2]), flags) * count
    if op is codes.BRANCH:
        return _example(list(value[1][0]), flags)
    if op in {codes.SUBPATTERN, codes.ATOMIC_GROUP}:
        return "".join(_example(inner, flags) for inner in _children(node))
    accepted: frozenset[str] = _set(node, flags)
    return next((c for c in "a1A0-_ .:/<\"'" if c in accepted), min(accepted, default=""))


def _shown(node: Node, flags: int) -> str:
    accepted = "".join(c for c in sorted(_set(node, flags)) if c.isprintable())
    shown = accepted if len(accepted) < 16 else f"{accepted[:15]}…"
    return f"a repeat of [{shown}]"
