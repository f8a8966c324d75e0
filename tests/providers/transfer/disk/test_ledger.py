"""A ledger is valid up to its first damaged line."""

import errno
import os
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_providers.transfer.disk.ledger import Entry, Ledger, is_ledger

SHAPE: Entry = {"kind": "direct", "size": 1000, "etag": '"x"', "modified": None}
ENTRIES: list[Entry] = [{"p": 100 * n, "h": f"{n:064x}"} for n in range(1, 6)]


def _written(path: Path) -> bytes:
    ledger = Ledger.create(path, SHAPE)
    for entry in ENTRIES:
        ledger.append(entry)
    ledger.close()
    return path.read_bytes()


def test_what_was_appended_is_read_back(tmp_path: Path) -> None:
    """Shape and entries survive the process, and more can be appended."""
    path = tmp_path / "film.mp4.part.ledger"
    _written(path)

    ledger = Ledger.load(path)
    assert ledger is not None
    ledger.append({"p": 600, "h": "ü"})
    ledger.close()
    again = Ledger.load(path)

    assert again is not None
    assert again.identity == SHAPE
    assert again.entries == [*ENTRIES, {"p": 600, "h": "ü"}]
    again.close()


def test_no_ledger_is_no_error(tmp_path: Path) -> None:
    """A missing, empty or foreign file gives no ledger."""
    path = tmp_path / "x.part.ledger"

    assert Ledger.load(path) is None
    for content in (b"", b"\n", b"{}", b"\x00" * 5000, b"00000000 {}\n", b"x" * 100_000):
        path.write_bytes(content)
        assert Ledger.load(path) is None


def test_a_torn_ledger_gives_every_whole_line(tmp_path: Path) -> None:
    """Cut at any byte, it has the lines before the cut and can be appended to."""
    path = tmp_path / "x.part.ledger"
    whole = _written(path)
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        lines = whole[:cut].count(b"\n")
        ledger = Ledger.load(path)
        if lines == 0:
            assert ledger is None
            continue
        assert ledger is not None
        assert ledger.entries == ENTRIES[: lines - 1]
        ledger.append({"new": 1})
        ledger.close()
        again = Ledger.load(path)
        assert again is not None
        assert again.entries == [*ENTRIES[: lines - 1], {"new": 1}]
        again.close()


@given(data=st.data())
def test_an_edited_ledger_claims_nothing_new(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """With any bytes changed, the valid lines are a beginning of the written ones."""
    path = tmp_path_factory.mktemp("ledger") / "x.part.ledger"
    content = bytearray(_written(path))
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)

    ledger = Ledger.load(path)

    if ledger is not None:
        assert ledger.identity == SHAPE
        assert ledger.entries == ENTRIES[: len(ledger.entries)]
        ledger.close()


def test_lines_cannot_be_taken_out_or_moved(tmp_path: Path) -> None:
    """Each checksum covers all lines before, so a moved line ends the valid part."""
    path = tmp_path / "x.part.ledger"
    lines = _written(path).splitlines(keepends=True)

    path.write_bytes(b"".join([*lines[:2], *lines[3:]]))
    missing = Ledger.load(path)
    path.write_bytes(b"".join([*lines[:2], lines[3], lines[2], *lines[4:]]))
    moved = Ledger.load(path)

    for ledger in (missing, moved):
        assert ledger is not None
        assert ledger.entries == ENTRIES[:1]
        ledger.close()


def test_creating_replaces_what_was_there(tmp_path: Path) -> None:
    """A new ledger has none of the old claims."""
    path = tmp_path / "x.part.ledger"
    _written(path)

    Ledger.create(path, {"kind": "hls"}).close()
    ledger = Ledger.load(path)

    assert ledger is not None
    assert (ledger.identity, ledger.entries) == ({"kind": "hls"}, [])
    ledger.remove()
    assert not path.exists()


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    """A planted symbolic link cannot make a transfer overwrite another file."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    path = tmp_path / "x.part.ledger"
    path.symlink_to(victim)

    with pytest.raises(OSError, match=os.strerror(40)):
        Ledger.create(path, SHAPE)

    assert victim.read_bytes() == b"precious"


def test_a_torn_line_is_cut_off_on_loading(tmp_path: Path) -> None:
    """The file then ends with its last valid line, so a line appended later is readable."""
    path = tmp_path / "x.part.ledger"
    whole = _written(path)
    path.write_bytes(whole[:-5])
    ledger = Ledger.load(path)
    assert ledger is not None
    ledger.close()
    assert path.read_bytes() == b"".join(whole.splitlines(keepends=True)[:-1])


@pytest.mark.parametrize("written", [0, 1, 8, 9, 18])
def test_a_line_that_the_disk_cut_short_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    """A full disk writes a part of a line: it is removed, and later lines are readable."""
    path = tmp_path / "x.part.ledger"
    before = _written(path)
    ledger = Ledger.load(path)
    assert ledger is not None
    real = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda fd, data: real(fd, data[:written]))
        with pytest.raises(OSError, match="no space") as raised:
            ledger.append({"p": 600})
    assert raised.value.errno == errno.ENOSPC
    assert path.read_bytes() == before
    assert ledger.entries == ENTRIES
    ledger.append({"p": 700})
    ledger.close()
    again = Ledger.load(path)
    assert again is not None
    assert again.entries == [*ENTRIES, {"p": 700}]
    again.close()


@pytest.mark.parametrize("text", [b"{", b"[1]", b"1", b"[" * 100_000])
def test_a_line_that_is_no_record_ends_the_valid_part(tmp_path: Path, text: bytes) -> None:
    """Also with a valid checksum, and before lines that would fit."""
    path = tmp_path / "x.part.ledger"
    first, second, *_ = _written(path).splitlines(keepends=True)
    check = zlib.crc32(text, zlib.crc32(first[9:-1]))
    path.write_bytes(first + b"%08x %b\n" % (check, text) + second)

    ledger = Ledger.load(path)

    assert ledger is not None
    assert ledger.entries == []
    ledger.close()
    assert path.read_bytes() == first


def test_only_a_regular_file_with_a_valid_header_is_a_ledger(tmp_path: Path) -> None:
    """Pipes, links, folders and foreign files are none, and a torn last line changes nothing."""
    path = tmp_path / "x.part.ledger"
    raw = _written(path)
    assert is_ledger(path)
    path.write_bytes(raw[:-3])
    assert is_ledger(path)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(path)
    (tmp_path / "foreign").write_bytes(b"00000000 {}\n")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "link", "foreign", "folder", "missing"):
        assert not is_ledger(tmp_path / name), name
