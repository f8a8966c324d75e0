"""Matching files to episodes: numbers, sequels, specials, versions; no file is lost."""

from collections.abc import Mapping, Sequence

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.domain.catalogue import SeasonPart, Series, Titles
from aniworld_core.domain.identity import FolderName
from aniworld_core.domain.library import (
    FileFacts,
    FileState,
    FolderContents,
    FoundFile,
    LibraryFile,
    parse_file_name,
)
from aniworld_core.domain.library.file_names.folders import read_folders
from aniworld_core.domain.library.matching import SeriesFiles, match_episodes
from aniworld_core.domain.library.matching.own_names import read_own_name, read_plain_name
from aniworld_core.domain.media import ENG_DUB, GER_DUB, GER_SUB
from aniworld_core.testing.factories import make_episode, make_series


def _series(
    seasons: Mapping[int, int], specials: Sequence[str] = (), name: str = "Alpha"
) -> Series:
    listed = [make_episode(n, s) for s, last in seasons.items() for n in range(1, last + 1)]
    listed += [
        make_episode(n, 0, titles=Titles(de=title)) for n, title in enumerate(specials, start=1)
    ]
    return make_series("alpha", name=name, folder=FolderName("Alpha"), episodes=listed)


def _contents(*files: str, folder: str = "Alpha") -> FolderContents:
    found = tuple(FoundFile(file, 1000 + len(file), 1) for file in files)
    return FolderContents(folder=FolderName(folder), stamp="s", files=found)


def _held(files: SeriesFiles) -> dict[str, str]:
    """Return the code of each episode that has a file -> the file."""
    return {
        f"S{season:02d}E{number:02d}": match.path
        for (season, number), match in files.chosen.items()
    }


def _states(files: SeriesFiles) -> dict[str, FileState]:
    return {match.path.rpartition("/")[2]: match.state for match in files.files}


@pytest.mark.parametrize(
    "files",
    [
        [f"Season 0{1 + (n > 3)}/Alpha - {n:02d}.mkv" for n in range(1, 7)],
        [f"Season 0{s}/{n:02d}.mkv" for s in (1, 2) for n in range(1, 4)],
        [f"Alpha - {n:02d}.mkv" for n in range(1, 7)],
        [f"Season 1/Alpha - {n:02d}.mkv" for n in range(1, 7)],
        [f"Alpha - S0{s}E0{n}.mkv" for s in (1, 2) for n in range(1, 4)],
        [f"Staffel {s}/{s}x{n:02d}.mkv" for s in (1, 2) for n in range(1, 4)],
        ["Alpha - 01-03.mkv", "Alpha - 04-06.mkv"],
    ],
    ids=["absolute-in-seasons", "per-season", "flat", "all-in-one", "codes", "crosses", "ranges"],
)
def test_numbering_is_decided_for_the_whole_series(files: Sequence[str]) -> None:
    """All six episodes are found, however the numbers count."""
    matched = match_episodes(_series({1: 3, 2: 3}), [_contents(*files)])

    assert set(_held(matched)) == {f"S0{s}E0{n}" for s in (1, 2) for n in (1, 2, 3)}


def test_a_single_absolute_file_does_not_turn_the_others() -> None:
    """A file that counts in another way than the rest is no episode of the first season."""
    files = [f"Season 02/{n:02d}.mkv" for n in (1, 2, 3)]
    matched = match_episodes(_series({1: 3, 2: 3}), [_contents(*files, "Season 02/05.mkv")])

    assert set(_held(matched)) == {"S02E01", "S02E02", "S02E03"}
    assert _states(matched)["05.mkv"] is FileState.EXTRA


@pytest.mark.parametrize(
    ("file", "codes"),
    [
        ("Alpha S01E01-E02.mkv", ["S01E01", "S01E02"]),
        ("Alpha.1x05.1x06.mkv", ["S01E05", "S01E06"]),
        ("Alpha S01E07 S01E08.mkv", ["S01E07", "S01E08"]),
        ("Alpha - 09-10.mkv", ["S01E09", "S01E10"]),
        ("Alpha - S01E12-E13 - Finale.mkv", ["S01E12"]),
        ("Alpha - S01E13.mkv", []),
    ],
)
def test_file_counts_for_each_episode_that_exists(file: str, codes: list[str]) -> None:
    """Numbers that the catalogue does not list do not make the others worthless."""
    assert list(_held(match_episodes(_series({1: 12}), [_contents(file)]))) == codes


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("Alpha II - 01 [720p].mkv", "S02E01"),
        ("Alpha 2nd Season - 02.mkv", "S02E02"),
        ("Staffel 2/Alpha - 01.mkv", "S02E01"),
        ("Alpha Part 2 - 03.mkv", None),
        ("Alpha III - 01.mkv", None),
        ("Alpha 2nd Cour - 01.mkv", None),
    ],
)
def test_later_part_is_never_season_one(file: str, code: str | None) -> None:
    """A numeral with a season of that number is that season; other marks are a question."""
    matched = match_episodes(_series({1: 4, 2: 4}), [_contents(file)])

    assert list(_held(matched)) == ([code] if code else [])
    if code is None:
        assert matched.files[0].state is FileState.UNSURE
        assert matched.files[0].reason is not None


def test_numeral_without_its_season_is_unsure() -> None:
    """With one season in the catalogue a second part is not the first one."""
    matched = match_episodes(_series({1: 4}), [_contents("Alpha II - 01.mkv")])

    assert matched.files[0].state is FileState.UNSURE


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("OVA/Alpha OVA - 01.mkv", "S00E02"),
        ("Alpha - OVA 2.mkv", "S00E03"),
        ("Alpha - Movie 1.mkv", "S00E01"),
        ("Alpha - The Movie.mkv", "S00E01"),
        ("Specials/Alpha - S00E03.mkv", "S00E03"),
        ("Specials/Der große Ausflug.mkv", "S00E04"),
        ("Specials/Der grosse Ausflug.mkv", "S00E04"),
        ("Alpha - OVA.mkv", None),
        ("Alpha - OVA 3.mkv", None),
    ],
)
def test_specials_by_kind_number_or_title(file: str, code: str | None) -> None:
    """An OVA is never the film; what fits several specials is a question."""
    specials = ["Der Film", "Die OVA", "Zweite OVA", "Der große Ausflug"]
    matched = match_episodes(_series({1: 2}, specials), [_contents(file)])

    assert list(_held(matched)) == ([code] if code else [])


def test_best_language_then_quality_is_the_file() -> None:
    """The policy's first language wins over a taller picture; the others are versions."""
    names = [
        "Alpha - S01E01 [1080p] (English Dub).mkv",
        "Alpha - S01E01 [1080p] (German Sub).mkv",
        "Alpha - S01E01 [480p] (German Dub).mkv",
        "Alpha - S01E01 [720p] (German Dub).mkv",
    ]
    matched = match_episodes(
        _series({1: 1}), [_contents(*names)], wanted=(GER_DUB, GER_SUB, ENG_DUB)
    )

    assert _held(matched) == {"S01E01": f"Alpha/{names[3]}"}
    assert sorted(_states(matched).values()) == ["present", "version", "version", "version"]
    assert matched.applied_to(_series({1: 1})).episode(1, 1).file_language == GER_DUB


def test_facts_of_files_decide_where_names_are_silent() -> None:
    """Tracks tell the language, the picture its height."""
    names = ("Alpha - 01 a.mkv", "Alpha - 01 b.mkv")
    facts = (
        FileFacts(height=1080, audio_languages=("jpn",)),
        FileFacts(height=480, audio_languages=("jpn", "deu")),
    )
    known = {
        f"Alpha/{name}": LibraryFile(
            path=f"Alpha/{name}", size=1, modified_ns=1, state=FileState.PRESENT, facts=each
        )
        for name, each in zip(names, facts, strict=True)
    }
    contents = [_contents(*(name.replace("01 ", "S01E01 ") for name in names))]
    renamed = {path.replace("01 ", "S01E01 "): record for path, record in known.items()}

    german = match_episodes(_series({1: 1}), contents, known=renamed, wanted=(GER_DUB,))
    tall = match_episodes(_series({1: 1}), contents, known=renamed, wanted=())

    assert _held(german)["S01E01"].endswith("b.mkv")
    assert _held(tall)["S01E01"].endswith("a.mkv")


def test_damaged_file_gives_way_to_another_one() -> None:
    """A file that cannot be used represents no episode while there is another."""
    names = ("Alpha - S01E01 [1080p].mkv", "Alpha - S01E01 [480p].mkv")
    matched = match_episodes(_series({1: 1}), [_contents(*names)], unusable={f"Alpha/{names[0]}"})

    assert _held(matched) == {"S01E01": f"Alpha/{names[1]}"}


def test_pinned_file_is_what_a_person_said() -> None:
    """A pin decides the episode and wins over better files."""
    contents = _contents("whatever.mkv", "Alpha - S01E02 [1080p].mkv")
    pin = LibraryFile(
        path="Alpha/whatever.mkv", size=1, modified_ns=1, state=FileState.PRESENT,
        season=1, numbers=(2,), pinned=True,
    )  # fmt: skip

    matched = match_episodes(_series({1: 2}), [contents], known={pin.path: pin})

    assert _held(matched) == {"S01E02": "Alpha/whatever.mkv"}


def test_bonus_and_disc_files() -> None:
    """Bonus clips are ignored with a reason; a disc is present and marked."""
    matched = match_episodes(
        _series({1: 4}),
        [
            _contents(
                "Season 01/Alpha - S01E01.mkv", "extras/Alpha.S01E02.Deleted.Scene.mkv",
                "Season 01/Alpha - S01E03-trailer.mkv", "Season 01/Alpha S01E04/VIDEO_TS",
                "Season 01/Alpha - NCOP 01.mkv", "@eaDir/Alpha - S01E02.mkv",
            )
        ],
    )  # fmt: skip

    assert set(_held(matched)) == {"S01E01", "S01E04"}
    reasons = {m.path: m.reason for m in matched.files if m.state is FileState.IGNORED}
    assert len(reasons) == 4
    assert all(reasons.values())
    disc = matched.chosen[(1, 4)]
    assert disc.is_opaque
    assert disc.reason is not None


def test_season_of_the_series_folder() -> None:
    """`Alpha Staffel 2` is season 2 of Alpha, but season 1 of a series with that title."""
    contents = _contents("01.mkv", folder="Alpha Staffel 2")

    assert list(_held(match_episodes(_series({1: 1, 2: 1}), [contents]))) == ["S02E01"]
    own = _series({1: 1}, name="Alpha Staffel 2")
    assert list(_held(match_episodes(own, [contents]))) == ["S01E01"]


def test_several_folders_of_one_series() -> None:
    """All folders count, also those on another disk."""
    other = attrs.evolve(_contents("02.mkv", folder="Alpha (2011)"), root="/disk2")
    matched = match_episodes(_series({1: 2}), [_contents("Season 1/01.mkv"), other])

    assert _held(matched) == {
        "S01E01": "Alpha/Season 1/01.mkv",
        "S01E02": "/disk2/Alpha (2011)/02.mkv",
    }


_FOLDERS = st.sampled_from(
    ["", "Season 01/", "Staffel 2/", "extras/", "Specials/", "OVA/", "@eaDir/", "Alpha S01E01/"]
)
_NAMES = st.one_of(
    st.sampled_from(
        ["Alpha - S01E01.mkv", "Alpha - 05.mkv", "02.mkv", "Alpha II - 01.mkv", "x.mkv",
         "Alpha - S01E02-E03.mkv", "Alpha OVA - 01.mkv", "Alpha - S09E09.mkv", "VIDEO_TS",
         "Alpha S01E01.iso", "Alpha - S01E02-trailer.mkv", "01-99.mkv", ".mkv", "Film.mkv"]
    ),
    st.text(st.characters(exclude_characters="/\x00", exclude_categories=["Cs"]), min_size=1,
            max_size=20).map(lambda text: f"{text}.mkv"),
)  # fmt: skip
_TREES = st.sets(st.builds("".join, st.tuples(_FOLDERS, _NAMES)), max_size=12).map(sorted)


@given(_TREES, st.permutations(range(2)))
def test_every_file_has_exactly_one_state(tree: list[str], order: Sequence[int]) -> None:
    """No file is lost or doubled, whatever the order; each that is no episode has a reason."""
    series = _series({1: 3, 2: 3}, ["Der Film", "Die OVA"])
    half = len(tree) // 2
    parts = [_contents(*tree[:half]), _contents(*reversed(tree[half:]))]

    matched = match_episodes(series, [parts[i] for i in order])

    assert [match.path for match in matched.files] == sorted(f"Alpha/{file}" for file in tree)
    assert match_episodes(series, parts) == matched
    for match in matched.files:
        is_chosen = match.path in {chosen.path for chosen in matched.chosen.values()}
        assert (match.state is FileState.PRESENT) is is_chosen
        assert match.state is FileState.PRESENT or match.reason is not None
    assert set(matched.chosen) <= {(e.season, e.number) for e in series.episodes}


@given(
    st.sampled_from(["Alpha", "86", "Für Elise", "Alpha 2", "91 Days"]),
    st.integers(0, 12),
    st.integers(1, 400),
    st.text(st.sampled_from("aB zé-.,!'2[&"), min_size=1, max_size=12).map(str.strip),
    st.sampled_from(["German Dub", "German Sub", "English Dub", "French", "Uncut", "German"]),
    st.sampled_from([(), ("Season 01",), ("Staffel 2",), ("Extras",), ("Specials",)]),
)
def test_quick_reading_agrees_with_the_parser(
    title: str, season: int, number: int, name: str, label: str, parents: tuple[str, ...]
) -> None:
    """The short way for own names finds what the parser finds, or leaves the name to it."""
    stem = f"{title} - S{season:02d}E{number:02d} - {name} ({label})"

    quick = read_own_name(stem, (title,), read_folders(parents))

    if quick is not None:
        full = parse_file_name(stem, parents=parents, titles=(title,))
        for field in ("kind", "season", "episodes", "rule", "language", "version", "doubt"):
            assert getattr(quick, field) == getattr(full, field), field


@pytest.mark.parametrize(
    ("stem", "is_quick"),
    [
        ("Alpha - S01E05 - Title (German Dub)", True),
        ("Alpha - S01E05 - Title (English Sub)", True),
        ("Alpha - S01E05 - Dubious (German Dub)", False),
        ("Beta - S01E05 - Title (German Dub)", False),
        ("Alpha - S01E05 - Title (Uncut)", False),
        ("Alpha - S01E05 - Title", False),
    ],
)
def test_own_names_take_the_short_way(stem: str, is_quick: bool) -> None:
    """Titles with a word about the language, other labels and other titles go to the parser."""
    quick = read_own_name(stem, ("Alpha",), read_folders(()))

    assert (quick is not None) is is_quick


@given(
    st.sampled_from(
        [
            ("Alpha",),
            ("86",),
            ("Für Elise", "Elise"),
            ("Alpha 2", "Alpha"),
            ("Alpha", "Alpha II"),
            ("A German Dub",),
            ("Alpha - S",),
            ("Bleach", "Bleach - Sennen"),
        ]
    ),
    st.integers(0, 12),
    st.integers(0, 12000),
    st.one_of(
        st.just(""),
        st.text(st.sampled_from("aB zé-.,!'vxESOP½Ⅱ２2[&_"), max_size=12),
        st.sampled_from(
            [
                *(
                    "Title",
                    "German",
                    "OmU",
                    "Ger Dub",
                    "A - French",
                    "Creditless",
                    "NCOP",
                    "A-clip",
                ),
                *("trailer", "Final Season", "Part II", "The German.Dub", "Foo.avi", "E E E", "v"),
                *("  x ", "Web", "x", "and", "S", "Movie", "OVA", "Special", "Opening", "-", "II"),
            ]
        ),
    ),
    st.sampled_from(
        [
            *((), ("Season 01",), ("Staffel 2",), ("Extras",), ("Specials",), ("Alpha II",)),
            *(("Alpha Part 2", "Season 01"), ("Alpha S02 1080p",), ("Elise 2",)),
        ]
    ),
)
def test_plain_names_are_read_as_the_parser_reads_them(
    titles: tuple[str, ...], season: int, number: int, name: str, parents: tuple[str, ...]
) -> None:
    """The short way finds all that the parser finds but titles and places, or finds nothing."""
    for title in titles:
        stem = f"{title} - S{season:02d}E{number:02d}" + (f" - {name}" if name else "")
        quick = read_plain_name(stem, titles, read_folders(parents), parents)

        if quick is not None:
            full = parse_file_name(stem, parents=parents, titles=titles)
            assert quick == attrs.evolve(full, span=(0, 0), title="", removed="", episode_title="")


@pytest.mark.parametrize(
    ("stem", "is_quick"),
    [
        ("Alpha - S01E05", True),
        ("Alpha - S01E05 - Title", True),
        ("Alpha - S01E05 - Title: a - second, part", True),
        ("Alpha - S01E05-E06", False),
        ("Alpha - S01E05 - 2 Titles", False),
        ("Alpha - S01E05 - Creditless", False),
        ("Alpha - S01E05 - Title-trailer", False),
        ("Alpha 2 - S01E05 - Title", False),
        ("Beta - S01E05", False),
    ],
)
def test_plain_names_take_the_short_way(stem: str, is_quick: bool) -> None:
    """Names with further numbers, bonus clips and other titles go to the parser."""
    quick = read_plain_name(stem, ("Alpha", "Alpha 2"), read_folders(()), ())

    assert (quick is not None) is is_quick


def _with_parts(series: Series, *parts: SeasonPart) -> Series:
    return attrs.evolve(series, parts=parts)


SECOND = SeasonPart(ordinal=2, season=2, count=12, titles=("Alpha Shippuu", "Alpha 2nd Season"))
HALF = SeasonPart(ordinal=2, season=1, before=12, count=12, titles=("Alpha Part 2",))


@pytest.mark.parametrize(
    ("part", "seasons", "path", "code"),
    [
        (SECOND, {1: 24, 2: 12}, "Alpha Shippuu - 03.mkv", "S02E03"),
        (SECOND, {1: 24, 2: 12}, "[Group] Alpha Shippuu - 03 [1080p].mkv", "S02E03"),
        (SECOND, {1: 24, 2: 12}, "Alpha 2nd Season - 03.mkv", "S02E03"),
        (SECOND, {1: 24, 2: 12}, "Alpha II - 03.mkv", "S02E03"),
        (SECOND, {1: 24, 2: 12}, "Alpha Part 2 - 03.mkv", "S02E03"),
        (SECOND, {1: 24, 2: 12}, "Alpha Shippuu - 27.mkv", "S02E03"),
        (SECOND, {1: 24, 2: 12}, "Alpha Shippuu/03.mkv", "S02E03"),
        (SECOND, {1: 24, 2: 12}, "Alpha II/Alpha - 03.mkv", "S02E03"),
        (SECOND, {1: 24, 2: 12}, "Alpha II/S01E03.mkv", "S01E03"),
        (SECOND, {1: 24, 2: 12}, "Alpha - 03.mkv", "S01E03"),
        (HALF, {1: 24}, "Alpha Part 2 - 03.mkv", "S01E15"),
        (HALF, {1: 24}, "Alpha Part 2 - 15.mkv", "S01E15"),
        (HALF, {1: 24}, "Alpha 2nd Cour - 03.mkv", "S01E15"),
        (HALF, {1: 24}, "Alpha Part 2/03.mkv", "S01E15"),
    ],
)
def test_a_name_of_a_sequel_leads_to_its_season(
    part: SeasonPart, seasons: Mapping[int, int], path: str, code: str
) -> None:
    """Title, mark or folder of a later part count in the season that it is in the catalogue."""
    matched = match_episodes(_with_parts(_series(seasons), part), [_contents(path)])

    assert _held(matched) == {code: f"Alpha/{path}"}


@pytest.mark.parametrize(
    ("part", "seasons", "file"),
    [
        (HALF, {1: 24}, "Alpha II - 03.mkv"),  # a numeral counts seasons
        (HALF, {1: 24}, "Alpha Part 3 - 03.mkv"),
        (HALF, {1: 24}, "Alpha Final Season - 03.mkv"),
        (SECOND, {1: 24, 2: 12}, "Alpha III - 03.mkv"),
        (attrs.evolve(HALF, before=10, count=14), {1: 24}, "Alpha Part 2 - 12.mkv"),
        (attrs.evolve(SECOND, ordinal=3), {1: 24, 2: 12}, "Alpha Part 2 - 03.mkv"),
    ],
)
def test_a_mark_without_its_season_stays_unsure(
    part: SeasonPart, seasons: Mapping[int, int], file: str
) -> None:
    """A mark that means no known part, or numbers that count in two ways, need a person."""
    matched = match_episodes(_with_parts(_series(seasons), part), [_contents(file)])

    assert _states(matched) == {file: FileState.UNSURE}


@pytest.mark.parametrize("folder", ["Season 3", "Staffel 3", "S3", "Season 03"])
@pytest.mark.parametrize("name", ["{:02}", "Alpha - {:02}", "Episode {}", "Alpha III - {:02}"])
@pytest.mark.parametrize("count", [1, 4])
def test_a_season_that_the_catalogue_lacks_is_not_the_first(
    folder: str, name: str, count: int
) -> None:
    """Its numbers begin again, so they are unsure, whether other seasons have files or not."""
    foreign = [f"{folder}/{name.format(n)}.mkv" for n in range(1, count + 1)]
    own = [f"Season 1/{n:02}.mkv" for n in range(1, 13)]
    for others in ([], own):
        matched = match_episodes(_series({1: 12}), [_contents(*foreign, *others)])
        states = {match.path: match.state for match in matched.files}

        assert {states[f"Alpha/{file}"] for file in foreign} == {FileState.UNSURE}
        assert set(_held(matched).values()) == {f"Alpha/{file}" for file in others}


@pytest.mark.parametrize(
    ("files", "held"),
    [
        (["Season 1/01.mkv", "Season 1/02.mkv", "Season 2/03.mkv"], 3),
        (["Season 20/120.mkv"], 1),
        (["Season 1/01.mkv", "Season 1/03.mkv", "Season 2/03.mkv"], 2),
    ],
)
def test_numbers_that_go_on_count_through_all_seasons(files: list[str], held: int) -> None:
    """If they follow those of the folders before, or no season has so many episodes."""
    matched = match_episodes(_series({1: 130}), [_contents(*files)])

    assert len(_held(matched)) == held
