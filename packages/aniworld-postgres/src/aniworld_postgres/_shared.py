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

#: Channel of the notices between processes: the name of the process, a topic and a text.
CHANNEL: Final = "aniworld"
#: Statements after which other processes look at the database, by topic. Progress of items, the
#: last use of keys and other values that change every second are not among them.
_ANNOUNCED: Final = (
    ("queue", "download_queue_item", "INSERT OR DELETE OR UPDATE OF revision"),
    ("queue", "queue_control", "INSERT OR UPDATE"),
    ("series", "anime_series", "INSERT OR DELETE OR UPDATE OF folder, deleted_at"),
    ("access", "user_session", "DELETE OR UPDATE"),
    ("access", "user_account", "DELETE OR UPDATE"),
    ("access", "api_key", 'DELETE OR UPDATE OF scope, digest, "user"'),
    ("configuration", "configuration", "INSERT OR UPDATE"),
)
#: A notice is delivered when its transaction is committed, once for equal ones.
_ANNOUNCE: Final = f"""CREATE OR REPLACE FUNCTION aniworld_announce() RETURNS trigger
    LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify('{CHANNEL}',
            coalesce(current_setting('aniworld.process', true), '') || ' ' || tg_argv[0]);
        RETURN NULL;
    END $$"""


def make_shared(connection: sa.Connection, names: set[str]) -> None:
    """Make the tables that a database does not have yet.

    Args:
        connection: A connection that holds the lock of the writer.
        names: Names of the tables that exist.
    """
    missing = [table for name, table in metadata.tables.items() if name not in names]
    if missing:
        metadata.create_all(connection, missing, checkfirst=False)
    # The triggers are made together with this table.
    if "configuration" not in names:
        connection.exec_driver_sql(_ANNOUNCE)
        for topic, table, event in _ANNOUNCED:
            connection.exec_driver_sql(
                f"CREATE TRIGGER {table}_announced AFTER {event} ON {table}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION aniworld_announce('{topic}')"
            )
