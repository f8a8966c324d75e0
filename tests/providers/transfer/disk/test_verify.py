"""Check of a complete file: its content, digest, structure, duration and audio languages."""

import hashlib
import zlib
from pathlib import Path
from typing import Final

import attrs
import pytest

from aniworld_core.domain.media import (
    ENG_DUB,
    ENG_SUB,
    GER_DUB,
    Checksum,
    Language,
    Stream,
    StreamKind,
)
from aniworld_core.errors import (
    BadMediaError,
    FetchInterruptedError,
    LibraryUnavailableError,
    ProtectedError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.fetcher import FetchRequest
from aniworld_core.ports.inspector import MediaFacts
from aniworld_providers.media.structure import Structure
from aniworld_providers.transfer.disk import verify
from aniworld_providers.transfer.disk.verify import (
    CheckResult,
    _check_languages,
    check_file,
    digest_of,
    has_checksum,
)


def _check(tracks: tuple[str, ...], language: Language | None, *wanted: Language) -> None:
    stream = Stream(url="https://a.example/film.mp4", kind=StreamKind.DIRECT, language=language)
    facts = MediaFacts(suffix=".mp4", duration=None, height=None, audio_languages=tracks)
    request = FetchRequest(stream=stream, destination=Path("film.mp4"), languages=wanted)
    _check_languages(facts, request)


@pytest.mark.parametrize(
    ("tracks", "language", "wanted"),
    [
        (("deu",), GER_DUB, ()),
        (("jpn", "deu"), GER_DUB, ()),
        (("jpn",), ENG_SUB, ()),
        (("deu",), ENG_DUB, (ENG_DUB, GER_DUB)),
        (("jpn",), None, ()),
        ((), GER_DUB, ()),
        (("jpn", "und"), GER_DUB, ()),
    ],
)
def test_a_file_with_a_wanted_or_unknown_language_is_accepted(
    tracks: tuple[str, ...], language: Language | None, wanted: tuple[Language, ...]
) -> None:
    """One track of one wanted language is enough; a track without a tag may be it."""
    _check(tracks, language, *wanted)


@pytest.mark.parametrize(
    ("tracks", "language", "wanted"),
    [
        (("jpn",), GER_DUB, ()),
        (("eng",), ENG_SUB, ()),
        (("jpn", "eng"), ENG_DUB, (GER_DUB,)),
    ],
)
def test_a_file_in_other_languages_only_is_refused(
    tracks: tuple[str, ...], language: Language, wanted: tuple[Language, ...]
) -> None:
    """The wanted languages of the request count before the language of the link."""
    with pytest.raises(BadMediaError, match=f"its audio is {', '.join(tracks)} instead of"):
        _check(tracks, language, *wanted)


_TS: Final = b"G" + bytes(187)
_MP4: Final = b"\x00\x00\x00\x18ftypisom" + bytes(2048)


def _checked(
    monkeypatch: pytest.MonkeyPatch,
    path: Path,
    structure: Structure,
    *,
    duration: float | None = None,
    known_duration: float | None = None,
    checksum: Checksum | None = None,
    sha256: str | None = None,
    size_known: bool = False,
    size_proven: bool = False,
    tracks: tuple[str, ...] = (),
    language: Language | None = None,
) -> CheckResult:
    """Check a file whose structure and facts are given, instead of walked and decoded."""
    facts = MediaFacts(suffix=".mp4", duration=duration, height=None, audio_languages=tracks)
    passed: dict[str, object] = {}

    def examined(_path: Path, **options: object) -> tuple[MediaFacts, tuple[str, ...]]:
        passed.update(options)
        return facts, ("an oddity",)

    monkeypatch.setattr(verify, "structure_of", lambda *_: structure)
    monkeypatch.setattr(verify, "examine_file", examined)
    stream = Stream(
        url="https://a.example/film",
        kind=StreamKind.DIRECT,
        duration=known_duration,
        checksum=checksum,
        hoster="Host",
        language=language,
    )
    result = check_file(
        path,
        FetchRequest(stream=stream, destination=path),
        sha256=sha256,
        size_known=size_known,
        size_proven=size_proven,
    )
    assert passed["expected_duration"] == known_duration
    assert passed["structure"] is structure
    assert passed["may_pause"] == (checksum is not None)
    assert result.facts is facts
    assert result.notices[0] == "an oddity"
    return result


def test_the_audio_of_a_file_is_compared_with_the_wanted_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A complete file in another language is refused."""
    path, whole = _film(tmp_path), Structure(is_whole=True)

    assert _checked(monkeypatch, path, whole, tracks=("deu",), language=GER_DUB).is_verified
    with pytest.raises(BadMediaError, match="its audio is jpn instead of ger-dub"):
        _checked(monkeypatch, path, whole, tracks=("jpn",), language=GER_DUB)


def _film(folder: Path, content: bytes = _MP4) -> Path:
    path = folder / "film.mp4"
    path.write_bytes(content)
    return path


def _digest(path: Path, algorithm: str) -> Checksum:
    content = path.read_bytes()
    if algorithm == "crc32":
        return Checksum(algorithm, f"{zlib.crc32(content):08x}")
    return Checksum(algorithm, hashlib.new(algorithm, content).hexdigest())


@pytest.mark.parametrize(
    ("is_whole", "size_known", "durations", "has_digest", "is_verified"),
    [
        (None, False, (None, None), False, False),
        (None, False, (60.0, None), False, False),
        (None, False, (None, 60.0), False, False),
        (None, False, (60.0, 60.0), False, True),
        (None, True, (None, None), False, True),
        (True, False, (None, None), False, True),
        (None, False, (None, None), True, True),
        (False, False, (None, None), True, True),
    ],
)
def test_a_file_is_verified_by_size_structure_digest_or_duration(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    is_whole: bool | None,
    size_known: bool,
    durations: tuple[float | None, float | None],
    has_digest: bool,
    is_verified: bool,
) -> None:
    """Each of the four alone proves that no bytes are missing; a duration needs both sides."""
    path = _film(tmp_path)
    result = _checked(
        monkeypatch,
        path,
        Structure(is_whole=is_whole),
        duration=durations[0],
        known_duration=durations[1],
        checksum=_digest(path, "sha256") if has_digest else None,
        size_known=size_known,
    )
    assert result.is_verified == is_verified
    assert result.notices == ("an oddity",)


@pytest.mark.parametrize(
    ("size_known", "size_proven", "content", "error"),
    [
        (False, False, _MP4, FetchInterruptedError),
        (False, True, _MP4, FetchInterruptedError),
        (True, False, _MP4, BadMediaError),
        (True, True, _MP4, BadMediaError),
        (True, False, 30 * _TS, BadMediaError),
        (True, True, 30 * _TS, None),
    ],
)
def test_a_missing_end_is_fetched_again_or_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    size_known: bool,
    size_proven: bool,
    content: bytes,
    error: type[Exception] | None,
) -> None:
    """Without a known size the transfer ended early; a proven size of packets is the original."""
    path, structure = _film(tmp_path, content), Structure(is_whole=False)

    def checked() -> CheckResult:
        return _checked(
            monkeypatch, path, structure, size_known=size_known, size_proven=size_proven
        )

    if error is None:
        assert checked().is_verified
        return
    with pytest.raises(error, match="its end is missing"):
        checked()


def test_a_fault_in_the_structure_is_reported_instead_of_a_missing_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The examination reports the fault, which says more."""
    structure = Structure(is_whole=False, fault="a broken box")
    assert _checked(monkeypatch, _film(tmp_path), structure, size_known=True).is_verified


@pytest.mark.parametrize("trailing", [1, 512])
def test_bytes_behind_the_end_are_a_notice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trailing: int
) -> None:
    """The notice names their number."""
    structure = Structure(is_whole=True, trailing=trailing)
    result = _checked(monkeypatch, _film(tmp_path), structure)
    assert result.notices[1:] == (Message("bytes_behind_end", trailing=trailing),)


def test_encrypted_media_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the hoster and the scheme."""
    structure = Structure(is_whole=True, protection="cenc")
    with pytest.raises(ProtectedError, match=r"Host.*cenc"):
        _checked(monkeypatch, _film(tmp_path), structure)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<html>" + bytes(2000), "it is a web page"),
        (b"\x01\x02\x03\x04" * 600, "it is not a known video format"),
        (b"", "it is nothing at all"),
        (_MP4[:1023], "it has only 1023 bytes"),
    ],
)
def test_other_content_and_tiny_files_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, message: str
) -> None:
    """The reason names the content, or the size below 1024 bytes."""
    with pytest.raises(BadMediaError, match=message):
        _checked(monkeypatch, _film(tmp_path, content), Structure(is_whole=True))


def test_the_smallest_playable_file_has_1024_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of exactly that size is accepted."""
    assert _checked(monkeypatch, _film(tmp_path, _MP4[:1024]), Structure(is_whole=True)).is_verified


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "crc32"])
@pytest.mark.parametrize("size", [2060, 3 * 1024 * 1024 + 7])
def test_the_digest_of_the_catalogue_is_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, algorithm: str, size: int
) -> None:
    """Every supported algorithm reads the whole file, and upper case makes no difference."""
    path = _film(tmp_path, _MP4[:12] + bytes(range(256)) * (size // 256) + b"end")
    promised = _digest(path, algorithm)
    upper = attrs.evolve(promised, digest=promised.digest.upper())
    assert has_checksum(path, promised)
    assert has_checksum(path, upper)
    assert _checked(monkeypatch, path, Structure(), checksum=upper).is_verified
    with path.open("ab") as file:
        file.write(b"x")
    assert not has_checksum(path, promised)
    with pytest.raises(BadMediaError, match=f"its {algorithm} digest is not the one promised"):
        _checked(monkeypatch, path, Structure(), checksum=promised)


def test_a_known_sha256_is_not_computed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counts for SHA-256 only; other algorithms read the file."""
    path = _film(tmp_path)
    other = Checksum("sha256", "ab" * 32)
    assert _checked(monkeypatch, path, Structure(), checksum=other, sha256="ab" * 32).is_verified
    md5 = _digest(path, "md5")
    assert _checked(monkeypatch, path, Structure(), checksum=md5, sha256="ab" * 32).is_verified


def test_an_unknown_algorithm_is_an_error(tmp_path: Path) -> None:
    """The message names it, although Python could compute it."""
    with pytest.raises(BadMediaError, match="the algorithm sha512 is not supported"):
        digest_of(_film(tmp_path), "sha512")


def test_a_file_that_cannot_be_read_is_a_fault_of_the_library(tmp_path: Path) -> None:
    """Digest and check raise the error of the library, not of the system."""
    request = FetchRequest(
        stream=Stream(url="https://a.example/f", kind=StreamKind.DIRECT), destination=tmp_path
    )
    with pytest.raises(LibraryUnavailableError):
        digest_of(tmp_path / "gone.mp4")
    with pytest.raises(LibraryUnavailableError):
        check_file(tmp_path / "gone.mp4", request, sha256=None, size_known=True, size_proven=True)
