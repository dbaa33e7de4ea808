"""asyncpg beneath SQLAlchemy: connections that die when they should, and statements that went past SQLAlchemy.

What such a statement brings and what goes wrong with it look as if it had gone through SQLAlchemy, so that nobody above
has to know by which way it went.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import Connection, Row
from sqlalchemy.engine import ExceptionContext, result_tuple
from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")

A_DATABASES_OWN = 16_384  # from this number on a type was made in a database, and may be another in the next

_built_in: dict[tuple[int, ...], Any] = {}  # what a server has said of PostgreSQL's own types


class Mortal(asyncpg.Connection):
    """A connection that is dropped when a statement is given up, and that asks of PostgreSQL's own types once a process.

    asyncpg would ask the server to cancel it and wait for the answer, which on a connection that is half open never
    comes: the consumer or request behind it would stand still for as long as the process lives.
    """

    def _cancel_current_command(self, waiter: "asyncio.Future[None]", *_: object) -> None:
        if not waiter.done():
            waiter.set_result(None)
        asyncio.get_running_loop().call_soon(self.terminate)  # whoever waits for the statement is told first

    async def _introspect_types(self, typeoids: Iterable[int], timeout: float | None) -> Any:
        """Asked for each array of numbers or dates, by every new connection, which made its first statements slow."""
        asked = tuple(sorted(typeoids))
        if asked in _built_in:
            return _built_in[asked]
        found = await super()._introspect_types(asked, timeout)  # type: ignore[misc]  # not in its stubs
        if asked[-1] < A_DATABASES_OWN:
            _built_in[asked] = found
        return found


def died_without_a_word(context: ExceptionContext) -> None:
    """No answer means a lost connection, and the pool then trusts none that is as old: each would cost as much patience."""
    if isinstance(context.original_exception, TimeoutError):
        context.is_disconnect = context.invalidate_pool_on_disconnect = True


async def ask(
    connection: AsyncConnection,
    driver: "asyncpg.Connection[asyncpg.Record]",
    way: Callable[..., Awaitable[T]],
    sql: str,
    args: tuple[Any, ...],
) -> T:
    """Run one statement on the driver's connection beneath ``connection``, in the transaction that it is in, if any."""
    try:
        return await way(driver, sql, *args)
    except (Exception, asyncio.CancelledError) as problem:  # given up: then its connection is not used again
        await connection.run_sync(as_sqlalchemy_says, problem, sql, args)
        raise


def rows_of(found: Sequence[Any]) -> list[Row[Any]]:
    """What the driver brought, as SQLAlchemy's rows."""
    if not found:
        return []
    row = _row_of(tuple(found[0].keys()))
    return [row(each) for each in found]


@lru_cache(maxsize=1000)
def _row_of(columns: tuple[str, ...]) -> Callable[[Sequence[Any]], Row[Any]]:
    """Makes a row with these columns from what the driver brought."""
    return result_tuple(columns)


def as_sqlalchemy_says(connection: Connection, problem: BaseException, sql: str, args: tuple[Any, ...]) -> None:
    """Raise what SQLAlchemy would have raised for a statement of its own; a connection that is lost leaves the pool.

    Its own two handlers do it, so that nobody has to know by which way a statement went.
    """
    driver: Any = None if connection.invalidated else connection.connection.dbapi_connection
    try:
        if driver is not None and isinstance(problem, Exception):
            driver._handle_exception(problem)
        raise problem
    except BaseException as told:
        named = isinstance(told, connection.dialect.loaded_dbapi.Error)  # else it is raised as it is
        connection._handle_dbapi_exception(told, sql if named else None, args if named else None, None, None)
