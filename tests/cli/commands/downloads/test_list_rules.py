"""Filters and numbering of lists: `preview`, `add` and `set`."""

from pathlib import Path

import pytest

from aniworld_core.domain.catalogue import Titles
from aniworld_core.messages import Message
from aniworld_core.testing import make_episode, make_series
from aniworld_core.testing.fakes import FakeListLoader
from support.console import Console

LINK = "https://fake.invalid/channel"


@pytest.fixture
def channels(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Console:
    """Return a console whose catalogue has a channel with three entries."""
    titles = ("Part 1", "Trailer", "Part 2")
    episodes = [make_episode(n, titles=Titles(en=t)) for n, t in enumerate(titles, 1)]
    reason = Message("entry_members_only")
    episodes.append(make_episode(4, available=False, unavailable=reason, link=f"{LINK}/4"))
    series = make_series("channel", provider="fake", link=LINK, episodes=episodes)
    return Console(folder=tmp_path, capsys=capsys, loader=FakeListLoader([series]))


def test_filters_are_tried_added_changed_and_shown(channels: Console) -> None:
    """A preview changes nothing; `set` changes what is given, `--all-entries` removes the rest."""
    tried = channels("preview", LINK, "--include", "part", "--newest", "1")
    assert tried.code == 0
    assert ["Left out: 2 by title, 1 older"] in tried.rows
    assert ["S01E03", "Part 2", "", "", ""] in tried.rows
    assert channels("list", "--json").json == []

    assert channels("add", LINK, "--include", "part", "--no-live").code == 0
    shown = channels("show", "channel")
    assert ["Filters: include part, no live"] in shown.rows
    assert [row[0] for row in shown.rows if row[0].startswith("S01")] == ["S01E01", "S01E03"]

    assert channels("preview", "channel", "--json").json["taken"] == 2
    changed = channels("set", "channel", "--newest", "1", "--min-duration", "none", "--json")
    assert changed.json["list_rules"]["include"] == ["part"]
    assert [e["code"] for e in changed.json["episodes"]] == ["S01E03"]
    every = channels("set", "channel", "--all-entries", "--json").json
    assert len(every["episodes"]) == 4
    states = [row[2] for row in channels("show", "channel").rows if row[0] == "S01E04"]
    assert states == [f"not available: {Message('entry_members_only')} ({LINK}/4)"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--from", "2024-02-30"), "must be a date"),
        (("--min-duration", "5x"), "no duration"),
        (("--min-duration", "1h", "--max-duration", "59m"), "end is before the start"),
        (("--newest", "-1"), "must be from 1"),
        (("--include", ""), "matches every title"),
        ((LINK + "/2", "--newest", "1"), "need a single link"),
    ],
)
def test_wrong_rules_are_refused(channels: Console, options: tuple[str, ...], said: str) -> None:
    """Nothing is added."""
    answer = channels("add", LINK, *options)
    assert answer.code == 2
    assert said in answer.err
    assert channels("list", "--json").json == []
