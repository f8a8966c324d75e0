"""Properties of reading file names that hold for every name."""

import string
import time
from collections.abc import Callable

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from aniworld_core.domain.catalogue import Episode, Series, Titles
from aniworld_core.domain.configuration import NamingConfig
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.library import (
    NameKind,
    SequelKind,
    parse_file_name,
    render_episode_path,
)
from aniworld_core.domain.media import GER_DUB, GER_SUB

#: Titles with numbers that are no episodes.
NUMBERED = [
    *("86", "91 Days", "Mob Psycho 100", "Steins;Gate 0", "Zom 100", "Kaiju No. 8"),
    *("2.5-jigen no Ririsa", "Slime Taoshite 300-nen", "3x3 Eyes", "22/7", "Cyborg 009"),
    *("Space Cruiser 2199", "Area 88", "5-toubun no Hanayome", "Level 1 Demon Lord & One Room"),
    *("The 100 Girlfriends", "Ranma ½", "11eyes", "Blue Submarine No.6", "S01E01 Show"),
]
#: How titles are written in file names.
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": lambda title: title.replace("/", "-"),
    "dots": lambda title: title.replace("/", "-").replace(" ", "."),
    "underscores": lambda title: title.replace("/", "-").replace(" ", "_"),
    "capitals": lambda title: title.replace("/", "-").upper(),
    "no marks": lambda title: "".join(c for c in title.replace("/", "-") if c not in ";:!'"),
}
TEMPLATES = [
    NamingConfig(),
    NamingConfig(episode="{name} ({year}) - {code} - {title}"),
    NamingConfig(episode="{code} - {title} [{quality}]"),
    NamingConfig(episode="{name} - {code}", season_folder="Staffel {season}"),
    NamingConfig(episode="{name} {season}x{episode:02} {title}", season_folder="S{season:02}"),
]
WORDS = st.lists(st.text(string.ascii_letters, min_size=3, max_size=9), min_size=1, max_size=4).map(
    " ".join
)


@settings(max_examples=150)
@given(
    template=st.sampled_from(TEMPLATES),
    name=st.one_of(WORDS, st.sampled_from(NUMBERED)),
    title=WORDS,
    season=st.integers(1, 30),
    number=st.integers(1, 1500),
    extra=st.integers(0, 3),
    language=st.sampled_from([GER_DUB, GER_SUB, None]),
)
def test_every_template_is_read_back(
    template: NamingConfig,
    name: str,
    title: str,
    season: int,
    number: int,
    extra: int,
    language: object,
) -> None:
    """Names that Aniworld writes are read exactly, with the folders above them."""
    assert language is None or language in {GER_DUB, GER_SUB}
    last = number + extra if extra else None
    episode = Episode(season=season, number=number, last_number=last, titles=Titles(de=title))
    series = Series(
        key=SeriesKey("x"),
        name=name,
        year=2011,
        site="x",
        provider="x",
        link="",
        folder=FolderName("Folder"),
    )
    path = render_episode_path(
        template, series, episode, GER_DUB if language is GER_DUB else None, "1080p"
    )
    found = parse_file_name(f"{path}.mkv", titles=(name,))
    assert found.doubt is None, (str(path), found)
    expected = tuple(range(number, number + extra + 1))
    assert (found.season, found.episodes) == (season, expected), str(path)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("title", NUMBERED)
def test_numbers_of_the_title_are_no_episodes(title: str, spelling: str) -> None:
    """However the title is written, its own numbers are never read."""
    written = SPELLINGS[spelling](title)
    titles = ("Something Else", title)
    for name, season in (
        (f"{written} - 07.mkv", None),
        (f"[Grp] {written} - 07 [1080p].mkv", None),
        (f"[Grp]_{written}_-_07_[ABCD1234].mkv", None),
        (f"{written}.S03E07.1080p.WEB.x264-GRP.mkv", 3),
        (f"{written} 3x07.mkv", 3),
        (f"{written} 07.mkv", None),
        (f"Season 3/{written} - 07.mkv", 3),
    ):
        found = parse_file_name(name, titles=titles)
        assert (found.season, found.episodes) == (season, (7,)), (name, found)
        assert found.removed, name
    assert parse_file_name(f"{written}.mkv", titles=titles).episodes == ()


BEFORE = ["", "[Grp] ", "[Grp]_", "(Grp) ", "[www.example.org] ", "【字幕組】"]
AFTER = [
    *("", " [1080p]", " (720p)", " [1920x1080 x265 FLAC]", " [0F9E8D7C]", " [BD][10bit]"),
    *(" (BDRip 1920x1080 HEVC)", " 1080p WEB x264", " [AAC 2.0]", " [Multi-Subs]", " German 720p"),
]


@pytest.mark.parametrize(
    ("core", "season", "episodes"),
    [
        ("Kite - S02E05", 2, (5,)),
        ("Kite - S02E05-E06", 2, (5, 6)),
        ("Kite 2x05", 2, (5,)),
        ("Kite - 05", None, (5,)),
        ("Kite - 1043", None, (1043,)),
        ("Kite Ep05", None, (5,)),
        ("Kite S2 - 05", 2, (5,)),
        ("Kite - 05-06", None, (5, 6)),
    ],
)
@pytest.mark.parametrize("before", BEFORE)
def test_remarks_change_nothing(
    core: str, season: int | None, episodes: tuple[int, ...], before: str
) -> None:
    """Groups, sources, codecs and checksums around a name do not change its numbers."""
    for after in AFTER:
        found = parse_file_name(f"{before}{core}{after}.mkv")
        assert (found.season, found.episodes) == (season, episodes), found


#: Titles without vowels: no word of theirs is one that the rules know, such as *Vierte* or *OVA*.
PLAIN_TITLES = st.lists(st.text("bghjkqwyz", min_size=4, max_size=9), min_size=1, max_size=4).map(
    lambda words: " ".join(words).title()
)
#: How groups, tools and people write season and episode. `t`: title, `s`: season, `e`: episode.
WITH_SEASON = [
    *("{t} - S{s:02}E{e:02}", "{t}.S{s:02}E{e:02}.German", "{t} {s}x{e:02}", "{t} [{s}x{e:02}]"),
    *("{t} S{s:02} E{e:02}", "{t} (S{s} - E{e})", "{t} S.{s:02} E.{e:02}", "{t} S{s:02}F{e:02}"),
    *(
        "[Grp] {t} S{s} - {e:02}",
        "[Grp] {t} Season {s} - {e:02}",
        "[Grp] {t} (Season {s}) - {e:02}",
    ),
    *("{t} Staffel {s} Folge {e}", "{t} {s}. Staffel - Folge {e}", "{t} {s}. Staffel {e}. Folge"),
    *("{t} - Season {s} - Episode {e}", "{t} Saison {s} Épisode {e}", "{t} {s}. Sezon {e}. Bölüm"),
    *("Staffel {s}/Folge {e}", "Season {s:02}/{e:02} - {t}", "S{s:02}/E{e:02}", "{t} S{s}/{e:02}"),
    *("{t}/Staffel {s}/{t} - {e:02}", "Season {s}/[Grp] {t} - {e:02}", "[Grp][{t} S{s}][{e:02}]"),
    *(
        "{t}.S{s:02}E{e:02}.German.DL/f3c9a1",
        "[Grp] {t} 第{s}期 第{e:02}話",
        "{t} Staffel {s} EP({e:02})",
    ),
]
WITHOUT_SEASON = [
    *("{t} - {e:02}", "[Grp] {t} - {e:02}", "[Grp]_{t}_-_{e:02}", "[Grp] {t} [{e:02}]"),
    *("[Grp][{t}][{e:02}]", "【Grp】{t}【{e:02}】", "{t} Ep. {e}", "{t} E{e:02}", "{t} #{e:02}"),
    *("{t} Folge {e}", "{t} 第{e:02}話", "[Grp] {t} - {e:02}v2", "[Grp] {t} - {e:02} END"),
    *("{t} - Episode {e}", "{t}.Ep{e:02}.German", "Folge {e} - {t}", "[Grp] {t} Ep{e:02}"),
    *("{e:02} - {t}", "{t} {e}. Bölüm", "{t} - Folge {e} von 99", "[Grp] {t} - EP{e:02}"),
]
REMARKS = [
    *("[1080p]", "(720p)", "[1920x1080]", "[x265]", "[H.264]", "[10bit]", "[AAC 2.0]", "[DTS 5.1]"),
    *("[0F9E8D7C]", "[BDRip]", "(WEB-DL)", "[FLAC]", "[Multi-Subs]", "[German]", "(BD 1080p HEVC)"),
    *("[Hi10P]", "[23.976fps]", "[1.4GB]", "[HDR10]", "[8bit]", "[Dual Audio]", "[480p]", "[DVD]"),
]


@settings(max_examples=150)
@given(
    template=st.sampled_from(WITH_SEASON + WITHOUT_SEASON),
    title=PLAIN_TITLES,
    season=st.integers(1, 9),
    number=st.integers(1, 99),
    remarks=st.lists(st.sampled_from(REMARKS), max_size=4),
    is_known=st.booleans(),
)
def test_names_of_all_kinds_are_read_back_whatever_remarks_follow(
    template: str, title: str, season: int, number: int, remarks: list[str], *, is_known: bool
) -> None:
    """Season and episode are what was written, with and without the title of the series."""
    written = template.format(t=title, s=season, e=number)
    name = " ".join([written, *remarks]) + ".mkv"
    if written.endswith("f3c9a1"):
        name = f"{written}.mkv"
    found = parse_file_name(name, titles=[title] if is_known else [])
    expected = season if template in WITH_SEASON else None
    assert (found.season, found.episodes) == (expected, (number,)), (name, found)


@given(
    title=PLAIN_TITLES,
    number=st.integers(1, 99),
    other=st.integers(1, 99),
    season=st.integers(2, 9),
)
def test_numbers_that_disagree_are_a_doubt(
    title: str, number: int, other: int, season: int
) -> None:
    """No reading is chosen when the name says two things."""
    assume(number != other)
    for name in (
        f"{title} - {number:02} - Episode {other:02}.mkv",
        f"{title} [{number:02}] - Folge {other}.mkv",
        f"{title} - {number:02} - {other:02}.mkv",
        f"{title} Folge {number} - S01E{other:02}.mkv",
        f"{title} S{season:02}E{number:02} - S{season + 1:02}E{other:02}.mkv",
        f"{title} Season {season} S{season + 1} - {number:02}.mkv",
        f"Season {season}/{title} S{season + 1} - {number:02}.mkv",
    ):
        found = parse_file_name(name, titles=(title,))
        assert (found.episodes, found.is_sure) == ((), False), (name, found)


SEQUELS = {
    "II": (SequelKind.NUMERAL, 2),
    "III": (SequelKind.NUMERAL, 3),
    "2": (SequelKind.NUMERAL, 2),
    "R2": (SequelKind.NUMERAL, 2),
    "Part 2": (SequelKind.PART, 2),
    "Teil 3": (SequelKind.PART, 3),
    "Part II": (SequelKind.PART, 2),
    "Cour 2": (SequelKind.COUR, 2),
    "2nd Cour": (SequelKind.COUR, 2),
    "Final Season": (SequelKind.FINAL, None),
    "The Final Season": (SequelKind.FINAL, None),
}


@pytest.mark.parametrize("mark", SEQUELS)
def test_a_later_part_is_never_the_first_season(mark: str) -> None:
    """With its season it is read; without, it is a doubt; without known titles it is marked."""
    kind, number = SEQUELS[mark]
    for name in (f"Kite {mark} - 05.mkv", f"[Grp] Kite {mark} - 05 [720p].mkv"):
        doubtful = parse_file_name(name, titles=("Kite",))
        assert (doubtful.episodes, doubtful.is_sure) == ((), False), doubtful
        assert doubtful.sequel is not None
        assert (doubtful.sequel.kind, doubtful.sequel.number) == (kind, number)
        alias = parse_file_name(name, titles=("Kite", f"Kite {mark}"))
        assert alias.episodes == (), "an alias of the later part does not hide its mark"
        unknown = parse_file_name(name)
        assert (unknown.season, unknown.episodes) == (None, (5,))
        assert unknown.sequel == doubtful.sequel
    coded = parse_file_name(f"Kite {mark} S03E05.mkv", titles=("Kite",))
    assert (coded.season, coded.episodes) == (3, (5,))


@given(st.text(max_size=350), st.lists(st.text(max_size=60), max_size=3))
@example("S1E1-S1E2-E3x4", ["S1"])
@example("[1][2](3){4} - 5 - 6", ["1", "2"])
@example("Season Season 2 Season 3 S4 - 5", [])
@example("第十話 第2季 5화", ["第"])
@example("１２ – ３４", [])
def test_every_name_has_a_plausible_reading(name: str, titles: list[str]) -> None:
    """No name raises; a doubt has no numbers; numbers ascend; positions lie in the name."""
    found = parse_file_name(name, titles=titles)
    assert list(found.episodes) == sorted(set(found.episodes))
    assert all(0 <= number < 100_000 for number in found.episodes)
    assert len(found.episodes) <= 210
    if found.doubt is not None:
        assert (found.season, found.episodes, found.absolute) == (None, (), ())
    if found.kind is NameKind.UNKNOWN:
        assert (found.season, found.episodes) == (None, ())
    start, end = found.span
    assert 0 <= start <= end <= len(name) + 1


@given(WORDS, st.integers(1, 60), st.integers(1, 999))
def test_a_contradicting_folder_is_a_doubt(name: str, season: int, number: int) -> None:
    """The season of the file and the season of the folder have to agree."""
    assume("season" not in name.lower())
    other = season + 1
    same = parse_file_name(f"Season {season}/{name} - S{season:02}E{number:02}.mkv")
    assert (same.season, same.episodes) == (season, (number,))
    different = parse_file_name(f"Season {other}/{name} - S{season:02}E{number:02}.mkv")
    assert (different.episodes, different.is_sure) == ((), False)
    assert [c.season for c in different.candidates] == [season, other]


@pytest.mark.parametrize("token", ["S01E01-", "[", "(1)", "- 1 ", " 1x1", "ä", "Season 1 ", ".1"])
def test_long_names_take_no_time(token: str) -> None:
    """A name of 64 KiB, as file, folder and title, is read in 50 ms of CPU time."""
    name = (token * 65_536)[:65_536]
    parse_file_name(name, titles=(name,))
    start = time.process_time()
    parse_file_name(name, titles=(name,))
    parse_file_name(f"{name}/{name}", parents=[name] * 100)
    assert time.process_time() - start < 0.1
