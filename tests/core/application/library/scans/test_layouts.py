"""Libraries in the layouts that media servers and Sonarr document.

Sources: jellyfin.org/docs (Shows, Extras), support.plex.tv (Naming TV shows, Local trailers and
extras, Versions), kodi.wiki (Naming video files), and Sonarr's anime episode format.
"""

from pathlib import Path

import attrs
import pytest

from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.library import FileState
from aniworld_core.testing import make_episode, make_series
from support.application_stage import open_stage

pytestmark = pytest.mark.anyio

VIDEO = b"\x1a\x45\xdf\xa3" + bytes(2000)
_EXTRA_FOLDERS = (
    *("behind the scenes", "deleted scenes", "interviews", "scenes", "samples", "shorts"),
    *("featurettes", "clips", "other", "extras", "trailers", "backdrops", "theme-music"),
)
_EXTRA_ENDS = (
    *("trailer", "sample", "behindthescenes", "deleted", "deletedscene", "featurette"),
    *("interview", "scene", "short", "clip", "other", "extra"),
)

#: One file per line: what it has to be, and its path below the series folder. `-` is no video,
#: `folder` is in a folder that is not read.
JELLYFIN = """
S01E01  Season 01/Series S01E01.mkv
-       Season 01/Series S01E01.de.forced.srt
-       Season 01/Series S01E01-thumb.jpg
-       Season 01/Series S01E01.nfo
S01E02  Season 01/Series (2010) S01E02 - 1080p.mkv
version Season 01/Series (2010) S01E02 - 720p.mkv
S01E03-E04  Season 01/Series S01E03-E04.mkv
S01E05  Season 01/Series S01E05-part1.mkv
part    Season 01/Series S01E05-part2.mkv
S01E06  Season 01/Series - S01E06 - [German Dub].mkv
ignored Season 01/extras/Making of.mkv
S02E01  Season 02/S02E01.mkv
S02E02  Season 02/Series S02E02 some name.mkv
S02E03  Season 02/Episode S02E03.mkv
S00E01  Season 00/Series S00E01.mkv
unsure  Season 00/Some Special.mkv
-       theme.mp3
-       season01-poster.jpg
"""
PLEX = """
S01E01  Season 01/Series (2010) - s01e01 - Currahee.mkv
folder  Plex Versions/Optimized for TV/Series - s01e01.mp4
S01E02-E03  Season 01/Series (2010) - s01e02-e03.mkv
S01E04  Season 01/Series (2010) - s01e04 - pt1.mkv
part    Season 01/Series (2010) - s01e04 - pt2.mkv
S01E05  Season 01/Series (2010) - s01e05 - {edition-Director's Cut}.mkv
S02E01  Season 02/Series (2010) - 2x01.mkv
S02E02  Season 02/Series - season 2 episode 2.mkv
S00E01  Specials/Series (2010) - 0x01 - Extra.mkv
"""
KODI = """
S01E01  Season 1/Series S01E01.mkv
S01E02-E03  Season 1/Series.S01E02E03.mkv
S01E04  Season 1/name.s01.e04.mkv
S01E05  Season 1/name.s01_e05.mkv
S01E06  Season 1/name.1x06.mkv
S02E01  Season 2/Series s02e01.part1.mkv
part    Season 2/Series s02e01.part2.mkv
S02E02  Season 2/Series ep02-cd1.mkv
part    Season 2/Series ep02-cd2.mkv
S00E01  Specials/Series S00E01.mkv
ignored Season 1/sample/Series S01E01-sample.mkv
ignored Extras/Series S01E01 interview.mkv
"""
SONARR = """
S01E01  Season 01/Series (2010) - S01E01 - 001 - Ω [Bluray-1080p v2][10bit][x265][AAC 2.0]-G.mkv
S01E02-E03  Season 01/Series - S01E02-E03 - 002-003 - Title [HDTV-720p][8bit][AC3 5.1]-Group.mkv
S01E04  Season 01/Series - S01E04 - 004 - The 100th Day WEBDL-1080p.mkv
S01E05  Season 01/Series.S01E05.2nd.Title.1080p.AMZN.WEB-DL.DDP5.1.H.264-GRP.mkv
S01E06  Season 01/Series - 1x06 - Title Bluray-480p Proper.mkv
S02E01  Season 02/Series - S02E01 - 007 - Title 24 [WEBRip-1080p].mkv
S02E02  Season 02/[Group] Series - 08 [1080p][ABCD1234].mkv
S02E03  Season 02/Series - S02E03 - 009 - Part 2.mkv
S00E01  Specials/Series - S00E01 - OVA.mkv
"""


def _series() -> Series:
    counts = {0: 1, 1: 6, 2: 3}
    episodes = [make_episode(n, season=s) for s, last in counts.items() for n in range(1, last + 1)]
    series = make_series(
        SeriesKey("series"), name="Series", year=2010, folder=FolderName("x"), episodes=episodes
    )
    return attrs.evolve(series, external_ids=("tvdb-1",))


@pytest.mark.parametrize(
    ("folder", "layout"),
    [
        pytest.param("Series (2010) [tvdbid-1]", JELLYFIN, id="jellyfin"),
        pytest.param("Serie (2010) {tvdb-1}", PLEX, id="plex"),
        pytest.param("Series (2010)", KODI, id="kodi"),
        pytest.param("Series", SONARR, id="sonarr"),
    ],
)
async def test_a_documented_layout_is_read(tmp_path: Path, folder: str, layout: str) -> None:
    """Every file is what the documentation says, and the series is found by its folder.

    The second part of an episode is larger than the first, and is its file all the same.
    """
    lines = [line.split(maxsplit=1) for line in layout.splitlines() if line]
    lines += [["ignored", f"{extra}/Series S01E01.mkv"] for extra in _EXTRA_FOLDERS]
    lines += [["ignored", f"Season 01/Series S01E06-{end}.mkv"] for end in _EXTRA_ENDS]
    async with open_stage(tmp_path) as stage:
        for number, (role, name) in enumerate(lines):
            path = stage.library / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"<tvshow/>" if role == "-" else VIDEO + bytes(number))
        (stage.library / folder / "tvshow.nfo").write_text("<tvshow><title>Series</title></tvshow>")
        await stage.storage.series.add(_series())

        await stage.app.scanner.scan(refresh=False)

        found = (await stage.storage.files.find(list(FileState))).items
    read = {}
    for file in found:
        role = file.state.value
        if file.state is FileState.PRESENT:
            more = "".join(f"-E{number:02}" for number in file.numbers[1:])
            role = f"S{file.season or 0:02}E{file.numbers[0]:02}{more}"
        elif file.reason is not None and file.reason.kind == "file_further_part":
            role = "part"
        read[file.path.removeprefix(f"{folder}/")] = role
    wanted = {name: role for role, name in lines if role not in {"-", "folder"}}
    wanted |= {name.partition("/")[0]: "ignored" for role, name in lines if role == "folder"}
    assert read == wanted
