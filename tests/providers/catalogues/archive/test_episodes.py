"""Internet Archive: episodes from the files of an item."""

from typing import Any

import pytest

from aniworld_core.domain.media import ENG_DUB, GER_DUB, GER_SUB, JPN, Language
from aniworld_providers.catalogues.archive import fields
from aniworld_providers.catalogues.archive.episodes import ArchiveEpisode, number_episodes
from aniworld_providers.catalogues.archive.item import read_item
from support.sites.archive import make_derivative, make_file, make_item


def _episodes(*files: dict[str, Any], **metadata: object) -> tuple[ArchiveEpisode, ...]:
    item = make_item("show", list(files), **{"title": "Show", **metadata})
    return number_episodes(read_item("show", item))


def _places(*files: dict[str, Any]) -> list[tuple[int, int, str]]:
    return [(e.season, e.number, e.files[0].name) for e in _episodes(*files)]


def test_a_single_video_is_a_film() -> None:
    """Season 0, episode 1, whatever its name; the derivative is not a second video."""
    episodes = _episodes(
        make_file("Show.avi"), make_derivative("Show.mp4", "Show.avi", size="5"), language="eng"
    )

    assert [(e.season, e.number, e.files[0].name) for e in episodes] == [(0, 1, "Show.avi")]
    assert episodes[0].languages == {ENG_DUB}
    assert episodes[0].title == ""


def test_numbers_come_from_names_then_folders_then_order() -> None:
    """Numbers in names count first; other files get free numbers in natural order."""
    assert _places(
        make_file("Show S01E02.mp4"),
        make_file("clip 10.mp4"),
        make_file("clip 9.mp4"),
        make_file("Season 3/intro.mp4"),
        make_file("Season 3/04 Woods.mp4"),
    ) == [
        (1, 1, "clip 9.mp4"),
        (1, 2, "Show S01E02.mp4"),
        (1, 3, "clip 10.mp4"),
        (3, 1, "Season 3/intro.mp4"),
        (3, 4, "Season 3/04 Woods.mp4"),
    ]


def test_two_files_of_one_episode_are_two_sources() -> None:
    """Neither is dropped, and neither becomes an episode of its own."""
    (first, second) = _episodes(
        make_file("Show S01E01 a.mp4"), make_file("Show S01E01 b.mp4"), make_file("Show S01E02.mp4")
    )

    assert len(first.files) == 2
    assert len(second.files) == 1


@pytest.mark.parametrize(
    "suffix", ["mp4", "m4v", "mkv", "webm", "mov", "avi", "mpeg", "mpg", "ogv", "ts", "MKV"]
)
def test_a_playable_original_is_preferred(suffix: str) -> None:
    """Even if a derivative is larger."""
    ((_, _, name),) = _places(
        make_file(f"a.{suffix}"), make_derivative("a.ia.mp4", f"a.{suffix}", size="9999")
    )

    assert name == f"a.{suffix}"


def test_otherwise_the_largest_h264_derivative_is_used() -> None:
    """For an original in another container, not simply the largest file."""
    ((_, _, name),) = _places(
        make_file("a.iso", format="ISO Image"),
        make_derivative("a_small.mp4", "a.iso", size="100"),
        make_derivative("a_large.mp4", "a.iso", size="900") | {"format": "h.264 IA"},
        make_derivative("a.ogv", "a.iso", size="5000") | {"format": "Ogg Video"},
    )

    assert name == "a_large.mp4"


def test_a_private_original_is_replaced_by_its_derivative() -> None:
    """Public files are used."""
    ((_, _, name),) = _places(make_file("a.mkv", private="true"), make_derivative("a.mp4", "a.mkv"))

    assert name == "a.mp4"


def test_derivatives_of_derivatives_belong_together() -> None:
    """Also when their original is not listed; circular references stay separate."""
    files = [
        make_file("a.iso"),
        make_derivative("a.mp4", "a.iso"),
        make_derivative("a_512kb.mp4", "a.mp4"),
        make_derivative("lost.mp4", "never-listed.vob"),
        make_derivative("x.mp4", "y.mp4"),
        make_derivative("y.mp4", "x.mp4"),
    ]

    assert len(_places(*files)) == 4


def test_thousands_of_files_without_number_are_numbered() -> None:
    """Items may have that many; the order is natural, not by character."""
    names = [f"reel {'x' * (n % 3)}{n}b.mp4" for n in range(3000)]

    episodes = _episodes(*map(make_file, names))

    assert [(e.season, e.number) for e in episodes] == [(1, n) for n in range(1, 3001)]


def test_samples_and_trailers_are_left_out() -> None:
    """Unless there is nothing else."""
    assert len(_places(make_file("Show.mkv"), make_file("Show-sample.mkv"))) == 1
    assert len(_places(make_file("sample.mkv"))) == 1


def test_empty_files_are_not_episodes() -> None:
    """Nor are images, subtitles and the archive's own files."""
    assert (
        _places(make_file("a.jpg"), make_file("a.srt"), make_file("a.txt"), make_file("a.mp3"))
        == []
    )


def test_languages_in_names_take_precedence() -> None:
    """A file name is more specific than the item."""
    german, other = _episodes(
        make_file("Show - S01E01 - (German Sub).mp4"),
        make_file("Show - S01E02.mp4"),
        language=["English", "Japanese"],
    )

    assert german.languages == {GER_SUB}
    assert other.languages == {ENG_DUB, JPN}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("eng", {ENG_DUB}),
        ("English", {ENG_DUB}),
        ("en-US", {ENG_DUB}),
        (["ger", "Deutsch"], {GER_DUB}),
        ("German; English", {GER_DUB, ENG_DUB}),
        ("jpn", {JPN}),
        ("French", {Language("fr")}),
        ("zxx", set()),
        ("mul", set()),
        ("None", set()),
        ("Silent film with a long remark", set()),
        ("", set()),
        (None, set()),
        ({"a": 1}, set()),
    ],
)
def test_languages_are_normalised(value: object, expected: set[Language]) -> None:
    """Uploaders write codes, names and remarks."""
    assert fields.languages(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1420.35", 1420.35),
        ("23:40", 1420.0),
        ("1:02:03", 3723.0),
        (90, 90.0),
        ("0", None),
        ("1:2:3:4", None),
        ("-5", None),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_durations_are_parsed(value: object, expected: float | None) -> None:
    """Seconds, or hours and minutes before them."""
    assert fields.seconds(value) == expected


@pytest.mark.parametrize(
    ("identifier", "key"),
    [
        ("night_of_the_living_dead", "night-of-the-living-dead"),
        ("Foo.Bar--Baz__2", "foo-bar-baz-2"),
        ("_x_", "x"),
        ("a" * 300, "a" * 200),
        ("___", None),
        ("", None),
    ],
)
def test_identifiers_become_keys(identifier: str, key: str | None) -> None:
    """Lower case, single hyphens, none at the ends."""
    assert fields.key_of(identifier) == key


def test_subtitles_belong_to_the_video_with_their_name() -> None:
    """The name of the original or of a derivative, with optional language and flags."""
    names = [
        *("a.b.srt", "a.b.de.srt", "a.b.German.forced.vtt", "a.b_512kb.en.sdh.ass"),
        *("a.b.asr.srt", "a.b.other.srt", "a.srt", "a.b.de.txt", "else/a.b.de.srt"),
    ]
    (episode,) = _episodes(
        make_file("a.b.rm"),
        make_derivative("a.b_512kb.mp4", "a.b.rm"),
        make_file("a.b.fr.srt", private="true"),
        *map(make_file, names),
    )

    (file,) = episode.files
    found = [(t.name, t.track.tags) for t in file.texts]
    assert sorted(found) == [
        ("a.b.German.forced.vtt", ".de.forced"),
        ("a.b.de.srt", ".de"),
        ("a.b.srt", ""),
        ("a.b_512kb.en.sdh.ass", ".en.sdh"),
    ]
