"""Playback: signed links, byte ranges, playlists and subtitles."""

import ipaddress
import logging
import os
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import anyio
import attrs
import jwt
import pytest
from aiohttp import ClientPayloadError, ClientResponse

from aniworld_core.domain.identity import SeriesKey
from aniworld_http.security.media_links import MEDIA_LINKS, PAGE_LIFETIME, MediaLinks
from aniworld_http.settings import HttpSettings
from support.http_library import KEY, open_library, titan
from support.http_stage import KEY as SECRET_KEY
from support.http_stage import Server

pytestmark = pytest.mark.anyio

FILE = "Attack on Titan (2013)/Season 1/A – S01E02.mkv"
CONTENT = bytes(range(256)) * 5000
PLAYBACK = f"/api/playback/episodes/{KEY}/S01E02"


@asynccontextmanager
async def open_playable(
    folder: Path, *, file: str = FILE, **options: object
) -> AsyncIterator[tuple[Server, Path]]:
    """Serve a library in which S01E02 has a file."""
    async with open_library(folder, titan(), **options) as server:  # type: ignore[arg-type]
        app = server.stage.app
        series = await app.storage.series.get(SeriesKey(KEY))
        (episode,) = [e for e in series.episodes if (e.season, e.number) == (1, 2)]
        changed = series.with_episode(attrs.evolve(episode, downloaded=True, file=file))
        await app.storage.series.save_many([(series, changed)])
        path = app.library.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        yield server, path


async def link_of(server: Server) -> str:
    """Return a signed link to the episode."""
    status, body = await server.json("GET", PLAYBACK)
    assert status == 200, body
    link: str = body["link"]
    return link


async def fetched(
    server: Server, link: str, headers: Mapping[str, str] | None = None, method: str = "GET"
) -> tuple[int, bytes, Mapping[str, str]]:
    """Fetch a link as a media element does: without credentials."""
    response = await server.call(method, link, headers=headers, token="")
    return response.status, await response.read(), response.headers


async def test_a_link_plays_without_other_credentials(tmp_path: Path) -> None:
    """The file has its media type, its length and `nosniff`; `HEAD` sends no body."""
    async with open_playable(tmp_path) as (server, path):
        path.write_bytes(CONTENT)
        link = await link_of(server)
        status, body, headers = await fetched(server, link)
        head = await fetched(server, link, method="HEAD")

    assert (status, body) == (200, CONTENT)
    assert headers["Content-Type"] == "video/x-matroska"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Accept-Ranges"] == "bytes"
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert (head[0], head[1], head[2]["Content-Length"]) == (200, b"", str(len(CONTENT)))
    assert re.fullmatch(r"/api/playback/media/[\w.-]+/S01E02\.mkv", link)


@pytest.mark.parametrize(
    ("wanted", "begin", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-", 0, len(CONTENT)),
        ("bytes=1000-1999", 1000, 2000),
        ("bytes=-5", len(CONTENT) - 5, len(CONTENT)),
        ("bytes=-99999999999", 0, len(CONTENT)),
        (f"bytes={len(CONTENT) - 1}-{2**60}", len(CONTENT) - 1, len(CONTENT)),
        ("bytes=1048570-1048590", 1048570, 1048591),
    ],
)
async def test_a_range_is_sent_exactly(tmp_path: Path, wanted: str, begin: int, end: int) -> None:
    """First byte, tail, open end, beyond the end, and across the pieces that are sent at once."""
    async with open_playable(tmp_path) as (server, path):
        path.write_bytes(CONTENT)
        status, body, headers = await fetched(server, await link_of(server), {"Range": wanted})

    assert (status, body) == (206, CONTENT[begin:end])
    assert headers["Content-Range"] == f"bytes {begin}-{end - 1}/{len(CONTENT)}"


@pytest.mark.parametrize("wanted", [f"bytes={len(CONTENT)}-", "bytes=99999999-", "bytes=-0"])
async def test_a_range_without_bytes_gets_416(tmp_path: Path, wanted: str) -> None:
    """The response names the length of the file."""
    async with open_playable(tmp_path) as (server, path):
        path.write_bytes(CONTENT)
        status, body, headers = await fetched(server, await link_of(server), {"Range": wanted})

    assert (status, body) == (416, b"")
    assert headers["Content-Range"] == f"bytes */{len(CONTENT)}"


@pytest.mark.parametrize(
    "wanted", ["bytes=5-1", "bytes=a-b", "lines=0-1", "bytes=", "bytes=-", "bytes=0-1,5-9", "x"]
)
async def test_other_ranges_are_ignored(tmp_path: Path, wanted: str) -> None:
    """An invalid range, another unit or several ranges get the whole file (RFC 9110)."""
    async with open_playable(tmp_path) as (server, path):
        path.write_bytes(CONTENT)
        status, body, _ = await fetched(server, await link_of(server), {"Range": wanted})

    assert (status, body) == (200, CONTENT)


async def test_preconditions_name_one_version_of_the_file(tmp_path: Path) -> None:
    """`If-Range` of a replaced file gets all of it; known and wanted tags get 304 and 412."""
    async with open_playable(tmp_path) as (server, path):
        path.write_bytes(CONTENT)
        link = await link_of(server)
        _, _, before = await fetched(server, link)
        tag, date = before["ETag"], before["Last-Modified"]
        part = {"Range": "bytes=0-3"}
        same = [
            (await fetched(server, link, {**part, "If-Range": each}))[0]
            for each in (tag, date, f"W/{tag}", '"other"', "Mon, 01 Jan 2001 00:00:00 GMT")
        ]
        known = [
            (await fetched(server, link, headers))[0]
            for headers in (
                {"If-None-Match": tag},
                {"If-Modified-Since": date},
                {"If-Match": '"other"'},
                {"If-Unmodified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"},
                {"If-Match": tag},
            )
        ]
        path.write_bytes(CONTENT[::-1])
        os.utime(path, ns=(1, 1))
        replaced = await fetched(server, link, {**part, "If-Range": tag})

    assert same == [206, 206, 200, 200, 200]
    assert known == [304, 304, 412, 412, 200]
    assert replaced[:2] == (200, CONTENT[::-1])


@pytest.mark.parametrize("kind", ["gone", "pipe", "folder", "link outside", "parent", "absolute"])
async def test_only_files_of_the_library_are_sent(tmp_path: Path, kind: str) -> None:
    """What is gone, no regular file, or outside the library gets no byte, whatever is recorded."""
    secret = tmp_path / "secret.mkv"
    secret.write_bytes(b"SECRET")
    (tmp_path / "house").mkdir()
    recorded = {"parent": "../secret.mkv", "absolute": str(secret)}.get(kind, FILE)
    async with open_playable(tmp_path / "house", file=recorded) as (server, path):
        links = server.app[MEDIA_LINKS]
        match kind:
            case "pipe":
                os.mkfifo(path)
            case "folder":
                path.mkdir()
            case "link outside":
                path.symlink_to(secret)
        signed = links.sign(caller_id(server), SeriesKey(KEY), "S01E02", PAGE_LIFETIME)
        status, body, _ = await fetched(server, f"/api/playback/media/{signed}/x.mkv")

    assert status in {404, 422}
    assert b"SECRET" not in body


async def test_a_link_ends_with_its_session(tmp_path: Path) -> None:
    """After the sign-out the link opens nothing."""
    async with open_playable(tmp_path) as (server, path):
        path.write_bytes(CONTENT)
        link = await link_of(server)
        before = await fetched(server, link)
        await server.call("POST", "/api/auth/logout")
        after = await fetched(server, link)

    assert (before[0], after[0]) == (200, 401)
    assert CONTENT not in after[1]


async def test_a_link_opens_one_episode_for_some_hours(tmp_path: Path) -> None:
    """Expired, changed and foreign links and session tokens get 401; a link is no token."""
    async with open_playable(tmp_path) as (server, path):
        path.write_bytes(CONTENT)
        links = server.app[MEDIA_LINKS]
        link = await link_of(server)
        signed = link.split("/")[-2]
        head, body, mark = signed.split(".")
        foreign = MediaLinks(b"x" * 32, server.stage.app.clock)
        wrong = [
            links.sign(caller_id(server), SeriesKey(KEY), "S01E02", timedelta(0)),
            foreign.sign(caller_id(server), SeriesKey(KEY), "S01E02", PAGE_LIFETIME),
            links.sign("session:unknown", SeriesKey(KEY), "S01E02", PAGE_LIFETIME),
            links.sign("key:unknown", SeriesKey(KEY), "S01E02", PAGE_LIFETIME),
            f"{head}.{body}x.{mark}",
            f"{head}.{body}.",
            server.token,
            "x",
        ]
        refused = [
            (await fetched(server, f"/api/playback/media/{each}/x.mkv"))[0] for each in wrong
        ]
        as_token = await server.call("GET", "/api/queue/summary", token=signed)
        in_query = await server.call("GET", f"/api/queue/summary?token={signed}", token="")

    assert refused == [401] * len(wrong)
    assert (as_token.status, in_query.status) == (401, 401)


async def test_an_api_key_with_the_scope_read_plays(tmp_path: Path) -> None:
    """Its link ends when the key is deleted."""
    async with open_playable(tmp_path) as (server, path):
        path.write_bytes(CONTENT)
        _, made = await server.json("POST", "/api/auth/keys", {"name": "tv", "scope": "read"})
        headers = {"X-Api-Key": made["key"]}
        _, view = await server.json("GET", PLAYBACK, token="", headers=headers)
        before = await fetched(server, view["link"])
        await server.call("DELETE", f"/api/auth/keys/{made['id']}")
        after = await fetched(server, view["link"])

    assert (before[0], after[0]) == (200, 401)


async def test_links_are_not_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The access log names the path template, for successes and errors."""
    caplog.set_level(logging.DEBUG)
    async with open_playable(tmp_path) as (server, path):
        path.write_bytes(CONTENT)
        link = await link_of(server)
        await fetched(server, link)
        path.unlink()
        await fetched(server, link)

    # The test server has a log of its own, which the real one turns off.
    own = [r.getMessage() for r in caplog.records if r.name != "aiohttp.access"]
    assert any("/api/playback/media/{link}/{name}" in line for line in own)
    assert not any(link.split("/")[-2] in line for line in own)


async def test_a_client_that_hangs_up_ends_the_transfer(tmp_path: Path) -> None:
    """The file is closed, nothing is logged as an error, and the server answers the next one."""
    async with open_playable(tmp_path) as (server, path):
        with path.open("wb") as large:
            large.truncate(200 * 1024**2)
        link = await link_of(server)
        for _ in range(3):
            async with server.client.get(link) as response:
                await response.content.readexactly(10)
                response.close()
        with anyio.fail_after(60):
            while any(name.endswith(".mkv") for name in _opened_files()):
                await anyio.sleep(0.01)
        status, body, _ = await fetched(server, link, {"Range": "bytes=0-3"})

    assert (status, body) == (206, b"\0\0\0\0")


@asynccontextmanager
async def _transfers(server: Server, path: Path, count: int) -> AsyncIterator[list[ClientResponse]]:
    """Begin transfers whose client reads nothing but the head."""
    with path.open("wb") as large:
        large.truncate(200 * 1024**2)
    link = await link_of(server)
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(server.client.get(link)) for _ in range(count)]


async def test_a_transfer_ends_with_its_session(tmp_path: Path) -> None:
    """After the sign-out, a transfer that runs is broken at the next piece."""
    async with (
        open_playable(tmp_path) as (server, path),
        _transfers(server, path, 1) as (transfer,),
    ):
        await server.call("POST", "/api/auth/logout")
        with pytest.raises(ClientPayloadError):
            await transfer.read()


async def test_a_shutdown_does_not_wait_for_transfers(tmp_path: Path) -> None:
    """A client that reads nothing does not delay the stop of the server; no other one begins."""
    async with (
        open_playable(tmp_path) as (server, path),
        _transfers(server, path, 2) as transfers,
    ):
        await server.app.shutdown()
        with anyio.fail_after(60):
            while any(name.endswith(".mkv") for name in _opened_files()):
                await anyio.sleep(0.01)
        for transfer in transfers:
            with pytest.raises(ClientPayloadError):
                await transfer.read()
        status, _, _ = await fetched(server, await link_of(server))

    assert status == 503


async def test_a_user_has_a_limited_number_of_transfers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Further ones get 503 until one has ended, so that nobody uses up all open files."""
    monkeypatch.setattr("aniworld_http.rendering.media_files.MOST_TRANSFERS", 2)
    async with (
        open_playable(tmp_path) as (server, path),
        _transfers(server, path, 2) as (first, _),
    ):
        link = await link_of(server)
        refused, body, _ = await fetched(server, link, {"Range": "bytes=0-3"})
        first.close()
        with anyio.fail_after(60):
            while (await fetched(server, link, {"Range": "bytes=0-3"}))[0] != 206:
                await anyio.sleep(0.01)

    assert (refused, b"too_many_transfers" in body) == (503, True)


def _opened_files() -> Iterator[str]:
    for link in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            yield str(link.readlink())


async def test_a_file_that_becomes_shorter_breaks_the_connection(tmp_path: Path) -> None:
    """The client must not take a part for the whole file."""
    async with open_playable(tmp_path) as (server, path):
        with path.open("wb") as large:
            large.truncate(200 * 1024**2)
        link = await link_of(server)
        async with server.client.get(link) as response:
            await response.content.readexactly(10)
            os.truncate(path, 20)
            with pytest.raises(ClientPayloadError):
                await response.read()


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        (f"/api/playback/episodes/{KEY}/S01E01", 404, "file_missing"),
        (f"/api/playback/episodes/{KEY}/S09E01", 404, "episode_not_found"),
        (f"/api/playback/episodes/{KEY}/S01", 422, "invalid_episode"),
        ("/api/playback/episodes/unknown/S01E01", 404, "series_not_found"),
        ("/api/playback/playlists/unknown", 404, "series_not_found"),
        (f"/api/playback/playlists/{KEY}?episodes=S02", 404, "file_missing"),
        (f"/api/playback/playlists/{KEY}?episodes=nonsense", 422, "invalid_fields"),
    ],
)
async def test_what_cannot_be_played_is_named(
    tmp_path: Path, path: str, status: int, kind: str
) -> None:
    """An unknown series or episode, and an episode without a file, have their own kinds."""
    async with open_playable(tmp_path) as (server, _):
        answered, problem = await server.json("GET", path)

    assert (answered, problem["kind"]) == (status, kind)


async def test_a_playlist_opens_episodes_in_a_player(tmp_path: Path) -> None:
    """It has one line of text for each file and absolute links; breaks in titles stay out."""
    async with open_playable(tmp_path) as (server, path):
        path.write_bytes(CONTENT)
        series = await server.stage.app.storage.series.get(SeriesKey(KEY))
        await server.stage.app.storage.series.save_many(
            [(series, attrs.evolve(series, name="A\r\nhttp://evil.invalid/x\u2028B"))]
        )
        response = await server.call("GET", f"/api/playback/playlists/{KEY}?episodes=S01")
        text = await response.text()
        lines = text.splitlines()
        origin = str(server.client.make_url("")).rstrip("/")
        played = await fetched(server, lines[2].removeprefix(origin))

    assert response.content_type == "audio/x-mpegurl"
    assert response.headers["Content-Disposition"].endswith(f'"{KEY}-S01.m3u"')
    assert (len(lines), lines[0]) == (3, "#EXTM3U")
    assert lines[1].startswith("#EXTINF:-1,A http://evil.invalid/x B – S01E02 – ")
    assert lines[2].startswith(f"{origin}/api/playback/media/")
    assert played[:2] == (200, CONTENT)


async def test_a_playlist_behind_a_proxy_has_the_address_of_the_proxy(tmp_path: Path) -> None:
    """Scheme and host are those that the browser uses."""
    proxies = (ipaddress.ip_network("127.0.0.0/8"),)
    settings = HttpSettings(secret_key=SECRET_KEY, trusted_proxies=proxies)
    async with open_playable(tmp_path, settings=settings) as (server, path):
        path.write_bytes(CONTENT)
        headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "tv.example:8443"}
        response = await server.call("GET", f"/api/playback/playlists/{KEY}", headers=headers)
        text = await response.text()

    assert text.splitlines()[2].startswith("https://tv.example:8443/api/playback/media/")


async def test_text_subtitles_beside_the_file_are_offered(tmp_path: Path) -> None:
    """They are WebVTT for the browser; files of other kinds and other episodes are left out."""
    stem = FILE.rpartition("/")[2].removesuffix(".mkv")
    async with open_playable(tmp_path) as (server, path):
        path.write_bytes(CONTENT)
        cue = "1\n00:00:01,000 --> 00:00:02,500\nHello <i>there</i> & <you\n"
        path.with_name(f"{stem}.de.forced.srt").write_text(cue)
        path.with_name(f"{stem}.en.idx").write_text("x")
        path.with_name("Other.en.srt").write_text(cue)
        _, view = await server.json("GET", PLAYBACK)
        (subtitle,) = view["subtitles"]
        status, body, headers = await fetched(server, subtitle["link"])
        base = subtitle["link"].rpartition("/")[0]
        missing = [(await fetched(server, f"{base}/{n}"))[0] for n in ("1", "x", "-1", "9999")]

    assert (subtitle["label"], subtitle["language"]) == ("de.forced", "de")
    assert (status, headers["Content-Type"]) == (200, "text/vtt; charset=utf-8")
    assert body.decode() == ("WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nHello there &amp; &lt;you\n")
    assert missing == [404] * 4


def caller_id(server: Server) -> str:
    """Return the id of the caller that is signed in."""
    claims = jwt.decode(server.token, options={"verify_signature": False})
    return f"session:{claims['jti']}"
