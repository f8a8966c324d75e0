"""Matching folders to series, and dividing grouping folders."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.domain.catalogue import SeasonPart, Series
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.library import FolderContents, FoundFile
from aniworld_core.domain.library.matching import (
    FolderIndex,
    FolderMarks,
    FolderRule,
    marked_paths,
    nfo_marks,
    place_folders,
    read_folder_name,
)
from aniworld_core.testing.factories import make_series


def _series(
    key: str, name: str, year: int | None = None, folder: str = "", *aliases: str
) -> Series:
    return make_series(
        key=key,
        name=name,
        year=year,
        folder=FolderName(folder or f"planned {key}"),
        alternative_titles=aliases,
    )


def _contents(folder: str, *files: str) -> FolderContents:
    found = tuple(FoundFile(file, 1000, 1) for file in sorted(files))
    return FolderContents(folder=FolderName(folder), stamp="s", files=found)


ALPHA = _series("alpha", "Alpha", 2011)


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("Alpha (2011)", "Alpha"),
        ("Alpha", "Alpha (2011)"),
        ("Alpha (2011)", "Alpha (2011) [tvdbid-81189]"),
        ("Alpha (2011)", "alpha (2011)"),
        ("Alpha Beta (2011)", "Alpha.Beta.2011.German.1080p.BluRay.x264-GRP"),
        ("Alpha", "Alpha.S01.German.1080p.WEB-GRP"),
        ("Alpha", "[Group] Alpha [BD 1080p]"),
        ("Alpha", "[Group] Alpha - Season 2 (BD 1080p)"),
        ("Alpha", "Alpha (Ger Dub)"),
        ("Alpha", "Alpha Ger Sub"),
        ("Alpha", "Alpha Staffel 2"),
        ("Alpha", "Alpha 2nd Season"),
        ("Re Zero - Alpha (2016)", "Re-Zero Alpha (2016)"),
        ("Magnum P.I.", "Magnum P.I"),
        ("Für Elise (2011)", "Fuer Elise (2011)"),
        ("Fuer Elise (2011)", "Fu\u0308r Elise"),
        ("1983", "1983 (2018)"),
        ("Alpha 2049", "Alpha 2049"),
        ("86", "86 (2021) {tmdb-100565}"),
        ("[Oshi no Ko]", "[Oshi no Ko]"),
        ("Alpha Part 2", "Alpha Part 2"),
        ("The Alpha", "Alpha, The (1999)"),
        ("The German Doctor", "The.German.Doctor.2013.German.DL.1080p.BluRay"),
        ("Alpha no Ko", "[Grp] [Alpha no Ko] (2011) [BD 1080p]"),
        ("Alpha no Ko", "[Alpha.no.Ko].2011.German.DL.1080p.BluRay.x264-GRP"),
        ("Alpha no Ko", "[Alpha no Ko] - Staffel 1"),
        ("The Complete Alpha", "The Complete Alpha"),
        ("Alpha Complete", "Alpha Complete"),
    ],
)
def test_folder_names_of_one_series(name: str, folder: str) -> None:
    """Year, ids, case, punctuation, umlauts, articles, groups and release words do not matter."""
    index = FolderIndex.of([_series("one", name), _series("other", "Something Else")])

    assert index.owner(FolderName(folder)).key == "one"


#: Titles with what folder names change: umlauts, long vowels, articles, numbers, signs, brackets.
_TITLES = {
    "Für Elise": ("Fuer Elise", "Fur Elise", "FÜR ELISE", "Fu\u0308r Elise"),
    "Die Straße der Sterne": (
        "Die Strasse der Sterne",
        "Straße der Sterne",
        "Die.Straße.der.Sterne",
    ),
    "Shōjo Kageki": ("Shoujo Kageki", "Shojo Kageki", "Sho\u0304jo_Kageki"),
    "Re:Zero - Another World": (
        "Re Zero - Another World",
        "Re.Zero.Another.World",
        "Re：Zero Another World",
    ),
    "The Shield Hero": ("Shield Hero", "Shield Hero, The", "the shield hero..."),
    "Mob Psycho 100": ("MOB PSYCHO 100", "Mob_Psycho_100", "Mob.Psycho.100"),
    "86": ("86",),
    "Ranma ½": ("Ranma 1-2", "RANMA ½"),
    "[Alpha no Ko]": ("[alpha no ko]", "Alpha no Ko"),
    "D.Gray-man": ("D Gray-man", "D.GRAY-MAN", "D. Gray man"),
}
_DECORATIONS = (
    *("{}", "{} (2011)", "{} [2011]", "{}.2011", "{} - 2011", "{} (2011-2013)", "{}..."),
    *("{} [tvdbid-81189]", "{} (2011) {{tmdb-1429}}", "{} (imdb-tt1234567) [1080p]"),
    *("[Grp] {} [BD 1080p HEVC]", "{}.2011.German.DL.1080p.BluRay.x264-GRP", "{} S01 1080p"),
    *("{}.S01.German.1080p.WEB-GRP", "{} (Season 1) [1080p][Multi-Subs]", "{} S01-S03"),
    *("{} Complete Series", "{} - Komplette Serie", "{} (Ger Dub)", "{} GerEngJapDub"),
    *("{} - German Dub", "{} (TV)", "{} [Batch]", "{} - Staffel 1"),
)


@pytest.mark.parametrize("decoration", _DECORATIONS)
def test_spellings_with_years_ids_and_tags_are_of_one_series(decoration: str) -> None:
    """However a folder spells and decorates a title, it is its series: never another one."""
    series = [_series(f"s{n}", title, 2011) for n, title in enumerate(_TITLES)]
    index = FolderIndex.of(series)
    for one in series:
        for spelling in (one.name, *_TITLES[one.name]):
            folder = FolderName(decoration.format(spelling))
            assert index.owner(folder).key == one.key, folder
    twins = FolderIndex.of([*series, _series("twin", "Für Elise", 2011)])
    doubtful = twins.owner(FolderName(decoration.format("Für Elise")))
    assert (doubtful.key, set(doubtful.candidates)) == (None, {"s0", "twin"})


@pytest.mark.parametrize(
    "folder",
    [
        "Alpha II",
        "Alpha 2",
        "Alpha Part 2",
        "Alpha 2nd Cour",
        "Alpha Final Season",
        "Alpha Part Two",
        "Alpha Second Cour",
    ],
)
def test_later_part_is_never_the_first(folder: str) -> None:
    """A folder with the mark of a later part is a question unless a series has that title."""
    owner = FolderIndex.of([ALPHA]).owner(FolderName(folder))

    assert owner.key is None
    assert owner.candidates == ("alpha",)
    assert owner.reason is not None
    assert owner.reason.kind == "folder_sequel"
    sequel = _series("sequel", folder)
    assert FolderIndex.of([ALPHA, sequel]).owner(FolderName(folder)).key == "sequel"


def test_rules_have_an_order() -> None:
    """The stored folder decides before the key file, that before the title, that before aliases."""
    pinned = _series("pinned", "Pinned", None, "Alpha")
    alias = _series("alias", "Other Title", None, "", "Beta")
    beta = _series("beta", "Beta", 2009)
    index = FolderIndex.of([ALPHA, pinned, alias, beta])

    assert index.owner(FolderName("alpha")).rule is FolderRule.STORED
    assert index.owner(FolderName("alpha")).key == "pinned"
    marked = index.owner(FolderName("Beta"), FolderMarks(key=SeriesKey("alias")))
    assert (marked.key, marked.rule) == ("alias", FolderRule.KEY)
    dated = index.owner(FolderName("Beta (2009)"))
    assert (dated.key, dated.rule) == ("beta", FolderRule.TITLE_YEAR)
    assert index.owner(FolderName("Beta")).rule is FolderRule.TITLE
    other = index.owner(FolderName("Beta (1999)"))
    assert (other.key, other.rule) == ("alias", FolderRule.ALIAS)


def test_two_series_of_one_title_need_the_year() -> None:
    """Without a year the folder is a question; with one it is decided; a foreign year fits none."""
    index = FolderIndex.of([_series("old", "Beta", 1999), _series("new", "Beta", 2009)])

    unsure = index.owner(FolderName("Beta"))
    assert unsure.key is None
    assert unsure.candidates == ("new", "old")
    assert index.owner(FolderName("Beta (2009)")).key == "new"
    foreign = index.owner(FolderName("Beta (2001)"))
    assert foreign.key is None
    assert foreign.reason is not None
    assert foreign.reason.kind == "folder_contradicts_series"


def test_exact_words_win_over_a_loose_spelling() -> None:
    """A folder that has the words of one series is not a question because another is similar."""
    index = FolderIndex.of([_series("a", "The Summer"), _series("b", "Summer")])

    assert index.owner(FolderName("Summer")).key == "b"
    assert index.owner(FolderName("The Summer")).key == "a"


def test_ids_in_folder_names() -> None:
    """Ids are read in the brackets of Jellyfin, Plex and Emby."""
    name = read_folder_name(
        "Alpha (2011) [tvdbid-81189] {tmdb-1429} [anilist=16498] {imdb-tt25601}"
    )

    assert name.ids == {"tvdb": "81189", "tmdb": "1429", "anilist": "16498", "imdb": "tt25601"}
    assert (name.title, name.year) == ("Alpha", 2011)
    known = make_series("known", name="Other", external_ids=("tvdb-81189", "imdb-tt25601"))
    foreign = make_series("foreign", name="Alpha", external_ids=("tvdb-5",))
    owner = FolderIndex.of([known, foreign]).owner("Whatever [tvdbid-81189]")
    assert (owner.key, owner.rule) == ("known", FolderRule.NAME_ID)
    assert FolderIndex.of([foreign]).owner("Alpha [tvdbid-81189]").key is None
    in_nfo = FolderIndex.of([known]).owner("Whatever", FolderMarks(ids={"imdb": "tt25601"}))
    assert (in_nfo.key, in_nfo.rule) == ("known", FolderRule.NFO_ID)


def test_marks_of_an_nfo() -> None:
    """Ids, titles and year are read from XML, also if it is cut, and ids from links."""
    marks = nfo_marks(
        '<?xml version="1.0"?><tvshow><title>Alpha &amp; Beta</title>'
        "<originaltitle>アルファ</originaltitle><premiered>2011-04-05</premiered>"
        '<uniqueid type="tvdb" default="true">81189</uniqueid><uniqueid type="xy">1</uniqueid>'
        "<imdb_id>tt0012345</imdb_id><tmdbid>7</tmdbid><actor><name>Wer"
    )

    assert marks.titles == ("Alpha & Beta", "アルファ")
    assert marks.year == 2011
    assert marks.ids == {"tvdb": "81189", "imdb": "tt0012345", "tmdb": "7"}
    linked = nfo_marks("https://anilist.co/anime/16498/x\nhttps://www.imdb.com/title/tt2560140/")
    assert linked == FolderMarks(ids={"anilist": "16498", "imdb": "tt2560140"})
    assert not nfo_marks("<movie><title>Alpha</title></movie>")
    assert not nfo_marks("\x00\xff no XML <<<" * 9999)


@pytest.mark.parametrize(
    ("link", "database", "identifier"),
    [
        ("IMDb.com/Title/tt2560140", "imdb", "tt2560140"),
        ("TheMovieDB.org/TV/1429", "tmdb", "1429"),
        ("TheTVDB.com/?tab=series&ID=81189", "tvdb", "81189"),
        ("thetvdb.com/Series/81189", "tvdb", "81189"),
        ("AniList.co/Anime/16498", "anilist", "16498"),
        ("MyAnimeList.net/Anime/16498", "mal", "16498"),
        ("AniDB.net/Anime/9541", "anidb", "9541"),
        ("anidb.net/perl-bin/animedb.pl?show=anime&aid=9541", "anidb", "9541"),
    ],
)
def test_links_in_an_nfo(link: str, database: str, identifier: str) -> None:
    """The link of each database gives its id, in upper and lower case."""
    assert nfo_marks(f"https://www.{link}") == FolderMarks(ids={database: identifier})


def test_tags_of_an_nfo_may_be_upper_case() -> None:
    """Tags are read in upper and lower case; numbers only in ASCII digits."""
    marks = nfo_marks("<TVShow><Title>Alpha</Title><Year>2011</Year><TVDBID>81189</TVDBID>")
    assert marks == FolderMarks(ids={"tvdb": "81189"}, titles=("Alpha",), year=2011)
    arabic = nfo_marks("<tvshow><year>20\u0661\u0661</year><tvdbid>\u0668\u0661\u0661</tvdbid>")
    assert arabic == FolderMarks()


@pytest.mark.parametrize(
    "marks",
    [
        FolderMarks(titles=("Beta",)),
        FolderMarks(titles=("Alpha",), year=1999),
        FolderMarks(ids={"tvdb": "5"}),
        FolderMarks(key=SeriesKey("other")),
    ],
    ids=["title", "year", "id", "key"],
)
def test_foreign_marks_forbid_merging(marks: FolderMarks) -> None:
    """A folder with the right name and the NFO, year, id or key of another series stays out."""
    index = FolderIndex.of([attrs.evolve(ALPHA, external_ids=("tvdb-81189",))])

    owner = index.owner("Alpha (2011)", marks)

    assert owner.key is None
    assert owner.candidates == ("alpha",)
    assert index.owner("Alpha", FolderMarks(titles=("ALPHA!",), year=2011)).key == "alpha"
    assert (
        index.owner("Beta", FolderMarks(ids={"tvdb": "81189"}, titles=("アルファ",))).key == "alpha"
    )


def test_further_folders_belong_to_the_series() -> None:
    """A folder that a person gave to a series is its own, also on another disk."""
    series = make_series(
        "alpha", name="Alpha", folder=FolderName("Alpha"), other_folders=("/disk2/Whatever",)
    )
    contents = attrs.evolve(_contents("Whatever", "01.mkv"), root="/disk2")

    placed = place_folders(FolderIndex.of([series]), [contents, _contents("Whatever", "01.mkv")])

    assert [p.contents.path for p in placed.owned[SeriesKey("alpha")]] == ["/disk2/Whatever"]
    assert [p.contents.path for p in placed.strangers] == ["Whatever"]


def test_folders_below_grouping_folders() -> None:
    """Series are found one and two grouping folders deep, and nothing is lost on the way."""
    index = FolderIndex.of([ALPHA, _series("beta", "Beta")])
    placed = place_folders(
        index,
        [
            _contents("A", "Alpha (2011)/Season 1/a.mkv"),
            _contents(
                "Anime", "Serien/Alpha (2011)/b.mkv", "Filme/Beta/c.mkv", "Neu/Gamma/Season 1/d.mkv"
            ),
            _contents("", "Beta - 03.mkv", "unknown.mkv"),
            _contents("Gamma", "[X] Gamma [BD]/01.mkv"),
            _contents("Delta", "Disc 1/01.mkv"),
            _contents("Alpha", "Season 1/Alpha - 01.mkv", "planned beta/01.mkv"),
        ],
    )

    assert [part.contents.folder for part in placed.owned[SeriesKey("alpha")]] == [
        "A/Alpha (2011)", "Anime/Serien/Alpha (2011)", "Alpha",
    ]  # fmt: skip
    assert [(part.contents.folder, part.contents.names) for part in placed.strangers] == [
        ("Anime/Neu/Gamma", ("Season 1/d.mkv",)),
        ("", ("unknown.mkv",)),
        ("Gamma", ("[X] Gamma [BD]/01.mkv",)),
        ("Delta", ("Disc 1/01.mkv",)),
    ]
    assert {part.contents.folder for part in placed.owned[SeriesKey("beta")]} == {
        "Anime/Filme/Beta", ""
    }  # fmt: skip


def test_files_in_a_collection_belong_to_the_series_in_their_names() -> None:
    """A folder of downloads is divided by the titles of its files, a folder of a series is not."""
    index = FolderIndex.of([ALPHA, _series("beta", "Beta")])
    placed = place_folders(
        index,
        [
            _contents("downloads", "[Grp] Alpha - 01 [1080p].mkv", "Beta.S01E04.mkv", "x.mkv"),
            _contents("more", "Alpha (2011) - 02.mkv", "Sample/Beta - 05.mkv", "Gamma - 01.mkv"),
            _contents("Alpha (2021)", "Alpha - 01.mkv"),
            _contents("other", "Alpha - 03.mkv", "Season 1/Alpha - 04.mkv"),
        ],
    )

    owned = {
        key: {part.contents.path_of(file.path) for part in parts for file in part.contents.files}
        for key, parts in placed.owned.items()
    }
    assert owned == {
        "alpha": {"downloads/[Grp] Alpha - 01 [1080p].mkv", "more/Alpha (2011) - 02.mkv"},
        "beta": {"downloads/Beta.S01E04.mkv"},
    }
    assert {part.contents.folder for part in placed.strangers} >= {"downloads", "more", "other"}


def test_folder_of_another_series_inside_a_series_folder() -> None:
    """Only an exact match takes files out of the folder of a series."""
    index = FolderIndex.of([ALPHA, _series("alpha-beta", "Alpha Beta", 2014)])
    placed = place_folders(index, [_contents("Alpha", "01.mkv", "Alpha Beta (2014)/01.mkv")])

    assert [p.contents.names for p in placed.owned[SeriesKey("alpha")]] == [("01.mkv",)]
    assert [p.contents.folder for p in placed.owned[SeriesKey("alpha-beta")]] == [
        "Alpha/Alpha Beta (2014)"
    ]


_PARTS = st.sampled_from(
    ["Alpha", "Beta", "Gamma (2001)", "Season 1", "Filme", "extras", "[G] Alpha [1080p]", "A", "x"]
)
_FILES = st.sampled_from(["01.mkv", "Alpha - S01E02.mkv", "Beta - 3.mkv", "unknown.mkv"])
_PATHS = st.builds(
    lambda parts, file: "/".join([*parts, file]), st.lists(_PARTS, max_size=3), _FILES
)


@given(st.dictionaries(st.one_of(_PARTS, st.just("")), st.sets(_PATHS, min_size=1), max_size=4))
def test_every_file_is_placed_once(tree: dict[str, set[str]]) -> None:
    """Dividing folders loses no file, doubles none, and does not depend on the order of series."""
    folders = [_contents(folder, *files) for folder, files in sorted(tree.items())]
    series = [ALPHA, _series("beta", "Beta"), _series("beta-2", "Beta")]
    placed = place_folders(FolderIndex.of(series), folders)
    parts = [*placed.unsure, *placed.strangers, *(p for ps in placed.owned.values() for p in ps)]

    found = [part.contents.path_of(name) for part in parts for name in part.contents.names]
    assert sorted(found) == sorted(c.path_of(n) for c in folders for n in c.names)
    assert place_folders(FolderIndex.of(reversed(series)), folders) == placed


def test_marks_are_read_of_every_folder_that_can_be_a_series() -> None:
    """The folder itself and those above its files, two levels deep; no season folder."""
    contents = _contents("Group", "A/Season 1/1.mkv", "A/2.mkv", "B/C/D/3.mkv", "4.mkv")

    assert sorted(marked_paths(contents)) == ["Group", "Group/A", "Group/B", "Group/B/C"]


@pytest.mark.parametrize(
    ("name", "title", "literal"),
    [
        ("Alpha.S01.German.1080p.WEB-GRP", "Alpha", "Alpha S01 German 1080p WEB-GRP"),
        ("Alpha", "Alpha", "Alpha"),
    ],
)
def test_the_words_of_a_release_may_be_the_title(name: str, title: str, literal: str) -> None:
    """The whole name is tried first, because a title may look like a release."""
    found = read_folder_name(name)

    assert (found.title, found.titles[0][0], found.literal) == (title, literal, literal)


@pytest.mark.parametrize(
    "folder", ["Alpha II", "Alpha Part 2", "Alpha Shippuu (2018)", "Alpha - Shippuu", "alpha 2"]
)
def test_a_folder_of_a_sequel_belongs_to_the_series_that_has_it(folder: str) -> None:
    """The relations say that the sequel is a season of the series; another series of it wins."""
    part = SeasonPart(ordinal=2, season=2, year=2018, titles=("Alpha Shippuu",))
    whole = attrs.evolve(ALPHA, parts=(part,))

    assert FolderIndex.of([whole]).owner(FolderName(folder)).key == whole.key
    assert FolderIndex.of([ALPHA]).owner(FolderName(folder)).key is None
    assert FolderIndex.of([whole]).owner(FolderName("Alpha III")).key is None
    sequel = _series("sequel", folder)
    assert FolderIndex.of([whole, sequel]).owner(FolderName(folder)).key == "sequel"
