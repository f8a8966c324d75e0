"""Series in SQLite."""

import functools
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Final

import attrs
import sqlalchemy as sa

from aniworld_core.domain.catalogue import (
    Episode,
    Page,
    Series,
    SeriesQuery,
    SeriesSummary,
    SeriesTotals,
)
from aniworld_core.domain.identity import EpisodeRef, FolderName, SeriesKey
from aniworld_core.domain.media import Language
from aniworld_core.errors import EpisodeNotFoundError, SeriesExistsError, SeriesNotFoundError
from aniworld_core.ports.series import SeriesRepository
from aniworld_sqlite._dialects import Transactions, TupleStatement, inserting, now
from aniworld_sqlite._repositories.rows import (
    EPISODE_COLUMNS,
    episode_from_row,
    episode_values,
    listed,
    series_from_row,
    series_values,
)
from aniworld_sqlite._repositories.summaries import (
    is_lacking,
    read_keys,
    read_summaries,
    read_totals,
)
from aniworld_sqlite._schema import anime_series, episodes

#: Columns that identify an episode within its series; updates never change them.
_IDENTITY: Final = ("id", "series_id", "season", "episode_number", "created_at")
#: Sets what a scan changes of an episode; plain, because a first scan does so for 100,000.
_SET_FILE: Final = TupleStatement(
    (
        "is_downloaded",
        "file_path",
        "file_language",
        "updated_at",
        "of_series",
        "of_season",
        "of_number",
    ),
    lambda _: (
        sa.update(episodes)
        .where(
            episodes.c.series_id == sa.bindparam("of_series"),
            episodes.c.season == sa.bindparam("of_season"),
            episodes.c.episode_number == sa.bindparam("of_number"),
        )
        .values(
            is_downloaded=sa.bindparam("is_downloaded"),
            file_path=sa.bindparam("file_path"),
            file_language=sa.bindparam("file_language"),
            updated_at=sa.bindparam("updated_at"),
        )
    ),
)


@functools.cache
def _upserting(dialect: str) -> sa.Insert:
    """Return the statement that inserts episodes or replaces what is stored of them."""
    insert = inserting(dialect, episodes)
    changed = {c.name: insert.excluded[c.name] for c in episodes.c if c.name not in _IDENTITY}
    statement: sa.Insert = insert.on_conflict_do_update(
        index_elements=["series_id", "season", "episode_number"], set_=changed
    )
    return statement


def _unchanged(time: datetime | None) -> object:
    return time


@attrs.define(eq=False)
class SqlSeriesRepository(SeriesRepository):
    """Series in the tables `anime_series` and `episodes`; removed series are only marked."""

    _database: Transactions

    async def add(self, series: Series) -> None:
        await self._database.write(lambda connection: _add(connection, series))

    async def get(self, key: SeriesKey) -> Series:
        chosen = anime_series.c.key == key
        found = await self._database.read(lambda connection: _read(connection, chosen))
        if not found:
            raise SeriesNotFoundError(key)
        return found[0]

    async def find(self, *, missing_only: bool = False) -> Sequence[Series]:
        chosen: sa.ColumnElement[bool] = sa.true()
        if missing_only:
            lacking = sa.select(episodes.c.series_id).where(is_lacking()).correlate(None)
            chosen = anime_series.c.id.in_(lacking)
        return await self._database.read(lambda connection: _read(connection, chosen))

    async def get_many(self, keys: Collection[SeriesKey]) -> Sequence[Series]:
        chosen = anime_series.c.key.in_(listed(keys))
        return await self._database.read(lambda connection: _read(connection, chosen))

    async def heads(self) -> Sequence[Series]:
        return await self._database.read(
            lambda c: [series_from_row(row, ()) for row in _series_rows(c, sa.true())]
        )

    async def file_counts(self, roots: Collection[str]) -> Mapping[str, int]:
        return await self._database.read(
            lambda connection: {root: _file_count(connection, root) for root in roots}
        )

    async def files_of(self, keys: Collection[SeriesKey]) -> Mapping[SeriesKey, Sequence[str]]:
        key, file = anime_series.c.key, episodes.c.file_path
        query = (
            sa.select(key, file)
            .distinct()
            .select_from(episodes.join(anime_series))
            .where(_present(), key.in_(listed(keys)), episodes.c.is_downloaded, file.is_not(None))
            .order_by(key, file)
        )
        rows = await self._database.read(lambda c: c.execute(query).all())
        found: dict[SeriesKey, list[str]] = {}
        for owner, path in rows:
            found.setdefault(SeriesKey(owner), []).append(path)
        return found

    async def missing_count(self) -> int:
        query = (
            sa.select(sa.func.count())
            .select_from(episodes.join(anime_series))
            .where(_present(), is_lacking())
        )
        return await self._database.read(lambda c: int(c.execute(query).scalar_one()))

    async def summaries(self, query: SeriesQuery) -> Page[SeriesSummary]:
        return await self._database.read(lambda connection: read_summaries(connection, query))

    async def matching(self, query: SeriesQuery) -> Sequence[SeriesKey]:
        return await self._database.read(lambda connection: read_keys(connection, query))

    async def totals(self, query: SeriesQuery) -> SeriesTotals:
        return await self._database.read(lambda connection: read_totals(connection, query))

    async def folders(self) -> Mapping[SeriesKey, FolderName]:
        query = sa.select(anime_series.c.key, anime_series.c.folder).where(_present())
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return {SeriesKey(key): FolderName(folder) for key, folder in rows}

    async def revision(self) -> str:
        return await self._database.revision()

    async def save(self, series: Series) -> None:
        await self._database.write(lambda connection: _save(connection, series))

    async def save_many(self, changes: Collection[tuple[Series, Series]]) -> None:
        different = [(before, after) for before, after in changes if before != after]
        if different:
            await self._database.write(lambda connection: _save_many(connection, different))

    async def mark_downloaded(
        self, episode: EpisodeRef, file: str, language: Language | None
    ) -> None:
        held = {
            "is_downloaded": True,
            "file_path": file,
            "file_language": None if language is None else language.code,
        }
        await self._database.write(lambda connection: _mark(connection, episode, held))

    async def remove(self, key: SeriesKey) -> None:
        # The port has no time argument; this time is for people who read the table.
        update = (
            sa.update(anime_series)
            .where(anime_series.c.key == key, _present())
            .values(deleted_at=now())
        )
        if not await self._database.write(lambda c: c.execute(update).rowcount):
            raise SeriesNotFoundError(key)

    async def restore(self, key: SeriesKey) -> None:
        update = sa.update(anime_series).where(anime_series.c.key == key).values(deleted_at=None)
        if not await self._database.write(lambda c: c.execute(update).rowcount):
            raise SeriesNotFoundError(key)


def _file_count(connection: sa.Connection, root: str) -> int:
    path = episodes.c.file_path
    start = f"{root}/"
    in_root = sa.func.substr(path, 1, len(start)) == start
    if not root:
        in_root = sa.not_(in_root)
    query = (
        sa.select(sa.func.count())
        .select_from(episodes.join(anime_series))
        .where(_present(), episodes.c.is_downloaded, in_root)
    )
    return int(connection.execute(query).scalar_one())


def _present() -> sa.ColumnElement[bool]:
    return anime_series.c.deleted_at.is_(None)


def _series_rows(
    connection: sa.Connection, chosen: sa.ColumnElement[bool]
) -> Sequence[sa.RowMapping]:
    query = (
        sa.select(anime_series)
        .where(_present(), chosen)
        .order_by(anime_series.c.name_sorted, anime_series.c.key)
    )
    return connection.execute(query).mappings().all()


def _read(connection: sa.Connection, chosen: sa.ColumnElement[bool]) -> list[Series]:
    rows = _series_rows(connection, chosen)
    listed = (
        sa.select(episodes.c.series_id, *EPISODE_COLUMNS)
        .join(anime_series, anime_series.c.id == episodes.c.series_id)
        .where(_present(), chosen)
        .order_by(episodes.c.series_id)
    )
    grouped = groupby(connection.execute(listed), key=itemgetter(0))
    by_series = {series_id: [episode_from_row(e) for e in found] for series_id, found in grouped}
    return [series_from_row(row, by_series.get(row["id"], ())) for row in rows]


def _add(connection: sa.Connection, series: Series) -> None:
    stored = connection.execute(
        sa.select(anime_series.c.id, _present().label("present")).where(
            anime_series.c.key == series.key
        )
    ).one_or_none()
    if stored is None:
        row = sa.insert(anime_series).values(series_values(series))
        series_id = connection.execute(row.returning(anime_series.c.id)).scalar_one()
    elif stored.present:
        raise SeriesExistsError(series.key)
    else:
        series_id = stored.id
        connection.execute(sa.delete(episodes).where(episodes.c.series_id == series_id))
        _update(connection, series_id, series)
    _write_episodes(connection, series_id, series, series.episodes)


def _save(connection: sa.Connection, series: Series) -> None:
    series_id = _series_id(connection, series.key)
    _update(connection, series_id, series)
    own = sa.select(episodes.c.id, *EPISODE_COLUMNS).where(episodes.c.series_id == series_id)
    stored = {row[0]: episode_from_row(row) for row in connection.execute(own)}
    kept = {(e.season, e.number) for e in series.episodes}
    gone = [{"gone": i} for i, e in stored.items() if (e.season, e.number) not in kept]
    if gone:
        connection.execute(sa.delete(episodes).where(episodes.c.id == sa.bindparam("gone")), gone)
    same = set(stored.values())
    _write_episodes(connection, series_id, series, [e for e in series.episodes if e not in same])


def _save_many(connection: sa.Connection, changes: Sequence[tuple[Series, Series]]) -> None:
    keys = listed([after.key for _, after in changes])
    query = sa.select(anime_series.c.key, anime_series.c.id).where(
        _present(), anime_series.c.key.in_(keys)
    )
    ids = {row.key: row.id for row in connection.execute(query)}
    to_driver = episodes.c.updated_at.type.bind_processor(connection.dialect) or _unchanged
    gone: list[dict[str, object]] = []
    rows: list[dict[str, object]] = []
    files: list[tuple[object, ...]] = []
    for before, after in changes:
        if (series_id := ids.get(after.key)) is None:
            continue
        _update_differences(connection, series_id, before, after)
        old = {(e.season, e.number): e for e in before.episodes}
        noted_at = after.updated_at or after.added_at
        noted = to_driver(noted_at)
        for episode in after.episodes:
            former = old.pop((episode.season, episode.number), None)
            if former == episode:
                continue
            if former is not None and former.is_same_but_file(episode):
                files.append((*_file_values(episode), noted, series_id, *_place(episode)))
            else:
                rows.append(episode_values(series_id, episode, noted_at))
        gone += [{"s": series_id, "n": n, "e": e} for n, e in old]
    if gone:
        delete = sa.delete(episodes).where(
            episodes.c.series_id == sa.bindparam("s"),
            episodes.c.season == sa.bindparam("n"),
            episodes.c.episode_number == sa.bindparam("e"),
        )
        connection.execute(delete, gone)
    if files:
        _SET_FILE.execute(connection, files)
    if rows:
        connection.execute(_upserting(connection.dialect.name), rows)


def _file_values(episode: Episode) -> tuple[object, ...]:
    language = episode.file_language
    return (episode.downloaded, episode.file, None if language is None else language.code)


def _place(episode: Episode) -> tuple[int, int]:
    return (episode.season, episode.number)


def _update_differences(
    connection: sa.Connection, series_id: int, before: Series, after: Series
) -> None:
    if attrs.evolve(before, episodes=()) == attrs.evolve(after, episodes=()):
        return
    old, new = series_values(before), series_values(after)
    changed = {name: value for name, value in new.items() if old[name] != value}
    if changed:
        update = sa.update(anime_series).where(anime_series.c.id == series_id)
        connection.execute(update.values(changed))


def _update(connection: sa.Connection, series_id: int, series: Series) -> None:
    update = sa.update(anime_series).where(anime_series.c.id == series_id)
    connection.execute(update.values(series_values(series)))


def _write_episodes(
    connection: sa.Connection, series_id: int, series: Series, changed: Sequence[Episode]
) -> None:
    noted_at = series.updated_at or series.added_at
    rows = [episode_values(series_id, episode, noted_at) for episode in changed]
    if rows:
        connection.execute(_upserting(connection.dialect.name), rows)


def _mark(connection: sa.Connection, ref: EpisodeRef, held: dict[str, object]) -> None:
    series_id = _series_id(connection, ref.series_key)
    # A double episode has two numbers.
    last = sa.func.coalesce(episodes.c.last_number, episodes.c.episode_number)
    found = connection.execute(
        sa.select(episodes.c.id)
        .where(
            episodes.c.series_id == series_id,
            episodes.c.season == ref.season,
            episodes.c.episode_number <= ref.number,
            last >= ref.number,
        )
        .order_by(episodes.c.episode_number)
        .limit(1)
    ).scalar_one_or_none()
    if found is None:
        raise EpisodeNotFoundError(ref.series_key, ref.code)
    connection.execute(sa.update(episodes).where(episodes.c.id == found).values(held))


def _series_id(connection: sa.Connection, key: SeriesKey) -> int:
    query = sa.select(anime_series.c.id).where(anime_series.c.key == key, _present())
    series_id = connection.execute(query).scalar_one_or_none()
    if series_id is None:
        raise SeriesNotFoundError(key)
    return int(series_id)
