"""Which of several files represents an episode."""

from itertools import pairwise

import pytest

from aniworld_core.domain.library.matching.versions import (
    VersionTraits,
    best_version,
    height_in_name,
    part_in_name,
    reason_of_version,
)
from aniworld_core.domain.media import ENG_SUB, GER_DUB, GER_SUB

WANTED = (GER_DUB, GER_SUB)
#: Each file is better than those behind it, whatever decides later.
ORDER = [
    VersionTraits(file="z", is_pinned=True, language=ENG_SUB),
    VersionTraits(file="y", language=GER_DUB, height=480),
    VersionTraits(file="x", language=GER_SUB, height=1080),
    VersionTraits(file="w", height=2160),
    VersionTraits(file="v", height=1080, version=2, is_opaque=True),
    VersionTraits(file="u", height=1080, part=1),
    VersionTraits(file="t", height=1080, part=2, is_current=True),
    VersionTraits(file="s", height=1080, part=2, count=1, size=1),
    VersionTraits(file="r", height=1080, part=2, count=2, size=9),
    VersionTraits(file="p", height=1080, part=2, count=2, size=8),
    VersionTraits(file="q", height=1080, part=2, count=2, size=8),
    VersionTraits(file="o", height=1080, part=0, is_opaque=True, is_current=True),
    VersionTraits(file="n", height=720, version=3),
    VersionTraits(file="m", version=9, size=99),
    VersionTraits(file="a", language=ENG_SUB, height=4320, version=9),
]


@pytest.mark.parametrize(("better", "worse"), list(pairwise(ORDER)))
def test_files_are_compared_trait_by_trait(better: VersionTraits, worse: VersionTraits) -> None:
    """The first trait that differs decides, in both orders."""
    assert best_version([better, worse], WANTED) is better
    assert best_version([worse, better], WANTED) is better


@pytest.mark.parametrize(
    ("name", "height"),
    [
        ("Alpha 1080p.mkv", 1080),
        ("Alpha 576i.mkv", 576),
        ("Alpha 1920x1080.mkv", 1080),
        ("Alpha 4K.mkv", 2160),
        ("Alpha UHD.mkv", 2160),
        ("Alpha 1080.mkv", None),
        ("Alpha x1080p1.mkv", None),
        ("Alpha.mkv", None),
    ],
)
def test_the_height_in_a_name(name: str, height: int | None) -> None:
    """It has a letter, or a width before it."""
    assert height_in_name(name) == height


@pytest.mark.parametrize(
    ("name", "part", "kind"),
    [
        ("Alpha-part2.mkv", 2, "file_further_part"),
        ("Alpha-part1.mkv", 1, "file_other_version"),
        ("Alpha.cd12.avi", 12, "file_further_part"),
        ("Alpha disc 3.mkv", 3, "file_further_part"),
        ("Alpha part.mkv", 0, "file_other_version"),
        ("Alpha part2 x.mkv", 0, "file_other_version"),
        ("Alpha.mkv", 0, "file_other_version"),
    ],
)
def test_the_part_at_the_end_of_a_name(name: str, part: int, kind: str) -> None:
    """Further parts are named as such, the first one is a version like others."""
    assert part_in_name(name) == part
    assert reason_of_version(name).kind == kind
