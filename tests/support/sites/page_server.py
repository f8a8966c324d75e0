"""A loopback server of hoster pages, with a log of requests."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import attrs


@attrs.frozen
class Answer:
    """Answer of a path."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html; charset=utf-8"),)

    @classmethod
    def page(cls, text: str, status: int = 200, **headers: str) -> "Answer":
        """Return an HTML page."""
        named = [(name.replace("_", "-"), value) for name, value in headers.items()]
        kind = ("Content-Type", "text/html; charset=utf-8")
        return cls(f"<!DOCTYPE html><html>{text}</html>".encode(), status, (kind, *named))

    @classmethod
    def redirect(cls, target: str) -> "Answer":
        """Return a redirect."""
        return cls(status=302, headers=(("Location", target), ("Content-Length", "0")))

    @classmethod
    def media(cls, kind: str, body: bytes) -> "Answer":
        """Return an answer with a media type."""
        return cls(body, 200, (("Content-Type", kind),))


@attrs.define
class PageServer:
    """Serve `answers` by path.

    Attributes:
        address: `host:port`.
        answers: By path; anything else is 404.
        hits: Requested paths, in order, with their headers by lower-case name.
        hanging: Paths that are answered only once `released` is set.
        hung: Set once one of them was requested.
    """

    address: str = ""
    answers: dict[str, Answer] = attrs.field(factory=dict)
    hits: list[tuple[str, Mapping[str, str]]] = attrs.field(factory=list)
    hanging: set[str] = attrs.field(factory=set)
    hung: threading.Event = attrs.field(factory=threading.Event)
    released: threading.Event = attrs.field(factory=threading.Event)

    def url(self, path: str) -> str:
        """Return the link to a path."""
        return f"http://{self.address}{path}"

    @property
    def paths(self) -> list[str]:
        """The requested paths."""
        return [path for path, _ in self.hits]


@contextmanager
def open_page_server() -> Iterator[PageServer]:
    """Serve until the end of the context."""
    pages = PageServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            pages.hits.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
            if self.path in pages.hanging:
                pages.hung.set()
                pages.released.wait()
                return
            answer = pages.answers.get(self.path, Answer.page("nothing here", 404))
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            if answer.body:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        do_HEAD = do_GET  # noqa: N815 - the name the base class looks for

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        pages.address = f"127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield pages
        finally:
            pages.released.set()
            server.shutdown()
            thread.join()
