"""Retired words stay out of identifiers and prose; `docs/glossary.md` has the words in use."""

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT = Path(__file__).parents[2]
#: Retired word -> the word in use.
RETIRED = {
    "shelf": "browse list",
    "shelves": "browse lists",
    "wish": "episode request",
    "wishes": "episode requests",
    "manners": "policy",
    "surroundings": "adapter context",
    "glimpse": "segment probe",
    "seams": "continuity",
    "spool": "segment buffer",
    "keybook": "login cache",
    "keyring": "key cache",
    "brake": "login throttle",
    "wording": "text cleanup",
    "tally": "totals",
    "endurance": "retry policy",
    "errand": "subtitle job",
}
#: Retired phrase -> the words in use; `_` and line breaks count as spaces.
PHRASES = {
    "called off": "cancelled",
    "for ever": "forever",
    "given up on": "failed",
    "see to it": "check, make sure",
    "stands on": "is in",
    "stands still": "is stalled",
    "stands behind": "follows",
    "whoever": "the client, the caller",
    "what we are after": "target",
    "in the place of what": "instead of",
}
_PHRASE: Final = re.compile(
    r"\b(" + "|".join(PHRASES).replace(" ", r"[\s_]+") + r")(?![a-z])", re.I
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_ANY: Final = re.compile("|".join(RETIRED), re.IGNORECASE)
AREAS = ("packages/*/src/**/*.py", "tests/**/*.py", "docs/**/*.md", "*.md")


def _sources(pattern: str) -> list[Path]:
    return [
        path
        for path in sorted(ROOT.glob(pattern))
        if path != Path(__file__) and path.name != "CHANGELOG.md"
    ]


def _texts(path: Path) -> Iterator[tuple[int, str]]:
    """Return the lines of a page, or the names, strings and comments of a module."""
    source = path.read_text("utf-8")
    if path.suffix != ".py":
        yield from enumerate(source.splitlines(), start=1)
        return
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.NAME, tokenize.STRING, tokenize.COMMENT):
            yield token.start[0], token.string


@pytest.mark.parametrize("pattern", AREAS)
def test_no_retired_word_is_used(pattern: str) -> None:
    """Identifiers, docstrings, comments and pages use the words of the glossary."""
    sources = _sources(pattern)
    found = [
        f"{path.relative_to(ROOT)}:{line}: {word!r} is retired, write {RETIRED[word]!r}"
        for path in sources
        if _ANY.search(path.read_text("utf-8"))
        for line, text in _texts(path)
        for word in (part.lower() for part in _WORD.findall(text))
        if word in RETIRED
    ]
    assert sources
    assert found == []


@pytest.mark.parametrize(
    "pattern", [*AREAS, "benchmarks/**/*.*", "deploy/**/*.*", "packages/*/*.md"]
)
def test_no_retired_phrase_is_used(pattern: str) -> None:
    """Names, prose and pages use plain technical English."""
    found = [
        f"{path.relative_to(ROOT)}: {match[0]!r} is retired, write {PHRASES[phrase]!r}"
        for path in _sources(pattern)
        if path.suffix != ".pyc"
        for match in _PHRASE.finditer(path.read_text("utf-8"))
        for phrase in [" ".join(re.split(r"[\s_]+", match[0].lower()))]
    ]
    assert found == []
