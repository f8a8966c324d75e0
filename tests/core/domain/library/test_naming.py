"""Episodes get safe, readable places that can be read back."""

from pathlib import PurePosixPath

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aniworld_core.domain.catalogue import Episode, Series, Titles
from aniworld_core.domain.configuration import NamingConfig, NamingPreset
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.library import (
    disambiguated_folder,
    parse_file_name,
    preview,
    render_episode_path,
    render_series_folder,
    safe_folder,
)
from aniworld_core.domain.media import GER_DUB, Language
from aniworld_core.errors import InvalidTemplateError
from aniworld_core.testing.factories import make_episode, make_series
from support.hostile_names import assert_harmless, hostile_names
from support.thorough import IS_THOROUGH

NAMING = NamingConfig()
KEY = SeriesKey("some-show")


def show(name: str = "Show", folder: str = "Show", year: int | None = None) -> Series:
    return Series(
        key=KEY, name=name, year=year, site="s", provider="p", link="l", folder=FolderName(folder)
    )


def place(
    episode: Episode,
    language: Language | None = GER_DUB,
    naming: NamingConfig = NAMING,
    series: Series | None = None,
) -> str:
    return str(render_episode_path(naming, series or show(), episode, language))


TITLED = Episode(season=1, number=5, titles=Titles(de="Anfang"))


def test_default_layout() -> None:
    """The default is the layout media servers understand."""
    assert place(TITLED) == "Show/Season 01/Show - S01E05 - Anfang (German Dub)"


def test_films_and_specials_live_in_season_00() -> None:
    """Season 0 has its own folder."""
    assert place(Episode(season=0, number=1, titles=Titles(de="Film"))) == (
        "Show/Season 00/Show - S00E01 - Film (German Dub)"
    )


def test_double_episodes_name_both_numbers() -> None:
    """`S01E04-E05`, also in a template that writes the numbers itself."""
    double = Episode(season=1, number=4, last_number=5, titles=Titles(de="Zwei"))
    own = NamingConfig(episode="{name} {season}x{episode:02} {title}")
    assert place(double).endswith("/Show - S01E04-E05 - Zwei (German Dub)")
    assert place(double, naming=own).endswith("/Show 1x04-05 Zwei")


@pytest.mark.parametrize(
    ("template", "stem"),
    [
        ("{name} - {code} - {title} ({language})", "Show - S01E05 - Anfang"),
        ("{name} ({year}) - {code}", "Show - S01E05"),
        ("({year}) {name} - {code}", "Show - S01E05"),
        ("{year} - {name} - {code}", "Show - S01E05"),
        ("{name} - {code} [{quality} {language}]", "Show - S01E05"),
        ("{code} [{quality} {title}]", "S01E05 [Anfang]"),
        ("{code} [{title} {quality}]", "S01E05 [Anfang]"),
        ("{code} - {year} - {title}", "S01E05 - Anfang"),
    ],
)
def test_empty_parts_leave_nothing_behind(template: str, stem: str) -> None:
    """No empty brackets, no separators before or after nothing."""
    path = place(TITLED, None, NamingConfig(episode=template))
    assert PurePosixPath(path).name == stem


def test_brackets_inside_a_title_stay() -> None:
    """Only the template's own empty brackets go."""
    assert place(Episode(season=1, number=1, titles=Titles(de="Was () hier - - "))).endswith(
        "Show - S01E01 - Was () hier - - (German Dub)"
    )


def test_titles_are_shortened_before_names_and_codes_never() -> None:
    """A component fits 200 bytes and still says which episode it is."""
    long_title = Episode(season=1, number=5, titles=Titles(de="ä" * 300))
    stem = PurePosixPath(place(long_title)).name
    assert stem.startswith("Show - S01E05 - ää")
    assert stem.endswith("(German Dub)")
    assert len(stem.encode()) <= 200

    both = PurePosixPath(place(long_title, series=show("進" * 300))).name
    assert " - S01E05 " in both
    assert len(both.encode()) <= 200


def test_sidecars_fit_beside_the_longest_name() -> None:
    """Room is left for every suffix in use."""
    stem = PurePosixPath(place(Episode(season=1, number=5, titles=Titles(de="x" * 999)))).name
    for suffix in (".mkv.part.ledger", "-thumb.jpg", ".de.forced.srt"):
        assert len((stem + suffix).encode()) <= 255


@pytest.mark.thorough
def test_hostile_series_never_leave_the_root() -> None:
    """Names, titles and folders from outside give relative paths of safe components."""
    names = hostile_names(10_000 if IS_THOROUGH else 1_000)
    for index, name in enumerate(names):
        other = names[-index]
        series = show(name, other)
        path = render_episode_path(
            NAMING, series, Episode(season=1, number=7, titles=Titles(de=other)), GER_DUB
        )
        assert not path.is_absolute()
        assert not {"..", ".", ""} & set(path.parts)
        assert "\x00" not in str(path)
        assert all(len(part.encode()) <= 255 for part in path.parts)
        assert_harmless(path.name)
        assert "S01E07" in path.name


@settings(max_examples=300)
@given(
    name=st.text(min_size=1, max_size=60),
    title=st.text(max_size=60),
    season=st.integers(0, 99),
    number=st.integers(0, 1999),
    extra=st.integers(0, 3),
    language=st.sampled_from([GER_DUB, Language("ja+fr"), None]),
)
def test_what_is_written_can_be_read_back(
    name: str, title: str, season: int, number: int, extra: int, language: Language | None
) -> None:
    """The parser finds season and numbers in every name the template makes."""
    episode = Episode(
        season=season,
        number=number,
        last_number=number + extra if extra else None,
        titles=Titles(de=title, en=title),
    )
    path = place(episode, language, series=show(name)) + ".mp4"
    found = parse_file_name(path, titles=(name,))
    assert (found.season, found.episodes) == (season, tuple(range(number, number + extra + 1)))


@pytest.mark.parametrize("code", ["ger-dub", "ja+fr", "pt-BR", "zh-Hant"])
@pytest.mark.parametrize(
    "title", ["E7", "E5", "x5", "86", "S02E09", "1x02", "2 - 3", "Folge 9", "(German Dub)"]
)
def test_titles_with_numbers_do_not_disturb_reading(title: str, code: str) -> None:
    """An episode called like another episode is still itself, in every language."""
    episode = Episode(season=3, number=4, titles=Titles(de=title))
    found = parse_file_name(place(episode, Language(code)) + ".mp4", titles=("Show",))
    assert (found.season, found.episodes) == (3, (4,))


def test_a_folder_that_exists_is_kept_as_it_is() -> None:
    """A harmless name that somebody else chose is not changed; a dangerous one is."""
    assert safe_folder("Re:Zero? Ja...") == "Re:Zero? Ja..."
    assert safe_folder("Anime/Show") == "Anime/Show"
    assert safe_folder("../../etc") == "_/_/etc"
    assert safe_folder("/etc") == "etc"
    assert safe_folder("a\\..\\b") == "a-..-b"
    assert safe_folder(".hidden") == "hidden"
    assert safe_folder("") == "_"
    assert place(TITLED, series=show(folder="")).startswith("some-show/")


def folder(name: str = "Show", year: int | None = None, *, taken: list[str]) -> str:
    return disambiguated_folder(NAMING, name, year, KEY, "site", taken=taken)


def test_series_folders() -> None:
    """The year is given where it is known, and what nothing is left of becomes the key."""
    assert render_series_folder(NAMING, "Show", 2013, KEY, "s") == "Show (2013)"
    assert render_series_folder(NAMING, "Show", None, KEY, "s") == "Show"
    assert render_series_folder(NAMING, "???", None, KEY, "s") == "some-show"
    by_site = NamingConfig(series_folder="{site} {key}")
    assert render_series_folder(by_site, "Show", None, KEY, "a/b") == "a-b some-show"


def test_folders_that_would_meet_are_told_apart() -> None:
    """Year first, then key, then a number; compared without case and Unicode form."""
    plain = NamingConfig(series_folder="{name}")
    assert folder(taken=["Other"]) == "Show"
    assert folder(taken=["SHOW"]) == "Show [some-show]"
    assert folder("Übel", taken=["u\u0308bel"]) == "Übel [some-show]"
    assert folder("Show", 2013, taken=["show (2013)"]) == "Show (2013) [some-show]"
    assert folder(taken=["show", "show [some-show]"]) == "Show [some-show] 2"
    assert folder(taken=["show", "show [some-show]", "Show [some-show] 2"]).endswith("] 3")
    with_year = disambiguated_folder(plain, "Show", 2013, KEY, "s", taken=["show"])
    assert with_year == "Show (2013)"


def test_long_folders_are_told_apart_within_the_limit() -> None:
    """What tells two folders apart is never cut off."""
    name = "x" * 300
    first = folder(name, taken=[])
    second = folder(name, taken=[first])
    assert second.endswith("[some-show]")
    assert len(second.encode()) <= 200


def test_preview_shows_telling_examples() -> None:
    """Season, special, double and nameless cases are all there."""
    titan = "Attack on Titan (2013)"
    odd = "Was Ein 'Titel' - mit - und - darin"
    assert preview(NamingConfig()) == [
        f"{titan}/Season 01/Attack on Titan - S01E05 - Erste Schlacht (German Dub).mp4",
        f"{titan}/Season 01/Attack on Titan - S01E24-E25 - Die Mauer (German Sub).mp4",
        f"{titan}/Season 00/Attack on Titan - S00E01 - Der Film (German Dub).mp4",
        f"{odd}/Season 12/{odd} - S12E105 - Episode 105.mp4",
    ]


def test_a_bad_template_is_refused() -> None:
    """A template that cannot tell files apart names nothing."""
    with pytest.raises(InvalidTemplateError):
        place(TITLED, naming=attrs.evolve(NAMING, episode="{name}"))


@pytest.mark.parametrize(
    ("preset", "path"),
    [
        (NamingPreset.OWN, "A (2011)/Season 02/A - S02E03 - Drei (German Dub)"),
        (NamingPreset.JELLYFIN, "A (2011)/Season 02/A (2011) - S02E03 - Drei - [German Dub]"),
        (NamingPreset.PLEX, "A (2011)/Season 02/A (2011) - S02E03 - Drei"),
        (NamingPreset.KODI, "A (2011)/Season 02/A - S02E03 - Drei"),
        (NamingPreset.SONARR_ANIME, "A/Season 02/A - S02E03 - 015 - Drei"),
    ],
)
def test_a_preset_replaces_the_templates(preset: NamingPreset, path: str) -> None:
    """Every preset writes the names that its program documents."""
    naming = NamingConfig(preset=preset)
    third = make_episode(3, 2, titles=Titles(de="Drei"))
    folder = render_series_folder(naming, "A", 2011, SeriesKey("a"), "site")
    series = make_series(
        name="A",
        year=2011,
        folder=folder,
        episodes=[*(make_episode(n) for n in range(1, 13)), third],
    )
    assert str(render_episode_path(naming, series, third, GER_DUB)) == path


@pytest.mark.parametrize("preset", list(NamingPreset))
@given(season=st.integers(0, 40), number=st.integers(1, 2000), double=st.booleans())
def test_names_of_every_preset_are_read_back(
    preset: NamingPreset, season: int, number: int, double: bool
) -> None:
    """The scanner reads season and numbers from names of every preset, also with absolute ones."""
    last = number + 1 if double else None
    episode = make_episode(number, season, last_number=last, titles=Titles(de="Der Weg"))
    series = make_series(name="Laternen", year=2011, episodes=[episode])
    path = render_episode_path(NamingConfig(preset=preset), series, episode, GER_DUB)
    read = parse_file_name(path.name + ".mkv", parents=path.parts[:-1], titles=(series.name,))
    assert (read.season, read.episodes) == (season, (number, number + 1) if double else (number,))


def test_short_paths_stay_below_the_limit() -> None:
    """With `short_paths` the title gives way; the code stays, and a suffix still fits."""
    naming = NamingConfig(short_paths=True)
    episode = make_episode(7, titles=Titles(de="Titel " * 40))
    for name in ("Kurz", "Ein sehr langer Name einer Serie " * 4):
        folder = render_series_folder(naming, name, 2011, SeriesKey("a"), "site")
        series = make_series(name=name, folder=folder, episodes=[episode])
        path = str(render_episode_path(naming, series, episode, GER_DUB))
        assert "S01E07" in path
        assert len(path) <= 260 - 60, path


def test_a_double_episode_has_two_absolute_numbers() -> None:
    """Both halves are named, like in the episode code."""
    naming = NamingConfig(preset=NamingPreset.SONARR_ANIME)
    double = make_episode(1, 2, last_number=2, titles=Titles(de="D"))
    series = make_series(name="A", folder=FolderName("A"), episodes=[make_episode(1), double])
    path = render_episode_path(naming, series, double, None)
    assert path.name == "A - S02E01-E02 - 002-003 - D"
