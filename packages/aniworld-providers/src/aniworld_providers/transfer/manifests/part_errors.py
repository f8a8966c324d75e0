"""Add the name of the failed part of a stream to an error."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

from aniworld_core.errors import (
    AddressRefusedError,
    AniworldError,
    BadMediaError,
    BadPlaylistError,
    FetchInterruptedError,
    LinkRefusedError,
    ProtectedError,
    SourceBlockedError,
    SourceGoneError,
    UnsupportedSourceError,
)
from aniworld_core.messages import Message
from aniworld_providers.transfer.keys import WrongKeyError
from aniworld_providers.transfer.links import OtherKindError
from aniworld_providers.transfer.manifests.job import Job

_LONGEST_NAME: Final = 60


def segment_name(job: Job, index: int) -> Message:
    """Return the name of an item: its number in its track and its file name."""
    item = job.items[index]
    for track in job.tracks:
        listed = [i for group in track.groups for i in group]
        if index not in listed:
            continue
        kind = None
        if len(job.tracks) > 1:
            kind = "video" if track.has_video else "audio"
        file = link_file(item.piece.url)
        if item.is_init:
            return Message("init_section", track=kind, file=file)
        media = [i for i in listed if not job.items[i].is_init]
        return Message(
            "segment_of",
            track=kind,
            number=media.index(index) + 1,
            segments=len(media),
            file=file,
        )
    return Message("a_segment")


def link_file(url: str) -> str:
    """Return the file name in a URL, without the query; empty without one."""
    if url[:5].lower() == "data:":
        return ""
    try:
        name = PurePosixPath(unquote(urlsplit(url).path)).name
    except ValueError:
        return ""
    if not name or not name.isprintable() or len(name) > _LONGEST_NAME:
        return ""
    return name


@contextmanager
def naming_part(part: Callable[[], str]) -> Iterator[None]:
    """Add the name of a part to the errors that leave the context.

    Args:
        part: Returns the name; called for errors only.
    """
    try:
        yield
    except AniworldError as error:
        about = error_about_part(error, part())
        if about is error:
            raise
        raise about from error


def error_about_part(error: AniworldError, part: str) -> AniworldError:
    """Return an error of the same kind that names the part.

    Errors that are not about the fetched data, such as a full disk, are returned unchanged.
    """
    match error:
        case FetchInterruptedError():
            return FetchInterruptedError(
                Message("part_reason", part=part, reason=error.reason),
                retry_after=error.retry_after,
                gave_up=error.gave_up,
            )
        case LinkRefusedError():
            return type(error)(Message("part_at_host", part=part, host=error.what), error.reason)
        case SourceGoneError():
            what = Message("part_of", inner=error.what, part=part) if error.is_part else part
            missing = (
                SourceBlockedError if isinstance(error, SourceBlockedError) else SourceGoneError
            )
            return missing(what, error.reason, is_part=True)
        case ProtectedError():
            return ProtectedError(part, error.scheme)
        case OtherKindError():
            return BadMediaError(Message("part_reason", part=part, reason=error.reason))
        case BadMediaError():
            kind = WrongKeyError if isinstance(error, WrongKeyError) else BadMediaError
            return kind(Message("part_reason", part=part, reason=error.reason))
        case BadPlaylistError():
            return BadPlaylistError(Message("part_reason", part=part, reason=error.reason))
        case UnsupportedSourceError():
            return UnsupportedSourceError(
                error.what, Message("part_reason", part=part, reason=error.reason)
            )
        case AddressRefusedError():
            return AddressRefusedError(
                error.address, Message("part_reason", part=part, reason=error.reason)
            )
    return error
