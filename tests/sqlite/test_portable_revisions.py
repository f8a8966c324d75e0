"""Revisions since 0027 also run on PostgreSQL; this needs no server, so it runs everywhere.

`tests/postgres/test_former_databases.py` runs the revisions on a server.
"""

import io
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Final

import pytest
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex

from aniworld_sqlite._revisions import SHIPPED
from aniworld_sqlite._schema import metadata, set_conditions

#: The newest revision that runs on SQLite only.
LAST_OF_SQLITE: Final = "0027"
#: What PostgreSQL does not know, in a statement or as a name.
ONLY_SQLITE: Final = re.compile(
    r"\b(strftime|julianday|json_extract|json_each|total|printf|instr|rowid|sqlite_master|pragma"
    r"|insert\s+or\s+\w+|replace\s+into|autoincrement|without\s+rowid|glob)\b"
    # Numbers as truth values; only in the text of a revision, never from SQLAlchemy.
    r"|\b(is|available|wanted|enabled|pinned)\w*\s*=\s*[01]\b",
    re.IGNORECASE,
)


def _revisions() -> Iterator[ModuleType]:
    config = Config()
    config.set_main_option("script_location", "aniworld_sqlite:migrations")
    scripts = ScriptDirectory.from_config(config)
    for name in SHIPPED.names[SHIPPED.names.index(LAST_OF_SQLITE) + 1 :]:
        yield scripts.get_revision(name).module


def _statements(revision: ModuleType) -> list[str]:
    """Return what a revision does on PostgreSQL."""
    text = io.StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": text}
    )
    with Operations.context(context):
        revision.upgrade()
    return [" ".join(each.split()) for each in text.getvalue().split(";") if each.strip()]


@pytest.mark.parametrize("revision", list(_revisions()), ids=lambda module: str(module.revision))
def test_a_revision_runs_on_postgresql(revision: ModuleType) -> None:
    """It has no statement of SQLite alone, and texts sort by code points."""
    statements = _statements(revision)

    assert statements
    for statement in statements:
        assert not ONLY_SQLITE.search(statement), statement
        if statement.startswith(("CREATE TABLE", "ALTER TABLE")):
            assert not re.search(r"\bTEXT\b(?! COLLATE)", statement), (
                f"{statement}: use Text of _schema"
            )
            assert not re.search(r"\bINTEGER\b", statement), f"{statement}: use Integer of _schema"


def test_indexes_are_those_of_the_tables() -> None:
    """An index of a part of the rows has its condition on PostgreSQL, too."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    set_conditions()
    wanted = {
        str(index.name): " ".join(str(CreateIndex(index).compile(dialect=dialect)).split())
        for table in metadata.sorted_tables
        for index in table.indexes
    }
    made: dict[str, str] = {}
    for revision in _revisions():
        for statement in _statements(revision):
            found = re.match(r"(CREATE|DROP)(?: UNIQUE)? INDEX (\w+)", statement)
            if found and found[1] == "CREATE":
                made[found[2]] = statement
            elif found:
                made.pop(found[2], None)

    assert made == {name: wanted.get(name) for name in made}
    assert made


def test_the_rule_finds_what_it_is_for() -> None:
    """Statements of older revisions, which only SQLite knows, are found."""
    for statement in (
        "INSERT INTO a SELECT total(size) FROM b",
        "INSERT OR IGNORE INTO a VALUES (1)",
        "UPDATE a SET b = strftime('%Y', c)",
        "CREATE INDEX i ON a (b) WHERE is_ready = 1",
        "UPDATE episodes SET wanted = 0",
    ):
        assert ONLY_SQLITE.search(statement), statement
