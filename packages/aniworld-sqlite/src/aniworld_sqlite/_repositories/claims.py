"""Claim the next ready item, and find out when one will be ready."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.sql.dml import ReturningUpdate

from aniworld_core.domain.downloads import DownloadItem, DownloadStatus
from aniworld_core.domain.identity import ItemId
from aniworld_sqlite._dialects import bound_rows, json_rows
from aniworld_sqlite._repositories.listing import CLAIM_ORDER, has_status
from aniworld_sqlite._repositories.rows import item_from_row
from aniworld_sqlite._schema import UtcTime
from aniworld_sqlite._schema import download_queue_item as table

_SINCE: Final = sa.bindparam("since", type_=UtcTime())
_ONLY: Final = bound_rows(sa.bindparam("only", type_=sa.Text()))
#: Makes items ready whose time has come; each item once.
_WAKE: Final = (
    sa.update(table).where(table.c.waits_until <= _SINCE).values(waits_until=None, is_ready=True)
)
#: The first item that is ready. The clock may have been set back since an item was woken.
_FIRST: Final = (
    sa.select(table.c.id)
    .where(table.c.is_ready, table.c.not_before.is_(None) | (table.c.not_before <= _SINCE))
    .order_by(*CLAIM_ORDER)
    .limit(sa.literal_column("1"))
)


def _claim(first: sa.Select[tuple[str]]) -> ReturningUpdate[Any]:
    """Return the statement that finds and starts an item in one step."""
    return (
        sa.update(table)
        .where(table.c.id == first.scalar_subquery())
        .values(
            status=DownloadStatus.DOWNLOADING.value,
            is_open=DownloadStatus.DOWNLOADING.traits.is_open,
            is_ready=False,
            claim_worker=sa.bindparam("worker"),
            claim_at=_SINCE,
            claim_expires_at=sa.bindparam("until", type_=UtcTime()),
            error=None,
            error_kind=None,
            error_category=None,
            error_retryable=None,
            error_link=None,
            not_before=None,
            started_at=_SINCE,
            completed_at=None,
            revision=table.c.revision + 1,
        )
        .returning(table)
    )


_CLAIM: Final = _claim(_FIRST)
_CLAIM_ONE_OF: Final = _claim(_FIRST.select_from(_ONLY.join(table, table.c.id == _ONLY.c.value)))


def start_next(
    connection: sa.Connection, given: Mapping[str, object], only: Collection[ItemId] | None
) -> DownloadItem | None:
    """Start the first item that is ready, one of *only* if given; `None` if there is none.

    Args:
        connection: A connection that may write.
        given: The parameters `worker`, `since` and `until` of the claim.
        only: Ids of the items to choose from.
    """
    connection.execute(_WAKE, {"since": given["since"]})
    if only is None:
        found = connection.execute(_CLAIM, given)
    else:
        found = connection.execute(_CLAIM_ONE_OF, {**given, "only": json.dumps(list(only))})
    row = found.mappings().one_or_none()
    return None if row is None else item_from_row(row)


def next_claim_at(
    connection: sa.Connection, now: datetime, only: Collection[ItemId] | None
) -> datetime | None:
    """Return when the next item is claimable; only the first index entries are read."""
    earliest = sa.func.min(sa.func.coalesce(table.c.not_before, now, type_=UtcTime()))
    if only is not None:
        chosen = json_rows(only)
        source = chosen.join(table, table.c.id == chosen.c.value)
        query = sa.select(earliest).select_from(source).where(has_status(DownloadStatus.PENDING))
        found = [connection.execute(query).scalar_one()]
    else:
        ready = connection.execute(
            sa.select(table.c.not_before).where(table.c.is_ready).limit(1)
        ).first()
        if ready is not None and (ready.not_before is None or ready.not_before <= now):
            return now
        waiting = sa.select(sa.func.min(table.c.waits_until)).where(
            table.c.waits_until.is_not(None)
        )
        found = [connection.execute(waiting).scalar_one()]
        if ready is not None:
            # The clock was set back after items were woken, so each of them is compared.
            found.append(
                connection.execute(sa.select(earliest).where(table.c.is_ready)).scalar_one()
            )
    times = [time for time in found if time is not None]
    return max(min(times), now) if times else None
