"""Following the elements of a container: trailers, breaks, missing ends, declared encryption."""

from pathlib import Path

import pytest

from aniworld_providers.media.structure import Structure, walk_structure
from aniworld_providers.media.structure.ebml import element
from aniworld_providers.media.structure.protection import segment_protection
from support.media.coded_films import Film, encoded
from support.media.mp4_boxes import (
    SIGNS_IN_FRAGMENTS,
    box,
    protection,
    with_entry,
    with_fragment_box,
)

_FILMS = {
    film.name: encoded(film)
    for film in (
        Film(name="a.mp4", seconds=1),
        Film(name="b.mp4", seconds=1, mux={"movflags": "+faststart"}),
        Film(name="c.mp4", seconds=3, mux={"movflags": "+frag_keyframe+empty_moov"}),
        Film(name="d.mkv", seconds=1),
        Film(name="e.ts", seconds=1),
        Film(name="f.m2ts", seconds=1, mux={"mpegts_m2ts_mode": "1"}),
        Film(name="g.avi", video="mpeg4", audio="libmp3lame", seconds=1),
        Film(name="h.flv", seconds=1),
        Film(name="i.mpg", video="mpeg2video", audio="mp2", seconds=1),
        Film(name="j.ogv", video=None, audio="libopus", seconds=4),
        Film(name="k.wmv", video="mpeg4", audio="libmp3lame", seconds=1),
    )
}
_TAGS = {
    "id3v1": b"TAG" + b"Folge 1".ljust(125, b"\0"),
    "ape": b"APETAGEX" + bytes([208, 7, 0, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 128]) + bytes(8),
    "page": b"\r\n<!-- served by cdn7 in 0.003 s -->\n",
    "noise": bytes((i * 7919 + i // 7) % 251 + 1 for i in range(500)),
}


def walked(folder: Path, name: str, data: bytes) -> Structure:
    """Walk bytes as the container of the given name."""
    path = folder / "film"
    path.write_bytes(data)
    return walk_structure(path, Path(name).suffix)


@pytest.mark.parametrize("name", _FILMS)
def test_a_whole_file_has_no_fault(name: str, tmp_path: Path) -> None:
    """From the first element to the last, nothing breaks and nothing is left over."""
    found = walked(tmp_path, name, _FILMS[name])

    assert (found.fault, found.trailing, found.protection) == (None, 0, None)
    assert found.is_whole is not False


@pytest.mark.parametrize("tag", _TAGS)
@pytest.mark.parametrize("name", _FILMS)
def test_data_behind_the_end_is_no_fault(name: str, tag: str, tmp_path: Path) -> None:
    """Tags, pages and noise behind the last element are counted, and the file stays whole."""
    found = walked(tmp_path, name, _FILMS[name] + _TAGS[tag])

    assert found.fault is None
    assert found.is_whole is not False
    assert found.trailing >= len(_TAGS[tag]) % 188


@pytest.mark.parametrize("name", [n for n in _FILMS if n[0] not in "efij"])
def test_a_missing_end_is_no_trailer(name: str, tmp_path: Path) -> None:
    """A file that is cut, with or without something behind it, is not whole."""
    data = _FILMS[name]
    cut = data[: len(data) * 2 // 3 | 1]

    assert walked(tmp_path, name, cut).is_whole is False
    assert walked(tmp_path, name, cut + _TAGS["page"]).is_whole is False


@pytest.mark.parametrize("name", [n for n in _FILMS if n not in {"a.mp4", "b.mp4"}])
def test_a_hole_breaks_the_chain(name: str, tmp_path: Path) -> None:
    """Zeros over the elements in the middle; in an MP4 with one index those are the samples."""
    data = bytearray(_FILMS[name])
    start, stop = len(data) // 3, len(data) * 2 // 3
    data[start:stop] = bytes(stop - start)

    found = walked(tmp_path, name, bytes(data))

    assert found.fault is not None or found.is_whole is False


def test_zeros_to_the_end_are_no_trailer(tmp_path: Path) -> None:
    """Without a declared end, only a short tail is harmless."""
    for name in ("c.mp4", "e.ts"):
        assert walked(tmp_path, name, _FILMS[name] + bytes(4096)).fault is None
        assert walked(tmp_path, name, _FILMS[name] + bytes(1_000_000)).fault is not None


@pytest.mark.parametrize("scheme", [b"cenc", b"cens", b"cbc1", b"cbcs"])
def test_encryption_in_mp4_is_named(scheme: bytes, tmp_path: Path) -> None:
    """By the sample entry of any track, by a protection system, or by the samples' own boxes."""
    film = _FILMS["a.mp4"]
    found = walked(tmp_path, "a.mp4", with_entry(film, protection(scheme), kind=b"encv"))
    assert found.protection == f"Common Encryption, {scheme.decode()}"
    for more in (box(b"pssh", bytes(24)), box(b"moof", box(b"traf", box(b"senc", bytes(8))))):
        assert walked(tmp_path, "a.mp4", film + more).protection == "Common Encryption"


def test_encryption_in_matroska_is_named(tmp_path: Path) -> None:
    """By a ContentEncryption element of a track."""
    film = _FILMS["d.mkv"]
    encryption = b"\x50\x35\x80"
    encoding = b"\x62\x40" + bytes([0x80 | len(encryption)]) + encryption
    encodings = b"\x6d\x80" + bytes([0x80 | len(encoding)]) + encoding
    # Overwrites the rest of the first entry without changing its size.
    at = film.rindex(b"\x16T\xaek", 0, film.index(b"\x1fC\xb6u"))
    tracks = element(film[at : at + 12])
    assert tracks is not None
    at += tracks[1]
    while (found := element(film[at : at + 12])) and found[0] != 0xAE:
        at += found[1] + (found[2] or 0)
    assert found is not None
    body = at + found[1]
    data = film[:body] + encodings + film[body + len(encodings) :]
    assert segment_protection(lambda o, n: data[o : o + n], len(data), "matroska") is not None
    assert walked(tmp_path, "d.mkv", data).protection == "Matroska encryption"
    assert segment_protection(lambda o, n: film[o : o + n], len(film), "matroska") is None


def test_scrambling_and_sample_aes_are_named(tmp_path: Path) -> None:
    """By the scrambling control of packets, and by the types in the programme map."""
    film = _FILMS["e.ts"]
    scrambled = bytearray(film)
    for start in range(188 * 3, len(film), 188):
        scrambled[start + 3] |= 0xC0
    assert walked(tmp_path, "e.ts", bytes(scrambled)).protection == "a scrambled MPEG stream"

    typed = film.replace(b"\x1b\xe1\x00", b"\xdb\xe1\x00")
    assert typed != film
    assert segment_protection(lambda o, n: typed[o : o + n], len(typed), "mpegts") == "SAMPLE-AES"
    assert segment_protection(lambda o, n: film[o : o + n], len(film), "mpegts") is None
    assert walked(tmp_path, "e.ts", typed).protection == "SAMPLE-AES"


@pytest.mark.parametrize("name", SIGNS_IN_FRAGMENTS)
def test_encryption_that_only_a_fragment_names_is_found(name: str, tmp_path: Path) -> None:
    """In segments and in fragmented files, also behind many bytes of clear media."""
    film = _FILMS["c.mp4"]
    data = film + box(b"free", bytes(2**21)) + with_fragment_box(film, SIGNS_IN_FRAGMENTS[name])

    assert walked(tmp_path, "f.mp4", data).protection == "Common Encryption"
    assert segment_protection(lambda o, n: data[o : o + n], len(data), "mov") is not None
    assert segment_protection(lambda o, n: film[o : o + n], len(film), "mov") is None
