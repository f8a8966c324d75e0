"""Films in two files, and chapters and covers of films in one."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import attrs
import av
import pytest

from aniworld_core.domain.downloads import Phase, Progress
from aniworld_core.domain.media import ENG_DUB, GER_DUB, Chapter, Stream, Thumbnail
from aniworld_core.errors import (
    AniworldError,
    BadMediaError,
    FetchInterruptedError,
    FileExistsConflictError,
    SourceGoneError,
)
from aniworld_core.ports.fetcher import FetchedFile, FetchRequest
from providers.faults.fetching import Fetching
from providers.faults.server import FileFault, open_fault_server, sequence, status
from support.media.coded_films import Film, encoded
from support.media.pictures import picture, still
from support.thorough import ONLY_THOROUGH

pytestmark = pytest.mark.anyio

SECONDS = 3.0
PICTURE = encoded(Film(name="v.mp4", audio=None, seconds=SECONDS))
SOUND = encoded(Film(name="a.m4a", video=None, seconds=SECONDS))
WHOLE = encoded(Film(name="w.mp4", seconds=SECONDS))
#: The head of a WebP picture of 64 by 64 pixels.
_WEBP = b"RIFF\x16\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00" + b"\x00" * 4 + b"\x3f\x00\x00" * 2
CHAPTERS = (
    Chapter(start=0, end=1.5, title="Opening"),
    Chapter(start=1.5, end=3, title="Part A ü 🎬"),
)


@attrs.frozen
class Found:
    """What a file holds, read without code under test."""

    video: tuple[str, ...]
    audio: tuple[tuple[str, str], ...]
    chapters: tuple[tuple[float, str], ...]
    covers: tuple[str, ...]
    seconds: float


def read_back(path: Path) -> Found:
    """Read a file with PyAV."""
    with av.open(str(path)) as container:
        films = [s for s in container.streams.video if not int(s.disposition) & 0x400]
        covers = [s for s in container.streams.video if int(s.disposition) & 0x400]
        return Found(
            video=tuple(s.codec_context.name for s in films),
            audio=tuple(
                (s.codec_context.name, s.metadata.get("language", "und"))
                for s in container.streams.audio
            ),
            chapters=tuple(
                (
                    round(float(c["start"] * (c["time_base"] or 0)), 3),
                    c["metadata"].get("title", ""),
                )
                for c in container.chapters()
            ),
            covers=tuple(s.codec_context.name for s in covers),
            seconds=(container.duration or 0) / 1_000_000,
        )


@pytest.fixture
async def fetching(tmp_path: Path) -> AsyncIterator[Fetching]:
    """Open a fetcher and a server with a video file, an audio file and a whole film."""
    async with open_fault_server() as server:
        server.routes["/v"] = FileFault(body=PICTURE)
        server.routes["/a"] = FileFault(body=SOUND, etag='"a1"')
        server.routes["/w"] = FileFault(body=WHOLE)
        yield Fetching(server, tmp_path)


def pair(fetching: Fetching, video: str = "/v", audio: str = "/a", **fields: Any) -> Stream:
    """Return the stream of two files."""
    sound = fetching.stream(audio, language=ENG_DUB)
    return fetching.stream(video, sound=sound, duration=SECONDS, **fields)


@pytest.mark.parametrize(
    ("video", "audio", "suffix"),
    [
        (Film(name="v.mp4", audio=None), Film(name="a.m4a", video=None), ".mp4"),
        pytest.param(
            Film(name="v.mp4", video="libx265", audio=None),
            Film(name="a.m4a", video=None),
            ".mp4",
            marks=ONLY_THOROUGH,
        ),
        pytest.param(
            Film(name="v.webm", video="libvpx-vp9", audio=None),
            Film(name="a.webm", video=None, audio="libopus"),
            ".mkv",
            marks=ONLY_THOROUGH,
        ),
        (
            Film(name="v.mp4", video="libsvtav1", audio=None),
            Film(name="a.webm", video=None, audio="libopus"),
            ".mkv",
        ),
    ],
    ids=["h264-aac", "hevc-aac", "vp9-opus", "av1-opus"],
)
async def test_two_files_become_one(
    fetching: Fetching, video: Film, audio: Film, suffix: str
) -> None:
    """The container fits the codecs; language, chapters and cover are in it."""
    fetching.server.routes["/v"] = FileFault(body=encoded(video))
    fetching.server.routes["/a"] = FileFault(body=encoded(audio), etag='"a"')
    fetching.server.routes["/jpg"] = FileFault(body=picture(), type="image/jpeg")
    cover = Thumbnail(url=fetching.server.url("/jpg"))
    stream = attrs.evolve(pair(fetching), duration=3.5, chapters=CHAPTERS, thumbnails=(cover,))

    file = await fetching.fetch(stream=stream)

    found = read_back(file.path)
    assert (file.path.suffix, file.verified, file.notices) == (suffix, True, ())
    assert [len(found.video), [language for _, language in found.audio]] == [1, ["eng"]]
    assert found.chapters == ((0.0, "Opening"), (1.5, "Part A ü 🎬"))
    assert found.covers == ("mjpeg",)
    assert abs(found.seconds - 3.5) < 0.2
    assert fetching.leftovers() == []
    assert file.bytes == file.path.stat().st_size


async def test_a_file_that_has_audio_needs_no_second_one(fetching: Fetching) -> None:
    """The page did not say whether it has; nothing of the other file is fetched."""
    file = await fetching.fetch(stream=pair(fetching, video="/w"))

    assert file.path.read_bytes() == WHOLE
    assert fetching.server.sent("/a") == 0


async def test_both_files_are_resumed(fetching: Fetching) -> None:
    """A fetch that broke off in the audio repeats neither the video nor the received audio."""
    fault = FileFault(body=SOUND, etag='"a1"', cut=len(SOUND) // 2)
    fetching.server.routes["/a"] = sequence(fault, status(500))
    with pytest.raises(FetchInterruptedError):
        await fetching.fetch(stream=pair(fetching))
    assert "Film - S01E01.mp4.part.a" in fetching.leftovers()
    fetching.server.routes["/a"] = FileFault(body=SOUND, etag='"a1"')
    sent = fetching.server.sent("/v"), fetching.server.sent("/a")

    file = await fetching.fetch(stream=pair(fetching))

    assert fetching.server.sent("/v") - sent[0] < len(PICTURE) // 2
    assert fetching.server.sent("/a") - sent[1] <= len(SOUND) - len(SOUND) // 2 + 65_536
    assert file.resumed_bytes >= len(PICTURE)
    assert read_back(file.path).audio == (("aac", "eng"),)
    assert fetching.leftovers() == []


async def test_an_expired_link_of_either_file_is_replaced(fetching: Fetching) -> None:
    """The links of both come from the fresh stream; the received bytes are kept."""
    half = len(PICTURE) // 2
    fetching.server.routes["/v"] = sequence(FileFault(body=PICTURE, cut=half), status(403))
    fetching.server.routes["/a"] = status(403)
    fetching.server.routes["/v2"] = FileFault(body=PICTURE)
    fetching.server.routes["/a2"] = sequence(
        FileFault(body=SOUND, etag='"a1"', cut=len(SOUND) // 2), status(403)
    )
    fetching.server.routes["/a3"] = FileFault(body=SOUND, etag='"a1"')
    links = iter([("/v2", "/a2"), ("/v3", "/a3")])

    async def renew() -> Stream:
        return pair(fetching, *next(links))

    file = await fetching.fetch(stream=pair(fetching), renew=renew, connections=1)

    assert read_back(file.path).audio == (("aac", "eng"),)
    assert fetching.server.sent("/v2") < len(PICTURE)
    assert fetching.server.sent("/v3") == 0


async def test_a_format_that_is_gone_ends_the_attempt(fetching: Fetching) -> None:
    """If the fresh page has no separate audio any more, the next attempt chooses again."""
    fetching.server.routes["/a"] = status(403)

    async def renew() -> Stream:
        return fetching.stream("/w")

    with pytest.raises(FetchInterruptedError, match="no longer offers"):
        await fetching.fetch(stream=pair(fetching), renew=renew)
    fetching.server.routes["/a"] = status(404)
    with pytest.raises(SourceGoneError):
        await fetching.fetch(stream=pair(fetching), renew=renew)
    file = await fetching.fetch(stream=fetching.stream("/w"))

    assert file.path.read_bytes() == WHOLE
    assert fetching.leftovers() == []


@pytest.mark.parametrize("seconds", [1.0, 9.0])
async def test_audio_of_another_film_is_refused(fetching: Fetching, seconds: float) -> None:
    """Nothing of the attempt stays, since the same files would fit no better."""
    body = encoded(Film(name="a.m4a", video=None, seconds=seconds))
    fetching.server.routes["/a"] = FileFault(body=body, etag='"x"')

    with pytest.raises(BadMediaError, match="ends after"):
        await fetching.fetch(stream=pair(fetching))

    assert fetching.films() == []
    assert fetching.leftovers() == []


async def test_audio_that_is_a_little_shorter_is_told(fetching: Fetching) -> None:
    """Both files are complete."""
    body = encoded(Film(name="a.m4a", video=None, seconds=2.0))
    fetching.server.routes["/a"] = FileFault(body=body, etag='"x"')

    file = await fetching.fetch(stream=pair(fetching))

    assert [str(notice) for notice in file.notices] == ["its audio ends 1.0 s before the rest"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v", SOUND),
        ("/a", PICTURE),
        ("/a", b"<!doctype html><html></html>" * 99),
        ("/v", b"x" * 99),
    ],
)
async def test_a_file_of_another_kind_is_refused(
    fetching: Fetching, path: str, body: bytes
) -> None:
    """A video file needs video, an audio file needs audio."""
    fetching.server.routes[path] = FileFault(body=body, etag='"x"')

    with pytest.raises(AniworldError):
        await fetching.fetch(stream=pair(fetching))

    assert fetching.films() == []


async def test_wrong_language_of_separate_audio_is_refused(fetching: Fetching) -> None:
    """The page says that the audio is English."""
    with pytest.raises(BadMediaError, match="ger-dub"):
        await fetching.fetch(stream=pair(fetching), languages=(GER_DUB,))


async def test_a_film_of_an_earlier_fetch_is_recognised(fetching: Fetching) -> None:
    """As after a kill just behind the last step; another film with the name is never replaced."""
    first = await fetching.fetch(stream=pair(fetching))
    sent = fetching.server.sent()

    again = await fetching.fetch(stream=pair(fetching))

    assert (again.path, again.sha256, again.audio_languages) == (first.path, first.sha256, ("eng",))
    assert fetching.server.sent() == sent
    with pytest.raises(FileExistsConflictError):
        await fetching.fetch(stream=attrs.evolve(pair(fetching), duration=60.0))


async def test_the_progress_covers_both_files(fetching: Fetching) -> None:
    """It never goes back, and the check comes after both."""
    seen: list[Progress] = []

    async def listen(progress: Progress) -> None:
        seen.append(progress)

    request = FetchRequest(stream=pair(fetching), destination=fetching.destination)
    assert isinstance(await fetching.fetcher().fetch(request, on_progress=listen), FetchedFile)

    done = [progress.downloaded_bytes for progress in seen]
    assert done == sorted(done)
    assert done[-1] == len(PICTURE) + len(SOUND)
    phases = list(dict.fromkeys(progress.phase for progress in seen))
    assert phases[-2:] == [Phase.CHECKING, Phase.PUBLISHING]


class TestExtrasOfOneFile:
    """Chapters and cover of a film that needs no second file."""

    async def test_they_are_added_to_a_copy(self, fetching: Fetching) -> None:
        """Tracks and playing time stay."""
        fetching.server.routes["/png"] = FileFault(body=picture("png"), type="image/png")
        cover = Thumbnail(url=fetching.server.url("/png"))
        stream = fetching.stream("/w", chapters=CHAPTERS, thumbnails=(cover,), duration=SECONDS)

        file = await fetching.fetch(stream=stream)

        found = read_back(file.path)
        assert (found.covers, [title for _, title in found.chapters]) == (
            ("png",),
            ["Opening", "Part A ü 🎬"],
        )
        assert (found.video, len(found.audio), file.verified) == (("h264",), 1, True)
        assert (await fetching.fetch(stream=stream)).resumed_bytes == file.bytes

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            (b"<!doctype html><html><body>no</body></html>", "image"),
            (bytes(6 * 1024 * 1024), "5"),
            (b"\xff\xd8\xff\xe0" + bytes(40), "damaged JPEG"),
            (_WEBP, "damaged WEBP"),
        ],
        ids=["page", "large", "damaged", "webp"],
    )
    async def test_a_bad_thumbnail_is_left_out(
        self, fetching: Fetching, body: bytes, reason: str
    ) -> None:
        """The film is complete without it, and a notice says why it has none."""
        fetching.server.routes["/jpg"] = FileFault(body=body, type="image/jpeg")
        cover = Thumbnail(url=fetching.server.url("/jpg"))

        file = await fetching.fetch(stream=fetching.stream("/w", thumbnails=(cover,)))

        (notice,) = map(str, file.notices)
        assert notice.startswith("the thumbnail was left out")
        assert reason in notice
        assert file.path.read_bytes() == WHOLE
        assert fetching.leftovers() == []

    async def test_a_picture_of_another_format_is_converted(self, fetching: Fetching) -> None:
        """Players show JPEG and PNG only; sites mostly offer WebP."""
        fetching.server.routes["/p"] = FileFault(body=still("libwebp", "webp"), type="image/webp")
        cover = Thumbnail(url=fetching.server.url("/p"))

        file = await fetching.fetch(stream=fetching.stream("/w", thumbnails=(cover,)))

        assert (read_back(file.path).covers, file.notices) == (("mjpeg",), ())
        assert fetching.leftovers() == []

    async def test_the_next_thumbnail_is_tried(self, fetching: Fetching) -> None:
        """The best one may be of a kind that players do not show."""
        fetching.server.routes["/jpg"] = FileFault(body=picture(), type="image/jpeg")
        links = [fetching.server.url(path) for path in ("/gone", "/jpg")]
        covers = tuple(Thumbnail(url=link) for link in links)

        file = await fetching.fetch(stream=fetching.stream("/w", thumbnails=covers))

        assert (read_back(file.path).covers, file.notices) == (("mjpeg",), ())

    async def test_a_thumbnail_at_a_private_address_is_refused(self, fetching: Fetching) -> None:
        """The guard holds for pictures as for media."""
        async with open_fault_server() as other:
            other.routes["/jpg"] = FileFault(body=picture(), type="image/jpeg")
            cover = Thumbnail(url=other.url("/jpg"))

            file = await fetching.fetch(stream=fetching.stream("/w", thumbnails=(cover,)))

        assert len(file.notices) == 1
        assert other.log == []

    async def test_a_file_with_further_tracks_is_not_copied(self, fetching: Fetching) -> None:
        """A copy would lose them, so the file stays as it is."""
        body = encoded(Film(name="w.avi", video="mpeg4", audio="mp2"))
        fetching.server.routes["/w"] = FileFault(body=body)

        file = await fetching.fetch(stream=fetching.stream("/w", chapters=CHAPTERS))

        assert file.path.read_bytes() == body
        assert "chapters and thumbnail were left out" in str(file.notices[0])

    async def test_chapters_behind_the_end_change_nothing(self, fetching: Fetching) -> None:
        """The file is published as it is."""
        late = (Chapter(start=99, end=100, title="x"),)

        file = await fetching.fetch(stream=fetching.stream("/w", chapters=late))

        assert (file.path.read_bytes(), file.notices) == (WHOLE, ())
