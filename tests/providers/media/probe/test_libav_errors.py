"""Whatever libav says about damaged media, the reason is typed, true and without paths."""

import io
import random
from pathlib import Path
from typing import Any

import av
import pytest

from aniworld_core.errors import BadMediaError
from aniworld_providers.media import inspect_file
from aniworld_providers.media.remux.input import TrackSource
from aniworld_providers.media.remux.muxer import remux
from providers.media.remux.test_muxer import source
from support.media.coded_films import Film, encoded

_FRAGMENTS = {"movflags": "+frag_keyframe+empty_moov"}
FILMS = {
    film.name: film
    for film in (
        Film(name="a.mp4", seconds=1),
        Film(name="b.mp4", seconds=1, mux=_FRAGMENTS),
        Film(name="c.mkv", seconds=1),
        Film(name="d.ts", seconds=1),
        Film(name="e.webm", video="libvpx-vp9", audio="libopus", seconds=1),
        Film(name="f.avi", video="mpeg4", audio="libmp3lame", seconds=1),
        Film(name="g.flv", seconds=1),
        Film(name="h.wmv", video="mpeg4", audio="libmp3lame", seconds=1),
        Film(name="i.mpg", video="mpeg2video", audio="mp2", seconds=1),
    )
}
#: First bytes of an ASF file; its sizes follow.
_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")


def _damaged(data: bytes, seed: int) -> bytes:
    """Overwrite some bytes, mostly those of the tables at both ends, and cut the end sometimes."""
    noise = random.Random(seed)
    damaged = bytearray(data)
    for _ in range(noise.randint(1, 4)):
        ends = (noise.randrange(600), len(data) - 1 - noise.randrange(3000))
        at = max(noise.choice([noise.randrange(len(data)), *ends]), 0)
        piece = noise.randbytes(noise.randint(1, 60))
        damaged[at : at + len(piece)] = piece
    return bytes(damaged[: noise.randrange(len(data))] if noise.random() < 0.3 else damaged)


def _require_plain(error: BadMediaError, path: Path) -> None:
    for secret in (str(path), path.name, "Errno", "<none>"):
        assert secret not in str(error)


@pytest.mark.parametrize("name", FILMS)
def test_a_damaged_file_has_a_plain_reason(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """It passes or is refused; nothing is raised bare, and stderr has no traceback."""
    path = tmp_path / "Film.mp4.part"
    for seed in range(12):
        path.write_bytes(_damaged(encoded(FILMS[name]), seed))
        try:
            inspect_file(path, thorough=True)
        except BadMediaError as error:
            _require_plain(error, path)
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("name", ["b.mp4", "d.ts", "e.webm"])
def test_damaged_segments_have_a_plain_reason(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Also when they are put into a container."""
    kind = {"mp4": "mov", "ts": "mpegts", "webm": "matroska"}[name.rpartition(".")[2]]
    target = tmp_path / "Film.mp4.part"
    for seed in range(12):
        track = TrackSource(groups=[source(_damaged(encoded(FILMS[name]), seed), kind)])
        try:
            remux([track], target, expected_duration=1.0)
        except BadMediaError as error:
            _require_plain(error, target)
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("seed", range(3))
def test_impossible_positions_are_damage(
    seed: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A size that no file can have is no failure of the disk."""
    path = tmp_path / "film"
    path.write_bytes(_ASF + b"\xff" * 8 + random.Random(seed).randbytes(5000))

    with pytest.raises(BadMediaError):
        inspect_file(path, thorough=True)
    assert not capfd.readouterr().err


@pytest.mark.parametrize(("entry", "track"), [(b"avc1", "video"), (b"mp4a", "audio")])
def test_an_unknown_codec_is_named(entry: bytes, track: str, tmp_path: Path) -> None:
    """A track that cannot be decoded cannot be checked, in files and in segments."""
    data = encoded(FILMS["b.mp4"]).replace(entry, b"x\xf5x\xf5").replace(b"esds", b"free")
    path = tmp_path / "film"
    path.write_bytes(data)

    for check in (
        lambda: inspect_file(path, thorough=True),
        lambda: remux(
            [TrackSource(groups=[source(data, "mov")])], tmp_path / "out", expected_duration=1.0
        ),
    ):
        with pytest.raises(BadMediaError, match=f"its {track} has a codec that cannot be decoded"):
            check()


def test_names_in_another_encoding_are_no_damage(tmp_path: Path) -> None:
    """Old programs wrote titles in Latin-1."""
    file = io.BytesIO()
    with (
        av.open(io.BytesIO(encoded(FILMS["b.mp4"])), "r") as given,
        av.open(file, "w", format="matroska") as output,
    ):
        output.metadata["title"] = "TITEL-XY"
        pairs: dict[int, Any] = {s.index: output.add_stream_from_template(s) for s in given.streams}
        for packet in given.demux():
            if packet.dts is not None:
                packet.stream = pairs[packet.stream_index]
                output.mux(packet)
    path = tmp_path / "film"
    path.write_bytes(file.getvalue().replace(b"TITEL-XY", b"Stra\xdfe-\xfc"))

    assert inspect_file(path, thorough=True).height == 96
