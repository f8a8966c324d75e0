"""Add queue items that replace existing episodes."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column(
        "download_queue_item",
        sa.Column("replaces", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
