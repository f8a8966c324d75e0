"""The metadata source passes the contract suite and names what is wrong with the file."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aniworld_core.errors import ProviderChangedError
from aniworld_core.ports import AdapterContext, MetadataSource
from aniworld_core.testing.contracts.metadata import MetadataSourceContract

from aniworld_example_adapters.metadata import open_source

TITLES = {
    "paper-moon": {"title": "Paper Moon", "titles": {"ja": "紙の月"}, "year": 2020, "imdb": "tt7"},
    "copper-valley": {"title": "Copper Valley"},
}


@pytest.fixture
async def source(context: AdapterContext) -> AsyncIterator[MetadataSource]:
    """Open the source of a data folder with a file."""
    (context.data_dir / "titles.json").write_text(json.dumps(TITLES), "utf-8")
    async with open_source(context) as source:
        yield source


class TestTitlesFile(MetadataSourceContract):
    @pytest.fixture
    def present(self) -> str:
        return "paper-moon"

    @pytest.fixture
    def title(self) -> str:
        return "紙の月"


@pytest.mark.anyio
async def test_an_entry_is_found_by_the_id_of_another_database(source: MetadataSource) -> None:
    """An id that a folder name holds leads to the entry."""
    entry = await source.find({"imdb": "tt7"})
    assert entry is not None
    assert (entry.id, entry.year) == ("paper-moon", 2020)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("content", "named"), [("{", "readable"), ("[]", "object"), ('{"x": {}}', "title of 'x'")]
)
async def test_a_damaged_file_is_named(context: AdapterContext, content: str, named: str) -> None:
    """The error says which part of the file is missing."""
    Path(context.data_dir / "titles.json").write_text(content, "utf-8")
    async with open_source(context) as source:
        with pytest.raises(ProviderChangedError, match=named):
            await source.search("moon")
