"""NFO files of series, seasons and episodes."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.domain.catalogue import Titles
from aniworld_core.domain.library import (
    FileFacts,
    is_own_nfo,
    own_pictures,
    render_episode_nfo,
    render_season_nfo,
    render_series_nfo,
)
from aniworld_core.domain.media import GER_DUB
from aniworld_core.testing.factories import at, make_episode, make_series

SERIES = make_series(
    name="Größe & <Stärke>",
    alternative_titles=("フル", "Other"),
    description='A "plot" with ]]> and -->',
    year=2011,
    end_year=2013,
    genres=("Action", "Drama"),
    external_ids=("tvdb-81189", "imdb-tt2560140"),
    added_at=at(0),
)


def _parsed(content: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(content)  # noqa: S314 - written by the program itself


def _texts(root: ElementTree.Element, name: str) -> list[str | None]:
    return [element.text for element in root.iter(name)]


def test_a_series_has_the_documented_elements() -> None:
    """`tvshow.nfo` is well-formed UTF-8 with every known fact, and with the first id as default."""
    content = render_series_nfo(SERIES)
    root = _parsed(content)
    assert root.tag == "tvshow"
    assert _texts(root, "title") == ["Größe & <Stärke>"]
    assert _texts(root, "originaltitle") == ["フル"]
    assert _texts(root, "plot") == ['A "plot" with ]]> and -->']
    assert (_texts(root, "year"), _texts(root, "status")) == (["2011"], ["Ended"])
    assert _texts(root, "genre") == ["Action", "Drama"]
    ids = [(e.get("type"), e.text, e.get("default")) for e in root.iter("uniqueid")]
    assert ids == [("tvdb", "81189", "true"), ("imdb", "tt2560140", None)]
    assert content.startswith(b'<?xml version="1.0" encoding="UTF-8"')


def test_unknown_facts_are_left_out() -> None:
    """An empty element would hide what a media server knows itself."""
    root = _parsed(render_series_nfo(make_series(name="A")))
    assert [element.tag for element in root] == ["title"]


def test_an_episode_has_its_streams() -> None:
    """Languages and codecs of the file are named, the playing time in minutes and seconds."""
    facts = FileFacts(
        duration_seconds=1441.5,
        height=1080,
        video_codec="h264",
        audio_codecs=("aac", "ac3"),
        audio_languages=("deu", "jpn"),
        subtitle_languages=("eng",),
    )
    episode = make_episode(3, 2, titles=Titles(de="Drei"), file_language=GER_DUB)
    root = _parsed(render_episode_nfo(SERIES, [episode], facts))
    assert root.tag == "episodedetails"
    assert (_texts(root, "season"), _texts(root, "episode")) == (["2"], ["3"])
    assert (_texts(root, "title"), _texts(root, "runtime")) == (["Drei"], ["24"])
    assert _texts(root, "language") == ["deu", "jpn", "eng"]
    assert _texts(root, "durationinseconds") == ["1442"]


def test_several_episodes_in_one_file_are_several_documents() -> None:
    """Each number gets a root element of its own, as Kodi documents it."""
    double = make_episode(4, last_number=5)
    content = render_episode_nfo(SERIES, [double]).partition(b"?>\n")[2]
    root = _parsed(b"<all>" + content + b"</all>")
    assert [e.findtext("episode") for e in root.iter("episodedetails")] == ["4", "5"]


def test_a_season_says_its_number_only() -> None:
    """Each media server has its own word for a season."""
    root = _parsed(render_season_nfo(0))
    assert [(e.tag, e.text) for e in root] == [("seasonnumber", "0")]


@given(st.binary(max_size=30), st.integers(0, 400), st.integers(0, 40))
def test_every_change_by_hand_makes_a_file_foreign(extra: bytes, at: int, cut: int) -> None:
    """A file is ours only byte for byte: an edit of a user is never overwritten."""
    content = render_series_nfo(SERIES, {"poster.jpg": "ab" * 32})
    changed = content[:at] + extra + content[at + cut :]
    assert is_own_nfo(content)
    assert is_own_nfo(changed) is (changed == content)


@pytest.mark.parametrize("content", [b"", b"<tvshow/>", b"<!-- aniworld -->\n", b"\xff\xfe\x00"])
def test_other_files_are_foreign(content: bytes) -> None:
    """Files without our comment belong to somebody else."""
    assert not is_own_nfo(content)
    assert own_pictures(content) == {}


def test_the_pictures_of_a_series_are_named() -> None:
    """The digests of written pictures are read back, and are covered by the digest of the file."""
    pictures = {"poster.jpg": "0f" * 32}
    content = render_series_nfo(SERIES, pictures)
    assert own_pictures(content) == pictures
    assert own_pictures(content.replace(b"0f0f", b"0f0e")) == {}


@given(st.text())
def test_any_text_makes_a_document(text: str) -> None:
    """Characters that XML does not allow are left out; the rest is read back."""
    name = text.encode("utf-8", "ignore").decode()
    content = render_series_nfo(make_series(name=name or "A", description=name))
    _parsed(content)
    assert is_own_nfo(content)
