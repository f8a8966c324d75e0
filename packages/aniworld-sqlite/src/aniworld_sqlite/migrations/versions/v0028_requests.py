"""What people asked other processes for: to ask single catalogues again, and to cancel jobs."""

import sqlalchemy as sa
from alembic import op

from aniworld_sqlite._schema import Text

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "tried_again",
        sa.Column("name", Text, primary_key=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO tried_again SELECT '', tried_again_at FROM queue_control"
        " WHERE tried_again_at IS NOT NULL"
    )
    op.drop_column("queue_control", "tried_again_at")
    op.add_column(
        "bulk_job",
        sa.Column("is_cancelled", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.drop_column("bulk_job", "is_cancelled")
    op.add_column("queue_control", sa.Column("tried_again_at", sa.DateTime()))
    op.execute(
        "UPDATE queue_control SET tried_again_at = (SELECT at FROM tried_again WHERE name = '')"
    )
    op.drop_table("tried_again")
