"""Pages of series with their counts, searched and sorted in the database."""

from collections.abc import Mapping, Sequence
from typing import Final

import sqlalchemy as sa

from aniworld_core.domain.catalogue import (
    Page,
    SeriesFilter,
    SeriesQuery,
    SeriesSort,
    SeriesSummary,
    SeriesTotals,
    first_of_letters,
    search_words,
)
from aniworld_core.domain.identity import SeriesKey
from aniworld_sqlite._dialects import position
from aniworld_sqlite._repositories.rows import languages_of, listed_numbers, quality_of
from aniworld_sqlite._schema import anime_series, episodes


def is_lacking() -> sa.ColumnElement[bool]:
    """Return the condition that an episode is available and wanted but not in the library."""
    return sa.and_(episodes.c.available, episodes.c.wanted, sa.not_(episodes.c.is_downloaded))


#: Counts of the episodes of each series.
_COUNTED: Final = sa.select(
    episodes.c.series_id,
    sa.func.count().filter(is_lacking()).label("missing"),
    sa.func.count().filter(episodes.c.is_downloaded).label("have"),
    sa.func.count()
    .filter((episodes.c.available & episodes.c.wanted) | episodes.c.is_downloaded)
    .label("total"),
    sa.func.count()
    .filter(episodes.c.wanted, sa.not_(episodes.c.available | episodes.c.is_downloaded))
    .label("announced"),
).group_by(episodes.c.series_id)
_COUNTS: Final = _COUNTED.subquery("counts")
#: Columns of a summary; reading fewer columns saves most of the time.
_SHOWN: Final = tuple(
    anime_series.c[name]
    for name in (
        "id",
        "key",
        "name",
        "site",
        "provider",
        "folder",
        "link",
        "cover_url",
        "year",
        "monitored",
        "languages",
        "quality",
        "created_at",
    )
)
_MISSING: Final = sa.func.coalesce(_COUNTS.c.missing, 0)
_ORDER: Final = {
    SeriesSort.NAME: (anime_series.c.name_sorted,),
    SeriesSort.ADDED: (anime_series.c.created_at.desc().nulls_last(),),
    SeriesSort.MISSING: (_MISSING.desc(),),
}


def read_summaries(connection: sa.Connection, query: SeriesQuery) -> Page[SeriesSummary]:
    """Return one page of series with their counts."""
    is_whole = query.limit is None and not query.offset
    # Grouping all episodes is most of the work; a page by name or date needs only its own.
    is_counted = is_whole or query.sort is SeriesSort.MISSING
    matches = _matches(query) if is_counted else _series(query)
    page = (
        matches.order_by(*_ORDER[query.sort], anime_series.c.key)
        .limit(query.limit)
        .offset(query.offset)
    )
    rows = connection.execute(page).mappings().all()
    ids = [row["id"] for row in rows]
    counts = {} if is_counted else _counts_of(connection, ids)
    lacking = _missing_numbers(connection, None if is_whole else ids)
    total = len(rows) if is_whole else _count(connection, _series(query))
    return Page(
        tuple(
            SeriesSummary(
                key=row["key"],
                name=row["name"],
                site=row["site"],
                provider=row["provider"],
                folder=row["folder"],
                link=row["link"],
                missing=lacking.get(row["id"], {}),
                **_chosen_counts(row if is_counted else counts.get(row["id"], {})),
                cover_url=row["cover_url"],
                year=row["year"],
                monitored=row["monitored"],
                languages=languages_of(row["languages"]),
                quality=quality_of(row["quality"]),
                added_at=row["created_at"],
            )
            for row in rows
        ),
        total,
    )


def _chosen_counts(row: Mapping[str, int] | sa.RowMapping) -> dict[str, int]:
    """Return the shown counts; a series without episodes has no row."""
    return {name: row.get(name, 0) for name in ("have", "total", "announced")}


def _counts_of(connection: sa.Connection, ids: Sequence[int]) -> dict[int, Mapping[str, int]]:
    """Return the counts of these series; those without episodes are left out."""
    counts = _COUNTED.where(episodes.c.series_id.in_(listed_numbers(ids)))
    return {row["series_id"]: dict(row) for row in connection.execute(counts).mappings()}


def read_keys(connection: sa.Connection, query: SeriesQuery) -> tuple[SeriesKey, ...]:
    """Return the keys of all series of a query, by name."""
    ordered = _series(query).order_by(anime_series.c.name_sorted, anime_series.c.key)
    keys = ordered.with_only_columns(anime_series.c.key, maintain_column_froms=True)
    return tuple(map(SeriesKey, connection.execute(keys).scalars()))


def read_totals(connection: sa.Connection, query: SeriesQuery) -> SeriesTotals:
    """Return the totals of all series of a query."""
    first = sa.func.substr(anime_series.c.name_sorted, 1, 1).label("initial")
    chosen = _matches(query).add_columns(first, _MISSING.label("missing")).subquery("chosen")
    sums = [
        sa.func.coalesce(sa.func.sum(chosen.c[name]), 0)
        for name in ("have", "total", "missing", "announced")
    ]
    grouped = (
        sa.select(
            chosen.c.initial,
            sa.func.count(),
            sa.func.count().filter(chosen.c.missing > 0),
            *sums,
        )
        .group_by(chosen.c.initial)
        .order_by(chosen.c.initial)
    )
    rows = connection.execute(grouped).all()
    series, incomplete, have, total, missing, announced = (
        sum(column) for column in list(zip(*rows, strict=True))[1:] or [()] * 6
    )
    return SeriesTotals(
        series=series,
        incomplete=incomplete,
        have=have,
        total=total,
        missing=missing,
        announced=announced,
        letters=first_of_letters((row[0], row[1]) for row in rows),
    )


def _count(connection: sa.Connection, series: sa.Select[tuple[object, ...]]) -> int:
    count = series.with_only_columns(sa.func.count(), maintain_column_froms=True)
    return int(connection.execute(count).scalar_one())


def _matches(query: SeriesQuery) -> sa.Select[tuple[object, ...]]:
    """Return the series of a query with their counts."""
    return (
        _series(query)
        .add_columns(
            sa.func.coalesce(_COUNTS.c.have, 0).label("have"),
            sa.func.coalesce(_COUNTS.c.total, 0).label("total"),
            sa.func.coalesce(_COUNTS.c.announced, 0).label("announced"),
        )
        .outerjoin(_COUNTS, _COUNTS.c.series_id == anime_series.c.id)
    )


def _series(query: SeriesQuery) -> sa.Select[tuple[object, ...]]:
    """Return the series of a query."""
    found = sa.select(*_SHOWN).where(anime_series.c.deleted_at.is_(None))
    for word in search_words(query.search):
        # Not LIKE, because `%` and `_` in the search text must match literally.
        found = found.where(position(anime_series.c.search_text, word) > 0)
    lacking = sa.select(episodes.c.series_id).where(is_lacking())
    match query.filter:
        case SeriesFilter.ALL:
            return found
        case SeriesFilter.MISSING:
            return found.where(anime_series.c.id.in_(lacking))
        case SeriesFilter.COMPLETE:
            return found.where(anime_series.c.id.not_in(lacking))
        case SeriesFilter.MONITORED:
            return found.where(anime_series.c.monitored)
        case SeriesFilter.UNMONITORED:
            return found.where(sa.not_(anime_series.c.monitored))


def _missing_numbers(
    connection: sa.Connection, chosen: Sequence[int] | None
) -> dict[int, dict[int, tuple[int, ...]]]:
    """Return the missing episode numbers by series and season, of these series or of all."""
    # The database concatenates the numbers: one row per episode takes five times as long.
    numbers = (
        sa.select(
            episodes.c.series_id,
            episodes.c.season,
            sa.func.aggregate_strings(sa.cast(episodes.c.episode_number, sa.Text), ","),
        )
        .where(is_lacking())
        .group_by(episodes.c.series_id, episodes.c.season)
        .order_by(episodes.c.series_id, episodes.c.season)
    )
    if chosen is not None:
        numbers = numbers.where(episodes.c.series_id.in_(listed_numbers(chosen)))
    found: dict[int, dict[int, tuple[int, ...]]] = {}
    for series_id, season, joined in connection.execute(numbers):
        held = tuple(sorted(map(int, joined.split(","))))
        found.setdefault(series_id, {})[season] = held
    return found
