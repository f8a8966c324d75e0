"""When a person last had catalogues asked again that were not asked for a while."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("queue_control", sa.Column("tried_again_at", sa.DateTime()))


def downgrade() -> None:
    op.drop_column("queue_control", "tried_again_at")
