"""The remux keeps the properties that control playback: type, records, colour, names."""

import io
import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from av.stream import Disposition

from aniworld_providers.media import inspect_file
from aniworld_providers.media.remux.input import ByteSource, TrackSource
from aniworld_providers.media.remux.muxer import MuxReport, remux
from aniworld_providers.media.remux.plan import check_remuxed
from providers.media.remux.test_muxer import Bytes
from support.media.coded_films import Film, encoded, write_film
from support.media.mp4_boxes import box, entry_of, with_entry

_FRAGMENTS = {"movflags": "+frag_keyframe+empty_moov+default_base_moof"}
_HEVC = Film(name="hevc.mp4", video="libx265", mux=_FRAGMENTS, seconds=1)
_H264 = Film(name="h264.mp4", mux=_FRAGMENTS, seconds=1)
#: Version 1.0, profile and level, base layer and metadata, compatibility.
_DOVI_5 = bytes([1, 0, 5 << 1, 3 << 3 | 0b101, 0]) + bytes(19)
_DOVI_8 = bytes([1, 0, 8 << 1, 3 << 3 | 0b101, 0x10]) + bytes(19)
_MASTERING = struct.pack(
    ">8H2I", 13250, 34500, 7500, 3000, 34000, 16000, 15635, 16450, 10_000_000, 1
)
_CHAPTERS: list[Any] = [
    {
        "id": at,
        "start": at,
        "end": at + 500,
        "time_base": Fraction(1, 1000),
        "metadata": {"title": title},
    }
    for at, title in ((0, "Eins"), (500, "Zwei"))
]
_ROTATED = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)


def remuxed(data: bytes, target: Path, *, wanted: str = "", kind: str = "mov") -> MuxReport:
    """Remux one input and check the result."""

    def begin() -> ByteSource:
        return Bytes(io.BytesIO(data), kind)

    report = remux([TrackSource(groups=[begin])], target, expected_duration=1.0, wanted=wanted)
    check_remuxed(target, report)
    return report


@pytest.mark.parametrize(
    ("film", "tag"),
    [(_HEVC, b"hvc1"), (_HEVC, b"hev1"), (_HEVC, b"dvh1"), (_H264, b"avc1"), (_H264, b"avc3")],
)
def test_the_type_of_the_sample_entry_is_kept(film: Film, tag: bytes, tmp_path: Path) -> None:
    """Players decide by it whether they can play a track."""
    target = tmp_path / "film"

    report = remuxed(with_entry(encoded(film), kind=tag), target)

    assert report.suffix == ".mp4"
    assert entry_of(target.read_bytes())[4:8] == tag


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        (b"dvcC", _DOVI_5),
        (b"dvvC", _DOVI_8),
        (b"mdcv", _MASTERING),
        (b"clli", struct.pack(">2H", 1000, 400)),
        (b"colr", b"nclx" + struct.pack(">3HB", 9, 16, 9, 0x80)),
        (b"pasp", struct.pack(">2I", 4, 3)),
    ],
)
def test_records_of_the_sample_entry_are_kept(name: bytes, payload: bytes, tmp_path: Path) -> None:
    """Dolby Vision, HDR, colour and the shape of a pixel, byte for byte."""
    target = tmp_path / "film"

    remuxed(with_entry(_without_colour(encoded(_HEVC)), box(name, payload), kind=b"hvc1"), target)

    assert box(name, payload) in entry_of(target.read_bytes())


def test_the_shape_of_a_pixel_decides_the_container(tmp_path: Path) -> None:
    """If only the container has it and Matroska would lose it, an MP4 is written."""
    shape = box(b"pasp", struct.pack(">2I", 4, 3))
    data = with_entry(_without_colour(encoded(_HEVC)), shape, kind=b"hvc1")

    report = remuxed(data, tmp_path / "film", wanted=".mkv")

    assert report.suffix == ".mp4"
    with av.open(str(tmp_path / "film")) as container:
        assert container.streams.video[0].sample_aspect_ratio == Fraction(4, 3)


def _without_colour(data: bytes) -> bytes:
    return data.replace(b"colr", b"free").replace(b"pasp", b"free")


@pytest.mark.parametrize("tag", [b"dvhe", b"dvav", b"dva1"])
def test_what_an_mp4_cannot_name_goes_into_matroska(tag: bytes, tmp_path: Path) -> None:
    """Matroska needs the record only; no other type replaces the original."""
    film = _HEVC if tag == b"dvhe" else _H264
    target = tmp_path / "film"

    data = with_entry(encoded(film), box(b"dvcC", _DOVI_5), kind=tag)
    report = remuxed(data, target, wanted=".mp4")

    assert report.suffix == ".mkv"
    assert b"dvcC" in target.read_bytes()[:4096]
    assert _DOVI_5 in target.read_bytes()[:4096]


@pytest.mark.parametrize("wanted", [".mp4", ".mkv"])
def test_rotation_is_kept(wanted: str, tmp_path: Path) -> None:
    """A picture filmed upright is shown upright."""
    data = bytearray(encoded(_H264))
    at = data.index(b"tkhd") + 4
    matrix = at + 4 + (32 if data[at] else 20) + 16
    data[matrix : matrix + 36] = _ROTATED
    target = tmp_path / "film"

    remuxed(bytes(data), target, wanted=wanted)

    with av.open(str(target)) as container:
        frame: Any = next(container.decode(video=0))
        assert abs(frame.rotation) == 90


def _labelled(path: Path) -> bytes:
    """Return a film with a title, languages, a disposition and chapters."""
    with (
        av.open(str(path), "w", options=dict(_FRAGMENTS)) as output,
        av.open(io.BytesIO(encoded(_H264)), "r") as given,
    ):
        pairs: dict[int, Any] = {s.index: output.add_stream_from_template(s) for s in given.streams}
        sound = pairs[given.streams.audio[0].index]
        sound.metadata["language"] = "jpn"
        pairs[given.streams.video[0].index].metadata["language"] = "deu"
        output.set_chapters(_CHAPTERS)
        sound.metadata["handler_name"] = sound.metadata["title"] = "Kommentar"
        sound.disposition = Disposition.comment
        for packet in given.demux():
            if packet.dts is not None:
                packet.stream = pairs[packet.stream_index]
                output.mux(packet)
    return path.read_bytes()


@pytest.mark.parametrize("wanted", [".mp4", ".mkv"])
def test_titles_languages_dispositions_and_chapters_are_kept(wanted: str, tmp_path: Path) -> None:
    """A comment stays a comment, and what a track is called stays as well."""
    data, target = _labelled(tmp_path / "source.mp4"), tmp_path / "film"

    report = remuxed(data, target, wanted=wanted)

    assert report.audio_languages == ("jpn",)
    with av.open(str(target)) as container:
        track = container.streams.audio[0]
        assert track.disposition & Disposition.comment
        assert "Kommentar" in track.metadata.values()
        assert container.streams.video[0].metadata["language"] == "deu"
        found = [(c["start"] * (c["time_base"] or 0), c["metadata"]) for c in container.chapters()]
        assert found == [(0, {"title": "Eins"}), (Fraction(1, 2), {"title": "Zwei"})]


@pytest.mark.parametrize("wanted", [".mp4", ".mkv"])
def test_texts_in_another_encoding_spoil_nothing(wanted: str, tmp_path: Path) -> None:
    """A byte that is no UTF-8 becomes one replacement character, and the film is read as always."""
    data, path, target = _labelled(tmp_path / "a.mp4"), tmp_path / "b.mp4", tmp_path / "film"
    for good, wrong in ((b"Kommentar", b"Komment\xe4r"), (b"Zwei", b"Zw\xe4i")):
        assert good in data
        data = data.replace(good, wrong)
    path.write_bytes(data)

    facts = inspect_file(path)
    report = remuxed(data, target, wanted=wanted)

    assert facts.audio_languages == report.audio_languages == ("jpn",)
    with av.open(str(target)) as container:
        assert "Komment\ufffdr" in container.streams.audio[0].metadata.values()
        titles = [chapter["metadata"]["title"] for chapter in container.chapters()]
        assert titles == ["Eins", "Zw\ufffdi"]


@pytest.mark.parametrize(
    ("film", "wanted", "suffix"),
    [
        (Film(name="a.mkv", audio="libopus", seconds=1), ".mp4", ".mp4"),
        (Film(name="b.mkv", audio="libopus", seconds=1), "", ".mkv"),
        (Film(name="c.mkv", audio="flac", seconds=1), ".mp4", ".mp4"),
        (Film(name="d.mkv", audio="libmp3lame", seconds=1), "", ".mp4"),
        (Film(name="e.mkv", audio="ac3", seconds=1), ".mkv", ".mkv"),
        (Film(name="f.webm", video="libvpx-vp9", audio="libopus", seconds=1), ".mp4", ".mp4"),
        (Film(name="g.webm", video="libvpx-vp9", audio="libopus", seconds=1), ".webm", ".webm"),
        (Film(name="h.webm", video="libvpx", audio="libopus", seconds=1), ".mp4", ".mkv"),
        (Film(name="i.mkv", video="libsvtav1", audio="libopus", seconds=1), ".mp4", ".mp4"),
        (Film(name="j.mkv", seconds=1), ".webm", ".mp4"),
    ],
)
def test_the_container_is_the_wanted_one_if_it_holds_the_tracks(
    film: Film, wanted: str, suffix: str, tmp_path: Path
) -> None:
    """Otherwise one is chosen that holds them, and named truly."""
    target = tmp_path / "film"

    report = remuxed(encoded(film), target, wanted=wanted, kind="matroska")

    assert report.suffix == suffix
    brand = target.read_bytes()[:64]
    assert (b"ftyp" in brand, b"webm" in brand) == (suffix == ".mp4", suffix == ".webm")


def test_a_whole_film_with_its_own_tag_is_decodable(tmp_path: Path) -> None:
    """The parameter sets are where the type says, so the file can be decoded."""
    path = write_film(tmp_path / "a.mp4", _HEVC)
    target = tmp_path / "film"

    remuxed(path.read_bytes(), target)

    with av.open(str(target)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 25


@pytest.mark.parametrize(
    ("muxer", "special"),
    [
        ("mpegts", "visual_impaired"),
        ("mpegts", "hearing_impaired"),
        ("mp4", "visual_impaired"),
        ("mp4", "hearing_impaired"),
        ("mp4", "comment"),
    ],
)
def test_ordinary_sound_comes_first(muxer: str, special: str, tmp_path: Path) -> None:
    """An audio description in front of it is kept behind it, and is not the default track."""
    source = io.BytesIO()
    with (
        av.open(source, "w", format=muxer, options=dict(_FRAGMENTS)) as output,
        av.open(io.BytesIO(encoded(_H264)), "r") as given,
    ):
        picture = output.add_stream_from_template(given.streams.video[0])
        sounds = [output.add_stream_from_template(given.streams.audio[0]) for _ in range(2)]
        sounds[0].disposition = Disposition[special] | Disposition.default
        sounds[1].disposition = Disposition(0)
        sounds[0].metadata["language"], sounds[1].metadata["language"] = "eng", "deu"
        for packet in given.demux():
            for target in [picture] if packet.stream.type == "video" else sounds:
                if packet.dts is not None:
                    copy = av.Packet(bytes(packet))
                    copy.pts, copy.dts, copy.time_base = packet.pts, packet.dts, packet.time_base
                    copy.is_keyframe, copy.stream = packet.is_keyframe, target
                    copy.duration = packet.duration
                    output.mux(copy)
    target_file = tmp_path / "film"

    report = remuxed(source.getvalue(), target_file, kind="mpegts" if muxer == "mpegts" else "mov")

    assert report.audio_languages == ("deu", "eng")
    with av.open(str(target_file)) as container:
        ordinary, other = container.streams.audio
        assert ordinary.disposition & Disposition.default
        assert not other.disposition & Disposition.default
        assert other.disposition & Disposition[special]
