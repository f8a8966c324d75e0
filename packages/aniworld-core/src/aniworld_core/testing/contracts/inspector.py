"""Contract suite of `MediaInspector`."""

from pathlib import Path
from typing import ClassVar

import pytest

from aniworld_core.domain.catalogue import Cover, ImageKind
from aniworld_core.domain.library import FileFacts
from aniworld_core.errors import BadMediaError, LibraryUnavailableError
from aniworld_core.ports.inspector import MediaInspector


class MediaInspectorContract:
    """Subclass it, name the class `Test…`, and give `inspector` and a `video` with audio."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    @pytest.fixture
    async def inspector(self) -> MediaInspector:
        """Return the inspector under test; subclasses override it."""
        raise TypeError("override the `inspector` fixture")

    @pytest.fixture
    async def video(self, tmp_path: Path) -> Path:
        """Return a video with audio; subclasses override it."""
        raise TypeError("override the `video` fixture")

    @pytest.fixture
    async def bad(self, tmp_path: Path) -> Path:
        """Return a file that is no video."""
        path = tmp_path / "bad.mkv"
        path.write_bytes(b"<!DOCTYPE html>")
        return path

    async def test_facts_agree(self, inspector: MediaInspector, video: Path) -> None:
        """Both methods state the same facts; the audio is sampled on request only."""
        facts = await inspector.inspect(video)
        described = await inspector.describe([video], with_sound=False)

        found = described[video]
        assert isinstance(found, FileFacts)
        assert (found.duration_seconds, found.height) == (facts.duration, facts.height)
        assert found.audio_languages == facts.audio_languages
        assert found.subtitle_languages == facts.subtitle_languages
        assert found.sound is None
        sampled = (await inspector.describe([video], with_sound=True))[video]
        assert isinstance(sampled, FileFacts)
        assert sampled.sound is not None

    async def test_a_bad_file_is_an_error_of_its_own(
        self, inspector: MediaInspector, video: Path, bad: Path, tmp_path: Path
    ) -> None:
        """Files that are no video or not there are named; the others are described."""
        gone = tmp_path / "gone.mkv"

        found = await inspector.describe([bad, gone, video], with_sound=True)

        assert isinstance(found[bad], BadMediaError)
        assert isinstance(found[gone], LibraryUnavailableError)
        assert isinstance(found[video], FileFacts)
        with pytest.raises(BadMediaError):
            await inspector.inspect(bad)

    async def test_a_still_is_a_jpeg_picture(
        self, inspector: MediaInspector, video: Path, bad: Path, tmp_path: Path
    ) -> None:
        """Each video has the same picture at every call; the others have their errors."""
        gone = tmp_path / "gone.mkv"

        found = await inspector.stills([bad, video, gone])

        assert isinstance(found[bad], BadMediaError)
        assert isinstance(found[gone], LibraryUnavailableError)
        still = found[video]
        assert isinstance(still, Cover)
        assert still.kind is ImageKind.JPEG
        assert still.data.startswith(b"\xff\xd8\xff")
        assert await inspector.stills([video]) == {video: still}

    async def test_versions_have_names(self, inspector: MediaInspector) -> None:
        """Every library has a name and a version."""
        assert all(name and version for name, version in (await inspector.versions()).items())

    async def test_nothing_is_described(self, inspector: MediaInspector) -> None:
        """An empty request has an empty answer."""
        assert await inspector.describe([], with_sound=True) == {}
        assert await inspector.stills([]) == {}
