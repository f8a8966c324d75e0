"""NFO files of series, seasons and episodes."""

from xml.etree import ElementTree

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.domain.catalogue import (
    AirDate,
    EpisodeDetails,
    MetadataDetails,
    MetadataEntry,
    SeasonDetails,
    Titles,
)
from aniworld_core.domain.library import (
    POSTER,
    FileFacts,
    PictureNames,
    is_own_nfo,
    own_pictures,
    render_episode_nfo,
    render_season_nfo,
    render_series_nfo,
    season_poster_names,
    sidecar_facts,
    thumb_names,
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


METADATA = MetadataEntry(
    source="tvmaze",
    id="1",
    title="Größe",
    link="",
    fetched_at=at(0),
    titles={"ja": "大きさ"},
    status="finished",
    studios=("Studio A", "Studio B"),
    air_dates=(
        AirDate(season=1, number=1, at=at(0)),
        AirDate(season=0, number=1, at=at(3 * 86400)),
        AirDate(season=1, number=2, at=at(7 * 86400)),
        AirDate(season=0, number=2, at=at(9 * 86400)),
    ),
)
DETAILS = MetadataDetails(
    seasons=(SeasonDetails(number=1, title="Autumn", description="Leaves fall."),),
    episodes=(
        EpisodeDetails(
            season=1,
            number=1,
            title="Opening",
            description="It begins.",
            minutes=24,
            external_id="tvmaze-4952",
        ),
    ),
)
PLAIN = make_series(episodes=[make_episode(1), make_episode(2), make_episode(1, 0)])
FACTS = sidecar_facts(PLAIN, [METADATA], {"tvmaze": DETAILS})


def test_a_series_has_the_facts_of_its_sources() -> None:
    """Original title, first and last day, state, studios and titles of seasons."""
    root = _parsed(render_series_nfo(PLAIN, facts=FACTS))
    assert _texts(root, "originaltitle") == ["大きさ"]
    assert (_texts(root, "premiered"), _texts(root, "enddate")) == (
        [f"{at(0):%Y-%m-%d}"],
        [f"{at(7 * 86400):%Y-%m-%d}"],
    )
    assert _texts(root, "status") == ["Ended"]
    assert _texts(root, "studio") == ["Studio A", "Studio B"]
    assert [(e.get("number"), e.text) for e in root.iter("namedseason")] == [("1", "Autumn")]


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        (["finished", "releasing"], ["Continuing"]),
        (["releasing"], ["Continuing"]),
        (["finished", ""], ["Ended"]),
        (["not_yet_released"], []),
    ],
)
def test_one_source_is_enough_for_a_series_that_goes_on(
    statuses: list[str], status: list[str]
) -> None:
    """A series has ended only if no source lists new episodes."""
    entries = [attrs.evolve(METADATA, source=f"s{n}", status=s) for n, s in enumerate(statuses)]
    root = _parsed(render_series_nfo(PLAIN, facts=sidecar_facts(PLAIN, entries, {})))
    assert _texts(root, "status") == status


def test_the_end_of_one_season_is_not_that_of_the_series() -> None:
    """An entry without seasons may be that of one season of several."""
    several = make_series(episodes=[make_episode(1), make_episode(1, 2)])
    days = tuple(attrs.evolve(day, season=None) for day in METADATA.air_dates)
    entry = attrs.evolve(METADATA, air_dates=days)
    assert sidecar_facts(several, [entry], {}).has_ended is None
    assert sidecar_facts(PLAIN, [entry], {}).has_ended is True


def test_episodes_without_a_season_are_those_of_the_only_season() -> None:
    """With several seasons nothing is known about them; a stated season counts in any series."""
    episode = DETAILS.episodes[0]
    details = {
        "a": MetadataDetails(episodes=(attrs.evolve(episode, season=None, number=2),)),
        "b": MetadataDetails(episodes=(attrs.evolve(episode, season=2, number=3),)),
    }
    several = make_series(episodes=[make_episode(1), make_episode(1, 2)])

    assert set(sidecar_facts(PLAIN, [], details).episodes) == {(1, 2), (2, 3)}
    assert set(sidecar_facts(several, [], details).episodes) == {(2, 3)}


def test_a_season_has_title_plot_and_first_day() -> None:
    """As far as a source has them."""
    root = _parsed(render_season_nfo(1, FACTS))
    assert [(e.tag, e.text) for e in root] == [
        ("seasonnumber", "1"),
        ("title", "Autumn"),
        ("plot", "Leaves fall."),
        ("premiered", f"{at(0):%Y-%m-%d}"),
    ]


def test_an_episode_has_plot_day_id_and_length() -> None:
    """The length is that of the file if it is known; a title of the catalogue goes first."""
    bare = make_episode(1, titles=Titles())
    root = _parsed(render_episode_nfo(PLAIN, [bare], None, FACTS))
    assert [(e.tag, e.text) for e in root] == [
        ("title", "Opening"),
        ("showtitle", PLAIN.name),
        ("season", "1"),
        ("episode", "1"),
        ("plot", "It begins."),
        ("uniqueid", "4952"),
        ("aired", f"{at(0):%Y-%m-%d}"),
        ("runtime", "24"),
    ]
    named = attrs.evolve(bare, titles=Titles(en="Own"))
    media = FileFacts(duration_seconds=600.0)
    root = _parsed(render_episode_nfo(PLAIN, [named], media, FACTS))
    assert (_texts(root, "title"), _texts(root, "runtime")) == (["Own"], ["10"])


@pytest.mark.parametrize(
    ("number", "place"),
    [
        (
            1,
            [
                ("displayseason", "1"),
                ("airsbefore_season", "1"),
                ("displayepisode", "2"),
                ("airsbefore_episode", "2"),
            ],
        ),
        (2, [("airsafter_season", "1")]),
        (3, []),
    ],
)
def test_a_special_has_its_place_among_the_episodes(
    number: int, place: list[tuple[str, str]]
) -> None:
    """By the days on which they were shown; a special without a day has no place."""
    root = _parsed(render_episode_nfo(PLAIN, [make_episode(number, 0)], None, FACTS))
    assert [(e.tag, e.text) for e in root if e.tag.startswith(("airs", "display"))] == place


@pytest.mark.parametrize(
    ("names", "taken", "free"),
    [
        (
            POSTER,
            ["poster.jpg", "Folder.JPEG", "cover.webp", "POSTER.tbn"],
            ["poster.txt", "my.jpg"],
        ),
        (
            season_poster_names(1),
            ["season01-poster.png", "Season1.jpg", "season01.jpg"],
            ["season11-poster.jpg", "season01-banner.jpg"],
        ),
        (season_poster_names(0), ["season-specials-poster.jpg", "season00.png"], ["poster.jpg"]),
        (thumb_names("A - S01E01"), ["A - S01E01-thumb.jpg", "a - s01e01.jpg"], ["A - S01E02.jpg"]),
    ],
)
def test_the_documented_names_of_pictures(
    names: PictureNames, taken: list[str], free: list[str]
) -> None:
    """Those that Jellyfin, Kodi and Plex document, in any case and picture format."""
    assert [name for name in taken if not names.is_taken_by(name)] == []
    assert [name for name in free if names.is_taken_by(name)] == []


def test_many_pictures_fit_into_the_comment() -> None:
    """A series with very many seasons keeps its NFO file."""
    pictures = {f"season{n:02d}-poster.jpg": "ab" * 32 for n in range(300)}
    content = render_series_nfo(SERIES, pictures)
    assert own_pictures(content) == pictures
