"""Files of the right size whose inside is damaged, and good files that must not be called so."""

from pathlib import Path

import pytest

from aniworld_core.errors import BadMediaError
from aniworld_providers.media import inspect_file
from support.media.coded_films import DAMAGES, Film, encoded

#: One film per codec and container that a catalogue may link to.
FILMS = {
    film.name: film
    for film in (
        Film(name="h264.mp4", mux={"movflags": "+faststart"}),
        Film(name="open-gop.mp4", options={"x264-params": "open-gop=1:bframes=3"}, gop=50),
        Film(name="long-gop.mp4", gop=999),
        Film(name="fragmented.mp4", mux={"movflags": "+frag_keyframe+empty_moov"}),
        Film(name="pcm.mov", audio="pcm_s16le"),
        Film(name="hevc.mp4", video="libx265", audio="ac3"),
        Film(name="hevc.mkv", video="libx265", audio="flac"),
        Film(name="h264.ts", audio="ac3"),
        Film(name="vp9.webm", video="libvpx-vp9", audio="libopus"),
        Film(name="mpeg4.avi", video="mpeg4", audio="libmp3lame"),
        Film(name="mpeg2.mpg", video="mpeg2video", audio="mp2"),
        Film(name="h264.flv", audio="aac"),
    )
}


@pytest.mark.parametrize("name", FILMS)
def test_a_good_file_passes(name: str, tmp_path: Path) -> None:
    """No codec, container or way to order pictures is taken for damage."""
    path = tmp_path / "film"
    path.write_bytes(encoded(FILMS[name]))

    assert inspect_file(path, thorough=True).suffix == Path(name).suffix


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", FILMS)
def test_damage_inside_is_found(name: str, damage: str, tmp_path: Path) -> None:
    """Zeros, noise or a repeated block in a file of the right size."""
    path = tmp_path / "film"
    path.write_bytes(DAMAGES[damage](encoded(FILMS[name])))

    with pytest.raises(BadMediaError):
        inspect_file(path, thorough=True)


@pytest.mark.parametrize(
    ("film", "unit"),
    [
        (Film(name="a.ts", video="mpeg2video", audio="ac3"), 188),
        (Film(name="b.mpg", video="mpeg2video", audio="mp2"), 2048),
    ],
)
def test_a_recording_may_begin_and_end_within_a_picture(
    film: Film, unit: int, tmp_path: Path
) -> None:
    """Recordings are cut anywhere; damage between their ends is refused."""
    data = encoded(film)
    units = [data[at : at + unit] for at in range(0, len(data), unit)]
    path = tmp_path / "film"
    # Tables and headers come again; a program stream must begin with a pack.
    first = 7 if unit == 188 else 0
    for last in (5, 7, 9):
        path.write_bytes(b"".join(units[first:-last]))
        assert inspect_file(path, thorough=True).height

    middle = len(units) // 2
    path.write_bytes(b"".join((*units[first:middle], *units[middle + 20 : -5])))
    with pytest.raises(BadMediaError):
        inspect_file(path, thorough=True)
