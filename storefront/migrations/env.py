"""Alembic's entry: runs inside the transaction that database.migrate opened."""

from alembic import context

from storefront.database import METADATA

context.configure(
    connection=context.config.attributes["connection"], target_metadata=list(METADATA), render_as_batch=True, compare_type=True
)
context.run_migrations()
