"""Tables of procrastinate, and the triggers that defer tickets for items.

procrastinate has a schema of its own and revisions for it. The name of the last one that a database
has is the comment of the table of its jobs.
"""

import re
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from aniworld_core.errors import SettingsError

#: Name of the queue of tickets; the statements below have it, and `aniworld.work` as their task.
QUEUE: Final = "aniworld"

#: Makes the tickets fit to the items, for a writer.
RECONCILE: Final = "SELECT aniworld_reconcile_tickets()"

_NOTE: Final = sa.text("SELECT aniworld_note_tickets(:name)")
_NOTED: Final = (
    "SELECT coalesce(obj_description(to_regclass('procrastinate_jobs')), 'none')"
    " WHERE to_regclass('procrastinate_jobs') IS NOT NULL"
)
_COMMENT: Final = re.compile(r"schema (\S+)")

#: Defers one ticket for each item that became claimable, and one for each time at which items will;
#: these come last, so that a search for a ticket of now does not pass them.
_DEFER: Final = """CREATE FUNCTION aniworld_defer_tickets(number bigint, times timestamp[])
    RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        IF number > 0 OR cardinality(times) > 0 THEN
            PERFORM procrastinate_defer_jobs_v1(ARRAY(
                SELECT ROW('aniworld', 'aniworld.work', 0, NULL, NULL, '{}'::jsonb,
                        NULL::timestamptz)
                    ::procrastinate_job_to_defer_v1 FROM generate_series(1, number)
                UNION ALL
                SELECT ROW('aniworld', 'aniworld.work', -1, NULL, NULL, '{}'::jsonb,
                        at AT TIME ZONE 'UTC')
                    ::procrastinate_job_to_defer_v1 FROM unnest(times) AS at));
        END IF;
    END $$"""

#: Makes the tickets that wait as many as the items that do. Called by a writer, so the number of
#: items cannot change meanwhile; a ticket that holds no item yet may still be used for one.
_RECONCILE: Final = """CREATE FUNCTION aniworld_reconcile_tickets() RETURNS bigint
    LANGUAGE plpgsql AS $$
    DECLARE
        items bigint := (SELECT count(*) FROM download_queue_item
            WHERE is_ready OR waits_until <= clock_timestamp() AT TIME ZONE 'UTC');
        waiting bigint := (SELECT count(*) FROM procrastinate_jobs
            WHERE queue_name = 'aniworld' AND task_name = 'aniworld.work' AND status = 'todo'
            AND (scheduled_at IS NULL OR scheduled_at <= clock_timestamp()));
        taken bigint := (SELECT count(*) FROM procrastinate_jobs
            WHERE queue_name = 'aniworld' AND task_name = 'aniworld.work' AND status = 'doing'
            AND worker_id IS NOT NULL AND NOT args ? 'item');
    BEGIN
        IF waiting > items THEN
            DELETE FROM procrastinate_jobs WHERE id IN (
                SELECT id FROM procrastinate_jobs
                    WHERE queue_name = 'aniworld' AND task_name = 'aniworld.work'
                    AND status = 'todo'
                    AND (scheduled_at IS NULL OR scheduled_at <= clock_timestamp())
                    ORDER BY id LIMIT waiting - items FOR UPDATE SKIP LOCKED);
        END IF;
        PERFORM aniworld_defer_tickets(items - waiting - taken, '{}');
        RETURN items - waiting - taken;
    END $$"""

_TRIGGERS: Final = (
    """CREATE FUNCTION aniworld_note_tickets(name text) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        EXECUTE format('COMMENT ON TABLE procrastinate_jobs IS %L', 'schema ' || name);
    END $$""",
    """CREATE FUNCTION aniworld_defer_for_items() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            PERFORM aniworld_defer_tickets(
                (SELECT count(*) FROM changed WHERE is_ready),
                ARRAY(SELECT DISTINCT waits_until FROM changed WHERE waits_until IS NOT NULL));
        ELSE
            PERFORM aniworld_defer_tickets(
                (SELECT count(*) FROM changed JOIN former USING (id)
                    WHERE changed.is_ready AND NOT former.is_ready),
                ARRAY(SELECT DISTINCT changed.waits_until FROM changed JOIN former USING (id)
                    WHERE changed.waits_until IS NOT NULL
                    AND changed.waits_until IS DISTINCT FROM former.waits_until));
        END IF;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER download_queue_item_added AFTER INSERT ON download_queue_item
        REFERENCING NEW TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION aniworld_defer_for_items()""",
    # PostgreSQL gives the changed rows only to triggers without a list of columns.
    """CREATE TRIGGER download_queue_item_due AFTER UPDATE ON download_queue_item
        REFERENCING OLD TABLE AS former NEW TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION aniworld_defer_for_items()""",
)


def make_tickets(connection: sa.Connection, place: str) -> None:
    """Make the tables of tickets, or apply the missing revisions of procrastinate.

    Args:
        connection: A connection that holds the lock of the writer.
        place: Host and name of the database, for messages.

    Raises:
        SettingsError: If another program keeps jobs of procrastinate there.
    """
    comment = connection.exec_driver_sql(_NOTED).scalar()
    if comment is None:
        for script in (_schema(), _DEFER, _RECONCILE, *_TRIGGERS):
            _execute(connection, script)
        connection.exec_driver_sql(RECONCILE)
        _note_newest(connection)
        return
    known = _COMMENT.fullmatch(comment)
    if known is None:
        raise SettingsError(
            [f"DATABASE_URL: {place} has tables of another program; choose another database"]
        )
    missing = [path for path in _revisions() if path.stem > known[1]]
    for path in missing:
        _execute(connection, path.read_text("utf-8"))
    if missing:
        _note_newest(connection)


def _schema() -> str:
    from procrastinate.schema import SchemaManager

    return SchemaManager.get_schema()


def _revisions() -> list[Path]:
    from procrastinate.schema import SchemaManager

    return sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))


def _note_newest(connection: sa.Connection) -> None:
    connection.execute(_NOTE, {"name": _revisions()[-1].stem})


def _execute(connection: sa.Connection, script: str) -> None:
    """Execute any number of statements; percent signs mean nothing in them."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(script)
    finally:
        cursor.close()
