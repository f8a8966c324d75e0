"""Static files below /static: style sheets, scripts, icons and texts, read at the start.

Requests are answered from a table of names. No file path is built from a request.
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

from aniworld_core.messages.translation import message_texts
from aniworld_http.rendering.content_coding import accepts_gzip

WEB: Final = Path(__file__).parent.parent / "web"

#: For addresses with the version, which changes with any file.
_FOREVER: Final = "public, max-age=31536000, immutable"
#: For addresses without the version: browsers revalidate them.
_CHECKED: Final = "no-cache"
_DIGEST_BYTES: Final = 8
#: Bytes below which a file is not compressed.
_MIN_BYTES: Final = 400
_TYPES: Final = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
}


@attrs.frozen(kw_only=True)
class StaticFile:
    """Content of a static file.

    Attributes:
        body: Content.
        compressed: The content compressed with gzip; `None` if that saves nothing.
        media: Content type.
        tag: Digest of the content, for the ETag.
    """

    body: bytes = attrs.field(repr=False)
    compressed: bytes | None = attrs.field(repr=False)
    media: str
    tag: str

    @classmethod
    def of(cls, name: str, body: bytes) -> "StaticFile":
        """Return the entry of a file."""
        media = _TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0]
        compressed = None
        if len(body) >= _MIN_BYTES and media != "image/png":
            # Without a timestamp, so that equal files give equal bytes.
            compressed = gzip.compress(body, mtime=0)
        return cls(
            body=body,
            compressed=compressed,
            media=media or "application/octet-stream",
            tag=_digest(body),
        )


@attrs.frozen(kw_only=True)
class StaticFiles:
    """All files below `/static`.

    Attributes:
        files: Files by name.
        version: Digest of all files, a part of each address. Scripts import each other by relative
            paths, so one version for all files keeps these valid without a build step.
    """

    files: Mapping[str, StaticFile] = attrs.field(repr=False)
    version: str

    @classmethod
    @functools.cache
    def load(cls, root: Path = WEB) -> "StaticFiles":
        """Read all files, once in a process; texts become scripts, which pages can import.

        Each language is in three files, because only few pages need all texts: `pages`, `settings`
        with the names of all settings, and `messages` of the server.
        """
        files = {name: StaticFile.of(name, body) for name, body in _read(root)}
        everything = "".join(f"{name} {file.tag}\n" for name, file in sorted(files.items()))
        return cls(files=files, version=_digest(everything.encode()))

    def answer(self, request: web.Request, name: str) -> web.Response:
        """Return a file by its name, with or without the version as prefix.

        Raises:
            HTTPNotFound: If no file has exactly this name.
        """
        version, _, rest = name.partition("/")
        is_fixed = version == self.version
        file = self.files.get(rest if is_fixed else name)
        if file is None:
            raise web.HTTPNotFound
        response = web.Response(content_type=file.media)
        response.etag = ETag(file.tag, is_weak=True)  # the same file, compressed or not
        response.headers["Cache-Control"] = _FOREVER if is_fixed else _CHECKED
        response.headers["Vary"] = "Accept-Encoding"
        if any(tag.value in {file.tag, "*"} for tag in request.if_none_match or ()):
            response.set_status(304)
            return response
        if file.media.startswith("text/"):
            response.charset = "utf-8"
        if file.compressed is not None and accepts_gzip(request):
            response.headers["Content-Encoding"] = "gzip"
            response.body = file.compressed
        else:
            response.body = file.body
        return response


#: The static files of this server.
STATIC: Final = web.AppKey("STATIC", StaticFiles)


def _read(root: Path) -> Iterator[tuple[str, bytes]]:
    static = root / "static"
    for path in sorted(static.rglob("*")):
        if path.is_file():
            yield path.relative_to(static).as_posix(), path.read_bytes()
    for path in sorted((root / "locale").glob("*.json")):
        texts = json.loads(path.read_bytes())
        messages = message_texts(path.stem)
        groups = {
            "pages": {name: text for name, text in texts.items() if not _is_setting(name)},
            "settings": {name: text for name, text in texts.items() if _is_setting(name)},
            "messages": {f"message.{kind}": text for kind, text in messages.items()},
        }
        for group, own in groups.items():
            script = f"export default {json.dumps(own, ensure_ascii=False)};\n"
            yield f"locale/{group}/{path.stem}.js", script.encode()


def _is_setting(name: str) -> bool:
    return name.startswith("setting.")


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES).hexdigest()
