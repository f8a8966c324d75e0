"""Channels and videos of PeerTube, through the extractors of yt-dlp and the command.

The extractors read https on port 443 of certain hosts. Names and certificate of the server on
loopback come from `support/named_hosts`; the owner's list of addresses allows the names.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import attrs
import av
import pytest

from support.certificates import write_certificate
from support.sites.peertube import SECONDS, PeerTube, Video, open_peertube
from support.thorough import ONLY_THOROUGH

#: Tests of catalogue and resolver show the parts in short.
pytestmark = [*ONLY_THOROUGH]

_TESTS = Path(__file__).parents[1]
#: In the list of the extractor, and an instance that only its pages reveal.
_LISTED, _UNLISTED = "framatube.org", "videos.example.org"


@attrs.frozen
class Command:
    """The command, in a world where the names lead to the server.

    Attributes:
        site: The server.
        folder: Has the certificate, the data folder and the library.
    """

    site: PeerTube
    folder: Path

    def __call__(self, *arguments: str, code: int = 0) -> str:
        """Run the command to its end; return what it printed."""
        names = [_LISTED, _UNLISTED]
        # The client for media connects to the port that it looked up.
        allowed = [f"{name}:{port}" for name in names for port in (443, self.site.port)]
        done = subprocess.run(
            [
                *(sys.executable, "-m", "aniworld_cli"),
                *("--data-dir", str(self.folder / "data"), "--library", str(self.library)),
                *arguments,
            ],
            env=os.environ
            | {
                "ANIWORLD_ALLOWED_ADDRESSES": ",".join(allowed),
                "PYTHONPATH": str(_TESTS / "support/named_hosts"),
                "TEST_HOSTS": " ".join(f"{name}:{self.site.port}" for name in names),
                "TEST_CA": str(self.folder / "self-signed.pem"),
                "SSL_CERT_FILE": str(self.folder / "self-signed.pem"),
            },
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    @property
    def library(self) -> Path:
        """The library folder."""
        return self.folder / "library"


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    """Open an instance with three videos and configure the command."""
    certificate = write_certificate(tmp_path, _LISTED, _UNLISTED)
    hls = tmp_path / "hls"
    with open_peertube(_LISTED, certificate, hls) as site:
        site.videos = [
            Video(id=f"harbourAtNight{n:08}", name=name)
            for n, name in ((3, "Fog"), (2, "Cranes"), (1, "Ships"))
        ]
        command = Command(site, tmp_path)
        command.library.mkdir()
        for name, value in (
            ("providers.ytdlp.requests_per_minute", "6000"),
            ("downloads.subtitles", "all"),
            ("downloads.reserve_bytes", "0"),
        ):
            command("config", "set", name, value)
        yield command


def _tracks(film: Path) -> tuple[list[str], float]:
    """Return codecs and playing time of a file after every packet was read."""
    with av.open(str(film)) as container:
        codecs = [stream.codec_context.name for stream in container.streams]
        assert sum(packet.size > 0 for packet in container.demux()) > SECONDS * 25
        return codecs, (container.duration or 0) / 1e6


def test_a_channel_is_a_series(command: Command) -> None:
    """Its videos are episodes, and each is a verified file with its caption."""
    key = command("add", command.site.channel).split("\t")[0]

    assert "S01E01" in command("download", key, "--language", "ger-dub")

    films = sorted(command.library.rglob("*.mp4"))
    assert len(films) == 3
    for film in films:
        codecs, seconds = _tracks(film)
        assert codecs == ["h264", "aac"]
        assert abs(seconds - SECONDS) < 0.2
        assert "Harbour" in film.with_suffix(".de.srt").read_text()
    marks = [film.read_bytes()[-22:].decode() for film in films]
    assert marks == [f"harbourAtNight{n:08}" for n in (3, 2, 1)]


def test_a_video_of_any_instance(command: Command) -> None:
    """A single video of an instance that yt-dlp does not list is a film, from its playlist."""
    video = Video(id="0123456789abcdefABCDEF", name="Fog", has_file=False, has_playlist=True)
    command.site.host, command.site.videos = _UNLISTED, [video]
    key = command("add", command.site.page(video)).split("\t")[0]
    command("download", key, "--language", "ger-dub")

    (film,) = command.library.rglob("*.m*")
    codecs, seconds = _tracks(film)
    assert codecs == ["h264", "aac"]
    assert abs(seconds - SECONDS) < 0.2
