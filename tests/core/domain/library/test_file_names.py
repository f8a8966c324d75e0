"""File names are read whatever tool wrote them."""

import gc
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.domain.library import (
    LABELS,
    NameKind,
    Numbers,
    ParsedName,
    fold_title,
    is_ignored_name,
    is_video_name,
    parse_file_name,
    season_of_folder,
    video_suffix,
)
from aniworld_core.domain.media import ENG_DUB, ENG_SUB, GER_DUB, GER_SUB, JPN, Language


def read(name: str, title: str = "") -> ParsedName:
    found = parse_file_name(name, titles=(title,))
    assert found.is_sure, (name, found)
    return found


def is_silent(found: ParsedName) -> bool:
    """Return whether the name says no episode, special or film."""
    return not found.episodes and not found.is_special


@pytest.mark.parametrize(
    ("name", "season", "episodes"),
    [
        ("Attack on Titan - S01E05 - Titel (German Dub).mp4", 1, (5,)),
        ("Attack on Titan - S01E04-E05 - Titel (German Sub).mp4", 1, (4, 5)),
        ("Attack on Titan - S01E105.mkv", 1, (105,)),
        ("Attack on Titan - S1E5 - (German Dub).mp4", 1, (5,)),
        ("attack-on-titan - s01e05 - Deutsch.mp4", 1, (5,)),
        ("S01E005 - Titel [Dub].mp4", 1, (5,)),
        ("X S01E01-E03.mkv", 1, (1, 2, 3)),
        ("X S01E01E02.mkv", 1, (1, 2)),
        ("X S01E01-02-03.mkv", 1, (1, 2, 3)),
        ("X S01E01-S01E02.mkv", 1, (1, 2)),
        ("X S1.E1.mkv", 1, (1,)),
        ("X S2013E01.mkv", 2013, (1,)),
        ("X S00E01.mkv", 0, (1,)),
        ("X S01E01-1080p.mkv", 1, (1,)),
        ("X S01E01 - 86.mkv", 1, (1,)),
        ("X S01E02 - E7 kehrt zurück.mkv", 1, (2,)),
        ("X 1x05.mkv", 1, (5,)),
        ("X 1x01x02.mkv", 1, (1, 2)),
        ("X 2x9-2x10.mkv", 2, (9, 10)),
        ("X 0x03.mkv", 0, (3,)),
        ("Staffel 2 Folge 03.mkv", 2, (3,)),
        ("X 2nd Season - 05.mkv", 2, (5,)),
        ("[G] X S2 - 05 (1080p) [ABCD1234].mkv", 2, (5,)),
        ("Season 1/05.mkv", 1, (5,)),
        ("X/Staffel 2/05 Der Titel.mkv", 2, (5,)),
        ("X/2. Staffel/X - 07.mkv", 2, (7,)),
        ("X/Specials/01.mkv", 0, (1,)),
        ("X/Filme/Movie 002.mp4", 0, (2,)),
        ("X - Movie 001 - (German Dub).mp4", 0, (1,)),
        ("X Film 1.mkv", 0, (1,)),
        ("X OVA 2.mkv", 0, (2,)),
        ("X.S01E05.German.1080p.WEB.x264-GRP.mkv", 1, (5,)),
    ],
)
def test_names_with_a_season(name: str, season: int, episodes: tuple[int, ...]) -> None:
    """A season comes from the code, a word in the name or the folder, in that order."""
    found = read(name)
    assert (found.season, found.episodes, found.absolute) == (season, episodes, ())
    assert found.is_special == (season == 0)
    assert found.why


@pytest.mark.parametrize(
    ("name", "episodes"),
    [
        ("[Group] Name - 05 [1080p].mkv", (5,)),
        ("[Group] Name - 09v2 [1080p].mkv", (9,)),
        ("[Group]_Name_-_05_[1080p].mkv", (5,)),
        ("[Group] Name [05].mkv", (5,)),
        ("[Group][Name][05v2][1080].mkv", (5,)),
        ("[Group] Name [01-12].mkv", tuple(range(1, 13))),
        ("Name - 26-27.mkv", (26, 27)),
        ("Name 01~03.mkv", (1, 2, 3)),
        ("One Piece E1135.mkv", (1135,)),
        ("Name - 1080.mkv", (1080,)),
        ("Name Ep04.mkv", (4,)),
        ("Name Episode 05.mkv", (5,)),
        ("Name Folge 12.mkv", (12,)),
        ("Name #957.mkv", (957,)),
        ("第05話.mkv", (5,)),
        ("05.mkv", (5,)),
        ("05 - Titel.mkv", (5,)),
        ("91 Days - 05.mkv", (5,)),
        ("Name - 1999 - 03.mkv", (3,)),
        ("Name AAC2.0 5.1 - 07.mkv", (7,)),
    ],
)
def test_names_that_count_through_all_seasons(name: str, episodes: tuple[int, ...]) -> None:
    """Without a season the number may count through all of them, and both readings are given."""
    found = read(name)
    assert (found.season, found.episodes, found.absolute) == (None, episodes, episodes)


@pytest.mark.parametrize(
    "name",
    [
        "Name 720p.mkv",
        "Name 1280x720 x264.mkv",
        "Name 1080p H.265 10bit.mkv",
        "Name (2013).mkv",
        "Name [2013].mkv",
        "Name - 2013.mkv",
        "2013.mkv",
        "Name [1FB538B5].mkv",
        "Name [12345678].mkv",
        "Name [720].mkv",
        "Name - 100-nen.mkv",
        "91 Days.mkv",
        "Mob Psycho 100.mkv",
        "Name 2nd Season.mkv",
        "Name Part 2.mkv",
        "Name Vol.3.mkv",
        "Wall-E 2.mkv",
        "Name.mkv",
        ".mkv",
        "",
    ],
)
def test_numbers_that_are_no_episodes(name: str) -> None:
    """Resolutions, years, checksums, parts and titles are not taken for episodes."""
    assert is_silent(parse_file_name(name))


@pytest.mark.parametrize(
    ("name", "title", "season", "episodes"),
    [
        ("86 - 05.mkv", "86", None, (5,)),
        ("86 05.mkv", "86", None, (5,)),
        ("Mob Psycho 100 05.mkv", "Mob Psycho 100", None, (5,)),
        ("[Group] Mob Psycho 100 - 05.mkv", "Mob Psycho 100", None, (5,)),
        ("Mob.Psycho.100.S01E02.mkv", "Mob Psycho 100", 1, (2,)),
        ("[G] 91 Days [05].mkv", "91 Days", None, (5,)),
        ("S01E01 Show - S02E03 - x.mkv", "S01E01 Show", 2, (3,)),
        ("[Oshi no Ko] - S01E02.mkv", "[Oshi no Ko]", 1, (2,)),
        ("Maedchen 3 - 04.mkv", "Mädchen 3", None, (4,)),
        ("24 Hours - 05.mkv", "24", None, (5,)),
    ],
)
def test_a_known_title_is_taken_out_first(
    name: str, title: str, season: int | None, episodes: tuple[int, ...]
) -> None:
    """Numbers inside the series' own title are not misread."""
    found = read(name, title)
    assert (found.season, found.episodes) == (season, episodes)


def test_a_name_that_is_only_the_title_is_unknown() -> None:
    """The film `86` is not episode 86 of itself."""
    assert is_silent(parse_file_name("86.mkv", titles=("86",)))
    assert read("86.mkv").episodes == (86,)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Name NCOP1.mkv", "opening"),
        ("Name NCED.mkv", "opening"),
        ("Name - 12.5.mkv", "recap"),
        ("Name OVA.mkv", "a special"),
        ("Name The Movie.mkv", "a film"),
    ],
)
def test_recognised_but_not_numbered(name: str, why: str) -> None:
    """Openings, recaps and unnumbered specials are told apart from episodes."""
    found = read(name)
    assert found.is_special
    assert found.episodes == ()
    assert why in found.why


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("X S01E01v2.mkv", 2),
        ("X - 09v3.mkv", 3),
        ("[X][01v2].mkv", 2),
        ("X - 09.mkv", 1),
        ("X 1x02v2.mkv", 2),
        ("X Ep 3v2.mkv", 2),
        ("X OVA 2 v2.mkv", 2),
    ],
)
def test_release_versions(name: str, version: int) -> None:
    """`v2` behind a number is a version, not an episode."""
    assert read(name).version == version


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("X - S01E01 - T (German Dub).mp4", GER_DUB),
        ("X - S01E01 - T (German Sub).mp4", GER_SUB),
        ("X - S01E01 - T (English Dub).mp4", ENG_DUB),
        ("X - S01E01 - T (English Sub).mp4", ENG_SUB),
        ("X - S01E01 - T (Japanese).mp4", JPN),
        ("X - S01E01 - T (French).mp4", Language("fr")),
        ("X - S01E01 - Ger-Sub.mp4", GER_SUB),
        ("X - S01E01 - Deutsch.mp4", GER_DUB),
        ("X - S01E01 - English.mp4", ENG_DUB),
        ("X - S01E01 - T [Dub].mp4", GER_DUB),
        ("X.S01E01.German.1080p.mkv", GER_DUB),
        ("X - S01E01 - English Lessons.mp4", None),
        ("The German - S01E01 - T.mp4", None),
    ],
)
def test_languages(name: str, language: Language | None) -> None:
    """A language is what the name says in brackets, last, or with Dub or Sub."""
    assert read(name).language == language


@pytest.mark.parametrize(
    ("name", "title", "episode_title"),
    [
        ("Attack on Titan - S01E05 - Der Anfang (German Dub).mp4", "Attack on Titan", "Der Anfang"),
        ("[Group] Name - 05 [1080p].mkv", "Name", ""),
        ("Some.Show.S01E05.Pilot.1080p.WEB.mkv", "Some Show", "Pilot"),
        ("X - S01E02 - Teil (2).mkv", "X", "Teil (2)"),
        ("X - S01E05 - 005 - Foo.mkv", "X", "Foo"),
        ("X - s01e05 - Deutsch.mp4", "X", ""),
        ("My Show (2013)/Season 01/05.mkv", "My Show", ""),
        ("Season 1/05.mkv", "", ""),
        ("Filme/Movie 001.mp4", "", ""),
        ("86 - Eighty-Six - S01E05.mkv", "86 - Eighty-Six", ""),
    ],
)
def test_titles(name: str, title: str, episode_title: str) -> None:
    """The text before the number is the series title, the text behind it the episode title."""
    found = read(name)
    assert (found.title, found.episode_title) == (title, episode_title)


def test_written_out_labels_are_the_real_ones() -> None:
    """The short table agrees with the names that files are given."""
    assert {language.label.lower(): language for language in LABELS.values()} == LABELS


def test_absolute_number_beside_the_code() -> None:
    """`S01E05 - 005 - Title` gives both numbers."""
    found = read("X - S02E05 - 030 - Foo.mkv")
    assert (found.season, found.episodes, found.absolute) == (2, (5,), (30,))


def test_parents_may_be_given_apart() -> None:
    """Folders count the same, written before a slash or passed as parents."""
    assert parse_file_name("Season 3/04.mkv") == parse_file_name("04.mkv", parents=["Season 3"])


@pytest.mark.parametrize(
    ("folder", "season"),
    [
        ("Season 01", 1),
        ("Staffel 12", 12),
        ("S02", 2),
        ("2nd Season", 2),
        ("Specials", 0),
        ("Filme", 0),
        ("Season 00", 0),
        ("Mob Psycho 100 S2", 2),
        ("Mob Psycho 100", None),
        ("", None),
    ],
)
def test_season_folders(folder: str, season: int | None) -> None:
    """Folders are understood in English and German."""
    assert season_of_folder(folder) == season


@pytest.mark.parametrize(
    ("name", "is_video"),
    [
        ("a.mkv", True),
        ("A.MP4", True),
        ("Sample.Show.S01E01.mkv", False),
        ("Trailer Park - S01E01.mkv", True),
        ("a.mkv.part", False),
        ("a.mkv.part-Frag3", False),
        ("a.mkv.ytdl", False),
        ("a_tmp.mp4", False),
        ("a.temp.mp4", True),
        ("a.temp", False),
        (".a.mkv", False),
        ("a-sample.mkv", False),
        ("a-trailer.mp4", False),
        ("a.srt", False),
        ("mkv", False),
        ("a.part.mkv", False),
        ("a part1.mkv", True),
    ],
)
def test_video_names(name: str, *, is_video: bool) -> None:
    """Partial files, samples, trailers and hidden files are no videos of the library."""
    assert is_video_name(name) is is_video


def test_ignored_folders() -> None:
    """What servers and systems leave behind is passed over."""
    assert all(map(is_ignored_name, ["@eaDir", "#recycle", ".trash", "Sample", "lost+found"]))
    assert not is_ignored_name("Season 01")
    assert video_suffix("a.MKV") == ".MKV"
    assert video_suffix("a.txt") == ""


def test_titles_are_compared_without_case_marks_and_punctuation() -> None:
    """Umlauts written out, macrons and quotes make no difference."""
    assert fold_title("Mädchen: Größe!") == fold_title("maedchen groesse")
    assert fold_title("Shōjo") == "shojo"


@given(st.text(max_size=350), st.text(max_size=60))
def test_any_name_is_read_without_error(name: str, title: str) -> None:
    """A hostile name is at worst unknown, and its numbers stay plausible."""
    found = parse_file_name(name, titles=(title,))
    assert all(0 <= number <= 99_999 + 200 for number in found.episodes)
    assert list(found.episodes) == sorted(set(found.episodes))


TRAPS = ["S01E01-", "S01E01E02", "- 1", "[", "(", "[01]", "(1)", "1x1x", "E1E", "v", " - ", "01-"]
TRAPS += ["ä", "x264", "German ", "S1 ", "01~", "第", ".", "\x00", "Season ", "Movie 1", "1.5"]


def steps(call: Callable[[], object]) -> int:
    """Count executed lines, a measure of work that no busy machine disturbs.

    The second run counts, because the first one fills caches; callbacks of the garbage collector
    are lines, too.
    """
    call()
    count = 0

    def trace(_frame: FrameType, _event: str, _arg: Any) -> Any:
        nonlocal count
        count += 1
        return trace

    before, collects = sys.gettrace(), gc.isenabled()
    gc.disable()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
        if collects:
            gc.enable()
    return count


@pytest.mark.parametrize("trap", TRAPS)
def test_work_grows_no_faster_than_the_name(trap: str) -> None:
    """Doubling a name that was made to be slow at most doubles the work, with some slack."""
    short = (trap * 300)[:150]
    small = steps(lambda: parse_file_name(short))
    large = steps(lambda: parse_file_name((trap * 300)[:300]))
    huge = steps(lambda: parse_file_name(trap * 20_000))
    assert large <= 2.5 * small + 200
    assert huge <= large + 50


@pytest.mark.parametrize(
    ("name", "candidates"),
    [
        ("Alpha-103.mkv", [(1, 3), (None, 103)]),
        ("Season 1/Alpha [103].mkv", [(1, 3), (None, 103)]),
        ("Alpha-12 2011.mkv", [(None, 12)]),
        ("Alpha-012 2011.mkv", [(None, 12)]),
    ],
)
def test_candidates_of_a_doubtful_number(
    name: str, candidates: list[tuple[int | None, int]]
) -> None:
    """Three digits may be season and episode, if the first one is not zero."""
    found = parse_file_name(name, titles=())
    assert found.doubt is not None
    assert [(n.season, *n.episodes) for n in found.candidates] == candidates


@pytest.mark.parametrize("word", ["Gekijouban", "gekijoban", "劇場版", "剧场版"])
def test_words_for_a_cinema_film(word: str) -> None:
    """Each word for a cinema film marks a film, in Latin and in Japanese characters."""
    assert read(f"{word} Alpha.mkv").kind is NameKind.MOVIE
    assert read(f"Alpha - {word}.mkv").kind is NameKind.MOVIE


@pytest.mark.parametrize(
    ("name", "doubtful"),
    [
        ("Alpha 1x05 - S01E05.mkv", False),
        ("Alpha 1x05 - S01E06.mkv", True),
        ("Alpha 2x05 - S01E05.mkv", False),
        ("Alpha S01E05 - S02E01.mkv", True),
    ],
)
def test_a_second_code_agrees_or_casts_doubt(name: str, *, doubtful: bool) -> None:
    """A code behind that differs casts doubt; `1x05` in front only for the same season."""
    assert (parse_file_name(name, titles=("Alpha",)).doubt is not None) is doubtful


@pytest.mark.parametrize(
    ("season", "episodes", "text"),
    [
        (None, (5,), "E05"),
        (1, (5, 6, 7), "S01E05-E07"),
        (1, (), "S01"),
        (None, (), ""),
        (2, (110,), "S02E110"),
    ],
)
def test_numbers_are_written_as_a_code(
    season: int | None, episodes: tuple[int, ...], text: str
) -> None:
    """First and last number, with the season if it is known."""
    assert Numbers(season, episodes).text == text


@pytest.mark.parametrize("opening", ["(", "[", "{", "【", "（"])
@pytest.mark.parametrize("release", ["BD 1080p", "German Dub 720p", "WEB-DL x264", "1080p"])
@pytest.mark.parametrize("is_closed", [True, False])
def test_release_words_leave_no_bracket_open(opening: str, release: str, is_closed: bool) -> None:
    """The title of the episode ends before the bracket of the release."""
    closing = {"(": ")", "[": "]", "{": "}", "【": "】", "（": "）"}[opening]
    name = f"Alpha - S01E05 - The (Un)lucky One {opening}{release}{closing if is_closed else ''}"

    assert parse_file_name(name, titles=("Alpha",)).episode_title == "The (Un)lucky One"


@pytest.mark.parametrize(
    ("name", "readings"),
    [
        ("Alpha [05]-[06]", ["E05-E06", "E05"]),
        ("Alpha (05)-(06)", ["E05-E06", "E05"]),
        ("Alpha - 01-[02]", ["E01-E02", "E01"]),
        ("Alpha - 01~[03]", ["E01-E03", "E01"]),
        ("Alpha - S01E01-[E02]", ["S01E01-E02", "S01E01"]),
    ],
)
def test_a_span_that_ends_in_brackets_is_unsure(name: str, readings: list[str]) -> None:
    """It may be two episodes, or one with a number of its release."""
    found = parse_file_name(name, titles=("Alpha",))

    assert not found.is_sure
    assert [each.text for each in found.candidates] == readings


@pytest.mark.parametrize(
    ("name", "episodes"),
    [
        ("Alpha - [05-06]", (5, 6)),
        ("Alpha - 05 [06]", (5,)),
        ("Alpha [05]-[99]", (5,)),
        ("Alpha - S01E01-[1080]", (1,)),
        ("Alpha - S01E05 - Title (2)", (5,)),
    ],
)
def test_other_numbers_in_brackets_end_no_span(name: str, episodes: tuple[int, ...]) -> None:
    """Those without a dash, or too far from the first."""
    assert read(name, "Alpha").episodes == episodes
