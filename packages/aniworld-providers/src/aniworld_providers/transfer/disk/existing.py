"""Find a file that an earlier fetch of the same media has already published."""

import contextlib
import zlib
from pathlib import Path

from aniworld_core.errors import AniworldError, FileExistsConflictError
from aniworld_core.ports.fetcher import FetchedFile, FetchRequest
from aniworld_core.ports.inspector import MediaFacts
from aniworld_providers.media.probe.inspect import inspect_file
from aniworld_providers.transfer.disk.byte_ranges import RangeSet
from aniworld_providers.transfer.disk.ledger import Ledger
from aniworld_providers.transfer.disk.part_file import blocks_of
from aniworld_providers.transfer.disk.paths import PartPaths, existing_targets, rename_notices
from aniworld_providers.transfer.disk.verify import digest_of, has_checksum
from aniworld_providers.transfer.disk.writing import disk_errors


def published_file(request: FetchRequest, paths: PartPaths) -> FetchedFile | None:
    """Return the file that an earlier fetch published before it was killed; blocks.

    Raises:
        LibraryUnavailableError: If a file cannot be read.
    """
    with disk_errors(paths.ledger):
        ledger = Ledger.load(paths.ledger)
    if ledger is None:
        return None
    ledger.close()
    last = ledger.entries[-1] if ledger.entries else {}
    for path in existing_targets(request.destination, exact_name=request.exact_name):
        if path.name == last.get("final") and _holds(path, ledger):
            return existing_file(path, request)
    return None


def _holds(path: Path, ledger: Ledger) -> bool:
    """Whether a file consists of exactly the blocks that a ledger lists."""
    found = RangeSet()
    with disk_errors(path), path.open("rb") as file:
        size = path.stat().st_size
        for first, stop, check in blocks_of(ledger):
            if stop > size:
                return False
            file.seek(first)
            if zlib.crc32(file.read(stop - first)) == check:
                found.add(first, stop)
        return found.all() == [(0, size)]


def matching_file(request: FetchRequest, size: int | None) -> FetchedFile | None:
    """Return a published file that holds the requested media; blocks.

    It matches if it has the expected checksum. Without one, it matches if it has the size that the
    server announces and passes the media checks.

    Raises:
        FileExistsConflictError: If another file has the requested name.
        LibraryUnavailableError: If a file cannot be read.
    """
    for path in existing_targets(request.destination, exact_name=request.exact_name):
        checksum = request.stream.checksum
        is_same = False
        with disk_errors(path):
            has_size = size is not None and path.stat().st_size == size
        if checksum is not None:
            is_same = has_checksum(path, checksum)
        elif has_size:
            with contextlib.suppress(AniworldError):
                inspect_file(path, thorough=True, expected_duration=request.stream.duration)
                is_same = True
        if is_same:
            return existing_file(path, request)
        if path == request.destination:
            raise FileExistsConflictError(str(path))
    return None


def existing_file(path: Path, request: FetchRequest) -> FetchedFile:
    """Describe a file that was published by an earlier fetch; blocks.

    Raises:
        BadMediaError: If it cannot be opened as media.
        LibraryUnavailableError: If it cannot be read.
    """
    facts = inspect_file(path, expected_duration=request.stream.duration)
    return described_file(path, facts, request)


def described_file(path: Path, facts: MediaFacts, request: FetchRequest) -> FetchedFile:
    """Describe a published file with known facts; blocks.

    Raises:
        LibraryUnavailableError: If it cannot be read.
    """
    with disk_errors(path):
        size = path.stat().st_size
    return FetchedFile(
        path=path,
        bytes=size,
        sha256=digest_of(path) if request.digest else None,
        duration=facts.duration,
        audio_languages=tuple(code for code in facts.audio_languages if code != "und"),
        resumed_bytes=size,
        notices=rename_notices(request.destination, path, exact_name=request.exact_name),
    )
