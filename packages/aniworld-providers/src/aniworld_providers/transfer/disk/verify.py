"""Check whether a complete part is the requested media."""

import hashlib
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from aniworld_core.domain.media import Checksum
from aniworld_core.errors import BadMediaError, FetchInterruptedError, ProtectedError
from aniworld_core.messages import Message
from aniworld_core.ports.fetcher import FetchRequest
from aniworld_core.ports.inspector import MediaFacts
from aniworld_providers.media.probe.inspect import examine_file, structure_of
from aniworld_providers.media.probe.sniff import SNIFF_BYTES, container_of, impostor_of
from aniworld_providers.transfer.disk.writing import disk_errors

if TYPE_CHECKING:
    from aniworld_providers.media.structure import Structure

#: Size in bytes of the smallest playable file.
_LEAST_BYTES: Final = 1024
_MIB: Final = 1024 * 1024
_PACKETED: Final = frozenset({".ts", ".m2ts"})


@attrs.frozen(kw_only=True)
class CheckResult:
    """Result of the check of a complete file.

    Attributes:
        facts: Container, duration, height and languages.
        is_verified: Whether something proves that no bytes are missing.
        notices: Oddities of a complete file.
    """

    facts: MediaFacts
    is_verified: bool
    notices: tuple[str, ...] = ()


def check_file(
    path: Path,
    request: FetchRequest,
    *,
    sha256: str | None,
    size_known: bool,
    size_proven: bool,
    is_sound: bool = False,
) -> CheckResult:
    """Check a complete file against everything known about it; blocks.

    Args:
        path: The file.
        request: The fetch request.
        sha256: SHA-256 of the file, if known.
        size_known: Whether the server announced the size.
        size_proven: Whether a second source confirmed the size.
        is_sound: Whether it must hold audio; otherwise it must hold video.

    Raises:
        BadMediaError: If it is not the requested media.
        ProtectedError: If the media are encrypted.
        FetchInterruptedError: If the end is missing and the size was never announced.
        LibraryUnavailableError: If it cannot be read.
    """
    stream = request.stream
    with disk_errors(path), path.open("rb") as file:
        head, size = file.read(SNIFF_BYTES), path.stat().st_size
    kind = container_of(head)
    if kind is None:
        raise BadMediaError(
            Message("is_other_content", what=impostor_of(head) or Message("content_not_video"))
        )
    if size < _LEAST_BYTES:
        raise BadMediaError(Message("only_bytes", size=size))
    structure = structure_of(path, kind)
    if structure.protection is not None:
        what = Message("file_from", hoster=stream.hoster)
        raise ProtectedError(what, structure.protection)
    has_digest = stream.checksum is not None and _agrees(path, stream.checksum, sha256)
    whole = structure.is_whole
    if whole is False and not size_known and not has_digest:
        raise FetchInterruptedError(Message("end_missing"))
    is_as_kept = has_digest or (size_proven and kind.suffix in _PACKETED)
    if whole is False and structure.fault is None and not is_as_kept:
        raise BadMediaError(Message("end_missing"))
    facts, oddities = examine_file(
        path,
        expected_duration=stream.duration,
        structure=structure,
        may_pause=has_digest,
        is_sound=is_sound,
    )
    _check_languages(facts, request)
    has_length = facts.duration is not None and stream.duration is not None
    is_verified = has_digest or size_known or whole is True or has_length
    return CheckResult(
        facts=facts, is_verified=is_verified, notices=(*oddities, *_notices(structure))
    )


def _notices(structure: "Structure") -> tuple[str, ...]:
    if not structure.trailing:
        return ()
    return (Message("bytes_behind_end", trailing=structure.trailing),)


def digest_of(path: Path, algorithm: str = "sha256") -> str:
    """Return the digest of a file in lower-case hexadecimal; blocks.

    Raises:
        BadMediaError: If the algorithm is not supported.
        LibraryUnavailableError: If it cannot be read.
    """
    with disk_errors(path), path.open("rb") as file:
        if algorithm == "crc32":
            check = 0
            while block := file.read(_MIB):
                check = zlib.crc32(block, check)
            return f"{check:08x}"
        if algorithm not in {"md5", "sha1", "sha256"}:
            raise BadMediaError(Message("digest_unsupported", algorithm=algorithm))
        # The catalogue chooses the algorithm; it detects accidents, not attacks.
        state = hashlib.new(algorithm, usedforsecurity=False)
        while block := file.read(_MIB):
            state.update(block)
        return state.hexdigest()


def has_checksum(path: Path, checksum: Checksum) -> bool:
    """Whether a file has the expected checksum; blocks."""
    return digest_of(path, checksum.algorithm) == checksum.digest.lower()


def _agrees(path: Path, checksum: Checksum, sha256: str | None) -> bool:
    known = sha256 if checksum.algorithm == "sha256" else None
    found = known or digest_of(path, checksum.algorithm)
    if found != checksum.digest.lower():
        raise BadMediaError(Message("wrong_digest", algorithm=checksum.algorithm))
    return True


def _check_languages(facts: MediaFacts, request: FetchRequest) -> None:
    """Compare the audio languages with the wanted ones, if all tracks have a language tag."""
    wanted = request.languages or tuple(filter(None, (request.stream.language,)))
    tracks = facts.audio_languages
    if not wanted or not tracks or "und" in tracks:
        return
    if not any(language.allows_audio(tag) for language in wanted for tag in tracks):
        codes = [language.code for language in wanted]
        raise BadMediaError(Message("wrong_audio", found_languages=tracks, wanted_languages=codes))
