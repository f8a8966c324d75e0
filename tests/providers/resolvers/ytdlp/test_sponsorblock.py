"""Marks of SponsorBlock, from a loopback server with its API."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from aniworld_core.domain.media import Extra, MediaSource
from aniworld_providers.ytdlp import additions
from aniworld_providers.ytdlp.extraction import guarded_extractor, options_for
from support.sites.page_server import Answer, PageServer, open_page_server
from support.thorough import ONLY_THOROUGH

_WANTED = frozenset({Extra.SPONSORBLOCK})
_SEGMENT = {
    "segment": [10, 20],
    "category": "sponsor",
    "actionType": "skip",
    "videoDuration": 100,
    "description": "",
}


class _EveryPath(dict[str, Answer]):
    """One answer for all paths; the query of the API is long."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self._answer = answer

    def get(self, key: str, default: Any = None) -> Any:
        return self._answer


def _marked(
    server: PageServer, monkeypatch: pytest.MonkeyPatch, *, is_allowed: bool = True, **facts: Any
) -> dict[str, Any]:
    monkeypatch.setattr(additions, "SPONSORBLOCK", server.url(""))
    video = {"id": "abc", "extractor_key": "Youtube", "duration": 100, "title": "Film"} | facts
    source = MediaSource(provider="x", hoster="h", url=server.url("/"))
    allowed = frozenset({server.address} if is_allowed else ())
    options = options_for(source, answer_within=5, cookies="")
    with guarded_extractor(source, allowed, datetime.now(UTC), options) as (extractor, _):
        additions.add_sponsors(extractor, video)
    return video


def test_marks_become_chapters_and_only_a_part_of_a_hash_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Answers hold several videos of the same part."""
    other = {"videoID": "other", "segments": [_SEGMENT | {"segment": [1, 99]}]}
    body = json.dumps([other, {"videoID": "abc", "segments": [_SEGMENT]}]).encode()
    with open_page_server() as server:
        server.answers = _EveryPath(Answer.media("application/json", body))

        video = _marked(server, monkeypatch)

        (path,) = server.paths
    digest = hashlib.sha256(b"abc").hexdigest()
    assert path.startswith(f"/api/skipSegments/{digest[:4]}?")
    assert digest[:5] not in path
    assert [(c.start, c.end, c.title) for c in additions.chapters_of(video, _WANTED)] == [
        (0, 10, "Film"),
        (10, 20, "[SponsorBlock] Sponsor"),
        (20, 100, "Film"),
    ]


def test_other_sites_are_not_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    """SponsorBlock has marks for YouTube only."""
    with open_page_server() as server:
        video = _marked(server, monkeypatch, extractor_key="PeerTube")

        assert server.hits == []
    assert additions.chapters_of(video, _WANTED) == ()


def _rarely(body: bytes, name: str) -> Any:
    answer = Answer.media("application/json", body)
    return pytest.param(answer, True, id=name, marks=ONLY_THOROUGH)


@pytest.mark.parametrize(
    ("answer", "is_allowed"),
    [
        pytest.param(Answer.page("down", 503), True, id="503"),
        pytest.param(Answer.media("application/json", b"[]"), False, id="refused"),
        _rarely(b"<html>", "page"),
        _rarely(b'[{"videoID": "abc", "segments": [{}, 5]}]', "fields"),
        _rarely(b"[5]", "number"),
    ],
)
def test_without_a_usable_answer_there_are_no_marks(
    monkeypatch: pytest.MonkeyPatch, answer: Answer, *, is_allowed: bool
) -> None:
    """The video is used anyway."""
    with open_page_server() as server:
        server.answers = _EveryPath(answer)

        video = _marked(server, monkeypatch, is_allowed=is_allowed)

        assert is_allowed or server.hits == []
    assert additions.chapters_of(video, _WANTED) == ()
