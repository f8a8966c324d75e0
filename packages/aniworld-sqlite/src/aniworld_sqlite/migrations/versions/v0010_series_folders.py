"""Further folders of a series, and its ids in databases."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    for name in ("other_folders", "external_ids"):
        column = sa.Column(name, sa.Text(), nullable=False, server_default="[]")
        op.add_column("anime_series", column)


def downgrade() -> None:
    op.drop_column("anime_series", "external_ids")
    op.drop_column("anime_series", "other_folders")
