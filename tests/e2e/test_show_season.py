"""A season of a site with separate audio: one command, killed twice, twelve complete files."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs
import av
import pytest

from support.sites.show_site import EPISODES, SECONDS, ShowSite, media_of, open_show_site
from support.thorough import ONLY_THOROUGH

#: Tests of the fetcher with separate files and of the resolver show the same in short.
pytestmark = [*ONLY_THOROUGH]

_TESTS = Path(__file__).parents[1]
_PLUGIN = os.pathsep.join([str(_TESTS / "support/show_plugin"), str(_TESTS)])
_PATIENCE = 120.0
#: Complete files at which the command is killed.
_KILLS = (2, 6)


@attrs.frozen
class Season:
    """A site, and the command for its season."""

    site: ShowSite
    folder: Path

    @property
    def library(self) -> Path:
        """The library folder."""
        return self.folder / "library"

    @property
    def _environment(self) -> Mapping[str, str]:
        allowed = {"ANIWORLD_ALLOWED_ADDRESSES": self.site.address, "PYTHONPATH": _PLUGIN}
        return os.environ | allowed

    def command(self, *arguments: str) -> list[str]:
        """Return the command line."""
        places = ["--data-dir", str(self.folder / "data"), "--library", str(self.library)]
        return [sys.executable, "-m", "aniworld_cli", *places, *arguments]

    def run(self, *arguments: str) -> str:
        """Run a command to its end; return its output."""
        done = subprocess.run(
            self.command(*arguments),
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def killed(self, files: int, *arguments: str) -> None:
        """Run a command; kill it when there are *files* complete files and an unfinished one."""
        process = subprocess.Popen(
            self.command(*arguments),
            env=self._environment,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + _PATIENCE
        while len(self.films()) < files or not list(self.library.rglob("*.part")):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def films(self) -> list[Path]:
        """Return the complete files."""
        return sorted(self.library.rglob("*.mp4"))


@pytest.fixture
def season(tmp_path: Path) -> Iterator[Season]:
    """Open the site and configure the command."""
    with open_show_site() as site:
        season = Season(site, tmp_path)
        season.library.mkdir()
        for name, value in (
            ("providers.ytdlp.chapters", "true"),
            ("providers.ytdlp.thumbnail", "true"),
            ("providers.ytdlp.requests_per_minute", "6000"),
            ("downloads.subtitles", "all"),
            ("downloads.reserve_bytes", "0"),
        ):
            season.run("config", "set", name, value)
        yield season


def test_a_season_survives_two_kills(season: Season) -> None:
    """Each file has video, the German audio, chapters, cover and subtitles; nothing is repeated."""
    key = season.run("add", season.site.link).split("\t")[0]
    command = ("download", key, "--language", "ger-dub")

    for files in _KILLS:
        season.killed(files, *command)
    season.run(*command)

    films = season.films()
    assert len(films) == EPISODES
    for film in films:
        with av.open(str(film)) as container:
            (sound,) = container.streams.audio
            assert [s.codec_context.name for s in container.streams.video] == ["h264", "mjpeg"]
            assert sound.metadata["language"] == "deu"
            assert abs((container.duration or 0) / 1e6 - SECONDS) < 0.1
            chapters = [
                (float(c["start"] * (c["time_base"] or 0)), c["metadata"]["title"])
                for c in container.chapters()
            ]
            assert chapters == [(0.0, "Opening"), (2.0, "Story"), (5.0, "Credits")]
            assert sum(packet.size > 0 for packet in container.demux(sound)) > SECONDS * 40
        beside = {path.name.removeprefix(film.stem) for path in film.parent.glob(f"{film.stem}.*")}
        assert beside == {".mp4", ".de.srt", ".en.srt"}
        assert "de " in film.with_name(f"{film.stem}.de.srt").read_text()
    for number in range(1, EPISODES + 1):
        whole = len(media_of("low", number))
        assert season.site.sent[f"{number}/low"] < 2 * whole
        assert f"{number}/sound-en" not in season.site.sent
    assert list(season.library.rglob("*.part*")) == []
