"""A PeerTube instance on loopback, after its documented REST API, with https.

Its answers have the fields that https://docs.joinpeertube.org/api-rest-reference.html describes and
that the extractors of yt-dlp read.
"""

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import attrs

from support.media.coded_films import Film, encoded
from support.media.pictures import picture
from support.media.streams import Clip, make_hls

SECONDS: Final = 3.0
_VTT: Final = b"WEBVTT\n\n00:00.500 --> 00:02.000\nHarbour at night\n"
#: PeerTube's pages are made by a script; this is what yt-dlp recognises of them.
_PAGE: Final = (
    b'<!DOCTYPE html><html><head><meta property="og:platform" content="PeerTube" />'
    b"<title>ID</title></head><body></body></html>"
)
_HLS_TYPES: Final = {".m3u8": "application/x-mpegURL", ".m4s": "video/mp4", ".mp4": "video/mp4"}


@attrs.frozen(kw_only=True)
class Video:
    """A video of the instance.

    Attributes:
        id: Short UUID of 22 characters.
        has_file: Whether it has a web video file.
        has_playlist: Whether it has an HLS playlist.
        refusal: Status and body of the answer to every request for it.
    """

    id: str
    name: str
    has_file: bool = True
    has_playlist: bool = False
    refusal: tuple[int, Mapping[str, object]] | None = None


@attrs.define
class PeerTube:
    """The instance.

    Attributes:
        host: Name in its links.
        port: Port on 127.0.0.1.
        videos: Videos of its one channel, newest first.
        hits: Requested paths with their queries, in order.
    """

    host: str
    folder: Path
    port: int = 0
    videos: list[Video] = attrs.field(factory=list)
    hits: list[str] = attrs.field(factory=list)

    @property
    def channel(self) -> str:
        """Link of the channel."""
        return f"https://{self.host}/c/harbour/videos"

    def page(self, video: Video) -> str:
        """Return the link of a video's page."""
        return f"https://{self.host}/w/{video.id}"

    def answer(self, target: str) -> tuple[int, str, bytes]:
        """Return status, media type and body for a path."""
        parts = urlsplit(target)
        names = parts.path.strip("/").split("/")
        match names:
            case ["api", "v1", "video-channels", "harbour"]:
                return _json(self._channel())
            case ["api", "v1", "video-channels", "harbour", "videos"]:
                return _json(self._listed(parse_qs(parts.query)))
            case ["api", "v1", "videos", id_]:
                return self._of(id_, self._video)
            case ["api", "v1", "videos", id_, "captions"]:
                return self._of(id_, self._captions)
            case ["w", id_] | ["videos", "watch", id_]:
                return 200, "text/html", _PAGE.replace(b"ID", id_.encode())
            case ["static", "web-videos", id_]:
                return 200, "video/mp4", _film(id_)
            case ["static", "streaming-playlists", name]:
                path = self.folder / name
                return 200, _HLS_TYPES[path.suffix], path.read_bytes()
            case ["lazy-static", "thumbnails", _]:
                return 200, "image/jpeg", picture()
            case ["lazy-static", "video-captions", _]:
                return 200, "text/vtt", _VTT
        return 404, "application/json", b"{}"

    def _of(self, id_: str, answer: Callable[[Video], object]) -> tuple[int, str, bytes]:
        video = next((each for each in self.videos if each.id == id_), None)
        if video is None:
            return 404, "application/json", b'{"detail": "Video not found"}'
        if video.refusal is not None:
            status, body = video.refusal
            return status, "application/json", json.dumps(body).encode()
        return _json(answer(video))

    def _channel(self) -> Mapping[str, Any]:
        return {
            "id": 3,
            "name": "harbour",
            "displayName": "Harbour Films",
            "description": "Ships, cranes and fog",
            "createdAt": "2024-01-02T03:04:05.000Z",
            "ownerAccount": {"id": 1, "name": "pilot"},
        }

    def _listed(self, query: Mapping[str, list[str]]) -> Mapping[str, Any]:
        start, count = int(query["start"][0]), int(query["count"][0])
        page = self.videos[start : start + count]
        data = [{"shortUUID": video.id, "name": video.name} for video in page]
        return {"total": len(self.videos), "data": data}

    def _video(self, video: Video) -> Mapping[str, Any]:
        def file(path: str) -> Mapping[str, Any]:
            return {
                "resolution": {"id": 96, "label": "96p"},
                "fileUrl": f"https://{self.host}/static/{path}",
                "size": None,
                "fps": 25,
            }

        playlist = {
            "id": 1,
            "type": 1,
            "playlistUrl": f"https://{self.host}/static/streaming-playlists/master.m3u8",
            "files": [file("streaming-playlists/media.m4s")],
        }
        return {
            "id": 7,
            "shortUUID": video.id,
            "name": video.name,
            "description": "A quiet evening",
            "publishedAt": "2024-05-06T07:08:09.000Z",
            "duration": int(SECONDS),
            "isLive": False,
            "nsfw": False,
            "language": {"id": "de", "label": "German"},
            "thumbnailPath": "/lazy-static/thumbnails/one.jpg",
            "account": {"id": 1, "displayName": "Pilot", "url": f"https://{self.host}/a/pilot"},
            "channel": {"id": 3, "displayName": "Harbour Films"},
            "files": [file(f"web-videos/{video.id}")] if video.has_file else [],
            "streamingPlaylists": [playlist] if video.has_playlist else [],
        }

    def _captions(self, video: Video) -> Mapping[str, Any]:
        caption = {
            "language": {"id": "de", "label": "German"},
            "captionPath": f"/lazy-static/video-captions/{video.id}-de.vtt",
        }
        return {"total": 1, "data": [caption]}


def _json(value: object) -> tuple[int, str, bytes]:
    return 200, "application/json", json.dumps(value).encode()


def _film(id_: str) -> bytes:
    """Return a film; every video has its own bytes."""
    body = encoded(Film(name="v.mp4", seconds=SECONDS))
    mark = id_.encode()
    return body + (8 + len(mark)).to_bytes(4, "big") + b"free" + mark


def _write_playlist(folder: Path) -> None:
    """Write an HLS playlist with one file of fragmented MP4, as PeerTube does."""
    make_hls(folder, Clip(seconds=SECONDS), kind="fmp4", single=True)
    stream = '#EXT-X-STREAM-INF:BANDWIDTH=300000,RESOLUTION=160x90,CODECS="avc1.640015,mp4a.40.2"'
    (folder / "master.m3u8").write_text(f"#EXTM3U\n{stream}\nmedia.m3u8\n")


@contextmanager
def open_peertube(host: str, certificate: Path, folder: Path) -> Iterator[PeerTube]:
    """Serve an instance until the end of the context.

    Args:
        host: Name in its links.
        certificate: PEM file with the certificate and its key.
        folder: Place for its HLS files.
    """
    site = PeerTube(host=host, folder=folder)
    _write_playlist(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.hits.append(self.path)
            status, kind, body = site.answer(self.path)
            first, last = 0, len(body) - 1
            asked = self.headers.get("Range", "").removeprefix("bytes=") if status == 200 else ""
            if asked:
                start, _, stop = asked.partition("-")
                first, last = int(start), min(int(stop or last), last)
            self.send_response(206 if asked else status)
            self.send_header("Content-Type", kind)
            self.send_header("Accept-Ranges", "bytes")
            if asked:
                self.send_header("Content-Range", f"bytes {first}-{last}/{len(body)}")
            self.send_header("Content-Length", str(last - first + 1))
            self.end_headers()
            self.wfile.write(body[first : last + 1])

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """Ignore connections that a client closes early."""

    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with Server(("127.0.0.1", 0), Handler) as server:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        site.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()
