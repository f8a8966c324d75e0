"""Libraries and folders in documented layouts through the commands: scan, rename, undo, import."""

import hashlib
import os
from pathlib import Path

import pytest

from support.console import Console
from support.thorough import ONLY_THOROUGH

#: Scans, plans and imports of these layouts have tests of their own; here are whole commands.
pytestmark = list(ONLY_THOROUGH)

_VIDEO = b"\x1a\x45\xdf\xa3" + bytes(2000)
#: Folder and files after the documentation of each program; all are S01E01, S01E02 and S02E01.
LAYOUTS = {
    "jellyfin": (
        "Laternen [tvdbid-81189]",
        ("Season 01/Laternen S01E01.mkv", "Season 01/S01E02.mkv", "Season 02/Laternen S02E01.mkv"),
    ),
    "plex": (
        "Laternen {tvdb-81189}",
        (
            "Season 01/Laternen - s01e01 - Pilot.mkv",
            "Season 01/Laternen - s01e02.mkv",
            "Season 02/Laternen - s02e01.mkv",
        ),
    ),
    "kodi": (
        "Laternen",
        ("Laternen S01E01.mkv", "Season 1/Laternen 1x02.mkv", "Season 2/Laternen s02.e01.mkv"),
    ),
    "sonarr": (
        "Laternen",
        (
            "Season 01/Laternen - S01E01 - 001 - Pilot [v2 WEBDL-1080p][AAC 2.0][DE]-GRP.mkv",
            "Season 01/Laternen - S01E02 - 002 - Zwei [HDTV-720p].mkv",
            "Season 02/Laternen - S02E01 - 003 - Drei [Bluray-1080p].mkv",
        ),
    ),
}
CODES = ["S01E01", "S01E02", "S02E01"]


def _make(top: Path, layout: str) -> None:
    folder, files = LAYOUTS[layout]
    for number, name in enumerate(files):
        path = top / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_VIDEO + bytes([number]))
        # A recent file might still be growing, and a scan would wait for it.
        os.utime(path, ns=(0, 1_700_000_000_123_456_789 + number))
        path.with_suffix(".de.srt").write_text(f"{number}")


def _tree(top: Path) -> dict[str, tuple[str, int]]:
    """Return the digest and the time of each file outside the recycle bin."""
    return {
        path.relative_to(top).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
        )
        for path in sorted(top.rglob("*"))
        if path.is_file() and ".recycle" not in path.parts
    }


def _held(console: Console) -> list[str]:
    episodes = console("show", "lanterns", "--json").json["episodes"]
    return [each["code"] for each in episodes if each["downloaded"]]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_library_in_a_layout_is_renamed_and_restored(console: Console, layout: str) -> None:
    """Every episode is found; a preset renames all files, and undo restores every byte and time."""
    _make(console.library, layout)
    before = _tree(console.library)
    console("add", "lanterns")
    assert console("scan", "--json").json["extra"] == []
    assert _held(console) == CODES
    assert console("adopt", "--json").json == []
    preset = "kodi" if layout == "plex" else "plex"
    assert console("config", "set", "naming.preset", preset).code == 0

    plan = console("rename", "--plan", "--json").json
    applied = console("rename", "--apply", "--json").json
    assert len(applied["plan"]["changes"]) == len(plan["changes"]) > 0
    assert _held(console) == CODES
    assert console("rename", "--plan", "--json").json["changes"] == []
    assert sorted(_tree(console.library).values()) == sorted(before.values())

    assert console("undo", str(applied["change"]["id"])).code == 0
    assert _tree(console.library) == before
    assert _held(console) == CODES


@pytest.mark.parametrize("action", ["move", "copy", "link"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_folder_in_a_layout_is_imported_and_restored(
    console: Console, layout: str, action: str
) -> None:
    """By move, copy and hard link; undo restores the folder and empties the library."""
    inbox = console.folder / "inbox"
    _make(inbox, layout)
    before = _tree(inbox)
    console.library.mkdir(exist_ok=True)
    console("add", "lanterns")
    options = () if action == "move" else (f"--{action}",)
    plan = console("import", str(inbox), *options, "--plan", "--json").json
    assert _tree(inbox) == before

    answer = console("import", str(inbox), *options, "--apply", "--json")
    assert answer.code == 0, (plan, answer.err)
    assert _held(console) == CODES
    assert _tree(inbox) == ({} if action == "move" else before)
    assert sorted(d for d, _ in _tree(console.library).values()) == sorted(
        digest for digest, _ in before.values()
    )

    assert console("undo", str(answer.json["change"]["id"])).code == 0
    assert _tree(inbox) == before
    assert _tree(console.library) == {}
    assert _held(console) == []
