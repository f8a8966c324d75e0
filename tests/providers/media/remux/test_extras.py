"""Chapters and cover of the muxer's output."""

import json
from itertools import pairwise
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.domain.media import Chapter
from aniworld_providers.media.remux.extras import Extras, clean_chapters
from aniworld_providers.media.remux.file_feed import FileFeed
from aniworld_providers.media.remux.input import TrackSource
from aniworld_providers.media.remux.muxer import remux
from aniworld_providers.media.remux.plan import RemuxPlan, TrackPlan, check_remuxed
from support.media.coded_films import Film, encoded
from support.media.pictures import picture

_TIMES = st.floats(-5, 120, allow_nan=False)
_CHAPTERS = st.lists(st.builds(Chapter, start=_TIMES, end=_TIMES, title=st.text(max_size=5)))


@given(_CHAPTERS, st.none() | st.floats(0.1, 100))
def test_clean_chapters_are_in_order_and_inside_of_the_film(
    chapters: list[Chapter], duration: float | None
) -> None:
    """They do not overlap, and each is long enough to be selected."""
    cleaned = clean_chapters(chapters, duration)

    assert all(0 <= c.start < c.end for c in cleaned)
    assert all(a.end <= b.start for a, b in pairwise(cleaned))
    assert all(b.start - a.start >= 0.5 for a, b in pairwise(cleaned))
    assert duration is None or all(c.end <= duration for c in cleaned)
    assert clean_chapters(cleaned, duration) == cleaned


def test_a_chapter_without_end_ends_with_the_next_one() -> None:
    """Sites often name only the starts."""
    given_ = [Chapter(start=9, end=9, title="B"), Chapter(start=0, end=0, title="A")]

    assert clean_chapters(given_, 30.0) == (
        Chapter(start=0, end=9, title="A"),
        Chapter(start=9, end=30, title="B"),
    )
    assert len(clean_chapters([Chapter(start=n, end=n + 1) for n in range(5000)], None)) == 1000


@pytest.mark.parametrize("wanted", [".mp4", ".mkv"])
@pytest.mark.parametrize("encoder", ["mjpeg", "png"])
def test_many_chapters_and_a_cover(tmp_path: Path, wanted: str, encoder: str) -> None:
    """500 chapters survive in both containers, and the check counts no cover as a film."""
    source, target, cover = (tmp_path / name for name in ("in.mp4", "out", "cover"))
    source.write_bytes(encoded(Film(name="w.mp4", seconds=3.0)))
    cover.write_bytes(picture(encoder))
    chapters = tuple(
        Chapter(start=n * 0.006, end=(n + 1) * 0.006, title=f"Kapitel {n} ü") for n in range(500)
    )
    extras = Extras(chapters=chapters, cover=cover, width=320, height=180)

    with FileFeed(source) as feed:
        sources = [TrackSource(groups=[feed.rewound])]
        report = remux(sources, target, expected_duration=3.0, wanted=wanted, extras=extras)

    assert report.suffix == wanted
    assert check_remuxed(target, report).height == 96
    with av.open(str(target)) as container:
        found = list(container.chapters())
        covers = [s.codec_context.name for s in container.streams.video[1:]]
    assert [c["metadata"]["title"] for c in found] == [c.title for c in chapters]
    starts = [round(float(c["start"] * (c["time_base"] or 0)), 3) for c in found]
    assert starts == [round(c.start, 3) for c in chapters]
    assert covers == [encoder]


def test_a_plan_carries_them_to_another_process(tmp_path: Path) -> None:
    """The muxer program reads the plan from a line."""
    extras = Extras(
        chapters=(Chapter(start=0, end=1, title="ü\n"),), cover=tmp_path / "c", width=1, height=2
    )
    tracks = (TrackPlan(groups=((0, 1),)),)
    plan = RemuxPlan(
        tracks=tracks, data=tmp_path, target=tmp_path / "t", duration=1.0, count=2, extras=extras
    )

    assert RemuxPlan.from_line(plan.to_line()) == plan
    assert json.loads(plan.to_line())["extras"]["width"] == 1
