"""The order of names, and the text in which lists of series are searched."""

import json

import sqlalchemy as sa
from alembic import op

from aniworld_core.domain.catalogue import search_text, sort_name

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    for column in ("name_sorted", "search_text"):
        op.add_column(
            "anime_series", sa.Column(column, sa.Text(), nullable=False, server_default="")
        )
    connection = op.get_bind()
    rows = [
        {"id": i, "sorted": sort_name(name), "text": search_text(name, json.loads(others))}
        for i, name, others in connection.execute(
            sa.text("SELECT id, name, alternative_titles FROM anime_series")
        )
    ]
    if rows:
        update = "UPDATE anime_series SET name_sorted = :sorted, search_text = :text WHERE id = :id"
        connection.execute(sa.text(update), rows)


def downgrade() -> None:
    for column in ("search_text", "name_sorted"):
        op.drop_column("anime_series", column)
