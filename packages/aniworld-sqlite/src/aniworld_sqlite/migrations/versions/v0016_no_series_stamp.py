"""Stamps are stored by folder, in `library_folder`, and not by series any more."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.drop_column("anime_series", "folder_stamp")


def downgrade() -> None:
    op.add_column("anime_series", sa.Column("folder_stamp", sa.Text()))
