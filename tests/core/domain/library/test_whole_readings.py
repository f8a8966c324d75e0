"""The whole reading of names that decide between rules: kind, numbers, place, titles, language.

`names/readings.tsv` holds one name per line: its path, the known titles, and every field of the
reading that differs from the default. `python tests/core/domain/library/test_whole_readings.py`
writes the readings of the present code into the file: check the difference line by line.
"""

import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, Final

import attrs

from aniworld_core.domain.library import Numbers, ParsedName, parse_file_name
from aniworld_core.domain.media import Language

READINGS: Final = Path(__file__).parent / "names" / "readings.tsv"


def _lines() -> Iterator[tuple[str, str, str]]:
    for line in READINGS.read_text(encoding="utf-8").splitlines():
        path, titles, reading = line.split("\t")
        yield path, titles, reading


def _read(path: str, titles: str) -> str:
    return described(parse_file_name(path, titles=[each for each in titles.split("|") if each]))


def described(found: ParsedName) -> str:
    """Return the fields of a reading that differ from the default."""
    default = ParsedName()
    fields = {
        field.name: getattr(found, field.name)
        for field in attrs.fields(ParsedName)
        if getattr(found, field.name) != getattr(default, field.name)
    }
    return "; ".join(f"{name}: {_text(value)}" for name, value in fields.items())


def _text(value: Any) -> str:
    match value:
        case Enum():
            return str(value.value)
        case Language():
            return value.code
        case Numbers():
            season = "" if value.season is None else f"S{value.season}"
            return f"{season}E{_text(value.episodes)}"
        case (int() as first, _, *_, int() as last) if value == tuple(range(first, last + 1)):
            return f"{first}-{last}"
        case tuple():
            return ",".join(map(_text, value))
        case _ if attrs.has(type(value)):
            return "/".join(_text(each) for each in attrs.astuple(value, recurse=False))
        case _:
            return str(value)


def test_the_whole_reading_of_names() -> None:
    """Numbers in doubt are candidates, and the text around the numbers is the title."""
    lines = list(_lines())
    assert len(lines) > 300
    wrong = [(*line, now) for line in lines if (now := _read(*line[:2])) != line[2]]
    assert wrong == []


def test_readings_differ_in_their_texts() -> None:
    """Every field appears, so that a wrong one is seen."""
    named = {part.partition(":")[0] for _, _, text in _lines() for part in text.split("; ")}
    assert named >= {field.name for field in attrs.fields(ParsedName)}


def test_the_place_of_numbers_is_a_place_in_the_name() -> None:
    """It holds a number, also where the name is in doubt; a name read by its folder has none."""
    for path, titles, _ in _lines():
        found = parse_file_name(path, titles=titles.split("|"))
        if "/" not in path and (found.episodes or found.candidates):
            start, end = found.span
            assert re.search(r"\d|第", path[start:end]), path


if __name__ == "__main__":
    lines = [(path, titles, _read(path, titles)) for path, titles, _ in _lines()]
    READINGS.write_text("".join("\t".join(line) + "\n" for line in lines), encoding="utf-8")
