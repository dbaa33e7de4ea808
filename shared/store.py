"""The database of a service: one engine, and the unit of work, the only thing that commits.

SQL uses unqualified table names; the role's search path is the service's schema, then ``platform``. Statements go
through ``rows`` and ``execute``, in asyncpg's ``$1`` style. They speak to the driver itself, which costs a third of the
way through SQLAlchemy; SQLAlchemy begins and ends the transaction, keeps the pool, and says what went wrong. Its BEGIN is
sent with the first statement only: a driver's statement before that would commit by itself and survive a rollback
(docs/decisions/0023).
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import date, datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

import asyncpg
from sqlalchemy import Row, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from shared.clock import london_date, noon
from shared.contracts.envelope import Envelope
from shared.contracts.registry import EventData, Sensitivity, type_of
from shared.crash import crash_point
from shared.driver import Mortal, ask, died_without_a_word, rows_of
from shared.failures import RESTARTED, RESTARTS, is_away, pause_before, sqlstate
from shared.messaging import outbox
from shared.messaging.cause import Cause, new_id
from shared.messaging.order import people_first

T = TypeVar("T")

CONNECT_PATIENCE = 10.0  # seconds for a new connection
STATEMENT_PATIENCE = 15.0  # seconds; locks are waited for 3, and a batch takes one or two at the most
NOTIFY_CHANNEL = "consortia_outbox"
NOTIFY_DEBOUNCE = 0.005  # seconds; NOTIFY takes a cluster-wide lock at commit, so it never rides in a business one


class Reads(Protocol):
    """A unit of work, or a store that is asked for one thing by itself."""

    async def rows(self, sql: str, *args: Any) -> Sequence[Row[Any]]: ...


class NotInTransaction(Exception):
    """A statement outside the transaction of its unit would commit by itself."""


class UnitOfWork:
    """One request or one batch: reads, writes and recorded facts that are committed together or not at all."""

    def __init__(self, connection: AsyncConnection, service: str, cause: Cause | None):
        self.connection = connection
        self.service = service
        self.unsent: list[outbox.Unsent] = []
        self._at_the_end: list[Callable[[UnitOfWork], Awaitable[None]]] = []
        self._cause = cause
        self._driver: asyncpg.Connection[asyncpg.Record] | None = None
        self.today: date
        self.now: datetime

    @property
    def cause(self) -> Cause:
        """The story that a fact belongs to when nothing else is said."""
        if self._cause is None:
            self._cause = Cause.story()
        return self._cause

    async def begin(self) -> None:
        """The first statement goes through SQLAlchemy, which sends its BEGIN before it; the others may then go directly."""
        first = await self.connection.exec_driver_sql("select now(), (select today from clock)")
        now, test_day = tuple(first.one())
        self.today = test_day or london_date(now)
        self.now = noon(test_day) if test_day else now
        driver = (await self.connection.get_raw_connection()).driver_connection
        if driver is None or not driver.is_in_transaction():
            raise NotInTransaction
        self._driver = driver

    def end(self) -> None:
        """The connection goes back to the pool: whoever kept this unit must not write into another's transaction."""
        self._driver = None

    async def _ask(self, way: Callable[..., Awaitable[T]], sql: str, args: tuple[Any, ...]) -> T:
        """Run one statement on the driver's connection, within the transaction that SQLAlchemy has begun."""
        if self._driver is None:
            raise NotInTransaction
        return await ask(self.connection, self._driver, way, sql, args)

    async def rows(self, sql: str, *args: Any) -> Sequence[Row[Any]]:
        """Run one statement with ``$1`` arguments (lists go to ``unnest``); its rows, if it returns any."""
        return rows_of(await self._ask(asyncpg.Connection.fetch, sql, args))

    async def row(self, sql: str, *args: Any) -> Row[Any] | None:
        found = await self.rows(sql, *args)
        return found[0] if found else None

    async def value(self, sql: str, *args: Any) -> Any:
        found = await self.rows(sql, *args)
        return found[0][0] if found else None

    async def execute(self, sql: str, *args: Any) -> int:
        """Run one statement; how many rows it touched."""
        said = (await self._ask(asyncpg.Connection.execute, sql, args)).rsplit(" ", 1)[-1]
        return int(said) if said.isdigit() else -1

    def record(
        self,
        data: EventData,
        *,
        key: str,
        because: Cause | None = None,
        sensitivity: Sensitivity | None = None,
        told: bool = True,
        time: datetime | None = None,
    ) -> UUID:
        """Record a fact. Its id is minted now; it is numbered and written just before the commit.

        ``told=False`` marks a restricted change that may not leave school improvement before the school is told (R0.8).
        """
        kind = type_of(data)
        return self._note(
            kind.topic,
            key,
            kind.name,
            data.model_dump_json().encode(),
            because,
            sensitivity or kind.sensitivity,
            told,
            time,
        )

    def forget(self, model: type[EventData], *, key: str, because: Cause | None = None) -> UUID:
        """Erase what the compacted topic holds under this key: a tombstone."""
        kind = type_of(model)
        return self._note(kind.topic, key, kind.name, None, because, kind.sensitivity, True, None)

    def copy(self, envelope: Envelope, value: bytes | None, *, topic: str, key: str) -> None:
        """Put a record that came from elsewhere on another topic: same id, type, data and story, its own number there."""
        self.unsent.append(outbox.Unsent(topic, key, envelope, value))

    def _note(
        self,
        topic: str,
        key: str,
        event_type: str,
        value: bytes | None,
        because: Cause | None,
        sensitivity: Sensitivity,
        told: bool,
        time: datetime | None,
    ) -> UUID:
        cause = because or self.cause
        envelope = Envelope(
            id=new_id(),
            source=f"/consortia/{self.service}",
            type=event_type,
            subject=key.rsplit("/", 1)[-1],
            time=time or self.now,
            epoch=1,
            sequence=1,
            correlation_id=cause.correlation_id,
            causation_id=cause.causation_id,
            traceparent=cause.traceparent,
            sensitivity=sensitivity,
            told=told,
            batch_id=cause.batch_id,
            people_first=cause.people_first,
        )
        self.unsent.append(outbox.Unsent(topic, key, envelope, value))
        return envelope.id

    def before_commit(self, work: Callable[["UnitOfWork"], Awaitable[None]]) -> None:
        """Do this after everything else of the unit, just before its facts are numbered.

        For what a whole batch does at once, and for rows that many transactions want: held for the shortest time.
        """
        self._at_the_end.append(work)

    @contextlib.asynccontextmanager
    async def rehearsal(self) -> AsyncIterator[list[outbox.Unsent]]:
        """Undo what is done inside, so that one can say what would change; the list holds the facts recorded by it."""
        kept, self.unsent = self.unsent, []
        left, self._at_the_end = self._at_the_end, []
        told: list[outbox.Unsent] = []
        savepoint = await self.connection.begin_nested()
        try:
            yield told
        finally:
            told += self.unsent
            self.unsent, self._at_the_end = kept, left
            await savepoint.rollback()

    @contextlib.asynccontextmanager
    async def part(self) -> AsyncIterator[None]:
        """Undo what is done inside if it raises, and nothing else of the unit: whoever catches it goes on."""
        unsent, left = list(self.unsent), list(self._at_the_end)
        try:
            async with self.connection.begin_nested():
                yield
        except BaseException:
            self.unsent, self._at_the_end = unsent, left
            raise

    async def flush(self) -> bool:
        """Do what was left to the end, then number and write what was recorded; whether there was anything."""
        while self._at_the_end:
            await self._at_the_end.pop(0)(self)
        unsent, self.unsent = self.unsent, []
        if unsent:
            await outbox.write(self.rows, people_first(unsent))
        return bool(unsent)


class Store:
    """The database of one service, for one process. ``search_path`` is given only to rebuild projections.

    ``patience``: seconds after which a statement that has no answer counts as the database being away.
    """

    def __init__(
        self,
        url: str,
        *,
        service: str,
        pool_size: int = 8,
        search_path: str | None = None,
        patience: float = STATEMENT_PATIENCE,
    ):
        self.service = service
        self.url = url
        server = {"application_name": f"consortia-{service}"}
        if search_path:
            server |= {"search_path": search_path, "transaction_timeout": "0"}  # a rebuild may take long
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=4,
            pool_use_lifo=True,  # the connection that was used last knows its statements and their plans
            connect_args={
                "server_settings": server,
                "connection_class": Mortal,
                "timeout": min(patience, CONNECT_PATIENCE),
                "command_timeout": None if search_path else patience,
                "max_cached_statement_lifetime": 0,  # a prepared statement is kept as long as there is room for it
                "statement_cache_size": 500,  # more than a service has; at the library's 100 one drives out the other
            },
            hide_parameters=True,  # what an error says is logged and parked; values may be restricted
        )
        event.listen(self.engine.sync_engine, "handle_error", died_without_a_word)
        # Each statement a transaction by itself: begun and committed by hand it would be three.
        self.alone: AsyncEngine = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self.committed = asyncio.Event()  # set after a commit that left something in the outbox
        self.relay_is_here = False  # the active relay runs in this process, so a NOTIFY would be a wasted commit
        self._notifying: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def unit(self, *, cause: Cause | None = None) -> AsyncIterator[UnitOfWork]:
        """One transaction, READ COMMITTED: committed at the end of the block, rolled back if it raises."""
        async with self.engine.connect() as connection, connection.begin():
            uow = UnitOfWork(connection, self.service, cause)
            await uow.begin()
            try:
                yield uow
                spoke = await uow.flush()
            finally:
                uow.end()
            crash_point("unit.before_commit")
        crash_point("unit.after_commit")
        if spoke:
            self._wake()

    async def rows(self, sql: str, *args: Any) -> Sequence[Row[Any]]:
        """One statement outside any unit: to look whether there is something to do, never to do it."""
        async with self.alone.connect() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            return rows_of(await ask(connection, driver, asyncpg.Connection.fetch, sql, args))

    async def run(self, work: Callable[[UnitOfWork], Awaitable[T]], *, cause: Cause | None = None) -> T:
        """Do the work in one transaction, restarted whole after a deadlock or serialisation failure, 3 times at most."""
        for attempt in range(RESTARTS + 1):
            if attempt:
                await asyncio.sleep(pause_before(attempt))
            try:
                async with self.unit(cause=cause) as uow:
                    return await work(uow)
            except Exception as error:  # a handler's own, too, when such a failure of the database is behind it
                if sqlstate(error) not in RESTARTED or attempt == RESTARTS:
                    raise
        raise AssertionError("unreachable")

    def _wake(self) -> None:
        self.committed.set()
        if not self.relay_is_here and (self._notifying is None or self._notifying.done()):
            self._notifying = asyncio.create_task(self._notify())

    async def _notify(self) -> None:
        """Tell a relay in another process, once for all commits of the last few milliseconds. A lost one costs a poll."""
        await asyncio.sleep(NOTIFY_DEBOUNCE)
        try:
            async with self.alone.connect() as connection:
                await connection.exec_driver_sql(f"notify {NOTIFY_CHANNEL}")
        except Exception as problem:
            if not is_away(problem):
                raise

    async def close(self) -> None:
        if self._notifying is not None:
            self._notifying.cancel()
            await asyncio.gather(self._notifying, return_exceptions=True)
        await self.engine.dispose()
