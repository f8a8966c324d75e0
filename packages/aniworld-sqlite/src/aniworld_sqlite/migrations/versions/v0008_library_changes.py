"""Journal of library changes."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "library_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime()),
        sa.Column("reason", sa.Text()),
        sa.Column("undoes", sa.Integer()),
        sa.Column("effects", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_library_change_unfinished",
        "library_change",
        ["id"],
        sqlite_where=sa.text("status IN ('running', 'stuck')"),
    )
    op.create_index(
        "ix_library_change_undoes",
        "library_change",
        ["undoes"],
        sqlite_where=sa.text("undoes IS NOT NULL"),
    )
    op.create_table(
        "library_change_step",
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer()),
        sa.Column("modified_ns", sa.Integer()),
        sa.Column("content", sa.LargeBinary()),
        sa.Column("temporary", sa.Text(), nullable=False),
        sa.Column("undo_bin", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("result_size", sa.Integer()),
        sa.Column("result_modified_ns", sa.Integer()),
        sa.PrimaryKeyConstraint("change_id", "number"),
        sa.ForeignKeyConstraint(["change_id"], ["library_change.id"], ondelete="CASCADE"),
    )


def downgrade() -> None:
    op.drop_table("library_change_step")
    op.drop_table("library_change")
