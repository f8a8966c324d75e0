"""/static: style sheets, scripts, icons and texts, from a table that is made at the start.

What is not in the table does not exist: no path is ever put together from what was asked for.
"""

import functools
import gzip
import hashlib
import json
import mimetypes
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import attrs
from aiohttp import ETag, web

from aniworld_http.rendering.content_coding import accepts_gzip

WEB: Final = Path(__file__).parent.parent / "web"

#: Never asked for again: a change of any file changes the address of all.
_FOREVER: Final = "public, max-age=31536000, immutable"
#: Asked for each time, and answered shortly when nothing changed.
_CHECKED: Final = "no-cache"
_DIGEST_BYTES: Final = 8
#: Smaller files do not get smaller by packing.
_WORTH_PACKING: Final = 400
_TYPES: Final = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
}


@attrs.frozen(kw_only=True)
class StaticFile:
    """A file as it is sent.

    Attributes:
        packed: The same with gzip; `None` where that does not pay.
    """

    body: bytes = attrs.field(repr=False)
    packed: bytes | None = attrs.field(repr=False)
    media: str
    tag: str

    @classmethod
    def of(cls, name: str, body: bytes) -> "StaticFile":
        """Take the content of a file into the table."""
        media = _TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0]
        packed = None
        if len(body) >= _WORTH_PACKING and media != "image/png":
            # Without a time in it, so that the same file always gives the same bytes.
            packed = gzip.compress(body, mtime=0)
        return cls(
            body=body,
            packed=packed,
            media=media or "application/octet-stream",
            tag=_digest(body),
        )


@attrs.frozen(kw_only=True)
class StaticFiles:
    """Everything below `/static`.

    Attributes:
        version: A part of every address, made from the content of all files. Scripts name each
            other relatively, so one version for all keeps their addresses right without a build.
    """

    files: Mapping[str, StaticFile] = attrs.field(repr=False)
    version: str

    @classmethod
    @functools.cache
    def load(cls, root: Path = WEB) -> "StaticFiles":
        """Read all files, once in a process; texts become scripts, which pages can import."""
        files = {name: StaticFile.of(name, body) for name, body in _read(root)}
        everything = "".join(f"{name} {file.tag}\n" for name, file in sorted(files.items()))
        return cls(files=files, version=_digest(everything.encode()))

    def answer(self, request: web.Request, asked: str) -> web.Response:
        """Send a file by its name, with or without the version in front.

        Raises:
            HTTPNotFound: If there is none of exactly this name.
        """
        version, _, rest = asked.partition("/")
        is_fixed = version == self.version
        file = self.files.get(rest if is_fixed else asked)
        if file is None:
            raise web.HTTPNotFound
        response = web.Response(content_type=file.media)
        response.etag = ETag(file.tag, is_weak=True)  # packed or not, it is the same file
        response.headers["Cache-Control"] = _FOREVER if is_fixed else _CHECKED
        response.headers["Vary"] = "Accept-Encoding"
        if any(tag.value in {file.tag, "*"} for tag in request.if_none_match or ()):
            response.set_status(304)
            return response
        if file.media.startswith("text/"):
            response.charset = "utf-8"
        if file.packed is not None and accepts_gzip(request):
            response.headers["Content-Encoding"] = "gzip"
            response.body = file.packed
        else:
            response.body = file.body
        return response


STATIC: Final = web.AppKey("STATIC", StaticFiles)


def _read(root: Path) -> Iterator[tuple[str, bytes]]:
    static = root / "static"
    for path in sorted(static.rglob("*")):
        if path.is_file():
            yield path.relative_to(static).as_posix(), path.read_bytes()
    for path in sorted((root / "locale").glob("*.json")):
        texts = json.loads(path.read_bytes())
        script = f"export default {json.dumps(texts, ensure_ascii=False)};\n"
        yield f"locale/{path.stem}.js", script.encode()


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES).hexdigest()
