"""Add API keys, the schedule and hoster scores."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("last_used_at", sa.DateTime()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_table(
        "schedule_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("last_run", sa.DateTime()),
        sa.Column("last_result", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("held_until", sa.DateTime()),
        sa.CheckConstraint("id = 1", name="only_row"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "source_score",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("hoster", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("successes", sa.Integer(), nullable=False),
        sa.Column("rate", sa.Float(), nullable=False),
        sa.Column("last_failure", sa.Text(), nullable=False),
        sa.Column("last_failed_at", sa.DateTime()),
        sa.Column("last_succeeded_at", sa.DateTime()),
        sa.PrimaryKeyConstraint("provider", "hoster", "language"),
    )
