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
#: What one process has done for all, and until when nobody does it again.
done_once: Final = sa.Table(
    "done_once",
    metadata,
    sa.Column("name", sa.Text(collation="C"), primary_key=True),
    sa.Column("until", sa.TIMESTAMP(timezone=True), nullable=False),
)

#: Guesses of passwords that count.
password_guess: Final = sa.Table(
    "password_guess",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("caller_group", sa.Text(collation="C"), nullable=False),
    sa.Column("counts_from", sa.TIMESTAMP(timezone=True), nullable=False),
)

#: Announce the changes after which other processes look at the database. Progress of items, the
#: last use of keys and other values that change every second are not among them. A notice is
#: delivered when its transaction is committed, once for equal ones.
_TRIGGERS: Final = (
    """CREATE OR REPLACE FUNCTION aniworld_announce() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify('aniworld',
            coalesce(current_setting('aniworld.process', true), '') || ' ' || tg_argv[0]);
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER download_queue_item_announced AFTER INSERT OR DELETE OR UPDATE OF revision
        ON download_queue_item FOR EACH STATEMENT EXECUTE FUNCTION aniworld_announce('queue')""",
    """CREATE TRIGGER queue_control_announced AFTER INSERT OR UPDATE
        ON queue_control FOR EACH STATEMENT EXECUTE FUNCTION aniworld_announce('queue')""",
    """CREATE TRIGGER anime_series_announced AFTER INSERT OR DELETE OR UPDATE OF folder, deleted_at
        ON anime_series FOR EACH STATEMENT EXECUTE FUNCTION aniworld_announce('series')""",
    """CREATE TRIGGER user_session_announced AFTER DELETE OR UPDATE
        ON user_session FOR EACH STATEMENT EXECUTE FUNCTION aniworld_announce('access')""",
    """CREATE TRIGGER user_account_announced AFTER DELETE OR UPDATE
        ON user_account FOR EACH STATEMENT EXECUTE FUNCTION aniworld_announce('access')""",
    """CREATE TRIGGER api_key_announced AFTER DELETE OR UPDATE OF scope, digest, "user"
        ON api_key FOR EACH STATEMENT EXECUTE FUNCTION aniworld_announce('access')""",
    """CREATE TRIGGER configuration_announced AFTER INSERT OR UPDATE
        ON configuration FOR EACH STATEMENT EXECUTE FUNCTION aniworld_announce('configuration')""",
)

#: The processes of all machines.
node_table: Final = sa.Table(
    "node",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("roles", sa.Text, nullable=False),
    sa.Column("slots", sa.Integer, nullable=False),
    sa.Column("is_leader", sa.Boolean, nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
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
    # The triggers are made together with this table.
    if configuration.name not in names:
        for statement in _TRIGGERS:
            connection.exec_driver_sql(statement)
