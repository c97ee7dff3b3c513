"""What Alembic runs for every migration: nothing but the connection it is given. Imported by nothing else."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
