"""Static DASH streams: every way of naming segments, and what is refused."""

from collections.abc import AsyncIterator
from pathlib import Path

import attrs
import pytest

from aniworld_core.domain.media import GER_DUB, JPN, Quality, Stream, StreamKind
from aniworld_core.errors import BadPlaylistError, ProtectedError, UnsupportedSourceError
from aniworld_core.ports.fetcher import FetchRequest, MediaFetcher
from aniworld_core.testing.contracts.fetcher import fetched_file, made_plan
from aniworld_providers.transfer.manifests.dash.segments import range_of
from aniworld_providers.transfer.manifests.dash.subtitles import listed_sets
from aniworld_providers.transfer.manifests.dash.tree import parse_manifest, seconds_of
from aniworld_providers.transfer.manifests.playlists import MediaPlaylist, Segment
from aniworld_providers.transfer.segments.on_demand import open_dash_fetcher
from support.adapter_context import make_context
from support.media import streams
from support.sites.hls import HlsSite, open_site

URL = "https://cdn.example/a/b.mpd"


@attrs.define(eq=False)
class Bench:
    """A fetcher in front of a site."""

    site: HlsSite
    fetcher: MediaFetcher
    folder: Path

    def add(self, name: str, **options: str) -> str:
        """Make a stream of two languages; give its manifest's path."""
        clip = streams.Clip(tones=(440, 880), languages=("deu", "jpn"))
        made = self.folder / "made" / name
        made.mkdir(parents=True)
        wanted = {
            "seg_duration": "1",
            "adaptation_sets": "id=0,streams=0 id=1,streams=1 id=2,streams=2",
        }
        streams.write(made / "m.mpd", clip, muxer="dash", options=wanted | options)
        self.site.add_folder(made, f"{name}/")
        return f"{name}/m.mpd"

    def request(self, path: str, **more: object) -> FetchRequest:
        """Return a request for a manifest of the site."""
        stream = Stream(url=self.site.url(path), kind=StreamKind.DASH)
        return FetchRequest(stream=stream, destination=self.folder / "out" / "Episode.mp4", **more)  # type: ignore[arg-type]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A site and the fetcher."""
    async with open_site() as site:
        allowed = frozenset({f"127.0.0.1:{site.port}"})
        async with open_dash_fetcher(make_context(tmp_path, allowed=allowed)) as fetcher:
            yield Bench(site, fetcher, tmp_path)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "options",
    [
        {"use_template": "1", "use_timeline": "1"},
        {"use_template": "1", "use_timeline": "0"},
        {"use_template": "0"},
        {"single_file": "1", "global_sidx": "1", "use_template": "0"},
    ],
    ids=["timeline", "duration", "list", "one-file"],
)
async def test_every_way_of_naming_segments(bench: Bench, options: dict[str, str]) -> None:
    """All segments, both wanted languages, the first one by default."""
    path = bench.add("film", **options)
    file = await fetched_file(bench.fetcher, bench.request(path, languages=(JPN, GER_DUB)))
    found = streams.contents(file.path)

    assert found.video == 150
    assert all(count in {282, 283} for count in found.audio)
    assert found.duration == pytest.approx(6.0, abs=0.1)
    assert found.languages == ("jpn", "deu")


@pytest.mark.anyio
async def test_a_plan_tells_what_there_is(bench: Bench) -> None:
    """Segments, heights and languages, from the manifest alone."""
    plan = await made_plan(bench.fetcher, bench.request(bench.add("film"), quality=Quality.P360))

    assert plan.kind is StreamKind.DASH
    assert plan.variants == (90,)
    assert plan.audio_languages == ("deu", "jpn")
    assert plan.duration_seconds == pytest.approx(6.0, abs=0.1)
    assert bench.site.asked == ["film/m.mpd"]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("change", "error"),
    [
        (('type="static"', 'type="dynamic"'), UnsupportedSourceError),
        (
            (
                "<Representation ",
                '<ContentProtection schemeIdUri="urn:mpeg:cenc"/><Representation ',
            ),
            ProtectedError,
        ),
        (("<MPD", "<!DOCTYPE x [<!ENTITY a 'b'>]><MPD"), BadPlaylistError),
        (("$Number", "file:///etc/passwd?$Number"), BadPlaylistError),
        (("<Period", "<Perio"), BadPlaylistError),
    ],
)
async def test_what_cannot_be_fetched_is_refused(
    bench: Bench, change: tuple[str, str], error: type[Exception]
) -> None:
    """Live, protected or hostile, before any segment."""
    path = bench.add("film")
    bench.site.edit(path, change)
    with pytest.raises(error):
        await bench.fetcher.fetch(bench.request(path))
    assert bench.site.asked == [path]


def test_addresses_are_nested_and_padded() -> None:
    """Each level's base is relative to the one around it; templates inherit."""
    found = parse_manifest(
        """<MPD mediaPresentationDuration="PT6.0S"><BaseURL>x/</BaseURL><Period>
        <BaseURL>y/</BaseURL><AdaptationSet mimeType="video/mp4" lang="de">
        <SegmentTemplate timescale="10" initialization="$RepresentationID$/i.mp4"
          media="$RepresentationID$/$Number%05d$-$Time$-$$.m4s" startNumber="7">
          <SegmentTimeline><S t="0" d="20" r="1"/><S d="10" r="-1"/></SegmentTimeline>
        </SegmentTemplate>
        <Representation id="v" bandwidth="5" height="720"><BaseURL>z/</BaseURL></Representation>
        </AdaptationSet></Period></MPD>""",
        URL,
    ).representations[0]
    init, cuts = found.addressing.init(), found.addressing.segments()

    assert init is not None
    assert init.url == "https://cdn.example/a/x/y/z/v/i.mp4"
    assert [cut.duration for cut in cuts] == [2.0, 2.0, 1.0, 1.0]
    assert cuts[1].piece.url == "https://cdn.example/a/x/y/z/v/00008-20-$.m4s"


def _unfold(text: str) -> None:
    for representation in parse_manifest(text, URL).representations:
        representation.addressing.index()
        representation.addressing.segments()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html/>",
        "<MPD",
        '<MPD mediaPresentationDuration="forever"><Period/></MPD>',
        '<MPD mediaPresentationDuration="PT9999999S"><Period><AdaptationSet mimeType="video/mp4">'
        '<SegmentTemplate duration="1" media="a"/><Representation id="a"/>'
        "</AdaptationSet></Period></MPD>",
        '<MPD><Period duration="PT6S"><AdaptationSet mimeType="video/mp4">'
        '<SegmentTemplate media="a">'
        '<SegmentTimeline><S d="0" r="99999999"/></SegmentTimeline></SegmentTemplate>'
        '<Representation id="a"/></AdaptationSet></Period></MPD>',
        '<MPD><Period duration="PT6S"><AdaptationSet mimeType="video/mp4">'
        '<SegmentTemplate media="a">'
        '<SegmentTimeline><S d="1" r="99999999"/></SegmentTimeline></SegmentTemplate>'
        '<Representation id="a"/></AdaptationSet></Period></MPD>',
        '<MPD><Period duration="PT6S"><AdaptationSet mimeType="video/mp4">'
        '<SegmentBase indexRange="9-1"/>'
        '<Representation id="a"/></AdaptationSet></Period></MPD>',
    ],
)
def test_broken_manifests_are_refused(text: str) -> None:
    """With one typed error, and before they cost memory."""
    with pytest.raises(BadPlaylistError):
        _unfold(text)


def test_values_are_read() -> None:
    """Durations as ISO 8601 writes them, ranges with both ends included."""
    assert seconds_of("PT1H2M3.5S") == 3723.5
    assert seconds_of("P1DT1S") == 86_401
    assert seconds_of(None) is None
    part = range_of("5-9")
    assert part is not None
    assert (part.offset, part.length) == (5, 5)


def _text_set(attributes: str, body: str) -> str:
    return f"<AdaptationSet {attributes}>{body}</AdaptationSet></Period>"


@pytest.mark.anyio
async def test_text_sets_become_files_beside_the_film(bench: Bench) -> None:
    """Whole files and segments of WebVTT; packed ones and bad links do the film no harm."""
    path = bench.add("film")
    vtt = "WEBVTT\n\n00:0{}.000 --> 00:0{}.500\n{}\n"
    whole = '<Representation id="{}" bandwidth="1"><BaseURL>{}</BaseURL></Representation>'
    sets = [
        _text_set('mimeType="text/vtt" lang="de"', whole.format("t1", "de.vtt")),
        _text_set(
            'mimeType="text/vtt" lang="de"',
            '<Role schemeIdUri="urn:mpeg:dash:role:2011" value="forced-subtitle"/>'
            + whole.format("t2", "forced.vtt"),
        ),
        _text_set(
            'mimeType="text/vtt" lang="en"',
            '<Accessibility schemeIdUri="urn:mpeg:dash:role:2011" value="caption"/>'
            '<SegmentTemplate media="en-$Number$.vtt" duration="3" timescale="1"/>'
            '<Representation id="t3" bandwidth="1"/>',
        ),
        _text_set('mimeType="application/mp4" codecs="stpp" lang="fr"', whole.format("t4", "x")),
        _text_set('mimeType="text/vtt" lang="es"', whole.format("t5", "file:///etc/passwd")),
    ]
    for text in sets:
        bench.site.edit(path, ("</Period>", text))
    bench.site.files |= {
        "film/de.vtt": vtt.format(1, 1, "Hallo").encode(),
        "film/forced.vtt": vtt.format(2, 2, "Schild").encode(),
        "film/en-1.vtt": vtt.format(1, 1, "Hello").encode(),
        "film/en-2.vtt": vtt.format(4, 4, "Bye").encode(),
    }

    file = await fetched_file(bench.fetcher, bench.request(path, text_languages=None))

    assert streams.contents(file.path).video == 150
    found = {p.name: p.read_text() for p in file.subtitles}
    assert list(found) == ["Episode.de.srt", "Episode.de.forced.srt", "Episode.en.sdh.srt"]
    assert "00:00:01,000 --> 00:00:01,500\nHallo" in found["Episode.de.srt"]
    assert "Schild" in found["Episode.de.forced.srt"]
    assert "Hello" in found["Episode.en.sdh.srt"]
    assert "00:00:04,000 --> 00:00:04,500\nBye" in found["Episode.en.sdh.srt"]
    assert file.notices == (
        "subtitle fr: the media is not usable: its format stpp is not supported",
    )


def test_subtitles_of_later_periods_begin_with_them() -> None:
    """Times of a file count from the beginning of its period."""
    period = (
        '<Period duration="PT{0}S"><AdaptationSet mimeType="video/mp4">'
        '<SegmentTemplate media="v-$Number$" duration="{0}"/>'
        '<Representation id="v" bandwidth="1"/></AdaptationSet>'
        '<AdaptationSet mimeType="text/vtt" lang="de"><Representation id="t" bandwidth="1">'
        "<BaseURL>de-{0}.vtt</BaseURL></Representation></AdaptationSet></Period>"
    )
    manifest = parse_manifest(f"<MPD>{period.format(7)}{period.format(9)}</MPD>", URL)
    film = MediaPlaylist(
        url=URL,
        segments=tuple(
            Segment(sequence=n, duration=c.duration, piece=c.piece, group=r.period)
            for n, r in enumerate(r for r in manifest.representations if r.kind == "video")
            for c in r.addressing.segments()
        ),
    )

    (offer,) = listed_sets(manifest, film)

    assert [(p.piece.url, p.start) for p in offer.parts] == [
        ("https://cdn.example/a/de-7.vtt", 0.0),
        ("https://cdn.example/a/de-9.vtt", 7.0),
    ]
