"""Indexes of the pages of the library."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    for name, first in (("name", "name_sorted"), ("added", "created_at DESC")):
        op.create_index(
            f"ix_anime_series_{name}",
            "anime_series",
            [sa.text(first), "key"],
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
    op.create_index(
        "ix_episodes_missing",
        "episodes",
        ["series_id"],
        sqlite_where=sa.text("available = 1 AND wanted = 1 AND is_downloaded = 0"),
        postgresql_where=sa.text("available AND wanted AND NOT is_downloaded"),
    )


def downgrade() -> None:
    op.drop_index("ix_episodes_missing", "episodes")
    op.drop_index("ix_anime_series_added", "anime_series")
    op.drop_index("ix_anime_series_name", "anime_series")
