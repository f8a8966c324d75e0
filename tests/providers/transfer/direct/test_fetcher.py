"""Direct files: several connections, going on after a kill, and what disks do."""

import asyncio
import ctypes
import hashlib
import os
import signal
import sys
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import attrs
import pytest

from aniworld_core.domain.media import GER_DUB, Checksum
from aniworld_core.errors import (
    BadMediaError,
    DiskFullError,
    FetchInterruptedError,
    FileExistsConflictError,
    LibraryUnavailableError,
)
from aniworld_core.ports.fetcher import FetchRequest
from aniworld_core.testing.contracts.fetcher import fetched_file, made_plan
from aniworld_core.testing.waiting import PATIENCE
from aniworld_providers.media.probe.sniff import SNIFF_BYTES
from aniworld_providers.network.bytes import Timeouts
from aniworld_providers.transfer.direct.sink import BLOCK
from aniworld_providers.transfer.disk import part_file as partfile
from aniworld_providers.transfer.disk import publish as publishing
from aniworld_providers.transfer.disk import writing as placing
from aniworld_providers.transfer.disk.file_version import FileVersion
from aniworld_providers.transfer.disk.part_file import PartFile
from aniworld_providers.transfer.disk.paths import final_path, part_paths
from providers.faults.fetching import Fetching, digest
from providers.faults.films import MIB, matroska, mp4, transport_stream
from providers.faults.server import FileFault, Wire, open_fault_server, sequence, status

pytestmark = pytest.mark.anyio

FILM = mp4()
LARGE = mp4(24 * MIB)


@pytest.fixture
async def fetching(tmp_path: Path) -> AsyncIterator[Fetching]:
    """Open a fetcher and a fault server."""
    async with open_fault_server() as server:
        yield Fetching(server, tmp_path)


async def _left_after(fetching: Fetching, size: int) -> None:
    """Leave a part of about *size* bytes behind."""
    fetching.server.routes["/film"] = sequence(FileFault(body=FILM, cut=size), status(500))
    with pytest.raises(FetchInterruptedError):
        await fetching.fetch()
    fetching.server.log.clear()
    fetching.server.routes["/film"] = FileFault(body=FILM)


# --- connections -------------------------------------------------------------------------


async def test_a_slow_connection_is_joined_by_others(fetching: Fetching) -> None:
    """Where one connection is held back, several ranges are fetched at the same time."""
    fetching.server.routes["/film"] = FileFault(body=LARGE, rate=12 * MIB)

    fetched = await fetching.fetch(connections=4)

    assert fetched.sha256 == digest(LARGE)
    starts = {hit.span[0] for hit in fetching.server.log if hit.span}
    assert len(starts) >= 4
    assert fetching.server.sent() < 1.2 * len(LARGE)


async def test_a_stalled_connection_delays_no_other(fetching: Fetching) -> None:
    """Idle connections fetch the rest of a stalled range, to the last byte."""
    slow = FileFault(body=LARGE, rate=12 * MIB)
    stuck = FileFault(body=LARGE, rate=12 * MIB, stall=4 * MIB)
    fetching.server.routes["/film"] = sequence(stuck, *[slow] * 100)

    patient = attrs.evolve(fetching.fetcher(), timeouts=Timeouts(read=60.0))
    request = FetchRequest(
        stream=fetching.stream(), destination=fetching.destination, connections=4
    )

    with anyio.fail_after(PATIENCE):
        fetched = await fetched_file(patient, request)

    assert fetched.sha256 == digest(LARGE)


async def test_a_server_that_allows_one_connection_gets_one(fetching: Fetching) -> None:
    """Refusals of further connections are no failures."""
    film, busy = FileFault(body=LARGE, rate=24 * MIB), 0

    async def behave(wire: Wire) -> None:
        nonlocal busy
        if busy:
            await status(503)(wire)
            return
        busy += 1
        await film(wire)

    fetching.server.routes["/film"] = behave

    patient = attrs.evolve(fetching.fetcher(), timeouts=Timeouts(read=60.0))
    request = FetchRequest(
        stream=fetching.stream(), destination=fetching.destination, connections=4
    )

    with anyio.fail_after(PATIENCE):
        fetched = await fetched_file(patient, request)

    assert fetched.sha256 == digest(LARGE)


async def test_a_server_that_lies_about_ranges_is_found_out(fetching: Fetching) -> None:
    """Known bytes are requested and compared before a second range is fetched."""
    fetching.server.routes["/film"] = sequence(
        FileFault(body=LARGE, rate=24 * MIB), FileFault(body=LARGE, sent_shift=4096)
    )

    fetched = await fetching.fetch(connections=4)

    assert fetched.sha256 == digest(LARGE)


async def test_a_change_while_several_fetch_starts_again(fetching: Fetching) -> None:
    """Ranges of two versions are never put together."""
    other = mp4(24 * MIB, seed=2)
    fetching.server.routes["/film"] = sequence(
        FileFault(body=LARGE, rate=12 * MIB),
        FileFault(body=LARGE, rate=12 * MIB),
        FileFault(body=other, etag='"v2"'),
    )

    fetched = await fetching.fetch(connections=4)

    assert fetched.sha256 == digest(other)


async def test_no_validator_means_one_connection(fetching: Fetching) -> None:
    """Without a validator two versions cannot be distinguished, so one connection is used."""
    fetching.server.routes["/film"] = FileFault(body=LARGE, rate=48 * MIB, etag=None)

    fetched = await fetching.fetch(connections=4)

    assert fetched.sha256 == digest(LARGE)
    assert len(fetching.server.log) == 1


# --- going on ----------------------------------------------------------------------------


async def test_another_process_goes_on(fetching: Fetching) -> None:
    """What the first left is not fetched again, but for what proves that it fits."""
    await _left_after(fetching, 1_500_000)

    fetched = await fetching.fetch()

    assert fetched.sha256 == digest(FILM)
    assert fetched.resumed_bytes >= 1_400_000
    assert fetching.server.sent() <= len(FILM) - 1_400_000 + 64 * 1024


@pytest.mark.parametrize("place", [0, 700_000, 1_400_000])
async def test_an_edited_part_is_noticed(fetching: Fetching, place: int) -> None:
    """A byte changed by hand is fetched again with its block, wherever it is."""
    await _left_after(fetching, 1_500_000)
    part = part_paths(fetching.destination).part
    content = bytearray(part.read_bytes())
    content[place] ^= 1
    part.write_bytes(content)

    fetched = await fetching.fetch()

    assert fetched.sha256 == digest(FILM)
    assert fetched.resumed_bytes < 1_500_000 - 64 * 1024


async def test_a_ledger_without_its_bytes_is_not_believed(fetching: Fetching) -> None:
    """After a power loss the ledger may be on the disk and the bytes may not."""
    await _left_after(fetching, 1_500_000)
    part = part_paths(fetching.destination).part
    part.write_bytes(part.read_bytes()[:600_000] + bytes(len(FILM) - 600_000))

    fetched = await fetching.fetch()

    assert fetched.sha256 == digest(FILM)


async def test_a_part_without_ledger_is_fetched_again(fetching: Fetching) -> None:
    """Bytes without a digest in a ledger are not used."""
    await _left_after(fetching, 1_500_000)
    part_paths(fetching.destination).ledger.unlink()

    fetched = await fetching.fetch()

    assert fetched.sha256 == digest(FILM)
    assert fetched.resumed_bytes == 0


async def test_a_whole_part_of_another_film_is_not_published(fetching: Fetching) -> None:
    """A part that is complete is compared with what the link leads to now."""
    paths = part_paths(fetching.destination)
    fetching.server.routes["/film"] = FileFault(body=FILM)
    fetched = await fetching.fetch()
    fetched.path.rename(paths.part)
    part = await asyncio.to_thread(PartFile.open, paths)
    part.begin(FileVersion(size=len(FILM)), keep=len(FILM))
    part.close()
    other = mp4(seed=2)
    fetching.server.routes["/film"] = FileFault(body=other)

    assert (await fetching.fetch()).sha256 == digest(other)


async def test_killed_between_name_and_ledger(fetching: Fetching) -> None:
    """A file published just before a kill is recognised without asking the server."""
    fetching.server.routes["/film"] = FileFault(body=FILM)
    fetched = await fetching.fetch()
    paths = part_paths(fetching.destination)
    part = await asyncio.to_thread(PartFile.open, paths)
    part.begin(FileVersion(size=len(FILM)))
    part.write(0, [FILM])
    part.record_final_name(fetched.path)
    part.close()
    paths.part.unlink()
    fetching.server.log.clear()

    again = await fetching.fetch()

    assert again.path == fetched.path
    assert fetching.server.log == []
    assert fetching.leftovers() == []


async def test_two_processes_do_not_share_a_part(fetching: Fetching) -> None:
    """The second process gets an error with a time for the next attempt."""
    fetching.server.routes["/film"] = FileFault(body=FILM)
    part = await asyncio.to_thread(PartFile.open, part_paths(fetching.destination))

    with pytest.raises(FetchInterruptedError, match="another process"):
        await fetching.fetch()
    part.close()

    assert (await fetching.fetch()).sha256 == digest(FILM)


_CHILD = """
import asyncio, os, sys
from pathlib import Path
from aniworld_providers.network.bytes import Timeouts
from providers.faults.fetching import Fetching
from providers.faults.server import FaultServer

reached = 0

def put(descriptor, data, offset):
    global reached
    written = pwrite(descriptor, data, offset)
    reached = offset + written
    return written

def note(descriptor, line):
    written = write(descriptor, line)
    print(reached, flush=True)
    return written

pwrite, os.pwrite = os.pwrite, put
write, os.write = os.write, note
server = FaultServer(port=int(sys.argv[1]))
asyncio.run(Fetching(server, Path(sys.argv[2]), timeouts=Timeouts()).fetch())
"""


@pytest.mark.parametrize("seed", range(3))
async def test_killed_and_resumed(fetching: Fetching, seed: int) -> None:
    """After SIGKILL at any instant the rest is fetched, and at most a block of it again.

    The server falls silent, and the kill waits until all but the last blocks are written and noted.
    Bytes on their way through the system would count as fetched again, and there can be any number
    of them while the process waits for a processor.
    """
    film, sent = mp4(3 * MIB, seed=3), 800_000 * (1 + seed)
    fetching.server.routes["/film"] = FileFault(body=film, rate=8 * MIB, stall=sent)
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _CHILD, str(fetching.server.port), str(fetching.folder)),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdout is not None
    with anyio.fail_after(PATIENCE):
        async for line in child.stdout:
            if int(line) >= max(BLOCK, sent - 2 * BLOCK):
                break
    child.send_signal(signal.SIGKILL)
    await child.communicate()
    assert fetching.films() == []
    fetching.server.routes["/film"] = FileFault(body=film)

    fetched = await fetching.fetch(connections=1)

    assert fetched.sha256 == digest(film)
    again = fetching.server.sent() - len(film)
    # The block being collected, the one being written, and the seam that is compared.
    assert again <= 2 * BLOCK + 64 * 1024


# --- checks ------------------------------------------------------------------------------


def _sums(data: bytes) -> list[Checksum]:
    return [
        Checksum("md5", hashlib.md5(data, usedforsecurity=False).hexdigest()),
        Checksum("sha1", hashlib.sha1(data, usedforsecurity=False).hexdigest()),
        Checksum("sha256", digest(data)),
        Checksum("crc32", f"{zlib.crc32(data):08X}"),
    ]


@pytest.mark.parametrize("index", range(4))
async def test_promised_checksums_are_checked(fetching: Fetching, index: int) -> None:
    """The right digest passes and the wrong one leaves no file."""
    fetching.server.routes["/film"] = FileFault(body=FILM)
    right, wrong = _sums(FILM)[index], _sums(FILM + b"x")[index]

    with pytest.raises(BadMediaError, match="digest"):
        await fetching.fetch(stream=fetching.stream(checksum=wrong))
    assert fetching.films() == []
    assert fetching.leftovers() == []
    fetched = await fetching.fetch(stream=fetching.stream(checksum=right))

    assert fetched.verified


async def test_a_promised_size_is_checked(fetching: Fetching) -> None:
    """A server with another size than the catalogue's has another file."""
    fetching.server.routes["/film"] = FileFault(body=FILM)

    with pytest.raises(BadMediaError):
        await fetching.fetch(stream=fetching.stream(size=len(FILM) + 1))


async def test_a_promised_duration_is_checked(fetching: Fetching) -> None:
    """A film of a few seconds is no episode."""
    fetching.server.routes["/film"] = FileFault(body=FILM)

    with pytest.raises(BadMediaError):
        await fetching.fetch(stream=fetching.stream(duration=1400.0))


async def test_more_than_accepted_is_refused(fetching: Fetching) -> None:
    """The limit holds for announced sizes and for bodies without one."""
    for fault in (FileFault(body=FILM), FileFault(body=FILM, ranges=False, length=None)):
        fetching.server.routes["/film"] = fault
        with pytest.raises(BadMediaError, match="larger"):
            await fetching.fetch(max_bytes=1_000_000)
        assert fetching.leftovers() == []


@pytest.mark.parametrize(
    ("content", "suffix"),
    [(mp4(), ".mp4"), (matroska(), ".mkv"), (transport_stream(), ".ts")],
)
async def test_suffix_comes_from_the_content(
    fetching: Fetching, content: bytes, suffix: str
) -> None:
    """Neither the link nor the server's type has a say."""
    fetching.server.routes["/evil.sh"] = FileFault(body=content, type="application/x-sh")

    fetched = await fetching.fetch("/evil.sh")

    assert fetched.path.name == f"Film - S01E01{suffix}"


@pytest.mark.parametrize("umask", [0o022, 0o002, 0o077])
async def test_the_umask_says_who_may_read_an_episode(fetching: Fetching, umask: int) -> None:
    """Media servers run as other users, often in the same group."""
    fetching.server.routes["/film"] = FileFault(body=FILM)
    former = os.umask(umask)
    try:
        fetched = await fetching.fetch()
    finally:
        os.umask(former)

    assert fetched.path.stat().st_mode & 0o777 == 0o666 & ~umask


async def test_a_film_in_the_wanted_language_only(fetching: Fetching) -> None:
    """Untagged tracks are no reason to refuse a film."""
    fetching.server.routes["/film"] = FileFault(body=FILM)

    assert (await fetching.fetch(languages=(GER_DUB,))).verified


# --- disks -------------------------------------------------------------------------------


async def test_no_space_before(fetching: Fetching) -> None:
    """A disk that cannot keep its reserve is not written to."""
    fetching.server.routes["/film"] = FileFault(body=FILM)

    with pytest.raises(DiskFullError) as caught:
        await fetching.fetch(reserve_bytes=2**60)

    assert caught.value.needed is not None
    assert fetching.films() == []


async def test_no_space_in_the_middle(fetching: Fetching, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written bytes are kept, and the fetch continues when there is space again."""
    fetching.server.routes["/film"] = FileFault(body=FILM)
    real = placing.write_all

    def write_all(fd: int, chunks: list[bytes], offset: int) -> None:
        if offset > 0:
            raise OSError(28, "No space left on device")
        real(fd, chunks, offset)

    with monkeypatch.context() as patch:
        patch.setattr(partfile, "write_all", write_all)
        with pytest.raises(DiskFullError):
            await fetching.fetch()

    assert fetching.leftovers() == ["Film - S01E01.mp4.part", "Film - S01E01.mp4.part.ledger"]
    fetched = await fetching.fetch()
    assert fetched.sha256 == digest(FILM)
    assert fetched.resumed_bytes > 0


async def test_a_folder_that_is_none(fetching: Fetching, tmp_path: Path) -> None:
    """A library that cannot be written to is named as such."""
    (tmp_path / "file").write_bytes(b"")
    request = FetchRequest(
        stream=fetching.stream(), destination=tmp_path / "file" / "S01" / "E01.mp4"
    )

    with pytest.raises(LibraryUnavailableError):
        await fetching.fetcher().fetch(request)


async def test_a_name_taken_at_the_last_moment(
    fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Publishing never replaces, with and without the kernel's help."""
    real = publishing.publish

    def publish(part: Path, final: Path) -> None:
        final.write_bytes(b"somebody was faster")
        real(part, final)

    for has_rename in (True, False):
        fetching.server.routes["/film"] = FileFault(body=FILM)
        if not has_rename:
            monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: object())
        with monkeypatch.context() as patch:
            patch.setattr("aniworld_providers.transfer.direct.film_fetch.publish", publish)
            with pytest.raises(FileExistsConflictError):
                await fetching.fetch()
        assert fetching.destination.read_bytes() == b"somebody was faster"
        fetching.destination.unlink()
        assert (await fetching.fetch()).sha256 == digest(FILM)
        fetching.destination.unlink()


def test_long_names_leave_room_for_leftovers(tmp_path: Path) -> None:
    """Every name stays within 255 bytes, and no character is cut in two."""
    for stem in ("x" * 255, "ü" * 127, "進" * 85, "x" * 240):
        destination = tmp_path / stem
        paths = part_paths(destination)
        for path in (
            paths.part,
            paths.ledger,
            paths.beside("segments"),
            final_path(destination, ".webm", exact_name=False),
        ):
            assert len(os.fsencode(path.name)) <= 255
            path.write_bytes(b"")


def test_a_dot_in_a_title_is_no_suffix(tmp_path: Path) -> None:
    """Only suffixes of media are replaced."""
    title = tmp_path / "S01E01 - Dr. Stone"

    assert final_path(title, ".mkv", exact_name=False).name == "S01E01 - Dr. Stone.mkv"
    assert final_path(title.with_name("a.MP4"), ".mkv", exact_name=False).name == "a.mkv"


@pytest.mark.parametrize(
    ("name", "suffix", "final"),
    [
        ("a.mp4", ".mkv", "a.mkv"),
        ("a.mp4", ".webm", "a.webm"),
        ("a.MP4", ".mp4", "a.MP4"),
        ("a.mov", ".mp4", "a.mov"),
        ("a.mkv", ".webm", "a.mkv"),
        ("a.webm", ".mkv", "a.mkv"),
        ("a.mkv", ".mp4", "a.mp4"),
        ("a.mp4", ".ts", "a.ts"),
        ("a", ".mkv", "a"),
        ("a.part-1", ".mkv", "a.part-1"),
    ],
)
def test_a_chosen_name_stays_unless_its_suffix_is_untrue(
    tmp_path: Path, name: str, suffix: str, final: str
) -> None:
    """A suffix that names another container is replaced; what is no suffix of media is not."""
    assert final_path(tmp_path / name, suffix, exact_name=True).name == final


async def test_a_chosen_name_that_does_not_fit_is_changed_and_told(fetching: Fetching) -> None:
    """Matroska never gets the suffix of MP4, and no other file is replaced."""
    fetching.server.routes["/film"] = FileFault(body=matroska())
    other = fetching.destination.with_suffix(".mkv")
    other.write_bytes(b"something else")
    with pytest.raises(FileExistsConflictError):
        await fetching.fetch(exact_name=True)
    assert other.read_bytes() == b"something else"
    other.unlink()

    first = await fetching.fetch(exact_name=True)
    again = await fetching.fetch(exact_name=True)

    assert (first.path, again.path) == (other, other)
    assert other.name in first.notices[0]
    assert again.notices == first.notices
    assert fetching.films() == [other]


async def test_plan_tells_the_size(fetching: Fetching) -> None:
    """A plan fetches no media, also where HEAD is refused."""
    film = FileFault(body=FILM)

    async def no_head(wire: Wire) -> None:
        await (status(405) if wire.hit.method == "HEAD" else film)(wire)

    fetching.server.routes["/film"] = no_head
    request = FetchRequest(stream=fetching.stream(), destination=fetching.destination)

    plan = await made_plan(fetching.fetcher(), request)
    plan_with_head = await made_plan(attrs.evolve(fetching).fetcher(), request)

    assert plan.bytes == plan_with_head.bytes == len(FILM)
    assert fetching.server.sent() <= 2 * SNIFF_BYTES
