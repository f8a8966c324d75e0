"""Download of an episode from a Jellyfin server into the library."""

from pathlib import Path

import pytest

from aniworld_core.domain.configuration import ProviderConfig, ServerConfig
from support.sites.jellyfin import (
    PASSWORD,
    SERIES_ID,
    USER,
    episode_id,
    lantern_keepers,
    make_source,
    make_track,
    open_jellyfin_site,
)
from support.whole_way import fetch_first, film, must_not_hold, open_with

pytestmark = pytest.mark.anyio


async def test_an_episode_arrives(tmp_path: Path) -> None:
    """It is found, added and downloaded in ranges with the user's token."""
    site = lantern_keepers()
    site.film = film()
    source = make_source(episode_id(1), make_track("Audio", "ger"), Size=len(film()))
    site.episodes[SERIES_ID][1] |= {"MediaSources": [source], "RunTimeTicks": 30_000_000}
    async with open_jellyfin_site(site):
        server = ServerConfig(name="attic", base_url=site.url, username=USER, password=PASSWORD)
        section = ProviderConfig(servers=(server,), requests_per_minute=6000)
        async with open_with(tmp_path, "jellyfin", section) as app:
            report, films = await fetch_first(app, "lantern")

    assert (len(report.completed), len(report.failed)) == (1, 0)
    assert films == [film()]
    assert len(site.logins) == 1
    assert any(span.startswith("bytes=0-") for span in site.ranges[1:])
    assert not any(PASSWORD in path for path in site.asked)
    must_not_hold(tmp_path, {PASSWORD, *site.issued})


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        ("wanted", ["de.forced.srt", "de.srt", "de.sdh.ass"]),
        ("all", ["de.forced.srt", "de.srt", "de.sdh.ass", "fr.srt"]),
        ("none", []),
    ],
)
async def test_subtitles_beside_an_episode_arrive_with_it(
    tmp_path: Path, choice: str, names: list[str]
) -> None:
    """Subtitles in configured languages are requested as the user; a missing one is no failure."""
    site = lantern_keepers()
    site.film = film()
    site.texts = {
        "2.srt": "1\n00:00:01,000 --> 00:00:02,000\nHallo\n",
        "3.srt": "1\n00:00:01,000 --> 00:00:02,000\nSchild\n",
        "4.ass": "[Script Info]\n[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,x,,0,0,0,,Knarrt\n",
        "5.srt": "1\n00:00:01,000 --> 00:00:02,000\nBonjour\n",
    }
    fields = {"Codec": "subrip", "IsExternal": True, "IsTextSubtitleStream": True}
    tracks = [
        make_track("Audio", "ger"),
        make_track("Subtitle", "ger", **fields | {"Index": 2}),
        make_track("Subtitle", "ger", **fields | {"Index": 3, "IsForced": True}),
        make_track(
            "Subtitle", "de", **fields | {"Index": 4, "Codec": "ass", "IsHearingImpaired": True}
        ),
        make_track("Subtitle", "fre", **fields | {"Index": 5}),
        make_track("Subtitle", "ger", **fields | {"Index": 6, "Title": "gone"}),
        make_track("Subtitle", "ger", **fields | {"Index": 7, "Codec": "pgssub"}),
        make_track("Subtitle", "ger", Index=8, Codec="subrip", IsExternal=False),
    ]
    source = make_source(episode_id(1), *tracks, Size=len(film()))
    site.episodes[SERIES_ID][1] |= {"MediaSources": [source], "RunTimeTicks": 30_000_000}
    async with open_jellyfin_site(site):
        server = ServerConfig(name="attic", base_url=site.url, username=USER, password=PASSWORD)
        section = ProviderConfig(servers=(server,), requests_per_minute=6000)
        async with open_with(tmp_path, "jellyfin", section) as app:
            await app.config.set({"downloads.subtitles": choice})
            report, films = await fetch_first(app, "lantern")

    assert (len(report.completed), len(report.failed)) == (1, 0)
    assert films == [film()]
    (episode,) = (tmp_path / "library").rglob("*.mp4")
    beside = [path.name for path in episode.parent.iterdir() if path != episode]
    assert sorted(beside) == sorted(f"{episode.stem}.{name}" for name in names)
    if names:
        assert "Hallo" in episode.with_suffix(".de.srt").read_text()
        assert "Schild" in episode.with_suffix(".de.forced.srt").read_text()
    must_not_hold(tmp_path, {PASSWORD, *site.issued})
    assert not [path for path in site.asked if "/Subtitles/7/" in path or "/Subtitles/8/" in path]
