"""Sequels that are seasons of a series."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    column = sa.Column("parts", sa.Text(), nullable=False, server_default="[]")
    op.add_column("anime_series", column)


def downgrade() -> None:
    op.drop_column("anime_series", "parts")
