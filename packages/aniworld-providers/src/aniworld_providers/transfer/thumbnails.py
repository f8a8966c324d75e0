"""Fetch the picture of a film that its container gets."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import anyio
import anyio.to_thread

from aniworld_core.domain.catalogue import Cover, ImageKind
from aniworld_core.domain.media import Chapter, Stream
from aniworld_core.errors import AniworldError, BadMediaError
from aniworld_core.messages import Message
from aniworld_providers.media.images import NotAnImageError, read_image
from aniworld_providers.media.probe.facts.process import DescribeProcess
from aniworld_providers.media.remux.extras import Extras, clean_chapters
from aniworld_providers.transfer.disk.paths import PartPaths
from aniworld_providers.transfer.disk.writing import disk_errors
from aniworld_providers.transfer.fetch_session import FetchSession

#: Largest picture in bytes.
MAX_THUMBNAIL_BYTES: Final = 5 * 1024 * 1024
#: Most pictures to try, and seconds for all of them.
_MOST_TRIES: Final = 4
_SECONDS: Final = 30.0
#: Formats that players show as the cover of an MP4.
_FITTING: Final = frozenset({ImageKind.JPEG, ImageKind.PNG})


async def fetch_extras(
    session: FetchSession, stream: Stream, paths: PartPaths, duration: float | None
) -> tuple[Extras, Sequence[str]]:
    """Return the chapters and the cover of a film, and a notice if it has no usable picture.

    Args:
        session: The fetch.
        stream: The film with its current link.
        paths: Paths of the unfinished file; the cover is written beside it.
        duration: Playing time in seconds, if known.

    Raises:
        DiskFullError: If the disk is full.
        LibraryUnavailableError: If the cover cannot be written.
    """
    chapters: tuple[Chapter, ...] = clean_chapters(stream.chapters, duration)
    if not stream.thumbnails:
        return Extras(chapters=chapters), ()
    path = cover_path(paths)
    try:
        cover = await _fetch_cover(session, stream, path)
    except AniworldError as error:
        reason = error.reason if isinstance(error, BadMediaError) else error.message
        return Extras(chapters=chapters), (Message("thumbnail_left_out", reason=reason),)
    await anyio.to_thread.run_sync(_write, path, cover.data)
    extras = Extras(chapters=chapters, cover=path, width=cover.width, height=cover.height)
    return extras, ()


def cover_path(paths: PartPaths) -> Path:
    """Return the path of the cover, beside the part."""
    return paths.beside("c")


async def _fetch_cover(session: FetchSession, stream: Stream, path: Path) -> Cover:
    """Return the first usable picture; others than JPEG and PNG are converted.

    Args:
        session: The fetch.
        stream: The film.
        path: Path for a picture to convert.

    Raises:
        AniworldError: The error of the first one, if none is usable.
    """
    failure: AniworldError | None = None
    side = session.for_side_requests()
    with anyio.move_on_after(_SECONDS):
        async with side.client(stream, 1) as client:
            for thumbnail in stream.thumbnails[:_MOST_TRIES]:
                try:
                    body = await client.read_all(
                        thumbnail.url, headers=thumbnail.headers, max_bytes=MAX_THUMBNAIL_BYTES
                    )
                    return await _usable(bytes(body.data), path)
                except AniworldError as error:
                    failure = failure or error
    raise failure or BadMediaError(Message("no_answer_within", waited_seconds=_SECONDS))


async def _usable(data: bytes, path: Path) -> Cover:
    try:
        cover = read_image(data)
    except NotAnImageError as error:
        raise BadMediaError(error.args[0]) from error
    if cover.kind in _FITTING:
        return cover
    await anyio.to_thread.run_sync(_write, path, data)
    # In a process: the picture comes from a foreign server, and libav decodes it.
    with DescribeProcess(_SECONDS) as process:
        found = await anyio.to_thread.run_sync(process.jpeg, path, abandon_on_cancel=True)
    if isinstance(found, AniworldError):
        raise found
    return found


def _write(path: Path, data: bytes) -> None:
    with disk_errors(path):
        path.unlink(missing_ok=True)
        with path.open("xb") as file:
            file.write(data)
