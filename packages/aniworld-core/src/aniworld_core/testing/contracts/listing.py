"""Contract suite of `QueueRepository`, part lists: joins, pages, searches, totals and changes."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

import attrs
import pytest

from aniworld_core.domain.catalogue import Titles
from aniworld_core.domain.downloads import (
    RESTS,
    CataloguePlace,
    DownloadItem,
    DownloadStatus,
    EntrySeries,
    Failure,
    ItemChange,
    ItemQuery,
    ListOrder,
    Priority,
    Progress,
    QueueEntry,
    claim_order,
)
from aniworld_core.domain.identity import EpisodeRef, FolderName, ItemId, SeriesKey
from aniworld_core.domain.media import ENG_DUB, GER_DUB
from aniworld_core.errors import IllegalTransitionError, ItemActiveError, ItemNotFoundError
from aniworld_core.ports.storage import Storage
from aniworld_core.testing.factories import (
    KEY,
    at,
    make_claim,
    make_episode,
    make_failure,
    make_item,
    make_item_id,
    make_series,
)

PENDING, DOWNLOADING = DownloadStatus.PENDING, DownloadStatus.DOWNLOADING
COMPLETED, FAILED = DownloadStatus.COMPLETED, DownloadStatus.FAILED
OTHER = SeriesKey("strasse-der-affen")
GONE = SeriesKey("gone")

TITAN = make_series(
    name="Attack on Titan",
    folder=FolderName("Titan"),
    languages=(ENG_DUB, GER_DUB),
    episodes=[
        make_episode(1, titles=Titles(de="An dich, in 2000 Jahren", en="To You")),
        make_episode(2, titles=Titles(en="That Day")),
        make_episode(3, last_number=4, titles=Titles(de="Ein Doppel")),
        make_episode(5),
    ],
)
MONKEYS = make_series(OTHER, name="Straße der Affen", folder=FolderName("Affen"), episodes=2)


def _ids(entries: object) -> list[ItemId]:
    return [entry.item.id for entry in entries]  # type: ignore[attr-defined]


def _of(key: SeriesKey, number: int, season: int = 1) -> EpisodeRef:
    return EpisodeRef(key, season, number)


def _failure(number: int) -> Failure:
    return Failure(kind=("busy", "broken", "gone")[number % 12 // 4], message="It failed")


def _mixed() -> list[DownloadItem]:
    """Return items of three series, with every status and priority, many of them equal in order."""
    statuses, priorities = list(DownloadStatus), list(Priority)
    keys = (KEY, OTHER, GONE)
    return [
        make_item(
            n,
            episode=_of(keys[n % 3], n),
            status=statuses[n % 4],
            priority=priorities[n % 5 % 3],
            place=n % 2,
            added_at=at(n % 7),
            completed_at=at(n % 6) if n % 4 > 1 and n % 5 else None,
        )
        for n in range(60)
    ]


class QueueListingContract:
    """Subclass it and provide an async fixture `storage` with an empty storage."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    async def test_entries_have_the_data_of_their_series(self, storage: Storage) -> None:
        """Entries have name, folder and languages of the series, and the titles of the episode."""
        await storage.series.add(TITAN)
        items = [make_item(n, episode=_of(KEY, n)) for n in (1, 2, 3, 4, 5)]
        await storage.queue.add(items)

        entries = await storage.queue.entries([item.id for item in items])

        assert list(entries) == [QueueEntry.of(item, TITAN) for item in items]
        assert [entry.series and entry.series.titles.de for entry in entries] == [
            "An dich, in 2000 Jahren",
            None,
            "Ein Doppel",
            "Ein Doppel",
            None,
        ]

    async def test_entries_without_a_series_or_an_episode(self, storage: Storage) -> None:
        """Items of an unknown, removed or changed series are listed too."""
        removed = make_series(SeriesKey("removed"), episodes=1)
        for series in (TITAN, removed):
            await storage.series.add(series)
        items = [
            make_item(1, episode=_of(GONE, 1)),
            make_item(2, episode=_of(removed.key, 1)),
            make_item(3, episode=_of(KEY, 99)),
        ]
        await storage.queue.add(items)
        await storage.series.remove(removed.key)
        await storage.series.save(attrs.evolve(TITAN, name="Renamed"))

        entries = (await storage.queue.page(ItemQuery())).items

        assert [entry.series for entry in entries] == [
            None,
            None,
            EntrySeries(name="Renamed", folder=TITAN.folder, languages=TITAN.languages),
        ]
        await storage.series.add(removed)
        (back,) = await storage.queue.entries([items[1].id])
        assert back == QueueEntry.of(items[1], removed)

    async def test_entries_are_in_claim_order(self, storage: Storage) -> None:
        """Entries are in claim order; repeated ids count once, unknown ids are ignored."""
        items = _mixed()
        await storage.queue.add(items)
        chosen = [item.id for item in items[::3]]

        entries = await storage.queue.entries([*chosen, *chosen, make_item_id(404)])

        assert _ids(entries) == [item.id for item in sorted(items[::3], key=claim_order)]
        assert list(await storage.queue.entries([])) == []

    @pytest.mark.parametrize("limit", [7, None])
    @pytest.mark.parametrize("statuses", [set(), {PENDING}, {COMPLETED, FAILED}])
    @pytest.mark.parametrize("key", [None, KEY])
    async def test_pages_are_one_list(
        self,
        storage: Storage,
        limit: int | None,
        statuses: set[DownloadStatus],
        key: SeriesKey | None,
    ) -> None:
        """Consecutive pages of any size equal the filtered list in claim order."""
        items = _mixed()
        await storage.queue.add(items)
        expected = [
            item.id
            for item in sorted(items, key=claim_order)
            if (not statuses or item.status in statuses) and key in (None, item.episode.series_key)
        ]

        found: list[ItemId] = []
        for offset in range(0, len(expected) + 1, limit or len(expected) + 1):
            query = ItemQuery(
                statuses=frozenset(statuses),
                series_keys=frozenset() if key is None else frozenset({key}),
                limit=limit,
                offset=offset,
            )
            page = await storage.queue.page(query)
            assert page.total == len(expected)
            found += _ids(page.items)

        assert found == expected

    @pytest.mark.parametrize(
        ("search", "numbers"),
        [
            ("titan", [1, 2, 3, 4, 5, 9]),
            ("ATTACK ON", [1, 2, 3, 4, 5, 9]),
            ("straße", [6, 7]),
            ("STRASSE", [6, 7]),
            ("s01e02", [2, 7]),
            ("E0", [1, 2, 3, 4, 5, 6, 7, 8]),
            ("that day", [2]),
            ("to you", [1]),
            ("2000 jahren", [1]),
            ("doppel", [3, 4]),
            ("episode 5", [5]),
            ("episode 1", [6, 8, 9]),
            ("gone", [8]),
            ("%", []),
            ("_", []),
            ("'", []),
        ],
    )
    async def test_search(self, storage: Storage, search: str, numbers: list[int]) -> None:
        """The search covers name, key, code and both titles; case is ignored."""
        await storage.series.add(TITAN)
        await storage.series.add(MONKEYS)
        await storage.queue.add(
            [
                *(make_item(n, episode=_of(KEY, n)) for n in (1, 2, 3, 4, 5)),
                *(make_item(n, episode=_of(OTHER, n - 5)) for n in (6, 7)),
                make_item(8, episode=_of(GONE, 1)),
                make_item(9, episode=_of(KEY, 123, season=12)),
            ]
        )

        page = await storage.queue.page(ItemQuery(search=search))

        found = [make_item_id(n) for n in numbers]
        assert (_ids(page.items), page.total) == (found, len(found))
        part = await storage.queue.page(ItemQuery(search=search, limit=1, offset=1))
        assert (_ids(part.items), part.total) == (found[1:2], len(found))

    @pytest.mark.parametrize(
        "query",
        [
            ItemQuery(),
            ItemQuery(search="s01e0"),
            ItemQuery(search="nothing like this"),
            ItemQuery(series_keys=frozenset({KEY, GONE}), statuses=frozenset({PENDING})),
            ItemQuery(order=ListOrder.NEWEST_FIRST, statuses=frozenset({COMPLETED, FAILED})),
            ItemQuery(order=ListOrder.NEWEST_FIRST, search="a"),
            ItemQuery(failure_kinds=frozenset({"busy", "broken"}), statuses=frozenset({FAILED})),
            ItemQuery(without_kinds=frozenset({"busy"}), order=ListOrder.NEWEST_FIRST),
            ItemQuery(without_kinds=frozenset({"busy", ""})),
        ],
    )
    async def test_pages_ids_and_groups_agree(self, storage: Storage, query: ItemQuery) -> None:
        """Pages, ids and series of one query select the same items in the same order."""
        await storage.series.add(TITAN)
        items = [
            attrs.evolve(item, failure=_failure(n)) if item.status is FAILED else item
            for n, item in enumerate(_mixed())
        ]
        await storage.queue.add(items)
        titans = {item.id: TITAN for item in items if item.episode.series_key == KEY}
        entries = [QueueEntry.of(item, titans.get(item.id)) for item in items]
        listed = [entry.item for entry in entries if query.selects(entry)]
        if query.order is ListOrder.NEXT_FIRST:
            listed.sort(key=claim_order)
        else:
            listed.sort(key=_completion, reverse=True)
        groups: dict[SeriesKey, list[DownloadStatus]] = {}
        for item in listed:
            groups.setdefault(item.episode.series_key, []).append(item.status)

        part = attrs.evolve(query, limit=3, offset=1)
        page, shown = await storage.queue.page(part), await storage.queue.series_page(query)

        assert list(await storage.queue.ids(query)) == [item.id for item in listed]
        assert list(await storage.queue.ids(part)) == [item.id for item in listed[1:4]]
        assert (_ids(page.items), page.total) == ([i.id for i in listed[1:4]], len(listed))
        assert shown.total == len(groups)
        assert {g.series_key: dict(g.counts) for g in shown.items} == {
            key: dict(Counter(statuses)) for key, statuses in groups.items()
        }
        assert [group.series_key for group in shown.items] == list(groups)
        names = {KEY: TITAN.name}
        assert all(g.name == names.get(g.series_key, g.series_key) for g in shown.items)
        second = await storage.queue.series_page(attrs.evolve(query, limit=1, offset=1))
        assert (second.items, second.total) == (shown.items[1:2], shown.total)

    async def test_overview_lists_each_status_in_its_order(self, storage: Storage) -> None:
        """Open items are in claim order, settled ones newest first; totals include all items."""
        items = [
            attrs.evolve(item, progress=Progress(downloaded_bytes=n))
            for n, item in enumerate(_mixed())
        ]
        await storage.queue.add(items)

        overview = await storage.queue.overview(set(DownloadStatus), limit=5)

        assert overview.counts == dict.fromkeys(DownloadStatus, 15)
        assert (overview.total, overview.downloaded_bytes) == (60, sum(range(60)))
        assert overview.downloaded == {
            s: sum(i.progress.downloaded_bytes for i in items if i.status is s)
            for s in DownloadStatus
        }
        for status, entries in overview.lists.items():
            listed = [item for item in items if item.status is status]
            if status in (PENDING, DOWNLOADING):
                listed.sort(key=claim_order)
            else:
                listed.sort(key=_completion, reverse=True)
            assert _ids(entries) == [item.id for item in listed[:5]]
        assert (await storage.queue.overview((), limit=5)).lists == {}

    async def test_totals_follow_every_change(self, storage: Storage) -> None:
        """Totals are correct after every kind of change."""
        queue = storage.queue

        async def totals() -> tuple[int, ...]:
            overview = await queue.overview((), limit=1)
            assert dict(await queue.counts()) == dict(overview.counts)
            return (*(overview.counts[s] for s in DownloadStatus), overview.downloaded_bytes)

        assert await totals() == (0, 0, 0, 0, 0)
        await queue.add([make_item(n, episode=_of(KEY, n)) for n in range(1, 5)])
        assert await totals() == (4, 0, 0, 0, 0)
        first = await queue.claim_next(make_claim())
        assert first is not None
        await queue.record_progress(first.id, Progress(downloaded_bytes=7))
        assert await totals() == (3, 1, 0, 0, 7)
        await queue.save((await queue.get(first.id)).complete(at(1), "a.mp4", None))
        second = await queue.claim_next(make_claim())
        assert second is not None
        await queue.save(second.fail(make_failure(), at(2)))
        assert await totals() == (2, 0, 1, 1, 7)
        await queue.claim_next(make_claim())
        await queue.release_held_by(make_claim().worker)
        assert await totals() == (2, 0, 1, 1, 7)
        assert await queue.clear(FAILED) == [second.id]
        assert await queue.prune(status=COMPLETED, keep=0) == 1
        assert await totals() == (2, 0, 0, 0, 0)
        await queue.remove([make_item_id(3), make_item_id(4)])
        assert await totals() == (0, 0, 0, 0, 0)

    async def test_open_items_of_episodes(self, storage: Storage) -> None:
        """Only pending and active items count as open."""
        statuses = [PENDING, DOWNLOADING, COMPLETED, FAILED]
        await storage.queue.add(
            [make_item(n, episode=_of(KEY, n), status=s) for n, s in enumerate(statuses, 1)]
        )
        await storage.queue.add([make_item(9, episode=_of(OTHER, 1))])

        asked = [_of(KEY, n) for n in range(6)] + [_of(KEY, 1, season=2), _of(GONE, 1)]

        assert await storage.queue.open_items(asked) == {
            _of(KEY, 1): make_item_id(1),
            _of(KEY, 2): make_item_id(2),
        }
        assert await storage.queue.open_items([]) == {}

    async def test_find_by_series_and_prefix(self, storage: Storage) -> None:
        """Filters can be combined; an id prefix is literal text."""
        await storage.queue.add([make_item(n, episode=_of(KEY, n)) for n in (1, 2)])
        await storage.queue.add([make_item(3, episode=_of(OTHER, 3), status=FAILED)])
        await storage.queue.add(
            [attrs.evolve(make_item(4, episode=_of(GONE, 4)), id=ItemId("a%b_c"))]
        )

        async def found(**filters: object) -> list[ItemId]:
            items = await storage.queue.find(**filters)  # type: ignore[arg-type]
            return [item.id for item in items]

        assert await found(series_key=KEY) == [make_item_id(1), make_item_id(2)]
        assert await found(series_key=KEY, statuses={FAILED}) == []
        assert await found(id_prefix=make_item_id(3)) == [make_item_id(3)]
        assert await found(id_prefix=make_item_id(3)[:8]) == [make_item_id(n) for n in (1, 2, 3)]
        assert await found(id_prefix="a%") == ["a%b_c"]
        assert await found(id_prefix="a_") == []

    async def test_claim_of_chosen_items(self, storage: Storage) -> None:
        """With `only`, other items are neither claimed nor considered for the next claim time."""
        queue = storage.queue
        await queue.add(
            [
                make_item(1, episode=_of(KEY, 1), priority=Priority.HIGH),
                make_item(2, episode=_of(KEY, 2), not_before=at(50)),
                make_item(3, episode=_of(KEY, 3), place=-1),
                make_item(4, episode=_of(KEY, 4), not_before=at(20)),
            ]
        )
        only = [make_item_id(2), make_item_id(3), make_item_id(404)]

        assert await queue.next_claim_at(at(0), only=only) == at(0)
        claimed = await queue.claim_next(make_claim(since=at(0)), only=only)
        assert claimed is not None
        assert claimed.id == make_item_id(3)
        assert await queue.claim_next(make_claim(since=at(0)), only=only) is None
        assert await queue.next_claim_at(at(0), only=only) == at(50)
        assert await queue.next_claim_at(at(60), only=only) == at(60)
        assert await queue.next_claim_at(at(0), only=[make_item_id(404)]) is None
        assert await queue.claim_next(make_claim(), only=[]) is None

    async def test_next_claim_at(self, storage: Storage) -> None:
        """The next claim time is the earliest of a pending item, never before now."""
        queue = storage.queue
        assert await queue.next_claim_at(at(0)) is None
        await queue.add([make_item(1, episode=_of(KEY, 1), status=FAILED, not_before=at(1))])
        assert await queue.next_claim_at(at(0)) is None
        await queue.add(
            [make_item(n, episode=_of(KEY, n), not_before=at(10 * n)) for n in (2, 3, 4)]
        )
        assert await queue.next_claim_at(at(0)) == at(20)
        assert await queue.next_claim_at(at(25)) == at(25)
        claimed = await queue.claim_next(make_claim(since=at(35)))
        assert claimed is not None
        assert claimed.id == make_item_id(2)
        assert await queue.next_claim_at(at(35)) == at(35)
        assert await queue.claim_next(make_claim(since=at(5))) is None
        assert await queue.next_claim_at(at(5)) == at(30)
        await queue.add([make_item(5, episode=_of(KEY, 5), priority=Priority.LOW)])
        assert await queue.next_claim_at(at(5)) == at(5)

    @pytest.mark.parametrize(
        ("name", "delayed"), [("site", [1, 2, 5]), ("site at attic:80", [2]), ("other", [])]
    )
    async def test_a_resting_catalogue_delays_its_items(
        self, storage: Storage, name: str, delayed: list[int]
    ) -> None:
        """Pending items of the place wait together; one call makes them claimable again."""
        queue, place = storage.queue, CataloguePlace.named(name)
        links = {1: "https://site.invalid/a", 2: "http://attic:80/x?y", 3: "http://attic:80/x"}
        for n, link in links.items():
            provider = "elsewhere" if n == 3 else "site"
            series = make_series(SeriesKey(f"series-{n}"), provider=provider, episodes=1)
            await storage.series.add(
                attrs.evolve(series, link=link, folder=FolderName(f"Folder {n}"))
            )
        await queue.add(
            [
                *(make_item(n, episode=_of(SeriesKey(f"series-{n}"), 1)) for n in (1, 2, 3, 4)),
                make_item(5, episode=_of(SeriesKey("series-1"), 2), not_before=at(3)),
                make_item(6, episode=_of(SeriesKey("series-1"), 3), not_before=at(500)),
                make_item(7, episode=_of(SeriesKey("series-1"), 4), status=FAILED),
            ]
        )
        failure = Failure(kind=RESTS, message="It is down", values={"catalogue": name})

        assert await queue.delay_catalogue(place, failure, at(60)) == len(delayed)

        ids = [make_item_id(n) for n in delayed]
        waiting = await queue.page(ItemQuery(failure_kinds=frozenset({RESTS})))
        assert sorted(_ids(waiting.items)) == ids
        assert all(e.item.not_before == at(60) for e in waiting.items)
        assert all((e.item.failure, e.item.revision) == (failure, 1) for e in waiting.items)
        shown = [] if not ids else [(name, len(ids), at(60), failure)]
        resting = await queue.resting(at(59))
        assert [(r.name, r.items, r.until, r.failure) for r in resting] == shown
        assert list(await queue.resting(at(60))) == []
        assert (await queue.page(ItemQuery(awake_at=at(59)))).total == 7 - len(ids)
        assert (await queue.page(ItemQuery(awake_at=at(60)))).total == 7
        assert await queue.delay_catalogue(place, failure, at(60)) == 0

        assert await queue.wake_catalogue("nothing") == 0
        assert await queue.wake_catalogue(name) == len(ids)
        assert await queue.wake_catalogue(None) == 0
        assert list(await queue.resting(at(0))) == []
        woken = [entry.item for entry in await queue.entries(ids)]
        assert all(item.failure is None and item.claimable(at(0)) for item in woken)

    async def test_move_first(self, storage: Storage) -> None:
        """Moved items come before all others of their priority, in the given order."""
        queue = storage.queue
        await queue.add(
            [
                make_item(n, episode=_of(KEY, n), place=n, priority=p)
                for n, p in enumerate([Priority.LOW, *[Priority.NORMAL] * 4], start=1)
            ]
        )

        moved = await queue.move_first([make_item_id(n) for n in (5, 1, 3, 5)])

        assert [item.id for item in moved] == [make_item_id(n) for n in (5, 3, 1)]
        assert {item.revision for item in moved} == {1}
        assert [item.id for item in await queue.find()] == [
            make_item_id(n) for n in (5, 3, 2, 4, 1)
        ]

    async def test_move_first_is_all_or_nothing(self, storage: Storage) -> None:
        """If one item is unknown or not pending, no item moves."""
        queue = storage.queue
        items = [make_item(1), make_item(2, episode=_of(KEY, 2), status=FAILED)]
        await queue.add(items)

        with pytest.raises(IllegalTransitionError):
            await queue.move_first([items[0].id, items[1].id])
        with pytest.raises(ItemNotFoundError):
            await queue.move_first([items[0].id, make_item_id(404)])

        assert list(await queue.find()) == items

    async def test_clear_keeps_held_items(self, storage: Storage) -> None:
        """Items held by a worker are not cleared; an empty status clears nothing."""
        await storage.queue.add([make_item(1, status=DOWNLOADING)])

        with pytest.raises(ItemActiveError):
            await storage.queue.clear(DOWNLOADING)

        assert list(await storage.queue.clear(PENDING)) == []
        assert (await storage.queue.counts())[DOWNLOADING] == 1

    async def test_changes_name_each_item_once(self, storage: Storage) -> None:
        """A change has the status before it and the current item; progress is not a change."""
        queue = storage.queue
        await queue.add([make_item(1, episode=_of(KEY, 1)), make_item(2, episode=_of(KEY, 2))])
        begin = await queue.changes_since(None)
        assert begin.changes == ()

        claimed = await queue.claim_next(make_claim())
        assert claimed is not None
        await queue.record_progress(claimed.id, Progress(downloaded_bytes=1))
        await queue.renew(claimed.id, make_claim(since=at(1)))
        await queue.remove([make_item_id(2)])
        await queue.add([make_item(3, episode=_of(KEY, 3)), make_item(4, episode=_of(KEY, 4))])
        failed = await queue.save((await queue.get(claimed.id)).fail(make_failure(), at(2)))
        await queue.remove([make_item_id(4)])
        changed = await queue.changes_since(begin.sequence)

        assert changed.is_complete
        assert changed.changes == (
            ItemChange(item_id=make_item_id(2), before=PENDING, item=None),
            ItemChange(
                item_id=make_item_id(3), before=None, item=make_item(3, episode=_of(KEY, 3))
            ),
            ItemChange(item_id=claimed.id, before=PENDING, item=failed),
            ItemChange(item_id=make_item_id(4), before=None, item=None),
        )
        again = await queue.changes_since(changed.sequence)
        assert (again.changes, again.is_complete) == ((), True)

    async def test_changes_are_bounded(self, storage: Storage) -> None:
        """A reader that is too far behind gets an incomplete result and can continue from it."""
        queue = storage.queue
        begin = (await queue.changes_since(None)).sequence
        batches = _batches()
        await queue.add(next(batches))
        assert (await queue.changes_since(begin)).is_complete
        for batch in batches:
            await queue.add(batch)

        behind = await queue.changes_since(begin)

        assert not behind.is_complete
        assert (await queue.changes_since(behind.sequence)).is_complete


def _batches() -> Iterator[list[DownloadItem]]:
    for season in range(6):
        yield [
            make_item(1000 * season + n, episode=_of(KEY, n, season=season))
            for n in range(1, 1000 if season == 0 else 400)
        ]


def _completion(item: DownloadItem) -> tuple[datetime, ItemId]:
    return (item.completed_at or at(-(10**9)), item.id)
