"""Migrate a database to the newest schema when it is opened.

All revisions are applied in one transaction that excludes other processes, after a copy of the
database was made beside it. A new database gets the newest tables at once. Alembic is imported
only to convert a database of an older revision.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa

from aniworld_core.errors import StorageCorruptError
from aniworld_core.messages import Message
from aniworld_sqlite._database import Database, mapped_errors
from aniworld_sqlite._revisions import SHIPPED, Revisions
from aniworld_sqlite._schema import metadata
from aniworld_sqlite._triggers import TRIGGERS


def migrate(database: Database, revisions: Revisions = SHIPPED) -> None:
    """Apply the missing revisions; blocks.

    Raises:
        StorageCorruptError: If the database belongs to a newer version or to another program.
        StorageUnavailableError: If the database is locked or the disk is full; it is not changed.
    """
    with mapped_errors(database.location):
        with database.transaction() as connection:
            if _stored(connection, database, revisions) == revisions.newest:
                return
        # Some revisions rebuild tables; that must not delete rows of other tables through foreign
        # keys. The pragma has no effect inside a transaction.
        database.execute("PRAGMA foreign_keys=OFF")
        with database.transaction(begin="BEGIN IMMEDIATE") as connection:
            stored = _stored(connection, database, revisions)
            if stored is None and SHIPPED.newest in revisions.names:
                _create(connection)
                stored = SHIPPED.newest
            elif stored is not None and stored != revisions.newest:
                _copy(database, stored)
            if stored != revisions.newest:
                upgrade(connection, revisions)
                _require_sound(connection, database)
        database.execute("PRAGMA foreign_keys=ON")


def _stored(connection: sa.Connection, database: Database, revisions: Revisions) -> str | None:
    """Return the revision of the database, or `None` when it is empty."""
    tables = sa.text("SELECT name FROM sqlite_master WHERE type = 'table'")
    names = set(connection.execute(tables).scalars())
    if not names:
        return None
    if "alembic_version" not in names:
        raise StorageCorruptError(str(database.location), Message("database_of_other"))
    query = sa.text("SELECT version_num FROM alembic_version")
    stored = connection.execute(query).scalar_one_or_none()
    if stored not in revisions.names:
        reason = Message("database_newer", name=str(stored), known=revisions.newest)
        raise StorageCorruptError(str(database.location), reason)
    return str(stored)


def _create(connection: sa.Connection) -> None:
    """Create what all revisions of this program together create in an empty database."""
    metadata.create_all(connection, checkfirst=False)
    for trigger in TRIGGERS:
        connection.exec_driver_sql(trigger)
    connection.exec_driver_sql(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,"
        " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (SHIPPED.newest,))


def upgrade(connection: sa.Connection, revisions: Revisions) -> None:
    """Apply the missing revisions to the database of a connection, in its transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "aniworld_sqlite:migrations")
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(revisions.folders))
    config.attributes["connection"] = connection
    command.upgrade(config, revisions.newest)


def _require_sound(connection: sa.Connection, database: Database) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        raise StorageCorruptError(
            str(database.location), Message("rows_without_target", rows=len(broken))
        )


def _copy(database: Database, stored: str) -> None:
    """Copy the database before the migration to a new file that only this user can read."""
    path = database.location.path
    if path is None:
        return
    with (
        _new_file(path, stored) as target,
        closing(database.connect()) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)


@contextmanager
def _new_file(path: Path, stored: str) -> Iterator[Path]:
    number = 1
    while True:
        counted = f".{number}" if number > 1 else ""
        target = path.with_name(f"{path.name}.{stored}{counted}.bak")
        try:
            descriptor = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            number += 1
            continue
        break
    try:
        yield target
        os.fsync(descriptor)
    except BaseException:
        target.unlink()
        raise
    finally:
        os.close(descriptor)
