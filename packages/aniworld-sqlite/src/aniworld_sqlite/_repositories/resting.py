"""Queue items that wait for a catalogue which is not asked for a while."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from aniworld_core.domain.downloads import (
    RESTS,
    CataloguePlace,
    DownloadStatus,
    Failure,
    RestingCatalogue,
)
from aniworld_sqlite._dialects import json_part, position
from aniworld_sqlite._repositories.listing import has_status
from aniworld_sqlite._repositories.rows import failure_from_row, failure_values
from aniworld_sqlite._schema import anime_series
from aniworld_sqlite._schema import download_queue_item as table

_WAITS: Final = sa.and_(has_status(DownloadStatus.PENDING), table.c.error_kind == RESTS)
_CATALOGUE: Final = json_part(table.c.error_values, "$.catalogue")


def delay(
    connection: sa.Connection, place: CataloguePlace, failure: Failure, until: datetime
) -> int:
    """Delay the pending items of a catalogue; see `QueueRepository.delay_catalogue`."""
    listed: list[sa.ColumnElement[bool]] = [
        anime_series.c.provider == place.provider,
        anime_series.c.deleted_at.is_(None),
    ]
    if place.host is not None:
        # The host stands between two slashes and the path, or at the end.
        listed.append(position(anime_series.c.link + "/", f"://{place.host}/") > 0)
    update = (
        sa.update(table)
        .where(
            has_status(DownloadStatus.PENDING),
            table.c.not_before.is_(None) | (table.c.not_before < until),
            table.c.serie_id.in_(sa.select(anime_series.c.key).where(*listed)),
        )
        .values(
            not_before=until,
            waits_until=until,
            is_ready=False,
            revision=table.c.revision + 1,
            **failure_values(failure),
        )
    )
    return connection.execute(update).rowcount


def wake(connection: sa.Connection, name: str | None) -> int:
    """Make delayed items claimable; see `QueueRepository.wake_catalogue`."""
    update = sa.update(table).where(_WAITS)
    if name is not None:
        update = update.where(_CATALOGUE.in_([name]))
    values = {
        "not_before": None,
        "waits_until": None,
        "is_ready": True,
        "revision": table.c.revision + 1,
        **failure_values(None),
    }
    return connection.execute(update.values(values)).rowcount


def resting(connection: sa.Connection, now: datetime) -> Sequence[RestingCatalogue]:
    """Return the catalogues that items wait for; see `QueueRepository.resting`."""
    latest = sa.func.row_number().over(
        partition_by=_CATALOGUE, order_by=(table.c.not_before.desc(), table.c.id)
    )
    waiting = (
        sa.select(
            *(column for column in table.c if column.name.startswith("error")),
            _CATALOGUE.label("name"),
            sa.func.count().over(partition_by=_CATALOGUE).label("items"),
            table.c.not_before.label("until"),
            latest.label("place"),
        )
        .where(_WAITS, table.c.waits_until > now)
        .subquery()
    )
    query = sa.select(waiting).where(waiting.c.place == 1).order_by(waiting.c.name)
    found = []
    for row in connection.execute(query).mappings():
        failure = failure_from_row(row)
        if failure is not None:
            found.append(
                RestingCatalogue(
                    name=row["name"], items=row["items"], until=row["until"], failure=failure
                )
            )
    return tuple(found)
