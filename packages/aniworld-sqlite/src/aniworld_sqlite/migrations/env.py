"""Alembic runs this file to learn on what, and how, to run the revisions."""

from alembic import context

from aniworld_sqlite._schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
# The transaction is the caller's: all revisions are applied, or none.
context.run_migrations()
