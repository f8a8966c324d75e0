"""Seasons and episodes of metadata entries."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("series_metadata", sa.Column("details", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("series_metadata", "details")
