"""Tables and triggers that only a database of several machines has.

SQLite keeps the configuration in a file, and its processes share one machine.
"""

from typing import Final

import sqlalchemy as sa

metadata: Final = sa.MetaData()

#: The configuration; one row.
configuration: Final = sa.Table(
    "configuration",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.CheckConstraint("id = 1", name="only_configuration"),
)

#: Former configurations, by the names that their files would have.
configuration_backup: Final = sa.Table(
    "configuration_backup",
    metadata,
    sa.Column("name", sa.Text(collation="C"), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
)


def make_shared(connection: sa.Connection, names: set[str]) -> None:
    """Make the tables that a database does not have yet.

    Args:
        connection: A connection that holds the lock of the writer.
        names: Names of the tables that exist.
    """
    missing = [table for name, table in metadata.tables.items() if name not in names]
    if missing:
        metadata.create_all(connection, missing, checkfirst=False)
