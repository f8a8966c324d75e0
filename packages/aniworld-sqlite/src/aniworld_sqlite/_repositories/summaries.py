"""Pages of series with their counts, searched and sorted in the database."""

from typing import Final

import sqlalchemy as sa

from aniworld_core.domain.catalogue import (
    Page,
    SeriesFilter,
    SeriesQuery,
    SeriesSort,
    SeriesSummary,
)
from aniworld_sqlite._schema import anime_series, episodes


def is_lacking() -> sa.ColumnElement[bool]:
    """Return the condition that an episode is available and wanted but not in the library."""
    return sa.and_(episodes.c.available, episodes.c.wanted, sa.not_(episodes.c.is_downloaded))


_COUNTS: Final = (
    sa.select(
        episodes.c.series_id,
        sa.func.count().filter(is_lacking()).label("missing"),
        sa.func.count().filter(episodes.c.is_downloaded).label("have"),
        sa.func.count()
        .filter((episodes.c.available & episodes.c.wanted) | episodes.c.is_downloaded)
        .label("total"),
    )
    .group_by(episodes.c.series_id)
    .subquery("counts")
)
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
        "created_at",
    )
)
_MISSING: Final = sa.func.coalesce(_COUNTS.c.missing, 0)
_ORDER: Final = {
    SeriesSort.NAME: (anime_series.c.name_folded,),
    SeriesSort.ADDED: (anime_series.c.created_at.desc().nulls_last(),),
    SeriesSort.MISSING: (_MISSING.desc(),),
}


def read_summaries(connection: sa.Connection, query: SeriesQuery) -> Page[SeriesSummary]:
    """Return one page of series with their counts."""
    matches = _matches(query)
    page = (
        matches.order_by(*_ORDER[query.sort], anime_series.c.key)
        .limit(query.limit)
        .offset(query.offset)
    )
    rows = connection.execute(page).mappings().all()
    is_whole = query.limit is None and not query.offset
    lacking = _missing_numbers(connection, None if is_whole else page)
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
                have=row["have"],
                total=row["total"],
                cover_url=row["cover_url"],
                year=row["year"],
                monitored=row["monitored"],
                added_at=row["created_at"],
            )
            for row in rows
        ),
        len(rows) if is_whole else _count(connection, matches),
    )


def _count(connection: sa.Connection, matches: sa.Select[tuple[object, ...]]) -> int:
    count = sa.select(sa.func.count()).select_from(matches.subquery())
    return int(connection.execute(count).scalar_one())


def _matches(query: SeriesQuery) -> sa.Select[tuple[object, ...]]:
    found = (
        sa.select(
            *_SHOWN,
            sa.func.coalesce(_COUNTS.c.have, 0).label("have"),
            sa.func.coalesce(_COUNTS.c.total, 0).label("total"),
        )
        .outerjoin(_COUNTS, _COUNTS.c.series_id == anime_series.c.id)
        .where(anime_series.c.deleted_at.is_(None))
    )
    if query.search:
        # Not LIKE, because `%` and `_` in the search text must match literally.
        part = sa.func.instr(anime_series.c.name_folded, query.search.casefold())
        found = found.where(part > 0)
    match query.filter:
        case SeriesFilter.ALL:
            return found
        case SeriesFilter.MISSING:
            return found.where(_MISSING > 0)
        case SeriesFilter.COMPLETE:
            return found.where(_MISSING == 0)


def _missing_numbers(
    connection: sa.Connection, page: sa.Select[tuple[object, ...]] | None
) -> dict[int, dict[int, tuple[int, ...]]]:
    """Return the missing episode numbers by series and season, for a page or for all series."""
    # The database concatenates the numbers: one row per episode takes five times as long.
    numbers = (
        sa.select(
            episodes.c.series_id,
            episodes.c.season,
            sa.func.group_concat(episodes.c.episode_number),
        )
        .where(is_lacking())
        .group_by(episodes.c.series_id, episodes.c.season)
        .order_by(episodes.c.series_id, episodes.c.season)
    )
    if page is not None:
        chosen = page.with_only_columns(anime_series.c.id, maintain_column_froms=True)
        numbers = numbers.where(episodes.c.series_id.in_(chosen))
    found: dict[int, dict[int, tuple[int, ...]]] = {}
    for series_id, season, joined in connection.execute(numbers):
        held = tuple(sorted(map(int, joined.split(","))))
        found.setdefault(series_id, {})[season] = held
    return found
