"""Why the program queued an item."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("download_queue_item", sa.Column("reason", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("download_queue_item", "reason")
