"""The runs of background tasks."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_table(
        "task_run",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("held_until", sa.DateTime()),
        sa.Column("finished_at", sa.DateTime()),
        sa.Column("seconds", sa.Float()),
        sa.Column("outcome", sa.Text()),
        sa.Column("result", sa.Text()),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("task_run")
