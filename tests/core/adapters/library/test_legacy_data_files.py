"""Reading the former program's files, whatever they hold."""

import json
import os
import pickle
from pathlib import Path

import pytest

from aniworld_core.adapters.library import MAX_BYTES, LegacyDataFiles
from aniworld_core.errors import LibraryUnavailableError
from aniworld_core.ports.legacy import LegacyFile

pytestmark = pytest.mark.anyio

WHOLE = {
    "key": "attack-on-titan",
    "name": "Attack on Titan",
    "site": "aniworld.to",
    "folder": "Attack on Titan",
    "episodeDict": {"1": [2, 1, 2], "0": ["3"], "2": []},
}


@pytest.fixture
def files(tmp_path: Path) -> LegacyDataFiles:
    """Read below a folder."""
    return LegacyDataFiles(tmp_path / "private" / "ledger.json")


def _put(root: Path, content: bytes | str, *, folder: str = "Titan (2013)") -> Path:
    place = root / folder
    place.mkdir(parents=True, exist_ok=True)
    raw = content.encode() if isinstance(content, str) else content
    (place / "data").write_bytes(raw)
    return place / "data"


async def _only(files: LegacyDataFiles, root: Path) -> LegacyFile:
    (file,) = await files.read(root)
    return file


async def test_a_usual_file(files: LegacyDataFiles, tmp_path: Path) -> None:
    """Its own folder counts, not the one it names; numbers are ordered and single."""
    _put(tmp_path, json.dumps(WHOLE))

    series = (await _only(files, tmp_path)).series

    assert series is not None
    assert (series.key, series.name, series.site) == (
        "attack-on-titan",
        "Attack on Titan",
        "aniworld.to",
    )
    assert (series.provider, series.folder) == ("aniworld", "Titan (2013)")
    assert series.link == "https://aniworld.to/anime/stream/attack-on-titan"
    assert series.episodes == ((0, 3), (1, 1), (1, 2))


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"name": ""}, ("Titan (2013)", "aniworld", 3)),
        ({"name": None, "extra": [1]}, ("Titan (2013)", "aniworld", 3)),
        ({"site": "https://s.to/"}, ("Attack on Titan", "serienstream", 3)),
        ({"site": "https://www.aniworld.to/anime"}, ("Attack on Titan", "aniworld", 3)),
        ({"site": ""}, ("Attack on Titan", "aniworld", 3)),
        ({"episodeDict": {}}, ("Attack on Titan", "aniworld", 0)),
        ({"episodeDict": None}, ("Attack on Titan", "aniworld", 0)),
    ],
)
async def test_what_is_tolerated(
    files: LegacyDataFiles, tmp_path: Path, changes: dict[str, object], found: tuple[str, str, int]
) -> None:
    """Empty names, further keys, sites as addresses, no episodes, a byte order mark."""
    _put(tmp_path, b"\xef\xbb\xbf" + json.dumps({**WHOLE, **changes}).encode())

    series = (await _only(files, tmp_path)).series

    assert series is not None
    assert (series.name, series.provider, len(series.episodes)) == found


async def test_the_older_variant_holds_the_key_alone(
    files: LegacyDataFiles, tmp_path: Path
) -> None:
    """A file named `key`; where there is `data` as well, that counts."""
    (tmp_path / "Old").mkdir()
    (tmp_path / "Old" / "key").write_text("old-series\n")

    series = (await _only(files, tmp_path)).series

    assert series is not None
    assert (series.key, series.name, series.episodes) == ("old-series", "Old", ())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b"[1]", "no JSON object"),
        (b'"text"', "no JSON object"),
        (b"\xff\xfe{}", "no UTF-8"),
        (pickle.dumps(WHOLE), "no UTF-8"),
        (b"[" * 100_000, "no JSON"),
        (b'{"key": "a", "x": ' + b"[" * 60 + b"]" * 60 + b"}", "nested deeper"),
        (b'{"key": "a", "x": ' + b"1" * 5000 + b"}", "no JSON"),
        (b" " * MAX_BYTES + b"{}", "larger than"),
        (b"{}", "names no key"),
        (b'{"key": 7}', "names no key"),
        (b'{"key": "Attack_On Titan"}', "attack-on-titan would do"),
        (b'{"key": "../../etc"}', "is not a series key"),
        (b'{"key": "a", "site": "example.org"}', "none of aniworld.to, s.to"),
        (b'{"key": "a", "episodeDict": [1]}', "episodeDict is no object"),
        (b'{"key": "a", "episodeDict": {"1": 5}}', "no list"),
        (b'{"key": "a", "episodeDict": {"one": [5]}}', "no number"),
        (b'{"key": "a", "episodeDict": {"1": [-5]}}', "no number"),
        (b'{"key": "a", "episodeDict": {"1": [true]}}', "no number"),
        (b'{"key": "a", "episodeDict": {"1": [100000]}}', "no number"),
    ],
)
async def test_a_bad_file_is_reported_and_left_alone(
    files: LegacyDataFiles, tmp_path: Path, content: bytes, reason: str
) -> None:
    """Each with its reason; the next file is read all the same."""
    path = _put(tmp_path, content)
    _put(tmp_path, json.dumps(WHOLE), folder="Whole")

    bad, whole = await files.read(tmp_path)

    assert bad.series is None
    assert bad.file == "Titan (2013)/data"
    assert reason in bad.reason
    assert len(bad.reason) < 300
    assert whole.series is not None
    assert path.read_bytes() == content


async def test_links_and_pipes_are_not_read(files: LegacyDataFiles, tmp_path: Path) -> None:
    """Neither leads outside nor waits for anybody."""
    outside = tmp_path / "outside.json"
    outside.write_text(json.dumps(WHOLE))
    root = tmp_path / "root"
    for name in ("Link", "Pipe", "Folder", ".hidden"):
        (root / name).mkdir(parents=True)
    (root / "Link" / "data").symlink_to(outside)
    os.mkfifo(root / "Pipe" / "data")
    (root / "Folder" / "data").mkdir()
    (root / ".hidden" / "data").write_text(json.dumps(WHOLE))
    (root / "Elsewhere").symlink_to(tmp_path)

    found = await files.read(root)

    assert [(f.file, f.series) for f in found] == [("Link/data", None), ("Pipe/data", None)]


async def test_a_folder_that_is_not_there_is_said(files: LegacyDataFiles, tmp_path: Path) -> None:
    """As any library that cannot be read."""
    with pytest.raises(LibraryUnavailableError):
        await files.read(tmp_path / "nothing")


async def test_marks_are_remembered_and_follow_the_content(
    files: LegacyDataFiles, tmp_path: Path
) -> None:
    """A damaged ledger is an empty one."""
    assert await files.taken_over() == frozenset()
    path = _put(tmp_path / "root", json.dumps(WHOLE))
    first = (await _only(files, tmp_path / "root")).mark
    path.write_text(json.dumps({**WHOLE, "name": "Other"}))
    second = (await _only(files, tmp_path / "root")).mark

    await files.remember(frozenset({first}))
    await files.remember(frozenset({second}))

    assert first != second
    assert await files.taken_over() == {first, second}
    (tmp_path / "private" / "ledger.json").write_text("{")
    assert await files.taken_over() == frozenset()
