"""The history of what happened."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "history",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("series_key", sa.Text()),
        sa.Column("season", sa.Integer()),
        sa.Column("number", sa.Integer()),
        sa.Column("detail", sa.Text()),
        sa.Column("file", sa.Text()),
        sa.Column("change_id", sa.Integer()),
        sa.Column("change_origin", sa.Text()),
        sa.Column("folded", sa.Text(), nullable=False),
        sqlite_autoincrement=True,
    )
    # Former changes of the library are listed as before.
    op.execute(
        "INSERT INTO history (kind, at, actor, actor_name, title, change_id, change_origin, folded)"
        " SELECT 'changed', created_at, 'program', '', title, id, origin, title"
        " FROM library_change ORDER BY id"
    )
    # SQLite's own functions fold ASCII letters only.
    connection = op.get_bind()
    folded = [
        {"id": number, "folded": title.casefold()}
        for number, title in connection.execute(sa.text("SELECT id, title FROM history"))
    ]
    if folded:
        update = sa.text("UPDATE history SET folded = :folded WHERE id = :id")
        connection.execute(update, folded)
    op.create_index("ix_history_series", "history", ["series_key", "id"])
    op.create_index("ix_history_kind", "history", ["kind", "id"])


def downgrade() -> None:
    op.drop_table("history")
