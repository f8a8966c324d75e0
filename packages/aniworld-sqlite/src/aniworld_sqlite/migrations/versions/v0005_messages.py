"""Add message kinds and values for failures of items and scans, and for schedule results."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_TABLES = ("download_queue_item", "scan_note")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("error_values", sa.Text()))
    op.add_column("schedule_state", sa.Column("last_result_message", sa.Text()))


def downgrade() -> None:
    op.drop_column("schedule_state", "last_result_message")
    for table in _TABLES:
        op.drop_column(table, "error_values")
