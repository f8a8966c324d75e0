"""Contract suite of `SeriesRepository`."""

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

import attrs
import pytest

from aniworld_core.domain.catalogue import (
    ListRules,
    SeasonPart,
    Series,
    SeriesFilter,
    SeriesQuery,
    SeriesSort,
    Titles,
    summarise,
)
from aniworld_core.domain.identity import EpisodeRef, FolderName, SeriesKey
from aniworld_core.domain.media import ENG_SUB, GER_DUB, GER_SUB, Quality
from aniworld_core.errors import (
    EpisodeNotFoundError,
    SeriesExistsError,
    SeriesNotFoundError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.series import SeriesRepository
from aniworld_core.testing.factories import KEY, at, make_episode, make_series

UNKNOWN = SeriesKey("unknown")

#: A series that uses every field.
FULL = make_series(
    "full",
    name="Voll: 100 % _ Süß",
    episodes=(
        make_episode(2, titles=Titles(de="Zwei", en="Two"), languages=frozenset({GER_DUB})),
        make_episode(1, titles=Titles(en="One"), downloaded=True, file="a/b.mp4"),
        make_episode(3, last_number=4, downloaded=True, file="c", file_language=GER_SUB),
        make_episode(
            5,
            available=False,
            languages=frozenset(),
            unavailable=Message("entry_private"),
            link="https://example.org/watch/5",
            catalogue_id="Site:5",
        ),
        make_episode(1, season=0, wanted=False),
    ),
    folder=FolderName("Voll (2001)"),
    provider_ref="ref/1",
    catalogue_key=SeriesKey("other"),
    description="Zeile 1\nZeile 2",
    year=2001,
    end_year=2003,
    genres=("Action", "Süß"),
    alternative_titles=("Full", "フル"),
    other_folders=("Voll (Dub)", "/disk2/Voll"),
    external_ids=("imdb-tt2560140", "tvdb-81189"),
    cover_url="https://example.org/cover.jpg",
    monitored=False,
    languages=(GER_SUB, ENG_SUB),
    quality=Quality.P720,
    unwanted_seasons=(0, 7),
    parts=(SeasonPart(ordinal=2, season=1, before=12, year=2003, titles=("Voll II",)),),
    list_rules=ListRules(include=("Süß*",), published_from=date(2020, 2, 29), newest=3),
    added_at=at(0.000001),
    updated_at=at(5),
)

#: Series that differ in every filter and sort key of a list.
LISTED = (
    make_series("b-one", name="beta", episodes=3, added_at=at(1)),
    make_series("a-one", name="Alpha", episodes=1, added_at=at(3)),
    make_series("c-one", name="ALPHA", episodes=[make_episode(downloaded=True)], added_at=at(2)),
    make_series(
        "d-one",
        name="Älter_%",
        episodes=[make_episode(available=False), make_episode(2, wanted=False)],
    ),
    make_series(
        "e-one",
        name="Straße",
        episodes=3,
        added_at=at(1),
        monitored=False,
        alternative_titles=("Die 2. Gasse", "100 % Weg"),
    ),
    make_series("f-one", name="gamma", episodes=0),
)


class SeriesRepositoryContract:
    """Subclass it and provide an async fixture `repository` with an empty repository."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    @pytest.fixture
    async def listed(self, repository: SeriesRepository) -> SeriesRepository:
        """Return a repository with `LISTED`."""
        for series in LISTED:
            await repository.add(series)
        return repository

    async def test_add_keeps_every_field(self, repository: SeriesRepository) -> None:
        """A stored series is returned unchanged, with its episodes in order."""
        await repository.add(FULL)

        assert await repository.get(FULL.key) == FULL

    async def test_add_keeps_unknown_apart_from_nothing(self, repository: SeriesRepository) -> None:
        """`None` and an empty tuple of languages stay different."""
        unknown = make_series("unknown-one", episodes=[make_episode(languages=None)])
        none = make_series(
            "none", episodes=[make_episode(languages=frozenset())], languages=(), description=""
        )
        await repository.add(unknown)
        await repository.add(none)

        assert unknown == await repository.get(unknown.key)
        assert none == await repository.get(none.key)

    async def test_add_refuses_a_taken_key(self, repository: SeriesRepository) -> None:
        """A key that exists is refused; the stored series stays."""
        await repository.add(make_series(name="First"))

        with pytest.raises(SeriesExistsError):
            await repository.add(make_series(name="Second", episodes=5))

        assert make_series(name="First") == await repository.get(KEY)

    async def test_add_replaces_a_removed_series(self, repository: SeriesRepository) -> None:
        """A removed key can be added again with other episodes."""
        await repository.add(make_series(name="First", episodes=3))
        await repository.remove(KEY)
        again = make_series(name="Second", episodes=[make_episode(9)])

        await repository.add(again)

        assert again == await repository.get(KEY)
        assert [again] == list(await repository.find())

    async def test_get_refuses_an_unknown_key(self, repository: SeriesRepository) -> None:
        """Only the exact key is found."""
        await repository.add(make_series())

        for key in (UNKNOWN, SeriesKey(KEY[:-1]), SeriesKey(KEY.upper())):
            with pytest.raises(SeriesNotFoundError):
                await repository.get(key)

    async def test_find_orders_by_name_then_key(self, listed: SeriesRepository) -> None:
        """Series are sorted by name without case and accents, then by key."""
        found = await listed.find()

        assert [s.name for s in found] == ["Alpha", "ALPHA", "Älter_%", "beta", "gamma", "Straße"]
        assert [s.key for s in found[:2]] == ["a-one", "c-one"]
        assert set(LISTED) == set(found)

    async def test_find_missing_only(self, listed: SeriesRepository) -> None:
        """Downloaded, announced and unwanted episodes are not missing."""
        found = await listed.find(missing_only=True)

        assert [s.key for s in found] == ["a-one", "b-one", "e-one"]

    async def test_every_change_changes_the_revision(self, repository: SeriesRepository) -> None:
        """Every change changes the revision; reading does not."""
        series = make_series(episodes=2)
        seen = [await repository.revision()]
        await repository.add(series)
        seen.append(await repository.revision())
        await repository.save(attrs.evolve(series, name="Other"))
        seen.append(await repository.revision())
        await repository.mark_downloaded(series.ref(series.episodes[0]), "a.mkv", None)
        seen.append(await repository.revision())
        await repository.summaries(SeriesQuery())
        assert seen[-1] == await repository.revision()
        await repository.remove(series.key)
        seen.append(await repository.revision())
        assert len(set(seen)) == len(seen)

    async def test_save_replaces_the_aggregate(self, repository: SeriesRepository) -> None:
        """`save` replaces all episodes: removed, new and changed ones."""
        await repository.add(FULL)
        changed = make_series(
            FULL.key,
            name="Another",
            episodes=[make_episode(1, titles=Titles(de="Neu")), make_episode(2, season=2)],
        )

        await repository.save(changed)

        assert changed == await repository.get(FULL.key)

    async def test_save_leaves_others_alone(self, listed: SeriesRepository) -> None:
        """`save` changes only the series with the key."""
        await listed.save(make_series("a-one", name="Alpha", episodes=7))

        others = [s for s in await listed.find() if s.key != "a-one"]
        assert {s for s in LISTED if s.key != "a-one"} == set(others)

    async def test_save_refuses_an_unknown_key(self, repository: SeriesRepository) -> None:
        """`save` adds no series, also no removed one."""
        await repository.add(make_series())
        await repository.remove(KEY)

        for key in (KEY, UNKNOWN):
            with pytest.raises(SeriesNotFoundError):
                await repository.save(make_series(key))
        assert list(await repository.find()) == []

    async def test_get_many_reads_known_series(self, listed: SeriesRepository) -> None:
        """The named series are returned whole, in the order of `find`; unknown ones are not."""
        keys = [LISTED[0].key, UNKNOWN, LISTED[2].key, LISTED[1].key]
        await listed.remove(LISTED[0].key)

        found = await listed.get_many(keys)

        assert list(found) == [s for s in await listed.find() if s.key in keys]
        assert {series.key for series in found} == {LISTED[1].key, LISTED[2].key}
        assert list(await listed.get_many([])) == []

    async def test_heads_are_series_without_episodes(self, repository: SeriesRepository) -> None:
        """Heads have every field of the series but its episodes, in the order of `find`."""
        for series in (*LISTED, FULL):
            await repository.add(series)

        heads = await repository.heads()

        assert list(heads) == [attrs.evolve(s, episodes=()) for s in await repository.find()]

    async def test_missing_count_equals_the_series(self, repository: SeriesRepository) -> None:
        """The number of missing episodes is that of all series; removed ones do not count."""
        assert await repository.missing_count() == 0
        for series in (*LISTED, FULL):
            await repository.add(series)
        await repository.remove(LISTED[0].key)

        found = await repository.find()

        assert await repository.missing_count() == sum(e.missing for s in found for e in s.episodes)

    async def test_files_are_counted_by_root(self, repository: SeriesRepository) -> None:
        """Downloaded episodes are counted in the root of their file; removed series are not."""
        files = ["a/1.mkv", "/r/a/1.mkv", "/r/2.mkv", "/r2/1.mkv", None]
        episodes = [make_episode(n, downloaded=True, file=f) for n, f in enumerate(files, start=1)]
        await repository.add(make_series("a", episodes=[*episodes, make_episode(9)]))
        await repository.add(make_series("b", episodes=episodes))
        await repository.remove(SeriesKey("b"))

        counts = await repository.file_counts(["", "/r", "/none"])

        assert counts == {"": 1, "/r": 2, "/none": 0}

    async def test_files_of_series(self, repository: SeriesRepository) -> None:
        """The files of downloaded episodes are returned once each, for stored series only."""
        double = [make_episode(n, downloaded=True, file="a/1.mkv") for n in (1, 2)]
        other = make_episode(3, downloaded=True, file="/r/a/0.mkv")
        await repository.add(make_series("a", episodes=[*double, other, make_episode(9)]))
        await repository.add(make_series("b", episodes=[make_episode(1)]))
        await repository.add(make_series("c", episodes=double))
        await repository.add(make_series("d", episodes=double))
        await repository.remove(SeriesKey("d"))

        found = await repository.files_of([SeriesKey(key) for key in ("a", "b", "d", "e")])

        assert {key: list(files) for key, files in found.items()} == {
            "a": ["/r/a/0.mkv", "a/1.mkv"]
        }
        assert await repository.files_of([]) == {}

    async def test_save_many_writes_differences(self, repository: SeriesRepository) -> None:
        """Changed fields and episodes are written, removed episodes deleted, others kept."""
        before = [make_series("a", episodes=3), make_series("b", episodes=2), FULL]
        for series in before:
            await repository.add(series)
        await repository.mark_downloaded(EpisodeRef(SeriesKey("a"), 1, 2), "a/2.mkv", GER_DUB)
        found = make_episode(1, downloaded=True, file="a/1.mkv", file_language=GER_SUB)
        after = [
            attrs.evolve(before[0].with_episode(found), folder=FolderName("moved")),
            attrs.evolve(before[1], episodes=before[1].episodes[1:]),
            attrs.evolve(FULL, year=None),
        ]

        await repository.save_many(list(zip(before, after, strict=True)))

        stored = {series.key: series for series in await repository.find()}
        assert stored[SeriesKey("a")].folder == "moved"
        assert [e.file for e in stored[SeriesKey("a")].episodes] == ["a/1.mkv", "a/2.mkv", None]
        assert stored[SeriesKey("b")] == after[1]
        assert stored[FULL.key] == after[2]

    async def test_save_many_skips_removed_series(self, listed: SeriesRepository) -> None:
        """A series removed in the meantime is skipped, the rest is stored."""
        gone, kept = LISTED[:2]
        await listed.remove(gone.key)
        pairs = [(s, attrs.evolve(s, description="new")) for s in (gone, kept)]

        await listed.save_many(pairs)
        await listed.save_many([])

        assert (await listed.get(kept.key)).description == "new"
        with pytest.raises(SeriesNotFoundError):
            await listed.get(gone.key)

    async def test_save_many_changes_the_revision(self, listed: SeriesRepository) -> None:
        """A difference changes the revision."""
        before = await listed.revision()

        await listed.save_many([(LISTED[0], attrs.evolve(LISTED[0], description="new"))])

        assert await listed.revision() != before

    async def test_mark_downloaded(self, repository: SeriesRepository) -> None:
        """`mark_downloaded` stores file and language of the episode; others stay."""
        await repository.add(make_series(episodes=2))

        await repository.mark_downloaded(EpisodeRef(KEY, 1, 2), "Season 01/2.mp4", GER_SUB)

        held = make_episode(2, downloaded=True, file="Season 01/2.mp4", file_language=GER_SUB)
        expected = make_series(episodes=[make_episode(1), held])
        assert expected == await repository.get(KEY)

    async def test_mark_downloaded_is_idempotent(self, repository: SeriesRepository) -> None:
        """`mark_downloaded` is idempotent; another file replaces the stored one."""
        await repository.add(make_series())
        await repository.mark_downloaded(EpisodeRef(KEY, 1, 1), "a.mp4", GER_SUB)
        once = await repository.get(KEY)

        await repository.mark_downloaded(EpisodeRef(KEY, 1, 1), "a.mp4", GER_SUB)
        assert once == await repository.get(KEY)

        await repository.mark_downloaded(EpisodeRef(KEY, 1, 1), "b.mp4", None)
        episode = (await repository.get(KEY)).episode(1, 1)
        assert (episode.file, episode.file_language, episode.downloaded) == ("b.mp4", None, True)

    async def test_mark_downloaded_double_episode(self, repository: SeriesRepository) -> None:
        """A double episode is marked by each of its numbers."""
        await repository.add(make_series(episodes=[make_episode(4, last_number=5)]))

        await repository.mark_downloaded(EpisodeRef(KEY, 1, 5), "4-5.mp4", None)

        assert (await repository.get(KEY)).episode(1, 4).file == "4-5.mp4"

    async def test_mark_downloaded_refuses_what_is_unknown(
        self, repository: SeriesRepository
    ) -> None:
        """An unknown series and an unknown episode raise different errors."""
        await repository.add(make_series(episodes=1))

        with pytest.raises(SeriesNotFoundError):
            await repository.mark_downloaded(EpisodeRef(UNKNOWN, 1, 1), "a.mp4", None)
        for season, number in ((1, 2), (2, 1), (1, 0)):
            with pytest.raises(EpisodeNotFoundError):
                await repository.mark_downloaded(EpisodeRef(KEY, season, number), "a.mp4", None)
        assert make_series(episodes=1) == await repository.get(KEY)

    async def test_remove_takes_it_out_of_every_list(self, listed: SeriesRepository) -> None:
        """A removed series is in no list; other series stay."""
        await listed.remove(SeriesKey("a-one"))

        assert len(await listed.find()) == 5
        assert len(await listed.find(missing_only=True)) == 2
        assert (await listed.summaries(SeriesQuery())).total == 5
        with pytest.raises(SeriesNotFoundError):
            await listed.get(SeriesKey("a-one"))
        with pytest.raises(SeriesNotFoundError):
            await listed.mark_downloaded(EpisodeRef(SeriesKey("a-one"), 1, 1), "a.mp4", None)

    async def test_restore_returns_a_removed_series(self, listed: SeriesRepository) -> None:
        """A removed series is back with all its data; a present one stays as it is."""
        before = list(await listed.find())
        await listed.remove(SeriesKey("a-one"))
        await listed.restore(SeriesKey("a-one"))
        await listed.restore(SeriesKey("a-one"))

        assert list(await listed.find()) == before

    async def test_restore_refuses_an_unknown_key(self, repository: SeriesRepository) -> None:
        """A key that was never added raises `SeriesNotFoundError`."""
        with pytest.raises(SeriesNotFoundError):
            await repository.restore(KEY)

    async def test_remove_refuses_an_unknown_key(self, repository: SeriesRepository) -> None:
        """An unknown or removed key raises `SeriesNotFoundError`."""
        await repository.add(make_series())
        await repository.remove(KEY)

        for key in (KEY, UNKNOWN):
            with pytest.raises(SeriesNotFoundError):
                await repository.remove(key)

    async def test_summaries_equal_the_counted_series(self, repository: SeriesRepository) -> None:
        """Each summary equals `summarise` of the stored series."""
        for series in (FULL, *LISTED):
            await repository.add(series)

        page = await repository.summaries(SeriesQuery())

        found = await repository.find()
        assert tuple(summarise(series) for series in found) == page.items
        assert len(found) == page.total

    @pytest.mark.parametrize(
        ("sort", "keys"),
        [
            (SeriesSort.NAME, ["a-one", "c-one", "d-one", "b-one", "f-one", "e-one"]),
            (SeriesSort.ADDED, ["a-one", "c-one", "b-one", "e-one", "d-one", "f-one"]),
            (SeriesSort.MISSING, ["b-one", "e-one", "a-one", "c-one", "d-one", "f-one"]),
        ],
    )
    async def test_summaries_sort(
        self, listed: SeriesRepository, sort: SeriesSort, keys: Sequence[str]
    ) -> None:
        """Summaries are sorted as asked, ties by key; series without a date come last."""
        page = await listed.summaries(SeriesQuery(sort=sort))

        assert list(keys) == [summary.key for summary in page.items]

    @pytest.mark.parametrize(
        ("chosen", "keys"),
        [
            (SeriesFilter.ALL, ["a-one", "c-one", "d-one", "b-one", "f-one", "e-one"]),
            (SeriesFilter.MISSING, ["a-one", "b-one", "e-one"]),
            (SeriesFilter.COMPLETE, ["c-one", "d-one", "f-one"]),
            (SeriesFilter.MONITORED, ["a-one", "c-one", "d-one", "b-one", "f-one"]),
            (SeriesFilter.UNMONITORED, ["e-one"]),
        ],
    )
    async def test_summaries_filter(
        self, listed: SeriesRepository, chosen: SeriesFilter, keys: Sequence[str]
    ) -> None:
        """Filters select by missing episodes and by monitoring."""
        page = await listed.summaries(SeriesQuery(filter=chosen))

        assert (list(keys), len(keys)) == ([s.key for s in page.items], page.total)

    @pytest.mark.parametrize(
        ("search", "keys"),
        [
            ("ALPH", ["a-one", "c-one"]),
            ("et", ["b-one"]),
            ("äLTER", ["d-one"]),
            ("STRASSE", ["e-one"]),
            ("Aße", ["e-one"]),
            ("%", ["d-one", "e-one"]),
            ("_", ["d-one"]),
            ("\\", []),
            ("lph%", []),
            ("a-one", []),
            ("GASSE", ["e-one"]),
            ("weg stra", ["e-one"]),
            ("100 % gasse straße", ["e-one"]),
            ("alpha gasse", []),
            (" \t ", ["a-one", "c-one", "d-one", "b-one", "f-one", "e-one"]),
        ],
    )
    async def test_summaries_search_is_literal(
        self, listed: SeriesRepository, search: str, keys: Sequence[str]
    ) -> None:
        """Every word must be part of a title, without case; there are no wildcards."""
        page = await listed.summaries(SeriesQuery(search=search))

        assert (list(keys), len(keys)) == ([s.key for s in page.items], page.total)

    async def test_summaries_page(self, listed: SeriesRepository) -> None:
        """Limit and offset select a page; the total counts all matches."""
        whole = (await listed.summaries(SeriesQuery())).items

        page = await listed.summaries(SeriesQuery(limit=2, offset=1))
        assert (whole[1:3], 6) == (page.items, page.total)

        page = await listed.summaries(SeriesQuery(offset=4))
        assert (whole[4:], 6) == (page.items, page.total)

        page = await listed.summaries(SeriesQuery(limit=0))
        assert (page.items, page.total) == ((), 6)

        page = await listed.summaries(SeriesQuery(limit=5, offset=9))
        assert (page.items, page.total) == ((), 6)

    async def test_summaries_combine(self, listed: SeriesRepository) -> None:
        """Search, filter, order and page can be combined."""
        query = SeriesQuery(
            search="a", filter=SeriesFilter.MISSING, sort=SeriesSort.MISSING, limit=2
        )

        page = await listed.summaries(query)

        expected: Sequence[Series] = [s for s in LISTED if s.key in {"b-one", "e-one"}]
        assert (tuple(map(summarise, expected)), 3) == (page.items, page.total)

    async def test_names_are_sorted_for_people(self, repository: SeriesRepository) -> None:
        """Accents do not move a name to the end, and numbers are sorted by value."""
        names = ["Zen", "Éclair 10", "éclair 9", "Eclair 9 II", "Über", "Ubel", "86", "1000"]
        for number, name in enumerate(names):
            await repository.add(make_series(f"s-{number}", name=name))

        page = await repository.summaries(SeriesQuery())

        assert [summary.name for summary in page.items] == [
            "86",
            "1000",
            "éclair 9",
            "Eclair 9 II",
            "Éclair 10",
            "Ubel",
            "Über",
            "Zen",
        ]

    @pytest.mark.parametrize(
        "query",
        [
            SeriesQuery(),
            SeriesQuery(search="alpha", sort=SeriesSort.MISSING, limit=1, offset=1),
            SeriesQuery(filter=SeriesFilter.MISSING),
            SeriesQuery(filter=SeriesFilter.UNMONITORED, limit=0),
            SeriesQuery(search="no such series"),
        ],
    )
    async def test_totals_sum_the_summaries(
        self, listed: SeriesRepository, query: SeriesQuery
    ) -> None:
        """Totals are the sums of all matching summaries, whatever part of them is asked for."""
        everything = attrs.evolve(query, sort=SeriesSort.NAME, limit=None, offset=0)
        whole = (await listed.summaries(everything)).items

        totals = await listed.totals(query)

        assert [s.key for s in whole] == list(await listed.matching(query))
        assert totals.series == len(whole)
        assert totals.incomplete == sum(bool(s.missing) for s in whole)
        assert totals.have == sum(s.have for s in whole)
        assert totals.total == sum(s.total for s in whole)
        assert totals.missing == sum(len(n) for s in whole for n in s.missing.values())
        assert totals.announced == sum(s.announced for s in whole)
        assert set(totals.letters) == {s.name.upper().replace("Ä", "A")[0] for s in whole}

    async def test_letters_lead_to_their_first_name(self, repository: SeriesRepository) -> None:
        """Each initial has the place of its first series; `#` stands for all other characters."""
        for number, name in enumerate(["ab", "Äa", "42", "Zoo", "名前", "(b)", "ac"]):
            await repository.add(make_series(f"s-{number}", name=name))

        totals = await repository.totals(SeriesQuery())

        names = [s.name for s in (await repository.summaries(SeriesQuery())).items]
        assert names == ["(b)", "42", "Äa", "ab", "ac", "Zoo", "名前"]
        assert totals.letters == {"#": 0, "A": 2, "Z": 5}
