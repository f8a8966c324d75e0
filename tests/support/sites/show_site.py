"""A loopback site as of a broadcaster: a season with separate audio, chapters and subtitles.

Links of media expire after a number of requests, and the site sends at a limited rate. It can be
run alone: `python -m support.sites.show_site` prints its address.
"""

import json
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import attrs

from support.media.coded_films import Film, encoded
from support.media.pictures import picture

EPISODES: Final = 12
SECONDS: Final = 6.0
_STEP: Final = 16 * 1024
_MEDIA: Final = re.compile(r"/media/(\d+)/([\w-]+)/(\d+)")
_VTT: Final = "WEBVTT\n\n00:00.500 --> 00:02.000\n{text}\n"


@attrs.define
class ShowSite:
    """The site.

    Attributes:
        address: `host:port`.
        rate: Bytes per second of each answer with media.
        uses: Requests for media that a link allows; later ones get 403.
        sent: Sent bytes of media by file name.
        expired: Number of refused requests.
        resolved: Number of requested video pages.
    """

    address: str = ""
    rate: int = 400_000
    uses: int = 6
    sent: dict[str, int] = attrs.field(factory=dict)
    expired: int = 0
    resolved: int = 0
    _used: dict[str, int] = attrs.field(factory=dict)
    _lock: threading.Lock = attrs.field(factory=threading.Lock)

    @property
    def link(self) -> str:
        """Link of the series page."""
        return f"http://{self.address}/shows/harbour"

    def show(self) -> Mapping[str, Any]:
        """Return the series page."""
        entries = [
            {
                "_type": "url",
                "ie_key": "ShowSite",
                "url": f"/watch/{number}",
                "id": str(number),
                "title": f"Harbour {number}",
                "episode": f"Tide {number}",
                "series": "Harbour",
                "season_number": 1,
                "episode_number": number,
                "duration": SECONDS,
            }
            for number in range(1, EPISODES + 1)
        ]
        return {"_type": "playlist", "id": "harbour", "title": "Harbour", "entries": entries}

    def watch(self, number: int) -> Mapping[str, Any]:
        """Return a video page with fresh links."""
        with self._lock:
            self.resolved += 1
            token = self.resolved

        def media(name: str, **fields: object) -> dict[str, object]:
            url = f"/media/{number}/{name}/{token}"
            return {"format_id": name, "url": url, "protocol": "http", "ext": "mp4", **fields}

        none = {"vcodec": "none", "acodec": "mp4a.40.2"}
        return {
            "id": str(number),
            "title": f"Harbour {number}",
            "series": "Harbour",
            "season_number": 1,
            "episode_number": number,
            "duration": SECONDS,
            "language": "de",
            "formats": [
                media("sound-en", language="en", **none),
                media("sound-de", language="de", **none),
                media("low", vcodec="avc1", acodec="none", height=96, width=96),
                media("drm", vcodec="avc1", acodec="none", height=2160, has_drm=True),
            ],
            "subtitles": {
                "de": [{"ext": "vtt", "url": f"/text/{number}/de"}],
                "en": [{"ext": "vtt", "url": f"/text/{number}/en"}],
                "live_chat": [{"ext": "json", "url": "/chat"}],
            },
            "automatic_captions": {"fr": [{"ext": "vtt", "url": f"/text/{number}/fr"}]},
            "chapters": [
                {"start_time": 0, "end_time": 2, "title": "Opening"},
                {"start_time": 2, "end_time": 5, "title": "Story"},
                {"start_time": 5, "end_time": 900, "title": "Credits"},
            ],
            "thumbnails": [{"url": "/picture.jpg"}],
        }

    def may_use(self, link: str) -> bool:
        """Count a request for media; return whether its link has not expired."""
        with self._lock:
            self._used[link] = self._used.get(link, 0) + 1
            is_fresh = self._used[link] <= self.uses
            self.expired += not is_fresh
            return is_fresh

    def count(self, name: str, size: int) -> None:
        """Count sent bytes."""
        with self._lock:
            self.sent[name] = self.sent.get(name, 0) + size


def media_of(name: str, number: int) -> bytes:
    """Return the bytes of a media file; every episode has its own."""
    if name.startswith("sound"):
        body = encoded(Film(name="a.m4a", video=None, seconds=SECONDS))
    else:
        body = encoded(Film(name="v.mp4", audio=None, seconds=SECONDS))
    return body + (12).to_bytes(4, "big") + b"free" + number.to_bytes(4, "big")


@contextmanager
def open_show_site(*, port: int = 0) -> Iterator[ShowSite]:
    """Serve until the end of the context."""
    site = ShowSite()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            media = _MEDIA.fullmatch(self.path)
            number = int(self.path.split("/")[2]) if self.path.count("/") > 2 else 0
            try:
                if media is not None:
                    self._send_media(media[2], int(media[1]))
                elif self.path.startswith("/watch/"):
                    page = site.watch(int(self.path.rpartition("/")[2]))
                    self._send("application/json", json.dumps(page).encode())
                elif self.path.startswith("/shows/"):
                    self._send("application/json", json.dumps(site.show()).encode())
                elif self.path.startswith("/text/"):
                    text = f"{self.path.rpartition('/')[2]} {number}"
                    self._send("text/vtt", _VTT.format(text=text).encode())
                elif self.path == "/picture.jpg":
                    self._send("image/jpeg", picture())
                else:
                    self.send_error(404)
            except ConnectionError:
                self.close_connection = True

        def _send(self, kind: str, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _send_media(self, name: str, number: int) -> None:
            if not site.may_use(self.path):
                self.send_error(403)
                return
            body = media_of(name, number)
            first, last = 0, len(body) - 1
            asked = self.headers.get("Range", "").removeprefix("bytes=")
            if asked:
                start, _, stop = asked.partition("-")
                first, last = int(start), min(int(stop or last), last)
            self.send_response(206 if asked else 200)
            self.send_header("Content-Type", "video/mp4")
            self.send_header("ETag", f'"{name}-{number}"')
            self.send_header("Accept-Ranges", "bytes")
            if asked:
                self.send_header("Content-Range", f"bytes {first}-{last}/{len(body)}")
            self.send_header("Content-Length", str(last - first + 1))
            self.end_headers()
            for place in range(first, last + 1, _STEP):
                piece = body[place : min(place + _STEP, last + 1)]
                self.wfile.write(piece)
                site.count(f"{number}/{name}", len(piece))
                time.sleep(len(piece) / site.rate)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        site.address = f"127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()


if __name__ == "__main__":
    with open_show_site() as running:
        print(running.link, flush=True)  # noqa: T201
        threading.Event().wait()
