"""Make and migrate the tables of a PostgreSQL database when it is opened.

The tables and their revisions are those of `aniworld_sqlite`; here is only what PostgreSQL spells
differently. All is one transaction, which other processes wait for.
"""

from typing import Final

import sqlalchemy as sa

from aniworld_core.messages import Message
from aniworld_postgres._errors import wrong_database
from aniworld_postgres._shared import make_shared
from aniworld_postgres._ticket_schema import make_tickets
from aniworld_sqlite.sql import SHIPPED, Revisions, metadata, set_conditions, upgrade

#: The oldest server that the statements run on: `pg_current_snapshot` is new in 13.
OLDEST_SERVER: Final = 13

#: Begins the revision of a database that is being filled with the rows of another one.
COPYING: Final = "copying-"

#: Text without differences of case. SQLite calls Python's `str.casefold`.
_CASEFOLD: Final = """CREATE FUNCTION aniworld_casefold(value text) RETURNS text
    LANGUAGE sql IMMUTABLE AS
    $$ SELECT replace(lower(value COLLATE "und-x-icu"), 'ß', 'ss') $$"""
#: The same for a server without ICU: its own rules decide which letters belong together.
_CASEFOLD_WITHOUT_ICU: Final = """CREATE FUNCTION aniworld_casefold(value text) RETURNS text
    LANGUAGE sql IMMUTABLE AS $$ SELECT replace(lower(value), 'ß', 'ss') $$"""
_ICU: Final = "SELECT count(*) FROM pg_collation WHERE collname = 'und-x-icu'"

#: Totals and the change log, kept for every writer. Writers hold a lock, so the numbers of
#: changes have the order of the commits and no gaps.
_TRIGGERS: Final = (
    """CREATE FUNCTION aniworld_note_change(item text, former text) RETURNS void
    LANGUAGE plpgsql AS $$
    DECLARE
        newest bigint := (SELECT coalesce(max(sequence), 0) + 1 FROM queue_change);
    BEGIN
        INSERT INTO queue_change (sequence, item_id, status_before) VALUES (newest, item, former);
        DELETE FROM queue_change WHERE sequence <= newest - 1000;
    END $$""",
    """CREATE FUNCTION aniworld_add_total(state text, count bigint, size bigint) RETURNS void
    LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE queue_total SET items = items + count, downloaded_bytes = downloaded_bytes + size
            WHERE status = state;
        IF NOT FOUND THEN
            INSERT INTO queue_total (status, items, downloaded_bytes) VALUES (state, count, size);
        END IF;
    END $$""",
    """CREATE FUNCTION aniworld_count_item() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP <> 'INSERT' THEN
            PERFORM aniworld_add_total(old.status, -1, -old.downloaded_bytes);
        END IF;
        IF TG_OP <> 'DELETE' THEN
            PERFORM aniworld_add_total(new.status, 1, new.downloaded_bytes);
        END IF;
        RETURN NULL;
    END $$""",
    """CREATE FUNCTION aniworld_log_item() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            PERFORM aniworld_note_change(new.id, NULL);
        ELSE
            PERFORM aniworld_note_change(old.id, old.status);
        END IF;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER queue_total_counted AFTER INSERT OR DELETE OR UPDATE OF
        status, downloaded_bytes ON download_queue_item
        FOR EACH ROW EXECUTE FUNCTION aniworld_count_item()""",
    """CREATE TRIGGER queue_change_logged AFTER INSERT OR DELETE OR UPDATE OF revision
        ON download_queue_item FOR EACH ROW EXECUTE FUNCTION aniworld_log_item()""",
    # PostgreSQL puts NULL first in descending order, unless the index says otherwise.
    """CREATE INDEX ix_download_queue_item_settled ON download_queue_item
        (status, completed_at DESC NULLS LAST, id DESC)""",
)


def migrate(connection: sa.Connection, place: str, revisions: Revisions = SHIPPED) -> None:
    """Make the tables of a new database, or apply the missing revisions; blocks.

    Args:
        connection: A connection that holds the lock of the writer.
        place: Host and name of the database, for messages.
        revisions: The revisions of this program.

    Raises:
        SettingsError: If the server is too old, the database has no UTF-8, or its tables belong to
            a newer version or to another program; nothing is changed.
    """
    _require_server(connection, place)
    names = set(sa.inspect(connection).get_table_names())
    is_ours = "alembic_version" in names and "download_queue_item" in names
    if not is_ours and names & {*metadata.tables, "alembic_version"}:
        raise wrong_database(place, Message("database_server_of_other"))
    if not is_ours:
        _create(connection, revisions)
        make_shared(connection, set())
        make_tickets(connection, place)
        return
    stored = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    if str(stored).startswith(COPYING):
        raise wrong_database(place, Message("database_server_copying"))
    if stored not in revisions.names:
        newer = Message("database_newer", name=str(stored), known=revisions.newest)
        raise wrong_database(place, newer)
    if stored != revisions.newest:
        # A revision may rewrite a large table.
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        upgrade(connection, revisions)
    make_shared(connection, names)
    make_tickets(connection, place)


def _require_server(connection: sa.Connection, place: str) -> None:
    version = connection.exec_driver_sql("SHOW server_version").scalar_one()
    if int(str(version).partition(".")[0].split()[0]) < OLDEST_SERVER:
        old = Message("database_server_old", version=str(version), oldest=OLDEST_SERVER)
        raise wrong_database(place, old)
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        raise wrong_database(place, Message("database_server_encoding", encoding=str(encoding)))


def _create(connection: sa.Connection, revisions: Revisions) -> None:
    set_conditions()
    metadata.create_all(connection, checkfirst=False)
    has_icu = connection.exec_driver_sql(_ICU).scalar_one()
    connection.exec_driver_sql(_CASEFOLD if has_icu else _CASEFOLD_WITHOUT_ICU)
    for statement in _TRIGGERS:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL"
        " CONSTRAINT alembic_version_pkc PRIMARY KEY)"
    )
    connection.execute(
        sa.text("INSERT INTO alembic_version VALUES (:name)"), {"name": revisions.newest}
    )
