"""Inspect media files with libav: what they contain and whether they are complete."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from aniworld_core.domain.media import normalise_tag
from aniworld_core.errors import BadMediaError, LibraryUnavailableError
from aniworld_core.messages import Message, os_reason
from aniworld_core.ports.inspector import MediaFacts
from aniworld_providers.media.probe.libav.errors import damage_reason
from aniworld_providers.media.probe.libav.input import LibavFile
from aniworld_providers.media.probe.libav.texts import keeping_bytes, readable
from aniworld_providers.media.probe.playback import check_playback, is_cover
from aniworld_providers.media.probe.sniff import (
    SNIFF_BYTES,
    ContainerKind,
    container_of,
    impostor_of,
)
from aniworld_providers.media.probe.walk import check_walk, walk_packets

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.stream import Stream

    from aniworld_providers.media.structure import Structure


def inspect_file(
    path: Path,
    *,
    thorough: bool = False,
    expected_duration: float | None = None,
    slack: float = 0.0,
) -> MediaFacts:
    """Open a file and return its facts; blocks.

    Args:
        path: The file.
        thorough: Whether to also check for cut, missing or damaged media, as `examine_file` does.
        expected_duration: Playing time in seconds that the file must have.
        slack: Seconds by which that may differ because it is a sum of rounded durations.

    Raises:
        BadMediaError: If it is not a video, or is visibly damaged.
        LibraryUnavailableError: If it cannot be read.
    """
    if thorough:
        return examine_file(path, expected_duration=expected_duration, slack=slack)[0]
    kind = kind_of(path)
    with opened(path, kind) as container:
        facts = facts_of(container, kind)
    if expected_duration is not None and facts.duration is not None:
        require_duration(facts.duration, expected_duration, slack=slack)
    return facts


def examine_file(
    path: Path,
    *,
    expected_duration: float | None = None,
    slack: float = 0.0,
    structure: "Structure | None" = None,
    may_pause: bool = False,
    is_sound: bool = False,
) -> tuple[MediaFacts, tuple[str, ...]]:
    """Check a file for damage and missing media; blocks.

    The header of a file proves nothing about the rest. So this follows the elements of the
    container, checks every packet, and decodes samples at the start, in the middle, at the end and
    at random places.

    Args:
        path: The file.
        expected_duration: Playing time in seconds that the file must have.
        slack: Seconds by which that may differ because it is a sum of rounded durations.
        structure: Result of the structure walk, if it was done before.
        may_pause: Whether parts of one track may be missing, as in the original.
        is_sound: Whether it must hold audio; otherwise it must hold video.

    Returns:
        The facts of the file, and notices about differences between its tracks.

    Raises:
        BadMediaError: If it is not a video, or is visibly damaged.
        LibraryUnavailableError: If it cannot be read.
    """
    kind = kind_of(path)
    require_structure(structure or structure_of(path, kind))
    with opened(path, kind) as container:
        facts = facts_of(container, kind, is_sound=is_sound)
        if expected_duration is not None and facts.duration is not None:
            require_duration(facts.duration, expected_duration, slack=slack)
        shortest = None if expected_duration is None else expected_duration - slack
        walk = walk_packets(container)
        check_walk(walk, facts.duration, shortest, may_pause=may_pause)
        # The walk has built the index of containers without one.
        duration = facts.duration or walk.duration
        is_played = check_playback(container, duration, seed=container.size)
    if not is_played:
        with opened(path, kind) as fresh:
            check_playback(fresh, None, seed=fresh.size, is_fresh=True)
    return facts, walk.notices


def structure_of(path: Path, kind: ContainerKind) -> "Structure":
    """Walk the structure of a local file; blocks.

    Raises:
        LibraryUnavailableError: If it cannot be read.
    """
    from aniworld_providers.media.structure import walk_structure  # not used for streams

    try:
        return walk_structure(path, kind.suffix)
    except OSError as error:
        raise LibraryUnavailableError(str(path), os_reason(error)) from error


def require_structure(structure: "Structure") -> None:
    """Refuse a file whose elements do not follow each other.

    Raises:
        BadMediaError: If the chain of elements breaks.
    """
    if structure.fault is not None:
        raise BadMediaError(Message("damaged_by", detail=structure.fault))


def prepare() -> None:
    """Import libav, which takes long; blocks."""
    with suppress(ImportError):  # raised again where it is needed
        import av  # noqa: F401


def require_duration(actual: float, expected: float, *, slack: float = 0.0) -> None:
    """Check that *actual* is *expected* within 2 % or 2 s, plus *slack*, in seconds.

    Raises:
        BadMediaError: If they differ by more.
    """
    if abs(actual - expected) > max(0.02 * expected, 2.0) + slack:
        raise BadMediaError(
            Message("wrong_length", actual_seconds=actual, expected_seconds=expected)
        )


@contextmanager
def opened(path: Path, kind: ContainerKind) -> "Iterator[InputContainer]":
    """Open a local file with the demuxer of its kind; translate errors.

    Raises:
        BadMediaError: If libav cannot read it, now or later in the context.
        LibraryUnavailableError: If it cannot be read.
    """
    import av  # slow to import, and not every command opens files

    try:
        # With a file object, libav does not interpret the name. The explicit demuxer and the
        # protocol list keep it from opening URLs in the content.
        with (
            path.open("rb") as file,
            av.open(
                LibavFile(file),
                "r",
                format=kind.demuxer,
                container_options={"protocol_whitelist": "none"},
                buffer_size=256 * 1024,
                **keeping_bytes(),
            ) as container,
        ):
            yield container
    except (av.error.FFmpegError, EOFError, OverflowError, UnicodeError) as error:
        raise BadMediaError(damage_reason(error)) from error
    except OSError as error:
        raise LibraryUnavailableError(str(path), os_reason(error)) from error


def kind_of(path: Path) -> ContainerKind:
    """Return the container kind of a file by its first bytes.

    Raises:
        BadMediaError: If it is not a known video format.
        LibraryUnavailableError: If it cannot be read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(SNIFF_BYTES)
    except OSError as error:
        raise LibraryUnavailableError(str(path), os_reason(error)) from error
    kind = container_of(head)
    if kind is None:
        what = impostor_of(head) or Message("content_not_video")
        raise BadMediaError(Message("is_other_content", what=what))
    return kind


def facts_of(
    container: "InputContainer", kind: ContainerKind, *, is_sound: bool = False
) -> MediaFacts:
    """Return the facts of an open file.

    Args:
        container: The file.
        kind: Its container kind.
        is_sound: Whether it must hold audio; otherwise it must hold video.

    Raises:
        BadMediaError: If it has no such track, or a track of an unknown codec.
    """
    require_codecs([*container.streams.video, *container.streams.audio])
    heights = [
        stream.height
        for stream in container.streams.video
        if stream.height and not is_cover(stream)
    ]
    if is_sound and not container.streams.audio:
        raise BadMediaError(Message("no_audio_track"))
    if not is_sound and not heights:
        raise BadMediaError(Message("no_picture"))
    duration = container.duration
    return MediaFacts(
        suffix=kind.suffix,
        duration=None if duration is None or duration <= 0 else duration / 1_000_000,
        height=max(heights, default=None),
        audio_languages=tuple(language_of(stream) for stream in container.streams.audio),
        subtitle_languages=tuple(language_of(stream) for stream in container.streams.subtitles),
    )


def require_codecs(streams: "Sequence[Stream]") -> None:
    """Refuse tracks that libav cannot decode, and so cannot check.

    Raises:
        BadMediaError: If there is one.
    """
    for stream in streams:
        if stream.codec_context is None:
            raise BadMediaError(Message("unknown_codec", track=stream.type))


def language_of(stream: "Stream") -> str:
    """Return the ISO 639-3 code of a track's language, `und` where it has none."""
    tag = readable(stream.metadata.get("language", ""))
    return (normalise_tag(tag) if tag else None) or "und"
