"""The demo's clips are real media, created once and stored whole."""

from pathlib import Path

import av
import pytest

from aniworld_core.domain.media import GER_DUB, GER_SUB
from aniworld_providers.catalogues.demo.all_series import ALL_SERIES, all_clips
from aniworld_providers.catalogues.demo.encoding import make_clip
from aniworld_providers.catalogues.demo.storage import ClipStore
from aniworld_providers.catalogues.demo.values import Clip, Packaging, clip_of

pytestmark = pytest.mark.anyio

_SAMPLES = {clip.packaging: clip for clip in all_clips()}


def _streams(path: Path) -> list[tuple[str, str | None]]:
    with av.open(str(path)) as container:
        return [
            (stream.codec_context.name, stream.metadata.get("language"))
            for stream in container.streams
        ]


@pytest.mark.parametrize("packaging", [Packaging.MP4, Packaging.MKV])
def test_files_decode_to_the_promised_length(tmp_path: Path, packaging: Packaging) -> None:
    """A file contains H.264 and AAC in its audio language, and every frame can be decoded."""
    clip = _SAMPLES[packaging]

    make_clip(clip, tmp_path)

    video, audio = _streams(tmp_path / clip.entry)
    assert video[0] == "h264"
    assert audio == ("aac", *clip.audio)
    with av.open(str(tmp_path / clip.entry)) as container:
        frames = sum(1 for _ in container.decode(video=0))
        assert container.duration is not None
        assert container.duration / 1e6 == pytest.approx(clip.episode.seconds, abs=0.1)
    assert frames == clip.episode.seconds * 24


@pytest.mark.parametrize(
    ("packaging", "marks"),
    [
        (Packaging.HLS_TS, ["index-000.ts"]),
        (Packaging.HLS_FMP4, ['#EXT-X-MAP:URI="init.mp4"', "index-000.m4s"]),
        (Packaging.HLS_ENCRYPTED, ['METHOD=AES-128,URI="key.bin"', "index-000.ts"]),
        (Packaging.HLS_AUDIO, ['LANGUAGE="de"', 'LANGUAGE="ja"', "video.m3u8"]),
    ],
)
def test_playlists_name_what_lies_beside_them(
    tmp_path: Path, packaging: Packaging, marks: list[str]
) -> None:
    """A playlist has the right type and names only files of its own folder, without any address."""
    clip = _SAMPLES[packaging]

    make_clip(clip, tmp_path)

    text = (tmp_path / clip.entry).read_text()
    assert [mark for mark in marks if mark not in text] == []
    assert "/" not in text.replace("audio/", "")
    names = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert [name for name in names if not (tmp_path / name).is_file()] == []


def test_segments_joined_are_playable(tmp_path: Path) -> None:
    """Segments of two seconds follow each other without a gap."""
    clip = _SAMPLES[Packaging.HLS_TS]
    make_clip(clip, tmp_path)
    whole = tmp_path / "whole.ts"
    whole.write_bytes(b"".join(p.read_bytes() for p in sorted(tmp_path.glob("index-*.ts"))))

    assert _streams(whole) == [("h264", None), ("aac", *clip.audio)]
    assert len(list(tmp_path.glob("index-*.ts"))) == clip.episode.seconds // 2


def test_pictures_move_and_differ(tmp_path: Path) -> None:
    """Two moments of a clip and the same moment of two episodes look different."""
    seen = []
    series = ALL_SERIES[next(iter(ALL_SERIES))]
    for index, episode in enumerate(series.episodes[:2]):
        clip = clip_of(series, episode, GER_DUB, Packaging.MP4)
        folder = tmp_path / str(index)
        folder.mkdir()
        make_clip(clip, folder)
        with av.open(str(folder / clip.entry)) as container:
            frames = [
                bytes(frame.planes[0])
                for frame, _ in zip(container.decode(video=0), range(60), strict=False)
            ]
        seen += [frames[0], frames[-1]]

    assert len(set(seen)) == 4


async def test_a_clip_is_created_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second store on the same folder gives the same bytes without encoding."""
    clip = _SAMPLES[Packaging.MP4]
    first = await ClipStore(tmp_path).file(clip, clip.entry)

    monkeypatch.delattr("aniworld_providers.catalogues.demo.encoding.make_clip")

    assert first is not None
    assert first == await ClipStore(tmp_path).file(clip, clip.entry)


async def test_an_incomplete_clip_is_never_served(tmp_path: Path) -> None:
    """An incomplete folder of a killed process is not used."""
    clip = _SAMPLES[Packaging.MP4]
    stored = await ClipStore(tmp_path).file(clip, clip.entry)
    assert stored is not None
    leftover = stored.path.parent.parent / ".making-killed"
    stored.path.parent.rename(leftover)
    (leftover / clip.entry).write_bytes(b"half")

    again = await ClipStore(tmp_path).file(clip, clip.entry)

    assert again == stored
    assert leftover.exists(), "another process might still be making it"


@pytest.mark.parametrize("name", ["", ".", "..", "../port", "index.m3u8", "/etc/passwd"])
async def test_a_store_serves_only_files_of_the_clip(tmp_path: Path, name: str) -> None:
    """No other name can be requested."""
    assert await ClipStore(tmp_path).file(_SAMPLES[Packaging.MP4], name) is None


async def test_a_failure_leaves_no_clip(tmp_path: Path) -> None:
    """After an error the next attempt starts again."""
    clip = _SAMPLES[Packaging.MP4]
    (tmp_path / "clips-3").write_text("in the way")
    store = ClipStore(tmp_path)
    with pytest.raises(OSError, match="clips-3"):
        await store.file(clip, clip.entry)

    (tmp_path / "clips-3").unlink()

    assert await store.file(clip, clip.entry) is not None
    assert [p.name for p in (tmp_path / "clips-3").iterdir()] == [clip.name]


def test_every_name_is_stable_and_plain() -> None:
    """Names of clips are the same in every run, unique, and safe in links."""
    clips = {clip.name: clip for clip in all_clips()}

    assert len({(c.series.key, c.episode, c.audio, c.packaging) for c in clips.values()}) == len(
        clips
    )
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for name in clips)
    clip = Clip(
        series=ALL_SERIES[next(iter(ALL_SERIES))],
        episode=next(iter(ALL_SERIES.values())).episodes[0],
        audio=(GER_SUB.audio,),
        packaging=Packaging.HLS_TS,
    )
    assert clip.name == "lanterns-over-pebble-harbour-s01e01-jpn-ts"
