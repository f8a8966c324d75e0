"""Rules of lists, and the entries of lists that episodes are."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("anime_series", sa.Column("list_rules", sa.Text()))
    op.add_column("episodes", sa.Column("unavailable", sa.Text()))
    op.add_column("episodes", sa.Column("link", sa.Text()))
    op.add_column(
        "episodes", sa.Column("catalogue_id", sa.Text(), nullable=False, server_default="")
    )


def downgrade() -> None:
    for column in ("catalogue_id", "link", "unavailable"):
        op.drop_column("episodes", column)
    op.drop_column("anime_series", "list_rules")
