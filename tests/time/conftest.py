"""Three services on databases of their own, without a broker: what one records is read by the others' own inboxes."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

import pytest

from services.funding.inbound import INBOUND as FUNDING
from services.funding.use_cases.turn_year import turn_year_for_all
from services.meetings.inbound import INBOUND as MEETINGS
from services.membership.use_cases.failed_days import turn_all_days
from shared.contracts.envelope import read_envelope, unpack
from shared.messaging.inbox import Inbox
from shared.messaging.records import Record
from shared.store import Store, UnitOfWork
from tests.conftest import Database, Databases

T = TypeVar("T")
READERS = {"meetings": MEETINGS, "funding": FUNDING}
READ_AT_ONCE = 200


@dataclass(frozen=True)
class Fact:
    """One recorded event: its type in short, its key, its data."""

    service: str
    type: str
    key: str
    data: dict[str, Any]
    told: bool
    sensitivity: str


@dataclass
class Installation:
    """Membership, meetings and funding under one clock."""

    stores: dict[str, Store]
    read_up_to: int = 0
    forgotten: dict[str, int] = field(default_factory=dict)

    def __getitem__(self, service: str) -> Store:
        return self.stores[service]

    async def do(self, work: Callable[[UnitOfWork], Awaitable[T]], service: str = "membership") -> T:
        return await self.stores[service].run(work)

    async def it_is(self, day: date, *, confirmed: bool = True, only: str | None = None) -> None:
        for service in [only] if only else self.stores:
            await self.do(
                lambda uow: uow.execute(
                    "insert into clock (today, confirmed) values ($1, $2) on conflict (only_row) "
                    "do update set today = excluded.today, confirmed = excluded.confirmed",
                    day,
                    confirmed,
                ),
                service,
            )

    async def tick(self, *, confirmed: bool = False) -> int:
        """As `consortia tick` does it: membership first, then everybody hears, then funding, then everybody hears."""
        done = await turn_all_days(self.stores["membership"], confirmed=confirmed)
        await self.everybody_hears()
        await turn_year_for_all(self.stores["funding"], confirmed=confirmed)
        return done

    async def everybody_hears(self) -> None:
        """What membership recorded since the last time, into the inboxes of those who read it."""
        while True:
            rows = await self.rows(
                "select id, topic, key, headers, value from outbox where id > $1 order by id limit $2",
                self.read_up_to,
                READ_AT_ONCE,
            )
            if not rows:
                return
            records = [Record(row.topic, 0, row.id, row.key, row.value, unpack(row.headers)) for row in rows]
            await self.reads(records)
            self.read_up_to = rows[-1].id

    async def reads(self, records: list[Record]) -> None:
        for service, inbound in READERS.items():
            inbox = Inbox(inbound, service)
            await self.do(lambda uow, inbox=inbox: inbox.take(records, uow), service)  # type: ignore[misc]

    async def rows(self, sql: str, *args: Any, service: str = "membership") -> list[Any]:
        async with self.stores[service].unit() as uow:
            return list(await uow.rows(sql, *args))

    async def from_now_on(self) -> None:
        """What was recorded before this moment is no news."""
        for service in self.stores:
            (row,) = await self.rows("select coalesce(max(id), 0) as last from outbox", service=service)
            self.forgotten[service] = row.last

    async def facts(self) -> list[Fact]:
        """What the services recorded, in the order of each."""
        found = []
        for service in self.stores:
            sql = "select key, headers, value from outbox where id > $1 order by id"
            for row in await self.rows(sql, self.forgotten.get(service, 0), service=service):
                envelope = read_envelope(unpack(row.headers))
                short = envelope.type.split(".", 2)[2].removesuffix(".v1")
                found.append(
                    Fact(service, short, row.key, json.loads(row.value), envelope.told, envelope.sensitivity.value)
                )
        return found

    async def count(self) -> int:
        """How many facts the services have recorded."""
        counts = [await self.rows("select count(*) as facts from outbox", service=service) for service in self.stores]
        return sum(rows[0].facts for rows in counts)

    async def close(self) -> None:
        for store in self.stores.values():
            await store.close()

    async def nothing_is_parked(self) -> bool:
        counts = [await self.rows("select 1 from parked", service=service) for service in READERS]
        return not any(counts)


def multiset(facts: list[Fact], name_of: Callable[[Any], Any]) -> Counter[str]:
    """Each fact with its key and its data, ids that a run made for itself left out."""
    return Counter(
        json.dumps([each.service, each.type, name_of(each.key), name_of(each.data), each.told, each.sensitivity])
        for each in facts
    )


def _installed(databases: Mapping[str, Database]) -> Installation:
    return Installation(
        {service: Store(each.app_url, service=service, pool_size=8) for service, each in databases.items()}
    )


@pytest.fixture
async def installation(database: Callable[[str], Database]) -> AsyncIterator[Callable[[], Installation]]:
    """`installation()` makes another one."""
    async with AsyncExitStack() as stack:

        def make() -> Installation:
            here = _installed({service: database(service) for service in ("membership", *READERS)})
            stack.push_async_callback(here.close)
            return here

        yield make


@dataclass(frozen=True)
class Prepared:
    """The year as it lies ahead, made once, stopped as it stands: each test gets copies of its databases."""

    databases: dict[str, Database]
    read_up_to: int
    forgotten: dict[str, int]


@pytest.fixture(scope="session")
def prepared(databases: Databases) -> Iterator[Prepared]:
    from tests.time import year

    made = {service: databases(service) for service in ("membership", *READERS)}

    async def prepare() -> Prepared:
        here = _installed(made)
        await year.prepare(here)
        await here.close()
        return Prepared(made, here.read_up_to, here.forgotten)

    yield asyncio.run(prepare())
    for each in made.values():
        databases.drop(each)


@pytest.fixture
async def year_ahead(prepared: Prepared, databases: Databases) -> AsyncIterator[Callable[[], Installation]]:
    """`year_ahead()` makes another installation with the whole year ahead of it."""
    made: list[Database] = []
    async with AsyncExitStack() as stack:

        def make() -> Installation:
            copies = {service: databases.copy(of, service) for service, of in prepared.databases.items()}
            made.extend(copies.values())
            here = _installed(copies)
            here.read_up_to, here.forgotten = prepared.read_up_to, dict(prepared.forgotten)
            stack.push_async_callback(here.close)
            return here

        yield make
    for each in made:
        databases.drop(each)
