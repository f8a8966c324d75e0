"""Queries that list queue items: pages, totals, and the items that changed.

Every list walks an index in its order and stops at its limit. The lists of several statuses are
merged by the database, which sorts nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, TypeAlias

import attrs
import sqlalchemy as sa

from aniworld_core.domain.catalogue import Page
from aniworld_core.domain.downloads import (
    RESTS,
    DownloadItem,
    DownloadStatus,
    ItemChange,
    ItemQuery,
    ListOrder,
    QueueChanges,
    QueueEntry,
    QueueOverview,
    SeriesItems,
)
from aniworld_core.domain.identity import EpisodeRef, ItemId, SeriesKey
from aniworld_sqlite._dialects import casefold, episode_code, json_part, json_rows, position
from aniworld_sqlite._repositories.rows import entry_from_row, item_from_row
from aniworld_sqlite._schema import anime_series, episodes, queue_change, queue_total
from aniworld_sqlite._schema import download_queue_item as table

Query: TypeAlias = sa.Select[Any] | sa.CompoundSelect[Any]

#: Columns that lists are ordered by, and the id for the join with the other columns.
_KEYS: Final = (table.c.priority, table.c.place, table.c.added_at, table.c.id)
CLAIM_ORDER: Final = (table.c.priority.desc(), table.c.place, table.c.added_at, table.c.id)
_REVERSED: Final = (
    table.c.priority,
    table.c.place.desc(),
    table.c.added_at.desc(),
    table.c.id.desc(),
)
_ORDERS: Final[Mapping[ListOrder, Sequence[sa.ColumnElement[Any]]]] = {
    ListOrder.NEXT_FIRST: CLAIM_ORDER,
    ListOrder.NEWEST_FIRST: (table.c.completed_at.desc().nulls_last(), table.c.id.desc()),
}


def has_status(status: DownloadStatus) -> sa.ColumnElement[bool]:
    """Return the condition that an item has a status.

    The status is a literal in the statement, because the planner uses a partial index only for a
    value that it knows.
    """
    return table.c.status == sa.literal_column(f"'{status.value}'")


def find(
    connection: sa.Connection,
    *,
    statuses: Collection[DownloadStatus] | None,
    series_key: SeriesKey | None,
    id_prefix: str,
    limit: int | None,
) -> list[DownloadItem]:
    """Return items in claim order."""
    keys = () if series_key is None else (series_key,)
    chosen = _ids(statuses, keys, id_prefix=id_prefix).limit(limit).subquery()
    query = sa.select(table).join(chosen, chosen.c.id == table.c.id).order_by(*CLAIM_ORDER)
    return [item_from_row(row) for row in connection.execute(query).mappings()]


def open_items(
    connection: sa.Connection, refs: Collection[EpisodeRef]
) -> Mapping[EpisodeRef, ItemId]:
    """Return the open item of each episode that has one; one index look-up per episode."""
    wanted = json_rows([ref.series_key, ref.season, ref.number] for ref in refs)
    key = json_part(wanted.c.value, "$[0]")
    season, number = (sa.cast(json_part(wanted.c.value, f"$[{n}]"), sa.BigInteger) for n in (1, 2))
    found = (
        sa.select(table.c.id, table.c.serie_id, table.c.season, table.c.episode)
        .select_from(wanted.join(table, sa.true()))
        .where(
            table.c.is_open,
            table.c.serie_id == key,
            table.c.season == season,
            table.c.episode == number,
        )
    )
    return {EpisodeRef(k, s, n): ItemId(i) for i, k, s, n in connection.execute(found)}


def entries(connection: sa.Connection, ids: Query) -> tuple[QueueEntry, ...]:
    """Return the items whose ids a query selects, with the data of their series, in claim order."""
    return _joined(connection, ids, CLAIM_ORDER)


def entries_of(connection: sa.Connection, item_ids: Collection[ItemId]) -> tuple[QueueEntry, ...]:
    """Return the items with these ids and the data of their series, in claim order."""
    return entries(connection, sa.select(json_rows(dict.fromkeys(item_ids)).c.value.label("id")))


def page(connection: sa.Connection, query: ItemQuery) -> Page[QueueEntry]:
    """Return a page of the matching items and the number of all matching items."""
    if not _is_plain(query):
        found = matching_ids(connection, attrs.evolve(query, limit=None, offset=0))
        end = None if query.limit is None else query.offset + query.limit
        ids = sa.select(json_rows(found[query.offset : end]).c.value.label("id"))
        return Page(_joined(connection, ids, _ORDERS[query.order]), len(found))
    statuses, keys = query.statuses or None, query.series_keys
    total = _count(connection, statuses, keys)
    limit, offset, from_end = query.limit, query.offset, False
    if limit is not None and total // 2 < offset < total:
        # Count from the end for late pages, because skipping rows is most of their cost.
        from_end, limit = True, min(limit, total - offset)
        offset = total - offset - limit
    chosen = _ids(statuses, keys, from_end=from_end).limit(limit).offset(offset)
    return Page(entries(connection, chosen), total)


def matching_ids(connection: sa.Connection, query: ItemQuery) -> Sequence[ItemId]:
    """Return the ids of the matching items in the order of the query."""
    hits = _matching(query, table.c.id).order_by(*_ORDERS[query.order])
    return connection.execute(hits.limit(query.limit).offset(query.offset)).scalars().all()


def series_page(connection: sa.Connection, query: ItemQuery) -> Page[SeriesItems]:
    """Return a page of the series of matching items and the number of these series."""
    place = sa.func.row_number().over(order_by=_ORDERS[query.order]).label("place")
    hits = _matching(query, table.c.serie_id, table.c.status, place).subquery()
    found = connection.execute(
        sa.select(hits.c.serie_id, hits.c.status, sa.func.count(), sa.func.min(hits.c.place))
        .group_by(hits.c.serie_id, hits.c.status)
        .order_by(sa.func.min(hits.c.place))
    )
    counted: dict[SeriesKey, dict[DownloadStatus, int]] = {}
    for key, status, items, _ in found:
        counted.setdefault(SeriesKey(key), {})[DownloadStatus(status)] = items
    end = None if query.limit is None else query.offset + query.limit
    shown = list(counted)[query.offset : end]
    names = _series_names(connection, shown)
    return Page(
        tuple(
            SeriesItems(series_key=key, name=names.get(key, key), counts=counted[key])
            for key in shown
        ),
        len(counted),
    )


def _series_names(connection: sa.Connection, keys: Collection[SeriesKey]) -> Mapping[str, str]:
    wanted = json_rows(keys)
    query = sa.select(anime_series.c.key, anime_series.c.name).select_from(
        wanted.join(anime_series, anime_series.c.key == wanted.c.value)
    )
    return {row.key: row.name for row in connection.execute(query.where(_IS_PRESENT))}


def overview(
    connection: sa.Connection, statuses: Collection[DownloadStatus], limit: int
) -> QueueOverview:
    """Return the totals and the first entries of each status."""
    totals = connection.execute(sa.select(queue_total)).all()
    counts = {DownloadStatus(status): items for status, items, _ in totals}
    downloaded = {DownloadStatus(status): size for status, _, size in totals}
    lists = {}
    for status in statuses:
        order = _ORDERS[status.traits.order]
        ids = sa.select(table.c.id).where(has_status(status)).order_by(*order).limit(limit)
        lists[status] = _joined(connection, ids, order)
    return QueueOverview(
        counts={status: counts.get(status, 0) for status in DownloadStatus},
        downloaded={status: downloaded.get(status, 0) for status in DownloadStatus},
        lists=lists,
    )


def counts(connection: sa.Connection) -> Mapping[DownloadStatus, int]:
    """Return the number of items by status."""
    return overview(connection, (), 0).counts


def changes_since(connection: sa.Connection, sequence: int | None) -> QueueChanges:
    """Return the items of the change log after *sequence*, each once, with its current values."""
    ends = sa.select(
        sa.select(sa.func.min(queue_change.c.sequence)).scalar_subquery(),
        sa.select(sa.func.max(queue_change.c.sequence)).scalar_subquery(),
    )
    oldest, newest = connection.execute(ends).one()
    oldest, newest = oldest or 1, newest or 0
    if sequence is None or sequence == newest:
        return QueueChanges(sequence=newest)
    log = (
        sa.select(queue_change.c.item_id, queue_change.c.status_before)
        .where(queue_change.c.sequence > sequence)
        .order_by(queue_change.c.sequence)
    )
    before: dict[ItemId, DownloadStatus | None] = {}
    last: dict[ItemId, None] = {}
    for item_id, status in connection.execute(log):
        before.setdefault(item_id, None if status is None else DownloadStatus(status))
        last.pop(item_id, None)
        last[item_id] = None
    stored = {entry.item.id: entry.item for entry in entries_of(connection, last)}
    return QueueChanges(
        sequence=newest,
        changes=tuple(ItemChange(item_id=i, before=before[i], item=stored.get(i)) for i in last),
        is_complete=oldest - 1 <= sequence <= newest,
    )


def _is_plain(query: ItemQuery) -> bool:
    """Return whether the items are found by an index on status and series in claim order."""
    kinds = query.failure_kinds or query.without_kinds or query.awake_at
    is_filtered = query.search or kinds
    return not is_filtered and query.order is ListOrder.NEXT_FIRST


def _ids(
    statuses: Collection[DownloadStatus] | None,
    series_keys: Collection[SeriesKey] = (),
    *,
    id_prefix: str = "",
    from_end: bool = False,
) -> Query:
    """Return a query of ids in claim order, or in the reverse order.

    The lists of several statuses are merged by the database.
    """
    conditions = [_is_of(series_keys)] if series_keys else []
    if id_prefix:
        # Every text with this prefix lies in this range of the primary key.
        conditions += [table.c.id >= id_prefix, table.c.id <= id_prefix + "\U0010ffff"]
        conditions.append(sa.func.substr(table.c.id, 1, len(id_prefix)) == id_prefix)
        if statuses is not None:
            conditions.append(table.c.status.in_([status.value for status in statuses]))
        return sa.select(table.c.id).where(*conditions).order_by(*CLAIM_ORDER)
    chosen = sorted(DownloadStatus if statuses is None else statuses)
    if not chosen:
        return sa.select(table.c.id).where(sa.false())
    parts = [sa.select(*_KEYS).where(has_status(each), *conditions) for each in chosen]
    if len(parts) == 1:
        return parts[0].order_by(*(_REVERSED if from_end else CLAIM_ORDER))
    merged = sa.union_all(*parts)
    listed = merged.selected_columns
    if from_end:
        return merged.order_by(
            listed.priority, listed.place.desc(), listed.added_at.desc(), listed.id.desc()
        )
    return merged.order_by(listed.priority.desc(), listed.place, listed.added_at, listed.id)


def _joined(
    connection: sa.Connection, ids: Query, order: Sequence[sa.ColumnElement[Any]]
) -> tuple[QueueEntry, ...]:
    """Read the items whose ids a query selects, each with its series and episode title."""
    chosen = ids.subquery()
    query = _with_series(
        sa.select(table, *_SERIES_COLUMNS), chosen.join(table, table.c.id == chosen.c.id)
    ).order_by(*order)
    return tuple(entry_from_row(row) for row in connection.execute(query).mappings())


_EPISODE: Final = (
    # The highest number that is not greater: a double episode is stored under its first number.
    sa.select(episodes.c.id)
    .where(
        episodes.c.series_id == anime_series.c.id,
        episodes.c.season == table.c.season,
        episodes.c.episode_number <= table.c.episode,
        sa.func.coalesce(episodes.c.last_number, episodes.c.episode_number) >= table.c.episode,
    )
    .order_by(episodes.c.episode_number.desc())
    .limit(1)
    .correlate(table, anime_series)
    .scalar_subquery()
)
_TITLED: Final = episodes.alias("titled")
_IS_PRESENT: Final = anime_series.c.deleted_at.is_(None)
_SERIES_COLUMNS: Final = (
    anime_series.c.name.label("series_name"),
    anime_series.c.folder.label("series_folder"),
    anime_series.c.languages.label("series_languages"),
    _TITLED.c.title_de,
    _TITLED.c.title_en,
)


def _with_series(query: sa.Select[Any], source: sa.FromClause) -> sa.Select[Any]:
    present = sa.and_(anime_series.c.key == table.c.serie_id, _IS_PRESENT)
    return query.select_from(
        source.outerjoin(anime_series, present).outerjoin(_TITLED, _TITLED.c.id == _EPISODE)
    )


def _is_of(series_keys: Collection[SeriesKey]) -> sa.ColumnElement[bool]:
    """Return the condition that an item belongs to one of the series."""
    if len(series_keys) == 1:
        return table.c.serie_id == next(iter(series_keys))
    return table.c.serie_id.in_(sa.select(json_rows(series_keys).c.value))


def _count(
    connection: sa.Connection,
    statuses: Collection[DownloadStatus] | None,
    series_keys: Collection[SeriesKey],
) -> int:
    chosen = set(DownloadStatus if statuses is None else statuses)
    if not series_keys:
        return sum(n for status, n in counts(connection).items() if status in chosen)
    counted = sa.select(table.c.status, sa.func.count()).where(_is_of(series_keys))
    found = connection.execute(counted.group_by(table.c.status))
    return sum(n for status, n in found if status in chosen)


def _matching(query: ItemQuery, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Return a query of the matching items without order."""
    conditions: list[sa.ColumnElement[bool]] = []
    if query.statuses:
        conditions.append(sa.or_(*(has_status(status) for status in sorted(query.statuses))))
    if query.series_keys:
        conditions.append(_is_of(query.series_keys))
    kind = sa.func.coalesce(table.c.error_kind, "")
    if query.failure_kinds:
        conditions.append(kind.in_(sorted(query.failure_kinds)))
    if query.without_kinds:
        conditions.append(kind.not_in(sorted(query.without_kinds)))
    if query.awake_at is not None:
        waits = sa.and_(kind == RESTS, sa.func.coalesce(table.c.not_before > query.awake_at, False))
        conditions.append(~waits)
    if not query.search:
        return sa.select(*columns).where(*conditions)
    return _with_series(sa.select(*columns), table).where(*conditions, _has_text(query.search))


def _has_text(search: str) -> sa.ColumnElement[bool]:
    """Return the condition that an item matches a search; see `QueueEntry.matches`."""
    needle = search.casefold()
    number = sa.cast(table.c.episode, sa.Text)
    code = episode_code(table.c.season, table.c.episode)
    titles = (_TITLED.c.title_de, _TITLED.c.title_en)
    has_title = sa.or_(*(sa.func.coalesce(title, "") != "" for title in titles))
    fallback = sa.case((has_title, ""), else_=sa.literal("episode ") + number)
    texts = (
        anime_series.c.name_folded,
        table.c.serie_id,
        code,
        *(casefold(title) for title in titles),
        fallback,
    )
    return sa.or_(*(position(text, needle) > 0 for text in texts))
