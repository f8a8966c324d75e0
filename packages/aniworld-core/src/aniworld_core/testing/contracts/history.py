"""Contract suite of `HistoryRepository`."""

from typing import ClassVar

import attrs
import pytest

from aniworld_core.domain.automation import (
    Actor,
    ActorKind,
    HistoryEntry,
    HistoryKind,
    HistoryQuery,
)
from aniworld_core.domain.identity import ChangeId, JobId, SeriesKey
from aniworld_core.messages import Message, kind_of, values_of
from aniworld_core.ports.history import HistoryRepository
from aniworld_core.testing.factories import at

_ADDED = HistoryEntry(
    kind=HistoryKind.ADDED,
    at=at(1.000001),
    by=Actor(ActorKind.API_KEY, "phone"),
    title="Über den Wolken",
    key=SeriesKey("one"),
)
_FAILED = HistoryEntry(
    kind=HistoryKind.FAILED,
    at=at(2),
    by=Actor(ActorKind.PROGRAM),
    title="Über den Wolken",
    key=SeriesKey("one"),
    season=0,
    number=3,
    detail=Message("http_status", status=404),
)
_BULK = HistoryEntry(
    kind=HistoryKind.BULK,
    at=at(4),
    by=Actor(ActorKind.PERSON),
    title="edit",
    detail=Message("bulk_edit", series=743),
    job_id=JobId(5),
)
_CHANGED = HistoryEntry(
    kind=HistoryKind.CHANGED,
    at=at(3),
    by=Actor(ActorKind.PERSON),
    title="100 % \\_ Two",
    file="Two/Season 01/A_1.mkv",
    change_id=ChangeId(7),
    change_origin="rename",
)


class HistoryRepositoryContract:
    """Subclass it and provide an async fixture `repository` with an empty repository."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    async def test_entries_come_back_newest_first(self, repository: HistoryRepository) -> None:
        """Entries are returned unchanged, the last added first, whatever their times are."""
        await repository.add([_BULK, _CHANGED, _ADDED])
        await repository.add([])
        await repository.add([_FAILED])

        page = await repository.find(HistoryQuery())

        assert [attrs.evolve(entry, id=0) for entry in page.items] == [
            _FAILED,
            _ADDED,
            _CHANGED,
            _BULK,
        ]
        assert page.total == 4
        ids = [entry.id for entry in page.items]
        assert ids == sorted(set(ids), reverse=True)

    async def test_details_keep_their_kind(self, repository: HistoryRepository) -> None:
        """A reason is returned as a message, and plain text as text."""
        plain = attrs.evolve(_FAILED, detail="plain text")
        await repository.add([plain, _FAILED])

        failed, text = (await repository.find(HistoryQuery())).items

        assert kind_of(failed.detail) == "http_status"
        assert values_of(failed.detail) == {"status": 404}
        assert (text.detail, kind_of(text.detail)) == ("plain text", None)

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            (HistoryQuery(kinds=frozenset({HistoryKind.FAILED})), [_FAILED]),
            (HistoryQuery(kinds=frozenset(HistoryKind)), [_CHANGED, _FAILED, _ADDED]),
            (HistoryQuery(key=SeriesKey("one")), [_FAILED, _ADDED]),
            (HistoryQuery(key=SeriesKey("on")), []),
            (HistoryQuery(season=_FAILED.season, number=_FAILED.number), [_FAILED]),
            (HistoryQuery(season=_FAILED.season, number=99), []),
            (HistoryQuery(season=99), []),
            (HistoryQuery(search="DEN wolk"), [_FAILED, _ADDED]),
            (HistoryQuery(search="ÜBER"), [_FAILED, _ADDED]),
            (HistoryQuery(search="season 01/a_"), [_CHANGED]),
            (HistoryQuery(search="%"), [_CHANGED]),
            (HistoryQuery(search="_"), [_CHANGED]),
            (HistoryQuery(search="\\"), [_CHANGED]),
            (HistoryQuery(search="A_2"), []),
            (
                HistoryQuery(kinds=frozenset({HistoryKind.ADDED}), key=SeriesKey("one")),
                [_ADDED],
            ),
        ],
    )
    async def test_queries(
        self, repository: HistoryRepository, query: HistoryQuery, found: list[HistoryEntry]
    ) -> None:
        """All conditions of a query must hold; the characters of patterns have no meaning."""
        await repository.add([_ADDED, _FAILED, _CHANGED])

        page = await repository.find(query)

        assert [attrs.evolve(entry, id=0) for entry in page.items] == found
        assert page.total == len(found)

    async def test_pages(self, repository: HistoryRepository) -> None:
        """A page has a part of the list, and the number of the whole."""
        await repository.add([attrs.evolve(_ADDED, title=str(n)) for n in range(10)])

        page = await repository.find(HistoryQuery(limit=3, offset=2))
        last = await repository.find(HistoryQuery(limit=3, offset=9))
        rest = await repository.find(HistoryQuery(offset=8))

        assert [entry.title for entry in page.items] == ["7", "6", "5"]
        assert [entry.title for entry in last.items] == ["0"]
        assert [entry.title for entry in rest.items] == ["1", "0"]
        assert page.total == last.total == rest.total == 10

    async def test_old_entries_are_deleted(self, repository: HistoryRepository) -> None:
        """The newest stay, and ids are not used again."""
        await repository.add([attrs.evolve(_ADDED, title=str(n)) for n in range(5)])
        last = (await repository.find(HistoryQuery(limit=1))).items[0].id

        assert await repository.prune(2) == 3
        assert await repository.prune(2) == 0
        assert [e.title for e in (await repository.find(HistoryQuery())).items] == ["4", "3"]
        assert await repository.prune(0) == 2
        await repository.add([_FAILED])

        (entry,) = (await repository.find(HistoryQuery())).items
        assert entry.id > last
