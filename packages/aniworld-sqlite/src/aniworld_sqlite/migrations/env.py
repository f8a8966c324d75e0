"""Alembic environment: runs the revisions on the caller's connection."""

from alembic import context

from aniworld_sqlite._schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
# The transaction belongs to the caller: either all revisions are applied, or none.
context.run_migrations()
