"""Put complete files into one container: video, separate audio, chapters and cover."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import anyio
import attrs

from aniworld_core.domain.media import Language, Stream
from aniworld_core.errors import BadMediaError
from aniworld_core.messages import Message
from aniworld_core.ports.fetcher import FetchRequest
from aniworld_core.ports.inspector import MediaFacts
from aniworld_providers.media.probe.inspect import examine_file, kind_of, opened, require_duration
from aniworld_providers.media.probe.playback import is_cover
from aniworld_providers.media.remux.extras import Extras
from aniworld_providers.media.remux.file_feed import FileFeed
from aniworld_providers.media.remux.input import TrackSource
from aniworld_providers.media.remux.muxer import MuxReport, remux
from aniworld_providers.media.remux.plan import check_remuxed
from aniworld_providers.transfer.disk.verify import digest_of
from aniworld_providers.transfer.disk.writing import disk_errors, require_space, sync_file

#: Seconds of difference between video and audio from which on there is a notice.
_WORTH_TELLING: Final = 0.5
#: Containers that are copied for chapters and cover only; the others have quirks of their own.
_COPIED: Final = frozenset({".mp4", ".m4v", ".mov", ".mkv", ".webm"})


@attrs.frozen(kw_only=True)
class Assembled:
    """A written container: path, size, digest if wanted, facts, languages and notices."""

    path: Path
    suffix: str
    size: int
    sha256: str | None
    facts: MediaFacts
    audio_languages: tuple[str, ...]
    notices: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Assembly:
    """The files of a film and what their container gets.

    Attributes:
        film: The complete file with the video.
        sound: The complete file with the audio, if it is separate.
        sound_language: Language of that audio according to its page.
        extras: Chapters and cover.
        target: Path of the container.
        duration: Playing time of the film in seconds, if known.
    """

    film: Path
    sound: Path | None
    sound_language: Language | None
    extras: Extras
    target: Path
    duration: float | None

    async def write(self, request: FetchRequest) -> Assembled:
        """Write and check the container; a cancellation stops the writing.

        Raises:
            BadMediaError: If video and audio do not fit each other, or cannot be copied.
            DiskFullError: If the disk is full.
            LibraryUnavailableError: If the disk fails.
        """
        stop = threading.Event()
        work = asyncio.ensure_future(asyncio.to_thread(self._written, request, stop))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            # A thread cannot be cancelled, and it must not write while the next attempt does.
            stop.set()
            with anyio.CancelScope(shield=True):
                await asyncio.wait([work])
            if not work.cancelled():
                work.exception()  # it is known why it ended
            raise

    def _written(self, request: FetchRequest, stop: threading.Event) -> Assembled:
        with disk_errors(self.target):
            inputs = [path for path in (self.film, self.sound) if path is not None]
            size = sum(path.stat().st_size for path in inputs)
        require_space(self.target.parent, size, request.reserve_bytes)
        with disk_errors(self.target):
            report = self._muxed(request, stop)
            notices = tuple(_differences(report)) if self.sound is not None else ()
            facts = check_remuxed(self.target, report)
            sync_file(self.target)
            return Assembled(
                path=self.target,
                suffix=report.suffix,
                size=self.target.stat().st_size,
                sha256=digest_of(self.target) if request.digest else None,
                facts=facts,
                audio_languages=tuple(code for code in report.audio_languages if code != "und"),
                notices=notices,
            )

    def _muxed(self, request: FetchRequest, stop: threading.Event) -> MuxReport:
        spoken = self.sound_language.audio if self.sound_language is not None else None
        with ExitStack() as stack:

            def source(path: Path, *, has_video: bool, has_audio: bool) -> TrackSource:
                feed = stack.enter_context(FileFeed(path))
                return TrackSource(
                    groups=[feed.rewound],
                    has_video=has_video,
                    has_audio=has_audio,
                    language=None if has_video else spoken,
                )

            sources = [source(self.film, has_video=True, has_audio=self.sound is None)]
            if self.sound is not None:
                sources.append(source(self.sound, has_video=False, has_audio=True))
            return remux(
                sources,
                self.target,
                expected_duration=self.duration or 3600.0,
                wanted=request.destination.suffix.lower() if request.exact_name else "",
                extras=self.extras,
                cancelled=stop.is_set,
            )


def _differences(report: MuxReport) -> Iterator[str]:
    """Yield notices about different lengths of video and audio.

    Both files are complete, so no media are missing where the difference is small.

    Raises:
        BadMediaError: If they differ so much that they are not of the same film.
    """
    end = report.timeline.end
    for track in report.timeline.tracks:
        try:
            require_duration(track.end, end)
        except BadMediaError:
            raise BadMediaError(
                Message("track_ends", track=track.kind, end_seconds=track.end)
            ) from None
        if end - track.end > _WORTH_TELLING:
            yield Message("track_ends_early", track=track.kind, early_seconds=end - track.end)


def require_copyable(path: Path) -> None:
    """Check that a copy of a file's video and audio tracks holds everything in it; blocks.

    Raises:
        BadMediaError: If it does not, or the file cannot be read.
        LibraryUnavailableError: If it cannot be read.
    """
    kind = kind_of(path)
    with opened(path, kind) as container:
        films = [stream for stream in container.streams.video if not is_cover(stream)]
        others = any(stream.type in {"subtitle", "attachment"} for stream in container.streams)
    if kind.suffix not in _COPIED or len(films) != 1 or others:
        raise BadMediaError(Message("copy_would_lose_tracks"))


def assembled_before(targets: Sequence[Path], stream: Stream) -> tuple[Path, MediaFacts] | None:
    """Return the file that an earlier fetch assembled, and its facts; blocks.

    Args:
        targets: Existing files with a name that a fetch may give.
        stream: The film; no file is recognised if its playing time is unknown.

    Raises:
        LibraryUnavailableError: If a file cannot be read.
    """
    for path in targets if stream.duration is not None else ():
        try:
            facts, _ = examine_file(path, expected_duration=stream.duration)
        except BadMediaError:
            continue
        has_sound = stream.sound is None or bool(facts.audio_languages)
        if has_sound and stream.height in {None, facts.height}:
            return path, facts
    return None
