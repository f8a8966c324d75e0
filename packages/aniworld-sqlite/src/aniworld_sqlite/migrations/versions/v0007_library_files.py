"""Files, folders and losses of the library."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "library_file",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("modified_ns", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("series_key", sa.Text()),
        sa.Column("season", sa.Integer()),
        sa.Column("numbers", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.Text()),
        sa.PrimaryKeyConstraint("path"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_library_file_series", "library_file", ["series_key"])
    op.create_index(
        "ix_library_file_state",
        "library_file",
        ["state", "path"],
        sqlite_where=sa.text("state != 'present'"),
    )
    op.create_index(
        "ix_library_file_fingerprint",
        "library_file",
        ["fingerprint"],
        sqlite_where=sa.text("fingerprint != ''"),
    )
    op.create_table(
        "library_folder",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("series_key", sa.Text()),
        sa.Column("stamp", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("path"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "library_loss",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("noted_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("path"),
    )


def downgrade() -> None:
    for table in ("library_loss", "library_folder", "library_file"):
        op.drop_table(table)
