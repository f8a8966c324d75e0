"""Add totals, a change log and list indexes to the queue.

The item table is rebuilt without the check of the status: only the program defines the statuses.
`is_open` replaces the list of statuses in the unique index.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_TABLE = "download_queue_item"
_ORDER: tuple[str | sa.ColumnElement[object], ...] = (
    sa.literal_column("priority DESC"),
    "place",
    "added_at",
    "id",
)

#: Keep `queue_total` and `queue_change` up to date for every writer of items.
_TRIGGERS = (
    """CREATE TRIGGER queue_total_added AFTER INSERT ON download_queue_item BEGIN
        INSERT INTO queue_total (status, items, downloaded_bytes)
            VALUES (new.status, 1, new.downloaded_bytes)
            ON CONFLICT (status) DO UPDATE SET
                items = items + 1, downloaded_bytes = downloaded_bytes + new.downloaded_bytes;
    END""",
    """CREATE TRIGGER queue_total_removed AFTER DELETE ON download_queue_item BEGIN
        UPDATE queue_total SET
            items = items - 1, downloaded_bytes = downloaded_bytes - old.downloaded_bytes
            WHERE status = old.status;
    END""",
    """CREATE TRIGGER queue_total_changed
        AFTER UPDATE OF status, downloaded_bytes ON download_queue_item BEGIN
        UPDATE queue_total SET
            items = items - 1, downloaded_bytes = downloaded_bytes - old.downloaded_bytes
            WHERE status = old.status;
        INSERT INTO queue_total (status, items, downloaded_bytes)
            VALUES (new.status, 1, new.downloaded_bytes)
            ON CONFLICT (status) DO UPDATE SET
                items = items + 1, downloaded_bytes = downloaded_bytes + new.downloaded_bytes;
    END""",
    """CREATE TRIGGER queue_change_added AFTER INSERT ON download_queue_item BEGIN
        INSERT INTO queue_change (item_id, status_before) VALUES (new.id, NULL);
    END""",
    """CREATE TRIGGER queue_change_removed AFTER DELETE ON download_queue_item BEGIN
        INSERT INTO queue_change (item_id, status_before) VALUES (old.id, old.status);
    END""",
    """CREATE TRIGGER queue_change_changed
        AFTER UPDATE OF revision ON download_queue_item BEGIN
        INSERT INTO queue_change (item_id, status_before) VALUES (new.id, old.status);
    END""",
    """CREATE TRIGGER queue_change_bounded AFTER INSERT ON queue_change BEGIN
        DELETE FROM queue_change WHERE sequence <= new.sequence - 1000;
    END""",
)


def upgrade() -> None:
    for index in ("ix_download_queue_item_claim", "uq_download_queue_item_open_episode"):
        op.drop_index(index, _TABLE)
    with op.batch_alter_table(_TABLE, recreate="always") as table:
        table.drop_constraint("known_status", type_="check")
        table.add_column(
            sa.Column("is_open", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        table.add_column(
            sa.Column("is_ready", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        table.add_column(sa.Column("waits_until", sa.DateTime()))
    op.execute(
        "UPDATE download_queue_item SET is_open = status IN ('pending', 'downloading'),"
        " is_ready = status = 'pending' AND not_before IS NULL,"
        " waits_until = CASE status WHEN 'pending' THEN not_before END"
    )
    op.create_index("ix_download_queue_item_order", _TABLE, ["status", *_ORDER])
    op.create_index(
        "ix_download_queue_item_newest",
        _TABLE,
        ["status", sa.literal_column("completed_at DESC"), sa.literal_column("id DESC")],
    )
    op.create_index("ix_download_queue_item_series", _TABLE, ["serie_id", "status", *_ORDER])
    op.create_index(
        "ix_download_queue_item_ready",
        _TABLE,
        [*_ORDER],
        sqlite_where=sa.text("is_ready = 1"),
    )
    op.create_index(
        "ix_download_queue_item_waiting",
        _TABLE,
        ["waits_until"],
        sqlite_where=sa.text("waits_until IS NOT NULL"),
    )
    op.create_index(
        "uq_download_queue_item_open_episode",
        _TABLE,
        ["serie_id", "season", "episode"],
        unique=True,
        sqlite_where=sa.text("is_open = 1"),
    )
    op.create_table(
        "queue_total",
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("downloaded_bytes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("status"),
    )
    op.execute(
        "INSERT INTO queue_total (status, items, downloaded_bytes)"
        " SELECT status, count(*), sum(downloaded_bytes) FROM download_queue_item GROUP BY status"
    )
    op.create_table(
        "queue_change",
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("status_before", sa.Text()),
        sa.PrimaryKeyConstraint("sequence"),
    )
    for trigger in _TRIGGERS:
        op.execute(trigger)
