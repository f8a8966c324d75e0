"""Inspect files: their facts and their faults."""

import os
from pathlib import Path

import pytest

from aniworld_core.errors import BadMediaError, LibraryUnavailableError
from aniworld_core.ports.inspector import MediaFacts
from aniworld_providers.media import inspect_file, open_inspector
from aniworld_providers.media.probe.sniff import (
    container_of,
    impostor_of,
    segment_kind,
    transport_stream_start,
)
from support.adapter_context import make_context
from support.media import streams


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same film in several containers."""
    folder = tmp_path_factory.mktemp("films")
    clip = streams.Clip(languages=("ger", "jpn"), tones=(440, 880))
    for name in ("a.mkv", "a.mov", "a.ts", "a.avi", "a.flv"):
        tones = clip if name not in {"a.flv"} else streams.Clip()
        streams.write(folder / name, tones)
    streams.write(folder / "a.mp4", clip, options={"movflags": "+faststart"})
    return folder


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov", ".ts", ".avi", ".flv"])
def test_every_container_is_recognised_by_its_bytes(
    films: Path, tmp_path: Path, suffix: str
) -> None:
    """The name does not matter; a complete file passes the thorough check."""
    path = tmp_path / "named.wrongly"
    path.write_bytes((films / f"a{suffix}").read_bytes())

    facts = inspect_file(path, thorough=True, expected_duration=6.0)

    assert (facts.suffix, facts.height) == (suffix, 90)
    assert facts.duration == pytest.approx(6.0, abs=0.1)


def test_languages_are_told(films: Path) -> None:
    """As ISO 639-3 codes, in order; unknown ones as `und`."""
    assert inspect_file(films / "a.mp4").audio_languages == ("deu", "jpn")
    assert inspect_file(films / "a.flv").audio_languages == ("und",)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_half_a_file_is_found_by_walking(films: Path, tmp_path: Path, suffix: str) -> None:
    """Its header still promises everything."""
    data = (films / f"a{suffix}").read_bytes()
    path = tmp_path / "half"
    path.write_bytes(data[: len(data) // 2])

    facts = inspect_file(path)
    assert facts.duration == pytest.approx(6.0, abs=0.1)
    with pytest.raises(BadMediaError, match=r"cut off|ends after"):
        inspect_file(path, thorough=True)


def test_a_missing_stretch_is_found(films: Path, tmp_path: Path) -> None:
    """A transport stream without its middle has no index that shows it."""
    data = (films / "a.ts").read_bytes()
    fourth = len(data) // 4 // 188 * 188
    path = tmp_path / "holed"
    path.write_bytes(data[:fourth] + data[3 * fourth :])
    with pytest.raises(BadMediaError, match="missing after"):
        inspect_file(path, thorough=True)


def test_noise_inside_is_found_by_decoding(films: Path, tmp_path: Path) -> None:
    """Every packet is there, but its content is damaged."""
    data = bytearray((films / "a.mp4").read_bytes())
    middle = len(data) // 2
    data[middle : middle + 20_000] = os.urandom(20_000)
    path = tmp_path / "noise"
    path.write_bytes(data)
    with pytest.raises(BadMediaError):
        inspect_file(path, thorough=True)


def test_another_duration_than_promised_is_refused(films: Path) -> None:
    """Within 2 % or 2 s."""
    assert inspect_file(films / "a.mp4", expected_duration=7.9).height == 90
    with pytest.raises(BadMediaError, match="instead of"):
        inspect_file(films / "a.mp4", expected_duration=9.0)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "nothing at all"),
        (b"\n <!DOCTYPE html><html>", "a web page"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "a playlist"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "a text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), r"an image \(PNG\)"),
        (b"<?xml version='1.0'?><MPD/>", "an XML document"),
        (b"PK\x03\x04" + bytes(50), "an archive"),
        (bytes(3000), "not a known video format"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(3000), "damaged"),
    ],
)
def test_what_is_no_film_is_named(tmp_path: Path, data: bytes, what: str) -> None:
    """A playlist that names other files is never opened as media."""
    path = tmp_path / "film.mp4"
    path.write_bytes(data)
    with pytest.raises(BadMediaError, match=what):
        inspect_file(path)


def test_sound_alone_is_no_film(tmp_path: Path) -> None:
    """A picture is needed."""
    path = streams.write(tmp_path / "a.mp4", streams.Clip(seconds=1, video=False))
    with pytest.raises(BadMediaError, match="no picture"):
        inspect_file(path)


def test_a_missing_file_is_the_librarys_fault(tmp_path: Path) -> None:
    """The error is about the library, not the media."""
    with pytest.raises(LibraryUnavailableError):
        inspect_file(tmp_path / "none.mp4")
    with pytest.raises(LibraryUnavailableError):
        inspect_file(tmp_path)


def test_a_stream_behind_an_image_is_found() -> None:
    """Three sync bytes one packet apart are a start, one alone is none."""
    packets = (b"G" + bytes(187)) * 4
    assert transport_stream_start(b"\x89PNG" + b"GG" * 10 + bytes(30) + packets) == 54
    assert transport_stream_start(b"G" * 3) is None
    assert segment_kind(b"ID3\x04\x00\x00\x00\x00\x00\x02xx\xff\xf1" + bytes(20)) == ("aac", 12)
    assert segment_kind(b"\xff\xfb\x90\x00" + bytes(20)) == ("mp3", 0)
    assert segment_kind(b"\x0b\x77\x00\x00\x00\x40" + bytes(20)) == ("ac3", 0)
    assert segment_kind(b"\x0b\x77\x00\x00\x00\x80" + bytes(20)) == ("eac3", 0)


@pytest.mark.parametrize("length", [0, 1, 7, 100, 4096])
def test_any_bytes_are_judged(length: int) -> None:
    """Nothing makes the rules fail."""
    for seed in range(20):
        data = bytes((i * 7919 * (seed + 1)) % 256 for i in range(length))
        found = container_of(data)
        assert found is None or found.suffix.startswith(".")
        assert isinstance(impostor_of(data), str | None)
        kind = segment_kind(data)
        assert kind is None or 0 <= kind[1] <= length


@pytest.mark.anyio
async def test_the_inspector_works_beside_the_loop(films: Path, tmp_path: Path) -> None:
    """It is opened like every adapter."""
    async with open_inspector(make_context(tmp_path)) as inspector:
        facts = await inspector.inspect(films / "a.mkv", thorough=True)

    assert isinstance(facts, MediaFacts)
    assert facts.suffix == ".mkv"
