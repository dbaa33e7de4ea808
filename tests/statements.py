"""Hearing the statements that a store runs: the same on every machine, so a promise about cost can be tested."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

import shared.store
from shared.store import Store

Asked = list[tuple[str, tuple[Any, ...]]]


@contextmanager
def heard(store: Store) -> Iterator[Asked]:
    """Every statement from here to the end of the block, with its arguments, by whichever way it goes to the server."""
    seen: Asked = []
    directly = shared.store.ask

    def note(_connection: Any, _cursor: Any, statement: str, args: Any, *_: Any) -> None:
        if not statement.startswith("notify"):  # wakes a relay elsewhere, at a moment of its own
            seen.append((statement, tuple(args)))

    async def ask(connection: AsyncConnection, driver: Any, way: Any, sql: str, args: tuple[Any, ...]) -> Any:
        if connection.engine.pool is store.engine.pool:
            seen.append((sql, args))
        return await directly(connection, driver, way, sql, args)

    event.listen(store.engine.sync_engine, "before_cursor_execute", note)
    shared.store.ask = ask  # type: ignore[assignment]
    try:
        yield seen
    finally:
        shared.store.ask = directly
        event.remove(store.engine.sync_engine, "before_cursor_execute", note)


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """The text of every statement from here to the end of the block."""
    seen: list[str] = []
    with heard(store) as asked:
        yield seen
        seen += [sql for sql, _ in asked]
