"""Alembic's environment, one for every history: the schema and the address come with the configuration."""

import asyncio

from alembic import context
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine


def _run(connection: Connection, schema: str) -> None:
    connection.execute(text(f"create schema if not exists {schema}"))
    connection.execute(text(f"set search_path = {schema}, platform, public"))
    connection.commit()
    context.configure(
        connection=connection,
        version_table_schema=schema,
        version_table="alembic_version",
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def _main() -> None:
    engine = create_async_engine(context.config.attributes["url"], poolclass=pool.NullPool)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_run, context.config.attributes["schema"])
            await connection.commit()
    finally:
        await engine.dispose()


asyncio.run(_main())
