"""Remarks about the files of queue items."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    column = sa.Column("notices", sa.Text(), nullable=False, server_default="[]")
    op.add_column("download_queue_item", column)


def downgrade() -> None:
    op.drop_column("download_queue_item", "notices")
