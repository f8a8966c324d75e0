"""HLS streams over loopback: complete, checked files or one typed error for any server."""

import base64
import gzip
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import anyio
import attrs
import av
import pytest
from aiohttp import web

from aniworld_core.domain.downloads import Phase, Progress
from aniworld_core.domain.media import (
    GER_DUB,
    JPN,
    Chapter,
    Language,
    Stream,
    StreamKind,
    Thumbnail,
)
from aniworld_core.errors import (
    AddressRefusedError,
    AniworldError,
    BadMediaError,
    BadPlaylistError,
    DiskFullError,
    FetchInterruptedError,
    FileExistsConflictError,
    LinkRefusedError,
    NeedsPersonError,
    ProtectedError,
    SourceGoneError,
    UnsupportedSourceError,
)
from aniworld_core.ports.fetcher import FetchedFile, FetchRequest, MediaFetcher
from aniworld_core.testing.contracts.fetcher import fetched_file, made_plan
from aniworld_core.testing.waiting import PATIENCE
from aniworld_providers.transfer.disk.paths import part_paths
from aniworld_providers.transfer.segments.on_demand import open_hls_fetcher
from providers.faults.fetching import HASTY
from support.adapter_context import JumpingClock, make_context
from support.media import streams
from support.media.coded_films import Film, encoded
from support.media.pictures import picture
from support.sites.hls import (
    Fault,
    HlsSite,
    dropped_after,
    first_bytes,
    instead,
    open_site,
    silent_after,
    status,
    times,
    unasked_part,
)

pytestmark = pytest.mark.anyio

KEY = bytes(range(16))
PAGE = b"<!DOCTYPE html><html><head><title>Sorry</title></head><body>moved</body></html>"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + bytes(40)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real streams, made once."""
    root = tmp_path_factory.mktemp("hls")
    streams.make_hls(root / "ts")
    streams.make_hls(root / "fmp4", kind="fmp4")
    streams.make_hls(root / "one", single=True)
    streams.make_hls(root / "onemp4", kind="fmp4", single=True)
    streams.make_hls(root / "picture", streams.Clip(tones=()))
    streams.make_hls(root / "de", streams.Clip(video=False, tones=(440,)))
    streams.make_hls(root / "ja", streams.Clip(video=False, tones=(880,)))
    streams.make_hls(root / "wide", streams.Clip(width=192, height=108, seconds=3))
    return root


@attrs.define(eq=False)
class Bench:
    """A fetcher in front of a site."""

    site: HlsSite
    fetcher: MediaFetcher
    clock: JumpingClock
    folder: Path

    def request(self, path: str = "ts/media.m3u8", **more: object) -> FetchRequest:
        """Return a request for a playlist of the site."""
        stream = Stream(url=self.site.url(path), kind=StreamKind.HLS)
        return FetchRequest(stream=stream, destination=self.folder / "Episode.mp4", **more)  # type: ignore[arg-type]

    async def fetch(self, path: str = "ts/media.m3u8", **more: object) -> FetchedFile:
        """Fetch a playlist of the site."""
        with anyio.fail_after(PATIENCE):
            return await fetched_file(self.fetcher, self.request(path, **more))

    @property
    def left(self) -> list[str]:
        """The names in the folder."""
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
async def bench(made: Path, tmp_path: Path) -> AsyncIterator[Bench]:
    """A site with every stream, and the fetcher."""
    clock = JumpingClock()
    async with open_site() as site:
        for folder in made.iterdir():
            site.add_folder(folder, f"{folder.name}/")
        allowed = frozenset({f"127.0.0.1:{site.port}"})
        context = make_context(tmp_path / "data", allowed=allowed, clock=clock)
        async with open_hls_fetcher(context, timeouts=HASTY) as fetcher:
            yield Bench(site, fetcher, clock, tmp_path / "library")


def assert_whole(file: FetchedFile, seconds: float = 6.0) -> streams.Contents:
    """Check that nothing is missing."""
    found = streams.contents(file.path)
    assert found.video == seconds * streams.FPS
    assert found.audio
    assert all(count == int(seconds * streams.RATE / 1024) + 1 for count in found.audio)
    assert found.duration == pytest.approx(seconds, abs=0.1)
    assert found.start == pytest.approx(0.0, abs=0.1)
    assert file.verified
    return found


def encrypt_all(site: HlsSite, *, iv: bytes | None = None, sequence: int = 0) -> None:
    """Encrypt the transport stream with one key."""
    for number in range(6):
        name = f"ts/media-{number:03d}.ts"
        vector = iv or (sequence + number).to_bytes(16, "big")
        site.files[name] = streams.encrypt(site.files[name], KEY, vector)
    written = f",IV=0x{iv.hex()}" if iv else ""
    tag = f'#EXT-X-KEY:METHOD=AES-128,URI="k.bin"{written}\n#EXTINF'
    text = site.files["ts/media.m3u8"].decode().replace("#EXTINF", tag, 1)
    text = text.replace("MEDIA-SEQUENCE:0", f"MEDIA-SEQUENCE:{sequence}")
    site.files["ts/media.m3u8"] = text.encode()
    site.files["ts/k.bin"] = KEY


# --- kinds of streams ----------------------------------------------------------------------


def _inlined(site: HlsSite, path: str, names: list[str]) -> None:
    """Put files into the playlist itself, as `data:` links."""
    folder = path.partition("/")[0]
    for name in names:
        held = base64.b64encode(site.files.pop(f"{folder}/{name}")).decode()
        site.edit(path, (name, f"data:video/mp4;base64,{held}"))


@pytest.mark.parametrize(
    ("name", "inlined"),
    [
        ("ts", ["media-002.ts"]),
        ("ts", [f"media-{number:03d}.ts" for number in range(6)]),
        ("fmp4", ["media-init.mp4", "media-005.m4s"]),
        ("onemp4", ["media.m4s"]),
    ],
    ids=["a segment", "all segments", "a section", "ranges"],
)
async def test_data_links_hold_sections_and_segments(
    bench: Bench, name: str, inlined: list[str]
) -> None:
    """They are read whole or by range, encrypted or not, without a request."""
    _inlined(bench.site, f"{name}/media.m3u8", inlined)

    assert_whole(await bench.fetch(f"{name}/media.m3u8"))
    assert not any(f"{name}/{gone}" in bench.site.asked for gone in inlined)


async def test_encrypted_data_links_are_decrypted(bench: Bench) -> None:
    """Also with a key that is a `data:` link itself."""
    encrypt_all(bench.site)
    _inlined(bench.site, "ts/media.m3u8", ["k.bin", "media-000.ts", "media-004.ts"])

    assert_whole(await bench.fetch())


@pytest.mark.parametrize("name", ["ts", "fmp4", "one", "onemp4"])
async def test_every_kind_arrives_whole(bench: Bench, name: str) -> None:
    """Transport stream and fragments, in files of their own or as ranges of one."""
    file = await bench.fetch(f"{name}/media.m3u8")

    assert_whole(file)
    assert bench.left == ["Episode.mp4"]
    assert file.path.read_bytes()[4:8] == b"ftyp"
    assert file.path.read_bytes().index(b"moov") < file.path.read_bytes().index(b"mdat")


@pytest.mark.parametrize("iv", [None, bytes(range(16, 32))])
async def test_encrypted_segments_are_decrypted(bench: Bench, iv: bytes | None) -> None:
    """With a vector of their own, or counted from the media sequence."""
    encrypt_all(bench.site, iv=iv, sequence=7)

    assert_whole(await bench.fetch())
    assert bench.site.asked.count("ts/k.bin") == 1


@pytest.mark.parametrize("answer", [KEY.hex().encode(), KEY + b"\n", KEY.hex().encode() + b"\r\n"])
async def test_sloppy_keys_are_read(bench: Bench, answer: bytes) -> None:
    """Hexadecimal digits, or a line break behind."""
    encrypt_all(bench.site)
    bench.site.files["ts/k.bin"] = answer

    assert_whole(await bench.fetch())


async def test_inline_keys_are_read(bench: Bench) -> None:
    """A `data:` link is allowed for keys, and only for them."""
    encrypt_all(bench.site)
    bench.site.edit("ts/media.m3u8", ("k.bin", "data:text/plain;base64,AAECAwQFBgcICQoLDA0ODw=="))

    assert_whole(await bench.fetch())


async def test_ranges_of_an_encrypted_file_are_units_of_their_own(bench: Bench) -> None:
    """Each range is decrypted from its own vector."""
    encrypt_all(bench.site, iv=bytes(16))
    lines, whole = ["#EXTM3U", '#EXT-X-KEY:METHOD=AES-128,URI="k.bin",IV=0x0'], b""
    for number in range(6):
        data = bench.site.files[f"ts/media-{number:03d}.ts"]
        lines += ["#EXTINF:1,", f"#EXT-X-BYTERANGE:{len(data)}", "all.bin"]
        whole += data
    lines[3] += "@0"
    bench.site.files["ts/all.bin"] = whole
    bench.site.files["ts/media.m3u8"] = "\n".join([*lines, "#EXT-X-ENDLIST"]).encode()

    assert_whole(await bench.fetch())


async def test_a_server_without_ranges_is_cut_locally(bench: Bench) -> None:
    """It sends everything every time; only the range is kept."""
    bench.site.honours_ranges = False

    assert_whole(await bench.fetch("one/media.m3u8"))


async def test_sound_from_lists_of_its_own(bench: Bench) -> None:
    """Wanted languages in order, tagged, the first one by default; lips in time."""
    bench.site.files["m.m3u8"] = b"""#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="Japanisch",DEFAULT=YES,URI="ja/media.m3u8"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="Deutsch",LANGUAGE="de",URI="de/media.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=1000,RESOLUTION=160x90,AUDIO="a"
picture/media.m3u8
"""
    file = await bench.fetch("m.m3u8", languages=(GER_DUB, JPN))

    assert assert_whole(file).languages == ("deu", "jpn")
    assert file.audio_languages == ("deu", "jpn")


async def test_a_restarted_clock_goes_on(bench: Bench) -> None:
    """Two parts with the same clock, with and without a word about it, make one film."""
    once = bench.site.files["ts/media.m3u8"].decode()
    body = once.split("PLAYLIST-TYPE:VOD\n")[1].replace("#EXT-X-ENDLIST\n", "")
    for border in ("#EXT-X-DISCONTINUITY\n", ""):
        text = once.replace("#EXT-X-ENDLIST", border + body + "#EXT-X-ENDLIST")
        bench.site.files["ts/twice.m3u8"] = text.encode()
        file = await bench.fetch("ts/twice.m3u8")

        found = streams.contents(file.path)
        assert (found.video, found.audio) == (300, (564,))
        assert found.duration == pytest.approx(12.0, abs=0.1)
        file.path.unlink()


async def test_another_format_in_the_middle_is_refused(bench: Bench) -> None:
    """An advert of another size is not glued in."""
    bench.site.edit(
        "ts/media.m3u8",
        (
            "#EXT-X-ENDLIST",
            "#EXT-X-DISCONTINUITY\n#EXTINF:1,\n../wide/media-000.ts\n#EXT-X-ENDLIST",
        ),
    )
    with pytest.raises(BadMediaError, match="changes from h264 160x90 to h264 192x108"):
        await bench.fetch()
    assert bench.left == []


async def test_disguised_segments_are_found(bench: Bench) -> None:
    """An image header in front and a suffix of a web page say nothing."""
    for number in range(6):
        data = bench.site.files[f"ts/media-{number:03d}.ts"]
        bench.site.files[f"ts/s{number}.html"] = PNG + data + b"junk"
        bench.site.edit("ts/media.m3u8", (f"media-{number:03d}.ts", f"s{number}.html"))

    assert_whole(await bench.fetch())


async def test_what_mp4_cannot_hold_goes_into_matroska(bench: Bench, tmp_path: Path) -> None:
    """The suffix is that of the container found."""
    path = tmp_path / "vp9.mp4"
    clip = streams.Clip(seconds=2)
    streams.write(path, clip, options={"movflags": "frag_keyframe+empty_moov"}, sound="flac")
    bench.site.files["flac.mp4"] = path.read_bytes()
    bench.site.files["flac.m3u8"] = b"#EXTM3U\n#EXTINF:2,\nflac.mp4\n#EXT-X-ENDLIST"

    file = await bench.fetch("flac.m3u8")

    assert file.path.name == "Episode.mkv"
    assert streams.contents(file.path).video == 50


def _one_segment(bench: Bench, film: Film) -> None:
    """Let the list `one.m3u8` hold a whole film as its only segment."""
    bench.site.files[film.name] = encoded(film)
    text = f"#EXTM3U\n#EXTINF:{film.seconds},\n{film.name}\n#EXT-X-ENDLIST"
    bench.site.files["one.m3u8"] = text.encode()


async def test_a_chosen_name_decides_the_container(bench: Bench) -> None:
    """FLAC is stored in an MP4 if the requested suffix says so."""
    _one_segment(bench, Film(name="flac.mkv", audio="flac", seconds=2))

    file = await bench.fetch("one.m3u8", exact_name=True)

    assert file.path.name == "Episode.mp4"
    assert file.path.read_bytes()[4:8] == b"ftyp"
    assert file.notices == ()


async def test_a_chosen_name_that_does_not_fit_is_changed_and_told(bench: Bench) -> None:
    """VP8 fits into no MP4; another file of the new name is never replaced."""
    _one_segment(bench, Film(name="vp8.webm", video="libvpx", audio="libopus", seconds=2))
    bench.folder.mkdir()
    taken = bench.folder / "Episode.mkv"
    taken.write_bytes(b"something else")
    with pytest.raises(FileExistsConflictError):
        await bench.fetch("one.m3u8", exact_name=True)
    assert taken.read_bytes() == b"something else"
    taken.unlink()

    first = await bench.fetch("one.m3u8", exact_name=True)
    again = await bench.fetch("one.m3u8", exact_name=True)

    assert (first.path.name, again.path.name) == ("Episode.mkv", "Episode.mkv")
    assert "Episode.mkv" in first.notices[0]
    assert again.resumed_bytes == again.bytes
    assert bench.left == ["Episode.mkv"]


# --- choosing ------------------------------------------------------------------------------


MASTER = b"""#EXTM3U
#EXT-X-STREAM-INF:BANDWIDTH=2000,RESOLUTION=192x108
gone/media.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=1000,RESOLUTION=160x90
ts/media.m3u8
"""


async def test_a_missing_variant_is_replaced_by_the_next(bench: Bench) -> None:
    """Redundant variants are fallbacks."""
    bench.site.files["m.m3u8"] = MASTER

    assert_whole(await bench.fetch("m.m3u8"))


async def test_a_plan_fetches_no_media(bench: Bench) -> None:
    """Only lists are loaded, and nothing is written."""
    bench.site.files["m.m3u8"] = MASTER.replace(b"gone", b"wide")
    plan = await made_plan(bench.fetcher, bench.request("m.m3u8"))

    assert plan.kind is StreamKind.HLS
    assert plan.variants == (108, 90)
    assert plan.segments == 3
    assert plan.duration_seconds == 3.0
    assert all(name.endswith(".m3u8") for name in bench.site.asked)
    assert not bench.folder.exists()


@pytest.mark.parametrize(
    ("change", "is_protected", "is_live"),
    [
        (("#EXTINF", '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="k"\n#EXTINF'), True, False),
        (("#EXT-X-PLAYLIST-TYPE:VOD", "#"), False, True),
    ],
)
async def test_protected_and_live_streams_are_named_and_refused(
    bench: Bench, change: tuple[str, str], is_protected: bool, is_live: bool
) -> None:
    """The plan names them, and the fetch refuses them without requesting a segment."""
    bench.site.edit("ts/media.m3u8", change, ("#EXT-X-ENDLIST", "#"))

    plan = await made_plan(bench.fetcher, bench.request())
    assert (plan.is_protected, plan.is_live) == (is_protected, is_live)
    with pytest.raises(ProtectedError if is_protected else UnsupportedSourceError):
        await bench.fetch()
    assert not [name for name in bench.site.asked if name.endswith(".ts")]


# --- hostile and broken lists (T5, T6, F15) ------------------------------------------------


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (b"", BadPlaylistError),
        (PAGE, BadPlaylistError),
        (PNG, BadPlaylistError),
        (b"#EXTM3U\n", BadPlaylistError),
        (b"#EXTM3U\n#EXT-X-STREAM-INF:\nself.m3u8\n", BadPlaylistError),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST", BadPlaylistError),
        (b"#EXTM3U\n#EXTINF:1,\nconcat:/etc/passwd\n#EXT-X-ENDLIST", BadPlaylistError),
        (b"#EXTM3U\n#EXTINF:1,\ndata:,x\n#EXT-X-ENDLIST", BadMediaError),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST", AddressRefusedError),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://169.254.169.254/a\n#EXT-X-ENDLIST", AddressRefusedError),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://0x7f.1:9/a\n#EXT-X-ENDLIST", AniworldError),
        (
            b'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="http://127.0.0.1:9/k"\n#EXTINF:1,\n'
            b"ts/media-000.ts\n#EXT-X-ENDLIST",
            AddressRefusedError,
        ),
        (
            b'#EXTM3U\n#EXT-X-MAP:URI="http://127.0.0.1:9/i"\n#EXTINF:1,\na.m4s\n#EXT-X-ENDLIST',
            AddressRefusedError,
        ),
        (b"#EXTM3U\n" + b"#EXTINF:1,\na.ts\n" * 20_001, BadPlaylistError),
        (b"#EXTM3U\n" + b"x" * 5_000_000, BadPlaylistError),
        (b"#EXTM3U\n#EXTINF:1,\nself.m3u8\n#EXT-X-ENDLIST", BadMediaError),
        (
            b"#EXTM3U\n#EXTINF:1,\n#EXT-X-GAP\na.ts\n#EXTINF:1,\nb.ts\n#EXT-X-ENDLIST",
            SourceGoneError,
        ),
    ],
)
async def test_hostile_lists_are_refused(
    bench: Bench, text: bytes, error: type[AniworldError]
) -> None:
    """With one typed error, nothing left behind, and no file of this machine in it."""
    bench.site.files["self.m3u8"] = text
    with pytest.raises(error):
        await bench.fetch("self.m3u8")
    assert not [name for name in bench.left if not name.startswith("Episode.mp4.part")]


async def test_a_gap_in_the_list_is_told(bench: Bench) -> None:
    """The error says that the playlist declares segments as missing, and how many."""
    whole = bench.site.files["ts/media.m3u8"]
    bench.site.files["ts/media.m3u8"] = whole.replace(b"#EXTINF", b"#EXT-X-GAP\n#EXTINF", 1)
    reason = r"^part of \S+ is missing: the playlist declares 1 of its segments as missing$"
    with pytest.raises(SourceGoneError, match=reason):
        await bench.fetch()


async def test_a_bot_check_needs_a_person(bench: Bench) -> None:
    """A bot check instead of a segment is recognised."""
    page = PAGE.replace(b"Sorry", b"Just a moment").replace(b"moved", b"cf-turnstile")
    bench.site.faults["ts/media-003.ts"] = instead(page)
    with pytest.raises(NeedsPersonError):
        await bench.fetch()


async def test_a_cut_list_is_loaded_again(bench: Bench) -> None:
    """A list that ends early without an end is not a shorter film."""
    whole = bench.site.files["ts/media.m3u8"]
    bench.site.faults["ts/media.m3u8"] = times(1, instead(whole[: len(whole) // 2], "text/plain"))

    assert_whole(await bench.fetch())


async def test_a_growing_list_is_followed_to_its_end(bench: Bench) -> None:
    """A growing event is awaited; one that stops growing is retried later."""
    whole = bench.site.files["ts/media.m3u8"].replace(b"VOD", b"EVENT")
    cut = whole[: whole.index(b"#EXTINF:1.000000,\nmedia-003")]
    bench.site.files["ts/media.m3u8"] = whole
    bench.site.faults["ts/media.m3u8"] = times(3, instead(cut, "text/plain"))
    assert_whole(await bench.fetch())

    bench.site.faults["ts/media.m3u8"] = instead(cut, "text/plain")
    with pytest.raises(FetchInterruptedError, match="stopped growing"):
        await bench.fetch("ts/media.m3u8")


@pytest.mark.parametrize(("size", "is_bomb"), [(1_000, False), (8_000_000, True)])
async def test_a_compressed_list_is_unfolded_up_to_a_limit(
    bench: Bench, size: int, is_bomb: bool
) -> None:
    """Some servers compress unasked; a bomb is refused before it is unfolded."""
    data = gzip.compress(bench.site.files["ts/media.m3u8"] + b"#" * size)

    async def compressed(request: web.Request, body: bytes) -> web.StreamResponse:
        return web.Response(body=data, headers={"Content-Encoding": "gzip"})

    bench.site.faults["ts/media.m3u8"] = compressed
    if is_bomb:
        with pytest.raises(BadPlaylistError, match="larger than"):
            await bench.fetch()
    else:
        assert_whole(await bench.fetch())


# --- faults of segments (media.md 23, F15) -------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        times(2, status(404)),
        times(2, status(500)),
        times(2, status(503, **{"Retry-After": "3"})),
        times(2, status(429, **{"Retry-After": "2"})),
        times(2, instead(PAGE)),
        times(2, instead(b"")),
        times(2, dropped_after(1000)),
        dropped_after(20_000),
        times(2, first_bytes(5000)),
        times(1, first_bytes(188 * 20)),
        times(1, instead(PNG, "image/png")),
        times(1, silent_after(3000)),
        times(1, unasked_part),
    ],
    ids=[
        *("missing", "error", "unavailable", "too-many", "page", "empty", "dropped"),
        *("dropped-always", "short", "short-aligned", "image", "stall"),
        "unasked-part",
    ],
)
async def test_a_passing_fault_leaves_no_trace(bench: Bench, fault: Fault) -> None:
    """Only the failed segment is requested again, and the file is identical."""
    expected = (await bench.fetch()).sha256
    (bench.folder / "Episode.mp4").unlink()
    bench.site.asked.clear()
    bench.site.faults["ts/media-002.ts"] = fault

    file = await bench.fetch()

    assert file.sha256 == expected
    assert file.attempts > 1 or fault is not None
    assert bench.site.asked.count("ts/media-003.ts") == 1


async def test_short_waits_are_as_long_as_asked(bench: Bench) -> None:
    """A requested pause is kept."""
    bench.site.faults["ts/media-002.ts"] = times(2, status(429, **{"Retry-After": "9"}))
    await bench.fetch()

    assert [wait for wait in bench.clock.slept if wait >= 9] == bench.clock.slept
    assert len(bench.clock.slept) == 2


async def test_long_waits_end_the_transfer(bench: Bench) -> None:
    """The queue retries the item later."""
    bench.site.faults["ts/media-002.ts"] = times(1, status(429, **{"Retry-After": "120"}))

    with pytest.raises(FetchInterruptedError) as raised:
        await bench.fetch()
    assert raised.value.retry_after == timedelta(seconds=120)
    assert bench.clock.slept == []
    assert (await bench.fetch()).verified


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (status(404), SourceGoneError),
        (status(500), FetchInterruptedError),
        (status(403), LinkRefusedError),
        (instead(PAGE), BadMediaError),
        (instead(b""), BadMediaError),
        (first_bytes(5000), FetchInterruptedError),
        (dropped_after(0), FetchInterruptedError),
    ],
    ids=["missing", "error", "expired", "page", "empty", "short", "dropped"],
)
async def test_a_lasting_fault_fails_and_keeps_the_rest(
    bench: Bench, fault: Fault, error: type[AniworldError]
) -> None:
    """A segment is never skipped; what can be had later is kept, what is wrong is not."""
    bench.site.faults["ts/media-002.ts"] = fault
    with pytest.raises(error):
        await bench.fetch(connections=1)
    assert "Episode.mp4" not in bench.left
    assert bench.left == (
        [] if error is BadMediaError else ["Episode.mp4.part", "Episode.mp4.part.ledger"]
    )
    assert bench.site.asked.count("ts/media-002.ts") <= 6

    bench.site.faults.clear()
    file = await bench.fetch()
    assert_whole(file)
    assert bool(file.resumed_bytes) == (error is not BadMediaError)


async def test_a_segment_cut_on_a_packet_border_is_never_a_film(bench: Bench) -> None:
    """Every length agrees, only the playing time does not: the hole is found."""
    name = "ts/media-003.ts"
    bench.site.edit("ts/media.m3u8", ("#EXTINF:1.000000,\nmedia-003", "#EXTINF:2.0,\nmedia-003"))
    del bench.site.files[name]
    bench.site.files[name] = bench.site.files["ts/media-002.ts"][: 188 * 8]
    bench.site.edit("ts/media.m3u8", ("#EXTINF:1.000000,\nmedia-004.ts\n", ""))
    with pytest.raises(BadMediaError):
        await bench.fetch()
    assert bench.left == []


async def test_a_wrong_key_is_fetched_once_more(bench: Bench) -> None:
    """A key may have been wrong once; a key that stays wrong fails the stream."""
    encrypt_all(bench.site)
    bench.site.faults["ts/k.bin"] = times(1, instead(bytes(16), "application/octet-stream"))
    assert_whole(await bench.fetch(connections=1))

    (bench.folder / "Episode.mp4").unlink()
    bench.site.faults["ts/k.bin"] = instead(bytes(16), "application/octet-stream")
    bench.site.asked.clear()
    with pytest.raises(BadMediaError, match="decrypted"):
        await bench.fetch(connections=1)
    assert bench.site.asked.count("ts/k.bin") == 2
    assert bench.left == []


async def test_a_key_of_the_wrong_length_is_refused(bench: Bench) -> None:
    """Fifteen bytes are no key."""
    encrypt_all(bench.site)
    bench.site.files["ts/k.bin"] = KEY[:15]
    with pytest.raises(BadMediaError, match="15 bytes"):
        await bench.fetch()


async def test_a_stream_larger_than_allowed_is_stopped(bench: Bench) -> None:
    """Before the disk is full of it."""
    with pytest.raises(BadMediaError, match="larger than"):
        await bench.fetch(max_bytes=20_000)
    assert bench.left == []


async def test_a_full_disk_is_told_at_once(bench: Bench) -> None:
    """Before anything is fetched."""
    with pytest.raises(DiskFullError):
        await bench.fetch(reserve_bytes=2**60)
    assert bench.site.asked == []


# --- expiry and resumption -----------------------------------------------------------------


def expiring(site: HlsSite, token: str) -> Callable[[str], None]:
    """Let the segments of the stream work with one token only."""
    valid = [token]

    def guard(name: str) -> Fault:
        async def fault(request: object, body: bytes) -> object:
            if request.query.get("t") == valid[0]:  # type: ignore[attr-defined]
                return None
            return await status(403)(request, body)  # type: ignore[arg-type]

        return fault  # type: ignore[return-value]

    text = site.files["ts/media.m3u8"].decode()
    for number in range(6):
        site.faults[f"ts/media-{number:03d}.ts"] = guard(f"ts/media-{number:03d}.ts")

    def switch(fresh: str) -> None:
        valid[0] = fresh
        site.files["ts/media.m3u8"] = text.replace(".ts", f".ts?t={fresh}").encode()

    switch(token)
    return switch


async def test_an_expired_link_is_renewed_in_the_middle(bench: Bench) -> None:
    """The manifest is loaded again and compared, and only the rest is fetched."""
    switch = expiring(bench.site, "old")
    after_two = bench.site.faults["ts/media-002.ts"]

    async def expire(request: object, body: bytes) -> object:
        switch("new") if "new" not in renewed else None
        return await after_two(request, body)  # type: ignore[arg-type]

    renewed: list[str] = []
    bench.site.faults["ts/media-002.ts"] = expire  # type: ignore[assignment]

    async def renew() -> Stream:
        renewed.append("new")
        return Stream(url=bench.site.url("ts/media.m3u8?again=1"), kind=StreamKind.HLS)

    assert_whole(await bench.fetch(connections=1, renew=renew))
    assert renewed == ["new"]
    assert bench.site.sent["ts/media-000.ts"] == len(bench.site.files["ts/media-000.ts"])


async def test_a_link_that_stays_expired_is_given_up(bench: Bench) -> None:
    """After a few fresh links without any segment."""
    count = 0

    async def renew() -> Stream:
        nonlocal count
        count += 1
        return Stream(url=bench.site.url("ts/media.m3u8"), kind=StreamKind.HLS)

    bench.site.faults["ts/media-002.ts"] = status(410)
    with pytest.raises(LinkRefusedError):
        await bench.fetch(connections=1, renew=renew)
    assert count == 3


async def test_another_encode_behind_a_fresh_link_starts_anew(bench: Bench) -> None:
    """Segments of two encodes are never mixed."""
    bench.site.faults["ts/media-003.ts"] = status(403)

    async def renew() -> Stream:
        return Stream(url=bench.site.url("wide/media.m3u8"), kind=StreamKind.HLS)

    file = await bench.fetch(connections=1, renew=renew)

    assert_whole(file, 3.0)


async def test_another_film_of_the_same_shape_starts_anew(bench: Bench, tmp_path: Path) -> None:
    """The playlists are equal, but compared bytes differ."""
    bench.site.faults["ts/media-004.ts"] = status(500)
    with pytest.raises(FetchInterruptedError):
        await bench.fetch(connections=1)
    bench.site.faults.clear()
    streams.make_hls(tmp_path / "x", streams.Clip(tones=(880,)))
    bench.site.add_folder(tmp_path / "x", "x/")
    assert bench.site.files["x/media.m3u8"] == bench.site.files["ts/media.m3u8"]

    file = await bench.fetch("x/media.m3u8", connections=1)

    assert file.resumed_bytes == 0
    assert bench.site.asked.count("x/media-000.ts") == 1
    assert streams.contents(file.path).video == 150


async def test_a_second_try_fetches_only_the_rest(bench: Bench) -> None:
    """What is done stays done, but for a sample of it."""
    bench.site.faults["ts/media-004.ts"] = status(500)
    with pytest.raises(FetchInterruptedError):
        await bench.fetch(connections=1)
    bench.site.faults.clear()
    bench.site.asked.clear()

    file = await bench.fetch()

    assert_whole(file)
    done = sum(len(bench.site.files[f"ts/media-{i:03d}.ts"]) for i in range(4))
    assert file.resumed_bytes == done
    assert sorted(name for name in bench.site.asked if name.endswith(".ts")) == [
        "ts/media-003.ts",
        "ts/media-004.ts",
        "ts/media-005.ts",
    ]


@pytest.mark.parametrize("what", ["part", "ledger", "cut", "gone"])
async def test_what_was_edited_is_not_believed(bench: Bench, what: str) -> None:
    """A part or ledger changed by hand costs a second transfer, never a wrong film."""
    bench.site.faults["ts/media-004.ts"] = status(500)
    with pytest.raises(FetchInterruptedError):
        await bench.fetch(connections=1)
    bench.site.faults.clear()
    paths = part_paths(bench.folder / "Episode.mp4")
    data = bytearray(paths.part.read_bytes())
    match what:
        case "part":
            data[20_000:20_100] = bytes(100)
            paths.part.write_bytes(data)
        case "cut":
            paths.part.write_bytes(data[: len(data) // 2])
        case "gone":
            paths.part.unlink()
        case _:
            text = paths.ledger.read_text().replace('"i":1', '"i":0')
            paths.ledger.write_text(text)

    assert_whole(await bench.fetch())


async def test_an_existing_film_is_left_as_it_is(bench: Bench) -> None:
    """The very film is given back, another one is a conflict; neither is touched."""
    first = await bench.fetch()
    bench.site.asked.clear()

    again = await bench.fetch()
    assert (again.path, again.sha256) == (first.path, first.sha256)
    assert bench.site.asked == ["ts/media.m3u8"]
    with pytest.raises(FileExistsConflictError):
        await bench.fetch("wide/media.m3u8")
    assert streams.contents(first.path).duration == pytest.approx(6.0, abs=0.1)


async def test_a_cancelled_fetch_keeps_what_it_has(bench: Bench) -> None:
    """And ends promptly, with the muxer waiting for more."""
    reached = anyio.Event()

    async def stall(request: object, body: bytes) -> None:
        reached.set()
        await anyio.sleep(60)

    bench.site.faults["ts/media-004.ts"] = stall
    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as group:
            group.start_soon(bench.fetcher.fetch, bench.request(connections=1))
            await reached.wait()
            group.cancel_scope.cancel()
    assert bench.left == ["Episode.mp4.part", "Episode.mp4.part.ledger"]

    bench.site.faults.clear()
    assert (await bench.fetch()).verified


# --- languages, headers, progress ----------------------------------------------------------


async def test_the_wanted_language_must_be_spoken(bench: Bench, tmp_path: Path) -> None:
    """A tagged track must have it; an untagged one gets the source's language."""
    streams.make_hls(tmp_path / "tagged", streams.Clip(seconds=2, languages=("jpn",)))
    bench.site.add_folder(tmp_path / "tagged", "tagged/")
    with pytest.raises(BadMediaError, match="jpn"):
        await bench.fetch("tagged/media.m3u8", languages=(GER_DUB,))

    stream = attrs.evolve(bench.request().stream, language=Language("ger-dub"))
    request = attrs.evolve(bench.request(), stream=stream, languages=(GER_DUB,))
    file = await fetched_file(bench.fetcher, request)
    assert file.audio_languages == ("deu",)


async def test_headers_go_with_every_request(bench: Bench) -> None:
    """Playlists, keys and segments get the request headers of the stream."""
    encrypt_all(bench.site)
    stream = attrs.evolve(bench.request().stream, headers=(("Referer", "https://page.example/"),))
    await bench.fetcher.fetch(attrs.evolve(bench.request(), stream=stream))

    for name in ("ts/media.m3u8", "ts/k.bin", "ts/media-005.ts"):
        assert bench.site.headers[name]["Referer"] == "https://page.example/"
        assert bench.site.headers[name]["Accept-Encoding"] == "identity"


async def test_progress_rises_to_the_end(bench: Bench) -> None:
    """By playing time, through every phase."""
    seen: list[Progress] = []

    async def note(progress: Progress) -> None:
        seen.append(progress)

    await bench.fetcher.fetch(bench.request(connections=1), on_progress=note)

    assert [p.done for p in seen] == sorted(p.done for p in seen)
    phases = list(dict.fromkeys(p.phase for p in seen))
    assert phases == [Phase.FETCHING, Phase.CHECKING, Phase.PUBLISHING]
    assert seen[-1].done == 1.0


@pytest.mark.parametrize("name", ["Episode.mp4", "Episode.mkv"])
async def test_chapters_and_thumbnail_are_written_while_segments_are_muxed(
    bench: Bench, name: str
) -> None:
    """Chapters behind the end of the playlist are dropped; the cover file does not stay."""
    bench.site.files["cover.jpg"] = picture()
    chapters = tuple(Chapter(start=at, end=at + 2, title=f"From {at}") for at in (0, 2, 4, 99))
    request = bench.request()
    thumbnail = Thumbnail(url=bench.site.url("cover.jpg"))
    stream = attrs.evolve(request.stream, chapters=chapters, thumbnails=(thumbnail,))
    place = bench.folder / name
    request = attrs.evolve(request, stream=stream, destination=place, exact_name=True)

    file = await fetched_file(bench.fetcher, request)

    with av.open(str(file.path)) as container:
        titles = [chapter["metadata"]["title"] for chapter in container.chapters()]
        codecs = [stream.codec_context.name for stream in container.streams.video]
    assert titles == ["From 0", "From 2", "From 4"]
    assert codecs == ["h264", "mjpeg"]
    assert (file.notices, bench.left) == ((), [name])
