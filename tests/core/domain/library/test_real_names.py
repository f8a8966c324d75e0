"""Names as people and tools write them are read correctly; the rest is unsure, hardly ever wrong.

The lists beside this file hold one name per line: what it says, the name with its folders, and
the titles of the series if they are known. What a name says is written as

- `S02E05`, `S01E01-03`, `S01E03,05`, or without a season `E05`; `=30` behind it is the absolute
  number and `v2` the release version;
- `batch S02`, `batch E01-12`, `special 3`, `special 12.5`, `movie 2`, `extra`, `date 2015-03-24`;
- `unsure` for names that contradict themselves, `unknown` for names that say nothing.
"""

import re
from collections import Counter
from pathlib import Path

import pytest

from aniworld_core.domain.library import NameKind, ParsedName, parse_file_name

LISTS = Path(__file__).parent / "names"


def expanded(text: str) -> tuple[int, ...]:
    numbers: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        numbers += range(int(first), int(last or first) + 1)
    return tuple(numbers)


def verdict(expected: str, found: ParsedName) -> str:
    """Return `right`, `unsure` or `wrong`."""
    kind, *details = expected.split()
    if kind in {"unsure", "unknown"}:
        is_silent = found.doubt is not None or (kind == "unknown" and not found.is_sure)
        return "right" if is_silent and not found.episodes else "wrong"
    if not found.is_sure:
        return "unsure"
    return "right" if _agrees(kind, details, found) else "wrong"


def _agrees(kind: str, details: list[str], found: ParsedName) -> bool:
    if kind == "date":
        return str(found.date) == details[0] and not found.episodes
    if kind in {"extra", "special", "movie"}:
        number = details[0] if details else ""
        if "." in number:
            return found.kind == kind and found.fraction == float(number)
        return found.kind == kind and found.episodes == ((int(number),) if number else ())
    if kind == "batch":
        kind, *details = details or [""]
        if found.kind is not NameKind.BATCH:
            return False
    code = re.fullmatch(r"(?:S(\d+))?(?:E([\d,-]+))?", kind)
    assert code, kind
    season = int(code[1]) if code[1] else None
    is_same = (found.season, found.episodes) == (season, expanded(code[2]) if code[2] else ())
    for detail in details:
        if detail.startswith("="):
            is_same = is_same and found.absolute == expanded(detail[1:])
        else:
            is_same = is_same and found.version == int(detail.removeprefix("v"))
    return is_same


@pytest.mark.parametrize(
    ("name", "least", "right"),
    [("own.tsv", 500, 0.99), ("groups.tsv", 500, 0.99), ("held_out.tsv", 200, 0.97)],
)
def test_lists_of_names(name: str, least: int, right: float) -> None:
    """At least the given share is right, and at most one name in 200 is wrong."""
    lines = (LISTS / name).read_text(encoding="utf-8").splitlines()
    verdicts: Counter[str] = Counter()
    missed = []
    for line in lines:
        if not line or line.startswith("#"):
            continue
        expected, path, *titles = line.split("\t")
        found = parse_file_name(path, titles=titles)
        result = verdict(expected, found)
        verdicts[result] += 1
        if result != "right":
            missed.append(f"{result}: {path} is {expected}, read as {found}")
    count = verdicts.total()
    assert count >= least
    assert verdicts["right"] >= right * count, "\n".join(missed)
    assert verdicts["wrong"] <= 0.005 * count, "\n".join(missed)


@pytest.mark.parametrize(
    ("title", "path"),
    [
        ("Copper Valley", "Copper Valley (S1E1-8 of 8).mkv"),
        ("Copper Valley", "Copper Valley [2x07] [Castellano].avi"),
        ("Copper Valley", "[Grp] Copper Valley (OVA) [BD 720p].mkv"),
        ("Copper Valley", "[Grp] Copper Valley [NCOP_EP03][1080p].mkv"),
        ("Copper Valley", "[Grp] Copper Valley - The Movie [BD 1080p].mkv"),
        ("Copper Valley", "[Grp] Gekijouban Copper Valley - The Last Tide [BD 1080p].mkv"),
        ("Copper Valley", "[Grp] Copper Valley S2 [BD 1080p] [Batch].mkv"),
        ("Copper Valley", "Copper_Valley_Staffel_2_Folge_5.flv"),
        ("Copper Valley", "Copper Valley, Season 1, Episode 5.mkv"),
        ("Copper Valley", "Copper Valley (2016) 1080p BluRay x264.mkv"),
        ("Copper Valley", "Copper Valley/Season 02 - The Great Tide/S02E05.mkv"),
        ("Copper Valley", "Copper Valley/T2/05.mkv"),
        ("Copper Valley", "Copper Valley/02/05.mkv"),
        ("Copper Valley", "Copper.Valley.S02E05.German.DL.1080p.x264-GRP/c48db7.mkv"),
        ("86", "Anime/86/05.mkv"),
        ("銅谷", "[Grp][銅谷][05][1080p].mp4"),
        ("銅谷", "[Grp][銅谷 第2期][05][720P].mp4"),
        ("구리 골짜기", "구리 골짜기 제5화 1080p.mp4"),
    ],
)
def test_the_title_of_the_series(title: str, path: str) -> None:
    """It has no rest of a bracket, no word of a season, and is not the name of a folder in it."""
    assert parse_file_name(path).title == title


@pytest.mark.parametrize(
    ("title", "path"),
    [
        ("The Tide", "Copper Valley (2016-03-24) The Tide.mkv"),
        ("", "Copper Valley - 24 END [BD 1080p].mkv"),
        ("", "Copper Valley - s02e05 - pt1.mkv"),
        ("24", "Copper Valley - S01E05 - 24.mkv"),
    ],
)
def test_the_title_of_the_episode(title: str, path: str) -> None:
    """It has no rest of a bracket and is no remark; a number can be a title."""
    assert parse_file_name(path).episode_title == title


@pytest.mark.parametrize(
    ("expected", "path"),
    [
        ("S01E05", "X S01E06.mkv"),
        ("E05", "X S01E05.mkv"),
        ("unsure", "X S01E05.mkv"),
        ("unknown", "X S01E05.mkv"),
        ("extra", "X S01E05.mkv"),
        ("S02E05 =29", "X - S02E05 - 030 - T.mkv"),
        ("batch E01-03", "X - 01-03.mkv"),
    ],
)
def test_the_comparison_sees_wrong_readings(expected: str, path: str) -> None:
    """A reading other than the expected one counts as wrong."""
    assert verdict(expected, parse_file_name(path)) == "wrong"
