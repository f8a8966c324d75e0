"""A library that follows the configuration."""

from pathlib import Path, PurePosixPath

import attrs
import pytest

from aniworld_core.adapters.library import ConfiguredLibrary
from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.domain.configuration import Config, OtherConfig
from aniworld_core.errors import LibraryNotSetError

pytestmark = pytest.mark.anyio


def _naming(folder: Path) -> Config:
    return Config(other=OtherConfig(anime_directory=str(folder)))


async def test_without_a_root_everything_says_so(tmp_path: Path) -> None:
    """Until a library is set every question is answered with how to set one."""
    library = ConfiguredLibrary(CurrentConfig(Config()))

    with pytest.raises(LibraryNotSetError):
        _ = library.root
    with pytest.raises(LibraryNotSetError):
        library.survey()
    with pytest.raises(LibraryNotSetError):
        await library.destination(PurePosixPath("a/b.mp4"))
    with pytest.raises(LibraryNotSetError):
        await library.free_bytes()


async def test_a_root_set_later_counts_at_once(tmp_path: Path) -> None:
    """Setting or changing the library needs no restart."""
    current = CurrentConfig(Config())
    library = ConfiguredLibrary(current)
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        current.value = _naming(tmp_path / name)

        path = await library.destination(PurePosixPath("a/b.mp4"))

        assert path == tmp_path / name / "a" / "b.mp4"


async def test_the_root_of_the_command_line_wins(tmp_path: Path) -> None:
    """What the configuration says does not matter then."""
    current = CurrentConfig(_naming(tmp_path / "configured"))

    library = ConfiguredLibrary(current, tmp_path / "given")
    current.value = attrs.evolve(current.value, name="changed")

    assert library.root == tmp_path / "given"
