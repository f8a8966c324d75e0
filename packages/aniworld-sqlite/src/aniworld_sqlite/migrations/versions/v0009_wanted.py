"""Episodes and seasons that are not wanted."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column(
        "episodes", sa.Column("wanted", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    op.add_column(
        "anime_series",
        sa.Column("unwanted_seasons", sa.Text(), nullable=False, server_default="[]"),
    )
