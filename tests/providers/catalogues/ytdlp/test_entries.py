"""Entries of lists from the fields that extractors of several kinds of sites give."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_providers.ytdlp import EntryState, ListedEntry
from aniworld_providers.ytdlp.listing import listed_entry

SITE = "https://site.example"
#: Fields as the documentation of yt-dlp describes them, by kind of site, and the entry.
SHAPES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "tab of a channel": (
        {"_type": "url", "ie_key": "Youtube", "id": "a1", "url": f"{SITE}/watch?v=a1"}
        | {"title": "Part 1", "duration": 61, "view_count": 3, "timestamp": 1_700_000_000},
        {"id": "Youtube:a1", "title": "Part 1", "duration": 61.0, "published": "2023-11-14"},
    ),
    "broadcaster with seasons": (
        {"id": "x", "webpage_url": f"{SITE}/x", "url": "https://cdn.example/x.mp4"}
        | {"series": "Show", "season_number": 2, "episode_number": 3, "episode": "The end"}
        | {"title": "Show - S02E03", "language": "de", "upload_date": "20240229"},
        {"title": "The end", "season": 2, "number": 3, "language": "de"}
        | {"published": "2024-02-29", "url": f"{SITE}/x"},
    ),
    "PeerTube channel": (
        {"_type": "url", "id": "kk", "url": f"{SITE}/w/kk", "title": "Zoë 🎉 עברית"},
        {"id": "Test:kk", "title": "Zoë 🎉 עברית"},
    ),
    "podcast feed": (
        {"_type": "url_transparent", "url": "https://cdn.example/1.mp3", "title": "One"}
        | {"season_number": 0, "episode_number": 7, "timestamp": 0, "duration": "12"},
        {"id": "https://cdn.example/1.mp3", "season": 0, "number": 7}
        | {"published": None, "duration": None},
    ),
    "archive of lectures": (
        {"id": 42, "url": f"{SITE}/42", "title": None, "upload_date": "20231331"},
        {"id": f"{SITE}/42", "title": "", "published": None},
    ),
    "premiere": (
        {"id": "p", "url": f"{SITE}/p", "title": "Soon", "live_status": "is_upcoming"}
        | {"release_timestamp": 1_900_000_000, "timestamp": 1_700_000_000},
        {"state": EntryState.UPCOMING, "is_live": True, "published": "2030-03-17"},
    ),
    "membership site": (
        {"id": "m", "url": f"{SITE}/m", "title": "Extra", "availability": "subscriber_only"},
        {"state": EntryState.MEMBERS_ONLY},
    ),
    "login": (
        {"id": "l", "url": f"{SITE}/l", "title": "Extra", "availability": "needs_auth"},
        {"state": EntryState.LOGIN},
    ),
    "removed video in a playlist": (
        {"id": "d", "url": f"{SITE}/d", "title": "[Deleted video]", "duration": None},
        {"state": EntryState.GONE},
    ),
    "very long title": (
        {"id": "t", "url": f"{SITE}/t", "title": "\u202e\x00" + "Ä" * 900 + "\n"},
        {"title": "Ä" * 300},
    ),
}


@pytest.mark.parametrize("kind", SHAPES)
def test_an_entry_has_the_fields_of_its_site(kind: str) -> None:
    """Fields are taken over with their meaning; missing and wrong ones are left out."""
    fields, expected = SHAPES[kind]
    entry = listed_entry(fields, str(fields.get("ie_key", "Test")))
    assert entry is not None
    assert {name: getattr(entry, name) for name in expected} == expected


@pytest.mark.parametrize("url", [None, 7, "", "rtmp://a/b", "javascript:0", "//a/b", "http://["])
def test_an_entry_without_a_web_link_is_left_out(url: object) -> None:
    """Only http and https links can be fetched."""
    assert listed_entry({"id": "x", "title": "x", "url": url}, "Test") is None


_VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.none())
_NAMES = ("id", "title", "episode", "season_number", "episode_number", "timestamp", "duration")
_MORE = ("release_timestamp", "upload_date", "language", "availability", "live_status", "is_live")


@given(fields=st.fixed_dictionaries({}, optional=dict.fromkeys(_NAMES + _MORE, _VALUES)))
def test_fields_of_any_type_are_no_error(fields: dict[str, Any]) -> None:
    """Every value comes from a page; a value of another type never breaks the list."""
    entry = listed_entry({**fields, "url": f"{SITE}/x"}, "Test")
    assert isinstance(entry, ListedEntry)
    assert entry.title.isprintable()
    assert len(entry.title) <= 300
