"""Contract of media inspectors."""

from pathlib import Path

import pytest

from aniworld_core.errors import BadMediaError, LibraryUnavailableError
from aniworld_core.messages import Message
from aniworld_core.ports.inspector import MediaInspector
from aniworld_core.testing.contracts.inspector import MediaInspectorContract
from aniworld_core.testing.fakes import FakeInspector
from aniworld_providers.media import PyAvInspector
from support.media.coded_films import Film, encoded


class TestPyAvInspector(MediaInspectorContract):
    @pytest.fixture
    async def inspector(self) -> MediaInspector:
        """Return the inspector with libav."""
        return PyAvInspector()

    @pytest.fixture
    async def video(self, tmp_path: Path) -> Path:
        """Return a small film."""
        path = tmp_path / "video.mkv"
        path.write_bytes(encoded(Film(name="film.mkv")))
        return path


@pytest.mark.anyio
async def test_the_version_of_ffmpeg_is_that_in_pyav() -> None:
    """FFmpeg and its libraries have versions, so that a report about a file is complete."""
    versions = await PyAvInspector().versions()

    assert {"FFmpeg", "libavcodec", "libavformat"} <= set(versions)
    assert all(text[0].isdigit() for text in versions.values())


class TestFakeInspector(MediaInspectorContract):
    @pytest.fixture
    async def inspector(self, tmp_path: Path) -> MediaInspector:
        """Return an inspector with given errors."""
        gone = LibraryUnavailableError("gone.mkv", Message("no_such_file"))
        return FakeInspector(errors={"bad.mkv": BadMediaError("no video"), "gone.mkv": gone})

    @pytest.fixture
    async def video(self, tmp_path: Path) -> Path:
        """Return any path."""
        return tmp_path / "video.mkv"
