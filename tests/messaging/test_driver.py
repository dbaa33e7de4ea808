"""A unit's statements go past SQLAlchemy to the driver; nobody must be able to tell (D4)."""

import asyncio
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from shared.failures import sqlstate
from shared.store import NotInTransaction, UnitOfWork
from tests.messaging.conftest import Side
from tests.messaging.sample import fetch

BY_BOTH_WAYS = [
    "select 1 as one, 'two' as two, null as three",
    "select array[1, 2] as list, now()::date as day, '1.5'::numeric as much, 'x'::bytea as raw",
    "select '{\"a\": [1]}'::jsonb as kept, '{\"a\": [1]}'::json as given, gen_random_uuid() is null as id",
    "select n, n * 2 as double from generate_series(1, 3) as n",
    "select 1 where false",
    "insert into spoken values ('same', 1) on conflict do nothing returning key",
]


@pytest.mark.parametrize("sql", BY_BOTH_WAYS)
async def test_rows_are_what_sqlalchemy_brings(writer: Side, sql: str) -> None:
    async with writer.store.unit() as uow:
        async with uow.rehearsal():
            through = (await uow.connection.exec_driver_sql(sql)).fetchall()
        async with uow.rehearsal():
            mine = await uow.rows(sql)
        assert [row._mapping for row in mine] == [row._mapping for row in through]
        assert [type(row) for row in mine] == [type(row) for row in through]


@pytest.mark.parametrize(
    ("sql", "args"),
    [
        ("insert into spoken select 'k' || n, n from generate_series(1, $1::int) as n", (3,)),
        ("delete from spoken where number < $1", (0,)),
        ("insert into spoken values ('a', 1), ('b', 2)", ()),
        ("set local work_mem = '8MB'", ()),
    ],
)
async def test_it_touched_as_many_rows_as_sqlalchemy_says(writer: Side, sql: str, args: tuple[Any, ...]) -> None:
    async with writer.store.unit() as uow:
        async with uow.rehearsal():
            through = (await uow.connection.exec_driver_sql(sql, args)).rowcount
        async with uow.rehearsal():
            assert await uow.execute(sql, *args) == through


@pytest.mark.parametrize(
    ("sql", "args", "kind", "state"),
    [
        ("insert into spoken values ('a', 1), ('a', 1)", (), IntegrityError, "23505"),
        ("select nothing from nowhere", (), ProgrammingError, "42P01"),
        ("select $1::int", ("not a number",), DBAPIError, "22000"),
        ("select 1 / $1::int", (0,), DBAPIError, "22012"),
        ("select pg_terminate_backend(pg_backend_pid())", (), DBAPIError, "08003"),
    ],
)
async def test_what_goes_wrong_is_told_as_sqlalchemy_tells_it(
    writer: Side, sql: str, args: tuple[Any, ...], kind: type[DBAPIError], state: str
) -> None:
    async def directly(uow: UnitOfWork) -> None:
        await uow.rows(sql, *args)

    async def through(uow: UnitOfWork) -> None:
        await uow.connection.exec_driver_sql(sql, args)

    told = []
    for way in (through, directly):
        with pytest.raises(kind) as refused:
            await writer.store.run(way)
        assert sqlstate(refused.value) == state
        told.append((type(refused.value), str(refused.value), refused.value.connection_invalidated))
    assert told[0] == told[1]


async def test_a_statement_that_was_given_up_leaves_no_connection_behind(writer: Side) -> None:
    """Whoever waited is gone; the server may still be at it. The next unit has another connection."""
    pids: list[int] = []
    begun = asyncio.Event()

    async def waits(uow: UnitOfWork) -> None:
        pids.append(await uow.value("select pg_backend_pid()"))
        begun.set()
        await uow.rows("select pg_sleep(60)")

    waiting = asyncio.create_task(writer.store.run(waits))
    await begun.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    async with writer.store.unit() as uow:
        assert await uow.value("select pg_backend_pid()") != pids[0]


async def test_a_savepoint_takes_back_what_went_past_sqlalchemy(writer: Side) -> None:
    async with writer.store.unit() as uow:
        await uow.execute("insert into spoken values ('kept', 1)")
        async with uow.rehearsal():
            await uow.execute("insert into spoken values ('rehearsed', 1)")
    assert [row.key for row in await fetch(writer.store, "select key from spoken")] == ["kept"]


async def test_a_unit_that_is_over_writes_nothing(writer: Side) -> None:
    """Its connection may be in another's transaction by now."""
    async with writer.store.unit() as uow:
        pass
    with pytest.raises(NotInTransaction):
        await uow.execute("insert into spoken values ('late', 1)")


async def test_no_statement_goes_to_the_driver_before_the_transaction_has_begun(writer: Side) -> None:
    """D4: SQLAlchemy sends BEGIN with its first statement; what the driver does before that survives a rollback."""
    async with writer.store.engine.connect() as connection, connection.begin():
        early = UnitOfWork(connection, writer.service, None)
        with pytest.raises(NotInTransaction):
            await early.execute("insert into spoken values ('early', 1)")
    assert await fetch(writer.store, "select * from spoken") == []
