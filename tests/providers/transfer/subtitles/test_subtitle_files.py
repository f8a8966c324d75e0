"""Subtitles beside a film over loopback: they are fetched with it and never make it fail."""

import gzip
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import attrs
import av
import pytest
from aiohttp import web

from aniworld_core.domain.media import Stream, StreamKind
from aniworld_core.domain.subtitles import Subtitle
from aniworld_core.errors import AniworldError
from aniworld_core.ports.fetcher import FetchedFile, FetchRequest, MediaFetcher
from aniworld_core.testing.contracts.fetcher import fetched_file
from aniworld_core.testing.waiting import PATIENCE
from aniworld_providers.transfer.direct.fetcher import DirectFetcher
from aniworld_providers.transfer.segments.on_demand import open_hls_fetcher
from aniworld_providers.transfer.subtitles import job as subtitles
from providers.faults.fetching import HASTY
from support.adapter_context import JumpingClock, make_context
from support.media import streams
from support.sites.hls import HlsSite, instead, open_site, silent_after, status

pytestmark = pytest.mark.anyio

KEY = bytes(range(16))
ONE = "1\n00:00:01,000 --> 00:00:02,000\nGrüße\n"
VTT = "WEBVTT\n\n00:01.000 --> 00:02.000\nGrüße\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stream and a file, made once."""
    root = tmp_path_factory.mktemp("subtitled")
    streams.make_hls(root / "ts", streams.Clip(seconds=4))
    streams.write(root / "film.mp4", streams.Clip(seconds=2), muxer="mp4")
    return root


@attrs.define(eq=False)
class Bench:
    """Fetchers in front of a site."""

    site: HlsSite
    hls: MediaFetcher
    direct: MediaFetcher
    folder: Path

    async def fetch(self, path: str = "m.m3u8", **more: object) -> FetchedFile:
        """Fetch a link with the given subtitles beside it."""
        beside = more.pop("subtitles", ())
        kind = StreamKind.HLS if path.endswith(".m3u8") else StreamKind.DIRECT
        stream = Stream(
            url=self.site.url(path),
            kind=kind,
            headers=(("X-Key", "sesame"),),
            subtitles=beside,  # type: ignore[arg-type]
        )
        fields = {"text_languages": None, **more}
        request = FetchRequest(stream=stream, destination=self.folder / "E 1.5.mp4", **fields)  # type: ignore[arg-type]
        fetcher = self.hls if kind is StreamKind.HLS else self.direct
        with anyio.fail_after(PATIENCE):
            return await fetched_file(fetcher, request)

    def offer(self, *renditions: str, group: str = "s") -> None:
        """Add subtitle renditions to the playlist."""
        lines = [f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",{text}' for text in renditions]
        variant = f'#EXT-X-STREAM-INF:BANDWIDTH=1000,SUBTITLES="{group}"'
        text = "\n".join(["#EXTM3U", *lines, variant, "ts/media.m3u8"])
        self.site.files["m.m3u8"] = text.encode()

    def list_segments(self, name: str, *segments: str, tags: str = "") -> None:
        """Serve a playlist of subtitles with its segments."""
        lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:2", *tags.split()]
        for number, text in enumerate(segments):
            self.site.files[f"{name}-{number}.vtt"] = text.encode()
            lines += ["#EXTINF:2,", f"{name}-{number}.vtt"]
        self.site.files[f"{name}.m3u8"] = "\n".join([*lines, "#EXT-X-ENDLIST"]).encode()

    def beside(self, path: str, language: str | None = "deu") -> Subtitle:
        """Make a subtitle of the site."""
        return Subtitle(url=self.site.url(path), language=language)

    @property
    def left(self) -> list[str]:
        """The names in the folder besides the film's."""
        return sorted(path.name for path in self.folder.iterdir() if path.name != "E 1.5.mp4")

    def text(self, tags: str = ".de", suffix: str = ".srt") -> str:
        """What a subtitle beside the film says."""
        return (self.folder / f"E 1.5{tags}{suffix}").read_text(encoding="utf-8")


@pytest.fixture
async def bench(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Bench]:
    """A site with the stream and the file, and both fetchers."""
    monkeypatch.setattr(subtitles, "LONGEST_WAIT", 3.0)
    async with open_site() as site:
        site.add_folder(made / "ts", "ts/")
        site.files["film.mp4"] = (made / "film.mp4").read_bytes()
        allowed = frozenset({f"127.0.0.1:{site.port}"})
        context = make_context(tmp_path / "data", allowed=allowed, clock=JumpingClock())
        direct = DirectFetcher(context=context, timeouts=HASTY)
        async with open_hls_fetcher(context, timeouts=HASTY) as hls:
            yield Bench(site, hls, direct, tmp_path / "library")


# --- HLS -------------------------------------------------------------------------------------


async def test_renditions_become_files_beside_the_film(bench: Bench) -> None:
    """Named by language and kind as media servers expect; nothing else is left."""
    bench.offer(
        'NAME="Deutsch",LANGUAGE="de",URI="de.m3u8"',
        'NAME="Deutsch (erzwungen)",LANGUAGE="de",FORCED=YES,URI="forced.m3u8"',
        'NAME="English",LANGUAGE="en",URI="en.m3u8",'
        'CHARACTERISTICS="public.accessibility.transcribes-spoken-dialog"',
    )
    for name in ("de", "forced", "en"):
        bench.list_segments(name, VTT)

    file = await bench.fetch()

    assert bench.left == ["E 1.5.de.forced.srt", "E 1.5.de.srt", "E 1.5.en.sdh.srt"]
    assert sorted(path.name for path in file.subtitles) == bench.left
    assert file.notices == ()
    assert bench.text() == ONE
    assert file.path.exists()
    assert bench.site.headers["de-0.vtt"]["X-Key"] == "sesame"


async def test_segments_are_put_together_on_the_clock_of_the_film(bench: Bench, made: Path) -> None:
    """Marks that count from the picture's clock, a cue over a border, the same text apart."""
    mark = "X-TIMESTAMP-MAP=MPEGTS:{},LOCAL:00:00:00.000"
    with av.open(str(made / "ts" / "media-000.ts")) as segment:
        ticks = int(segment.streams.video[0].start_time or 0)
    assert ticks > 0
    first = f"WEBVTT\n{mark.format(ticks)}\n\n00:01.500 --> 00:02.000\nHin\n"
    second = (
        f"WEBVTT\n{mark.format(ticks + 180_000)}\n\n"
        "00:00.000 --> 00:00.500\nHin\n\n00:01.000 --> 00:01.500\nHer\n"
    )
    bench.offer('NAME="Deutsch",URI="de.m3u8"')
    bench.list_segments("de", first, second)

    await bench.fetch()

    times = [line for line in bench.text().split("\n") if "-->" in line]
    assert [[_seconds(t) for t in line.split(" --> ")] for line in times] == [
        [pytest.approx(1.5, abs=0.002), pytest.approx(2.5, abs=0.002)],
        [pytest.approx(3.0, abs=0.002), pytest.approx(3.5, abs=0.002)],
    ]


async def test_marks_of_another_clock_are_not_believed(bench: Bench) -> None:
    """What would be shown hours after the film's end is shown by its own times."""
    bench.offer('NAME="Deutsch",URI="de.m3u8"')
    bench.list_segments(
        "de", VTT.replace("WEBVTT", "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000000,LOCAL:00:00:00.000")
    )

    await bench.fetch()

    assert bench.text() == ONE


async def test_encrypted_segments_are_decrypted(bench: Bench) -> None:
    """With the key of their playlist."""
    bench.offer('NAME="Deutsch",URI="de.m3u8"')
    bench.list_segments("de", VTT, tags='#EXT-X-KEY:METHOD=AES-128,URI="k.bin",IV=0x0')
    bench.site.files["de-0.vtt"] = streams.encrypt(VTT.encode(), KEY, bytes(16))
    bench.site.files["k.bin"] = KEY

    file = await bench.fetch()

    assert file.notices == ()
    assert bench.text() == ONE


async def test_a_fresh_link_brings_its_subtitles(bench: Bench) -> None:
    """After a renewal, the subtitles of the expired link are not requested."""
    bench.offer('NAME="Deutsch",URI="de.m3u8"')
    bench.list_segments("de", VTT)
    bench.site.files |= {"old.m3u8": b"", "fresh.srt": ONE.encode()}
    bench.site.faults["old.m3u8"] = bench.site.faults["old.srt"] = status(403)

    async def renew() -> Stream:
        return Stream(
            url=bench.site.url("m.m3u8"),
            kind=StreamKind.HLS,
            headers=(("X-Key", "fresh"),),
            subtitles=(bench.beside("fresh.srt", "eng"),),
        )

    beside = (bench.beside("old.srt", "eng"),)
    file = await bench.fetch("old.m3u8", subtitles=beside, renew=renew)

    assert bench.left == ["E 1.5.de.srt", "E 1.5.en.srt"]
    assert file.notices == ()
    assert bench.site.headers["de-0.vtt"]["X-Key"] == "fresh"


async def test_only_wanted_languages_are_fetched(bench: Bench) -> None:
    """Subtitles without a language are fetched, those of other languages are not."""
    bench.offer(
        'NAME="Deutsch",LANGUAGE="de",URI="de.m3u8"',
        'NAME="Español",LANGUAGE="es",URI="es.m3u8"',
        'NAME="?",URI="und.m3u8"',
    )
    for name in ("de", "es", "und"):
        bench.list_segments(name, VTT)

    await bench.fetch(text_languages=frozenset({"deu"}))

    assert bench.left == ["E 1.5.de.srt", "E 1.5.srt"]
    assert "es.m3u8" not in bench.site.asked


async def test_none_means_none(bench: Bench) -> None:
    """No request is made."""
    bench.offer('NAME="Deutsch",URI="de.m3u8"')
    bench.list_segments("de", VTT)

    file = await bench.fetch(text_languages=frozenset())

    assert (bench.left, file.subtitles, file.notices) == ([], (), ())
    assert "de.m3u8" not in bench.site.asked


async def test_only_the_group_of_the_variant_counts(bench: Bench) -> None:
    """As long as the variant names one that exists."""
    bench.offer('NAME="Deutsch",URI="de.m3u8"', group="t")
    bench.site.edit(
        "m.m3u8",
        (
            "#EXT-X-STREAM",
            '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="t",NAME="English",URI="en.m3u8"\n#EXT-X-STREAM',
        ),
    )
    for name in ("de", "en"):
        bench.list_segments(name, VTT)

    await bench.fetch()

    assert bench.left == ["E 1.5.en.srt"]


# --- whole files beside a stream ---------------------------------------------------------------


async def test_files_beside_a_file_come_along(bench: Bench) -> None:
    """In any format that is text; twice the same kind gets a number."""
    bench.site.files |= {
        "a.srt": ONE.replace("\n", "\r\n").encode("cp1252"),
        "b.vtt": VTT.encode("utf-16"),
        "c.ass": b"\xef\xbb\xbf[Script Info]\n\n[Events]\nDialogue: 0,0:00:01.00,x\n",
        "d.vtt": b"WEBVTT\n",
    }
    beside = (
        bench.beside("a.srt"),
        bench.beside("b.vtt"),
        bench.beside("c.ass", "jpn"),
        bench.beside("d.vtt", "fra"),
    )

    file = await bench.fetch("film.mp4", subtitles=beside)

    assert bench.left == ["E 1.5.de.2.srt", "E 1.5.de.srt", "E 1.5.ja.ass"]
    assert bench.text() == bench.text(".de.2") == ONE
    assert file.notices == ()


async def test_headers_of_a_subtitle_are_its_own(bench: Bench) -> None:
    """What the film needs is not shown to the server of a subtitle."""
    bench.site.files["a.srt"] = ONE.encode()
    own = Subtitle(url=bench.site.url("a.srt"), language="deu", headers=(("X-Own", "1"),))

    await bench.fetch("film.mp4", subtitles=(own,))

    assert bench.site.headers["a.srt"]["X-Own"] == "1"
    assert "X-Key" not in bench.site.headers["a.srt"]


async def test_a_file_that_is_there_is_not_replaced(bench: Bench) -> None:
    """The user may have corrected it."""
    bench.folder.mkdir()
    (bench.folder / "E 1.5.de.srt").write_text("mine", encoding="utf-8")
    bench.site.files["a.srt"] = ONE.encode()

    file = await bench.fetch("film.mp4", subtitles=(bench.beside("a.srt"),))

    assert bench.text() == "mine"
    assert bench.left == ["E 1.5.de.srt"]
    assert file.notices == ()


# --- nothing that is wrong with one keeps the film from arriving ------


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (instead(b"<!DOCTYPE html><html><title>Gone</title></html>"), "a web page"),
        (instead(b"<html><title>Just a moment...</title>cf-chl</html>"), "a web page"),
        (instead(b"<?xml version='1.0'?><tt/>"), "XML"),
        (instead(b"\0" * 4000), "not a known subtitle format|not a text"),
        (instead(ONE.encode() * 400_000), "larger"),
        (instead(gzip.compress(ONE.encode())), "an archive"),
        (status(404), "404"),
        (status(403), "403"),
        (status(500), "500"),
        (status(302, Location="file:///etc/passwd"), "redirect"),
        (status(302, Location="http://169.254.169.254/latest"), "169.254"),
        (silent_after(20), "subtitle"),
    ],
    ids=[
        *("page", "challenge", "xml", "zeros", "huge", "packed", "gone", "expired", "broken"),
        *("file", "inside", "silent"),
    ],
)
async def test_a_bad_subtitle_is_a_notice(bench: Bench, answer: object, words: str) -> None:
    """The film is published with the good subtitle, and a notice names the fault."""
    bench.site.files |= {"bad.srt": ONE.encode() * 20, "good.vtt": VTT.encode()}
    bench.site.faults["bad.srt"] = answer  # type: ignore[assignment]
    beside = (bench.beside("bad.srt"), bench.beside("good.vtt", "eng"))

    file = await bench.fetch("film.mp4", subtitles=beside)

    assert file.path.exists()
    assert bench.left == ["E 1.5.en.srt"]
    (notice,) = file.notices
    assert notice.startswith("subtitle de: ")
    assert any(word in notice for word in words.split("|")), notice


async def test_a_bomb_bursts_at_the_limit(bench: Bench) -> None:
    """Fifty megabytes packed into fifty kilobytes are never unpacked."""
    packed = gzip.compress(b"WEBVTT\n" + b"\n" * 50_000_000, 1)

    async def bomb(request: web.Request, body: bytes) -> web.Response:
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    bench.site.faults["a.vtt"] = bomb

    tracemalloc.start()
    try:
        file = await bench.fetch("film.mp4", subtitles=(bench.beside("a.vtt"),))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 30_000_000
    assert bench.left == []
    assert "larger" in file.notices[0]


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "http://10.0.0.1/a.srt", "http://127.0.0.1:1/a.srt", "ftp://h/a", "::"],
)
async def test_links_that_must_not_be_followed_are_notices(bench: Bench, url: str) -> None:
    """For files beside the stream and for renditions in its manifest."""
    bench.offer(f'NAME="Deutsch",URI="{url}"')
    beside = Subtitle(url=url, language="eng")

    file = await bench.fetch(subtitles=(beside,))

    assert file.path.exists()
    assert bench.left == []
    assert len(file.notices) == 2


async def test_an_endless_subtitle_is_not_waited_for(bench: Bench) -> None:
    """After the film is complete, the wait for a subtitle is limited."""

    async def endless(request: web.Request, body: bytes) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while request.transport is not None and not request.transport.is_closing():
            await response.write(b"\n" * 2000)
            await anyio.sleep(0.05)
        return response

    bench.site.faults["a.vtt"] = endless

    file = await bench.fetch("film.mp4", subtitles=(bench.beside("a.vtt"),))

    assert bench.left == []
    assert file.notices == ("subtitle de: it was not complete 3 s after the film",)


@pytest.mark.parametrize(
    ("playlist", "words"),
    [
        ('#EXTM3U\n#EXT-X-MAP:URI="i.mp4"\n#EXTINF:2,\na.m4s\n#EXT-X-ENDLIST', "container"),
        ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nm.m3u8", "variants"),
        (
            '#EXTM3U\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI="k"\n#EXTINF:2,\na\n#EXT-X-ENDLIST',
            "protected",
        ),
        ("#EXTM3U\n#EXTINF:2,\na.vtt", "incomplete"),
        ("<html>", "web page"),
        ("", "nothing"),
    ],
)
async def test_a_bad_list_of_segments_is_a_notice(bench: Bench, playlist: str, words: str) -> None:
    """IMSC in containers, lists of lists, protection, no end, web pages."""
    bench.offer('NAME="Deutsch",URI="de.m3u8"')
    bench.site.files["de.m3u8"] = playlist.encode()

    file = await bench.fetch()

    assert bench.left == []
    assert words in file.notices[0]


async def test_a_failed_film_leaves_no_subtitles(bench: Bench) -> None:
    """No subtitle is published without its film."""
    bench.offer('NAME="Deutsch",URI="de.m3u8"')
    bench.list_segments("de", VTT)
    bench.site.faults["ts/media-002.ts"] = status(404)

    with pytest.raises(AniworldError):
        await bench.fetch()

    assert not [name for name in bench.left if ".part" not in name]


async def test_a_cancelled_film_is_finished_by_the_next_attempt(bench: Bench) -> None:
    """Nothing of either attempt is left but the film and its subtitle, which is whole."""
    bench.offer('NAME="Deutsch",URI="de.m3u8"')
    bench.list_segments("de", VTT, VTT.replace("Grüße", "mehr").replace("00:0", "00:3"))
    reached = anyio.Event()

    async def stop(request: web.Request, body: bytes) -> web.StreamResponse | None:
        reached.set()
        await anyio.sleep_forever()
        return None

    bench.site.faults["ts/media-002.ts"] = stop
    async with anyio.create_task_group() as group:
        group.start_soon(bench.fetch)
        await reached.wait()
        group.cancel_scope.cancel()
    assert not [name for name in bench.left if ".part" not in name]
    del bench.site.faults["ts/media-002.ts"]

    file = await bench.fetch()

    assert file.resumed_bytes > 0
    assert bench.left == ["E 1.5.de.srt"]
    assert bench.text().count("-->") == 2


async def test_what_a_killed_attempt_left_is_cleared(bench: Bench) -> None:
    """A staged subtitle of an earlier attempt is replaced and gone at the end."""
    bench.folder.mkdir()
    (bench.folder / "E 1.5.mp4.part.s0").write_text("torn", encoding="utf-8")
    (bench.folder / "E 1.5.mp4.part.s7").write_text("torn", encoding="utf-8")
    bench.site.files["a.srt"] = ONE.encode()

    await bench.fetch("film.mp4", subtitles=(bench.beside("a.srt"),))

    assert bench.left == ["E 1.5.de.srt"]
    assert bench.text() == ONE


def _seconds(time: str) -> float:
    hours, minutes, seconds = time.replace(",", ".").split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
