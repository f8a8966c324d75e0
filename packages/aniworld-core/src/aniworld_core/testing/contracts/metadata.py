"""Contract suites of `MetadataSource` and `MetadataRepository`."""

from datetime import UTC, datetime
from typing import ClassVar

import attrs
import pytest

from aniworld_core.domain.catalogue import (
    AirDate,
    EpisodeDetails,
    MetadataDetails,
    MetadataEntry,
    RelatedEntry,
    SeasonDetails,
    SeriesMetadata,
)
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import MetadataNotFoundError
from aniworld_core.ports.metadata import MetadataRepository, MetadataSource
from aniworld_core.testing.factories import at

_PLAIN = MetadataEntry(
    source="first", id="1", title="Ünï 🌙", link="https://example.org/1", fetched_at=at(0)
)
_FULL = MetadataEntry(
    source="second",
    id="x/2",
    title="Full",
    link="https://example.org/2",
    fetched_at=at(1.000001),
    titles={"ja": "フル", "de": "Voll"},
    aliases=("a", "b"),
    kind="tv",
    status="releasing",
    quarter="spring",
    year=2013,
    episode_count=12,
    air_dates=(AirDate(number=1, at=at(2), season=2), AirDate(number=2, at=at(3))),
    genres=("Drama",),
    studios=("Studio",),
    description="Two\nlines",
    external_ids=("mal-7", "second-x/2"),
    poster_url="https://example.org/p.jpg",
    banner_url="https://example.org/b.jpg",
    related=(RelatedEntry(relation="sequel", id="3", title="Next"),),
    story=(
        RelatedEntry(
            relation="self",
            id="2",
            title="This",
            titles=("This", "これ"),
            kind="tv",
            air_dates=(AirDate(number=1, at=at(5)),),
        ),
        RelatedEntry(relation="sequel", id="3", title="Next", year=2002, episode_count=12),
    ),
)

_DETAILS = MetadataDetails(
    seasons=(
        SeasonDetails(number=1),
        SeasonDetails(
            number=2, title="Zwei", description="Text", poster_url="https://example.org/2.jpg"
        ),
    ),
    episodes=(
        EpisodeDetails(number=1),
        EpisodeDetails(
            number=2,
            season=1,
            title="Ünï 🌙",
            description="Two\nlines",
            minutes=24,
            picture_url="https://example.org/e.jpg",
            external_id="second-5",
        ),
    ),
)


class MetadataRepositoryContract:
    """Subclass it and provide an async fixture `repository` with an empty repository."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    async def test_save_keeps_the_entry(self, repository: MetadataRepository) -> None:
        """Stored entries are returned unchanged, ordered by source."""
        key = SeriesKey("one")
        stored = [
            SeriesMetadata(key=key, entry=_PLAIN),
            SeriesMetadata(key=key, entry=_FULL, chosen=True),
        ]
        for metadata in reversed(stored):
            await repository.save(metadata)

        assert list(await repository.of_series(key)) == stored
        assert list(await repository.of_series(SeriesKey("two"))) == []

    async def test_save_replaces_the_entry_of_the_source(
        self, repository: MetadataRepository
    ) -> None:
        """Saving replaces only the entry of the same series and source."""
        first, other = SeriesKey("one"), SeriesKey("two")
        changed = attrs.evolve(_FULL, id="9", title="Changed")
        for key, entry in ((first, _PLAIN), (first, _FULL), (other, _FULL), (first, changed)):
            await repository.save(SeriesMetadata(key=key, entry=entry))

        found = await repository.of_many([first, other, SeriesKey("three")])

        assert {key: [m.entry for m in entries] for key, entries in found.items()} == {
            first: [_PLAIN, changed],
            other: [_FULL],
        }

    async def test_details_are_kept_apart(self, repository: MetadataRepository) -> None:
        """Details are returned by source, unchanged, and never with the entries."""
        key = SeriesKey("one")
        await repository.save(
            SeriesMetadata(key=key, entry=attrs.evolve(_FULL, details=_DETAILS), chosen=True)
        )
        await repository.save(SeriesMetadata(key=key, entry=_PLAIN))

        assert await repository.details(key) == {"first": MetadataDetails(), "second": _DETAILS}
        assert await repository.details(SeriesKey("two")) == {}
        assert [m.entry for m in await repository.of_series(key)] == [_PLAIN, _FULL]
        await repository.forget(key, "second")
        assert list(await repository.details(key)) == ["first"]

    async def test_forget_deletes_one_entry(self, repository: MetadataRepository) -> None:
        """`forget` deletes the entry of one source; an unknown one is ignored."""
        key = SeriesKey("one")
        for entry in (_PLAIN, _FULL):
            await repository.save(SeriesMetadata(key=key, entry=entry))

        await repository.forget(key, "first")
        await repository.forget(key, "third")

        assert [m.entry for m in await repository.of_series(key)] == [_FULL]


class MetadataSourceContract:
    """Subclass it; provide a `source` and the `present` id of an entry with a `title`."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    @pytest.fixture
    def present(self) -> str:
        """Return the id of an entry of the source; subclasses override it."""
        raise TypeError("override the `present` fixture")

    @pytest.fixture
    def title(self) -> str:
        """Return the title of that entry; subclasses override it."""
        raise TypeError("override the `title` fixture")

    async def test_an_entry_is_found_by_title_id_and_external_id(
        self, source: MetadataSource, present: str, title: str
    ) -> None:
        """Search, `get` and `find` lead to the same entry, which names its own id."""
        entry = await source.get(present)

        assert (entry.source, entry.id) == (source.name, present)
        assert title in entry.all_titles
        assert f"{source.name}-{present}" in entry.external_ids
        assert entry.fetched_at.tzinfo is not None
        assert entry.fetched_at > datetime(2000, 1, 1, tzinfo=UTC)
        assert present in [found.id for found in await source.search(title)]
        by_id = await source.find({source.name: present, "of-nobody": "1"})
        assert by_id is not None
        assert by_id.id == present

    async def test_nothing_is_found(self, source: MetadataSource) -> None:
        """Unknown titles and ids find nothing; `get` raises an error."""
        assert list(await source.search("no such title at all")) == []
        assert await source.find({}) is None
        assert await source.find({source.name: "999999"}) is None
        assert await source.find({"of-nobody": "1"}) is None
        for entry_id in ("999999", "", "no/id", "1 OR 1", "\u0661", "9" * 40):
            with pytest.raises(MetadataNotFoundError):
                await source.get(entry_id)
