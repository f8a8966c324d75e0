"""Bulk jobs, and the entries of the history about them."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "bulk_job",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("episodes", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text()),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "bulk_job_step",
        sa.Column(
            "job_id",
            sa.Integer(),
            sa.ForeignKey("bulk_job.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("series_key", sa.Text(), primary_key=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_bulk_job_step_state", "bulk_job_step", ["job_id", "state", "number"])
    op.add_column("history", sa.Column("job_id", sa.Integer()))


def downgrade() -> None:
    op.drop_column("history", "job_id")
    op.drop_table("bulk_job_step")
    op.drop_table("bulk_job")
