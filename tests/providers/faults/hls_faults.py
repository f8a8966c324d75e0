"""What a site of segments can do wrong."""

import asyncio
import functools
import gzip
import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from aiohttp import web

from providers.faults.judging import looks
from support.media import streams
from support.media.coded_films import overwritten
from support.media.mp4_boxes import protection, with_entry
from support.sites.hls import Fault, HlsSite, instead, status

#: What a site is told to do.
Change: TypeAlias = Callable[[HlsSite], None]

KEY = bytes(range(16))
PAGE = b"<!DOCTYPE html><html><head><title>Sorry</title></head><body>moved</body></html>"
CHECK = b"<!DOCTYPE html><title>Just a moment...</title><script src=/cf-turnstile></script>"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + bytes(40)
PACKET = 188
COUNT = 6


@functools.cache
def made() -> dict[str, bytes]:
    """Make every stream once; each has six segments of one second."""
    with tempfile.TemporaryDirectory() as root:
        base = Path(root)
        streams.make_hls(base / "ts")
        streams.make_hls(base / "other", streams.Clip(tones=(880,)))
        streams.make_hls(base / "wide", streams.Clip(width=192, height=108))
        streams.make_hls(base / "short", streams.Clip(seconds=3, tones=(660,)))
        streams.make_hls(base / "fmp4", kind="fmp4")
        fine = streams.Clip(preset="slow", tones=(880,))
        streams.make_hls(base / "fine", fine, kind="fmp4")
        streams.make_hls(base / "fine-ts", fine)
        streams.make_hls(base / "one", single=True)
        streams.make_hls(base / "picture", streams.Clip(tones=()))
        streams.make_hls(base / "sound", streams.Clip(video=False))
        dash = {"seg_duration": "1", "adaptation_sets": "id=0,streams=v id=1,streams=a"}
        for name, clip in (("dash", streams.Clip()), ("dash-fine", fine)):
            (base / name).mkdir()
            streams.write(base / name / "m.mpd", clip, muxer="dash", options=dash)
        return {
            f"{path.parent.name}/{path.name}": path.read_bytes()
            for path in base.glob("*/*")
            if path.is_file()
        }


@functools.cache
def film(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the packets of a stream, or of several with `&` between their names.

    They are joined without any code under test.
    """
    files = made()
    if "&" in name:
        parts = [film(part) for part in name.split("&")]
        return sum((p for p, _ in parts), ()), sum((s for _, s in parts), ())
    if name == "picture+sound":
        return film("picture")[0], film("sound")[1]
    if name == "one":
        return looks(files["one/media.ts"])
    if name.startswith("dash"):
        tracks = [
            files[f"{name}/init-stream{track}.m4s"]
            + b"".join(
                files[path] for path in sorted(files) if f"{name}/chunk-stream{track}-" in path
            )
            for track in (0, 1)
        ]
        return looks(tracks[0])[0], looks(tracks[1])[1]
    init = files.get(f"{name}/media-init.mp4", b"")
    suffix = "m4s" if init else "ts"
    count = sum(path.startswith(f"{name}/media-0") for path in files)
    return looks(
        init + b"".join(files[f"{name}/media-{number:03d}.{suffix}"] for number in range(count))
    )


# --- what a site does ----------------------------------------------------------------------


def segment(number: int, name: str = "ts") -> str:
    """Return the path of a segment."""
    return f"{name}/media-{number:03d}.{'m4s' if name == 'fmp4' else 'ts'}"


def answers(path: str, fault: Fault) -> Change:
    """Let a path misbehave."""

    def change(site: HlsSite) -> None:
        site.faults[path] = fault

    return change


def in_segment(fault: Callable[[], Fault], number: int = 2, name: str = "ts") -> Change:
    """Let a segment misbehave; faults have state, so each try makes its own."""
    return lambda site: answers(segment(number, name), fault())(site)


def together(*changes: Change) -> Change:
    """Do several things."""

    def change(site: HlsSite) -> None:
        for one in changes:
            one(site)

    return change


def holds(path: str, data: Callable[[HlsSite], bytes]) -> Change:
    """Let a path hold something else."""

    def change(site: HlsSite) -> None:
        site.files[path] = data(site)

    return change


def edited(*changes: tuple[str, str], path: str = "ts/media.m3u8") -> Change:
    """Change the text of a list."""
    return lambda site: site.edit(path, *changes)


def listed(text: bytes) -> Change:
    """Let the list be something else."""
    return holds("ts/media.m3u8", lambda _: text)


def cut_at(share: float, number: int = 2, name: str = "ts") -> Change:
    """Let a segment end early, on the border of a packet, with a length that agrees."""

    def data(site: HlsSite) -> bytes:
        whole = site.files[segment(number, name)]
        return whole[: int(len(whole) * share) // PACKET * PACKET]

    return holds(segment(number, name), data)


def cut_short(share: float) -> Fault:
    """Send a part of a segment, cut on the border of a packet, as if it were everything."""

    async def fault(request: web.Request, body: bytes) -> web.StreamResponse:
        return web.Response(body=body[: int(len(body) * share) // PACKET * PACKET])

    return fault


def encrypted(
    *,
    iv: bytes | None = None,
    key_for: Callable[[int], bytes] = lambda _: KEY,
    name: str = "ts",
) -> Change:
    """Encrypt the segments of a stream, but not its initialisation section."""

    def change(site: HlsSite) -> None:
        for number in range(COUNT):
            vector = iv or number.to_bytes(16, "big")
            path = segment(number, name)
            site.files[path] = streams.encrypt(site.files[path], key_for(number), vector)
        written = f",IV=0x{iv.hex()}" if iv else ""
        tag = f'#EXT-X-KEY:METHOD=AES-128,URI="k.bin"{written}\n#EXTINF'
        text = site.files[f"{name}/media.m3u8"].decode().replace("#EXTINF", tag, 1)
        site.files[f"{name}/media.m3u8"] = text.encode()
        site.files[f"{name}/k.bin"] = KEY

    return change


def followed(tail: bytes, name: str = "ts") -> Change:
    """Put bytes behind every segment."""

    def change(site: HlsSite) -> None:
        for number in range(COUNT):
            site.files[segment(number, name)] += tail

    return change


def noisy(data: bytes) -> bytes:
    """Return a segment with noise in its middle, over some samples."""
    at = len(data) // 2
    return overwritten(data, at, random.Random(3).randbytes(len(data) // 4))


def protected(site: HlsSite, scheme: bytes, path: str = "fmp4/media-init.mp4") -> bytes:
    """Return an initialisation section whose first track is encrypted."""
    return with_entry(site.files[path], protection(scheme), kind=b"encv")


def scrambled(site: HlsSite) -> None:
    """Set the scrambling control of all packets but the tables."""
    for number in range(COUNT):
        data = bytearray(site.files[segment(number)])
        for start in range(2 * PACKET, len(data), PACKET):
            data[start + 3] |= 0x80
        site.files[segment(number)] = bytes(data)


def switched(path: str) -> Fault:
    """Answer with what another path holds."""

    async def fault(request: web.Request, body: bytes) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": f"/{path}"})

    return fault


def holding(data: bytes) -> Fault:
    """Answer with certain bytes, as if they were the segment."""
    return instead(data, "video/mp2t")


def of(name: str, number: int) -> bytes:
    """Return the bytes of a segment of any stream."""
    return made()[segment(number, name)]


def swap(first: int, second: int, name: str = "ts") -> Change:
    """Exchange two segments."""

    def change(site: HlsSite) -> None:
        one, other = segment(first, name), segment(second, name)
        site.files[one], site.files[other] = site.files[other], site.files[one]

    return change


async def compressed(request: web.Request, body: bytes) -> web.StreamResponse:
    """Compress a segment although the client did not accept it."""
    return web.Response(body=gzip.compress(body), headers={"Content-Encoding": "gzip"})


async def wrong_part(request: web.Request, body: bytes) -> web.StreamResponse:
    """Answer a range with another one."""
    named = {"Content-Range": f"bytes 0-{PACKET * 10 - 1}/{len(body)}"}
    return web.Response(status=206, body=body[: PACKET * 10], headers=named)


async def lying_part(request: web.Request, body: bytes) -> web.StreamResponse:
    """Name the requested range, and send the one before it."""
    wanted = request.headers.get("Range", "bytes=0-").removeprefix("bytes=")
    first, _, last = wanted.partition("-")
    start, stop = int(first), int(last or len(body) - 1) + 1
    back = min(start, PACKET * 40)
    return web.Response(
        status=206,
        body=body[start - back : stop - back],
        headers={"Content-Range": f"bytes {start}-{stop - 1}/{len(body)}"},
    )


async def without_end(request: web.Request, body: bytes) -> web.StreamResponse:
    """Send a body whose end only the end of the connection shows, and cut it."""
    response = web.StreamResponse(headers={"Connection": "close"})
    response.force_close()
    # aiohttp would send chunks by itself.
    transport = request.transport
    assert transport is not None
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    transport.write(head + body[: int(len(body) * 0.6) // PACKET * PACKET])
    transport.close()
    return response


def leads_to(link: str) -> Fault:
    """Redirect."""
    return status(302, Location=link)


def swap_with(number: int, other: int) -> Change:
    """Let a segment hold what another one holds at that moment."""
    return holds(segment(number), lambda site: site.files[segment(other)])


def apart() -> Change:
    """Make a list of a picture and of sound that has segments of its own."""
    text = (
        b'#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="Deutsch",URI="sound/media.m3u8"\n'
        b'#EXT-X-STREAM-INF:BANDWIDTH=1000,RESOLUTION=160x90,AUDIO="a"\npicture/media.m3u8\n'
    )
    return holds("m.m3u8", lambda _: text)


def becomes(name: str) -> Change:
    """Let the whole stream be another one."""

    def change(site: HlsSite) -> None:
        files = made()
        for path in [path for path in site.files if path.startswith("ts/")]:
            del site.files[path]
        for path, data in files.items():
            if path.startswith(f"{name}/"):
                site.files[f"ts/{path.partition('/')[2]}"] = data

    return change


async def endless(request: web.Request, body: bytes) -> web.StreamResponse:
    """Send a playlist without end."""
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"#EXTM3U\n")
    while True:
        await response.write(b"#EXTINF:1,\na.ts\n" * 9999)


@functools.cache
def _packed() -> bytes:
    return gzip.compress(b"#EXTM3U\n" + b"#" * 50_000_000, compresslevel=1)


def bomb(path: str) -> Change:
    """Let a list unfold to a hundred times its size."""

    def change(site: HlsSite) -> None:
        # Before anybody asks: a server that needs a second for it would be given up.
        packed = _packed()

        async def fault(request: web.Request, body: bytes) -> web.StreamResponse:
            return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

        site.faults[path] = fault

    return change


def mastered(site: HlsSite) -> None:
    """Put a list of variants in front."""
    site.files["m.m3u8"] = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nts/media.m3u8\n"


def everywhere(fault: Fault) -> Change:
    """Let everything misbehave in the same way."""

    def change(site: HlsSite) -> None:
        site.faults |= dict.fromkeys(site.files, fault)

    return change


def wants_cookie(site: HlsSite) -> None:
    """Set a cookie with the first playlist, and require it afterwards."""
    first = "m.m3u8" if "m.m3u8" in site.files else "ts/media.m3u8"

    async def guarded(request: web.Request, body: bytes) -> web.StreamResponse | None:
        if request.path == f"/{first}":
            return web.Response(body=body, headers={"Set-Cookie": "hdntl=exp~1; Path=/"})
        if "hdntl=exp~1" in request.headers.get("Cookie", ""):
            return None
        return web.Response(status=403)

    everywhere(guarded)(site)


def narrow(places: int, code: int) -> Change:
    """Refuse segments to a client that has more requests open."""
    busy = 0

    async def fault(request: web.Request, body: bytes) -> web.StreamResponse:
        nonlocal busy
        if busy >= places:
            return web.Response(status=code)
        busy += 1
        try:
            await asyncio.sleep(0.02)
            return web.Response(body=body)
        finally:
            busy -= 1

    def change(site: HlsSite) -> None:
        site.faults |= {path: fault for path in site.files if path.endswith(".ts")}

    return change


def coded(name: str) -> Fault:
    """Send plain bytes under the name of a content coding."""

    async def fault(request: web.Request, body: bytes) -> web.StreamResponse:
        # aiohttp's own answer would look for a coding of this name.
        transport = request.transport
        assert transport is not None
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {name}\r\nContent-Length: {len(body)}\r\n"
        transport.write(head.encode() + b"Connection: close\r\n\r\n" + body)
        transport.close()
        return web.Response()

    return fault


async def unasked_whole(request: web.Request, body: bytes) -> web.StreamResponse:
    """Send the whole as a part."""
    named = f"bytes 0-{len(body) - 1}/{len(body)}"
    return web.Response(status=206, body=body, headers={"Content-Range": named})
