"""guessit as a second opinion about file names."""

from importlib.util import find_spec

import pytest

from aniworld_core.bootstrap.second_opinions import second_opinions
from aniworld_core.domain.library import Numbers
from aniworld_providers.names import open_guessit

needs_guessit = pytest.mark.skipif(find_spec("guessit") is None, reason="guessit is not installed")


@needs_guessit
@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("Alpha.S02E05.720p.mkv", Numbers(2, (5,))),
        ("Alpha - 1x05-06.mkv", Numbers(1, (5, 6))),
        ("Alpha.525.mkv", Numbers(5, (25,))),
        ("Alpha (2011).mkv", None),
        ("a" * 100_000 + ".mkv", None),
        ("", None),
    ],
)
def test_names_are_read(name: str, numbers: Numbers | None) -> None:
    """The answer is a season and numbers, or nothing; long names are cut."""
    read = open_guessit()
    assert read is not None
    assert read(name) == numbers


def test_without_the_library_there_is_no_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is optional: without it no other parser is used."""
    monkeypatch.setattr("aniworld_providers.names.find_spec", lambda name: None)
    assert open_guessit() is None


@needs_guessit
@pytest.mark.anyio
async def test_the_opinion_is_found_by_its_entry_point() -> None:
    """Installed parsers are asked by name."""
    assert await second_opinions("Alpha.S02E05.mkv") == {"guessit": Numbers(2, (5,))}
