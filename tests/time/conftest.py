"""Four services on databases of their own, without a broker: what one records is read by the others' own inboxes.

Notifications' own worker sends the letters, to a channel that notes on which day each went.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import UUID

import pytest

from services.funding.inbound import INBOUND as FUNDING
from services.funding.use_cases.turn_year import turn_year_for_all
from services.meetings.inbound import INBOUND as MEETINGS
from services.membership.use_cases.failed_days import turn_all_days
from services.notifications.channels import Answer, Post
from services.notifications.inbound import INBOUND as NOTIFICATIONS
from services.notifications.messenger import Messenger
from services.notifications.settings import settings
from shared.contracts.envelope import read_envelope, unpack
from shared.messaging.inbox import Inbox
from shared.messaging.records import Record
from shared.store import Store, UnitOfWork
from tests.conftest import Database, Databases

T = TypeVar("T")
READERS = {"meetings": MEETINGS, "funding": FUNDING, "notifications": NOTIFICATIONS}
READ_BY = {"membership": tuple(READERS), "meetings": ("notifications",), "funding": ("notifications",)}
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
    """All four services under one clock. ``sent``: of each letter the day on which it went."""

    stores: dict[str, Store]
    read_up_to: dict[str, int] = field(default_factory=dict)
    sent: dict[UUID, list[date]] = field(default_factory=dict)
    today: date | None = None
    forgotten: dict[str, int] = field(default_factory=dict)

    def __getitem__(self, service: str) -> Store:
        return self.stores[service]

    async def do(self, work: Callable[[UnitOfWork], Awaitable[T]], service: str = "membership") -> T:
        return await self.stores[service].run(work)

    async def it_is(self, day: date, *, confirmed: bool = True, only: str | None = None) -> None:
        self.today = day
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
        """As `consortia tick` does it: membership first, then everybody hears, then funding, then everybody hears.

        And then what notifications' worker does when it looks: letters and the stages of telling.
        """
        done = await turn_all_days(self.stores["membership"], confirmed=confirmed)
        await self.everybody_hears()
        await turn_year_for_all(self.stores["funding"], confirmed=confirmed)
        await self.everybody_hears()
        await self.letters_go()
        return done

    async def everybody_hears(self) -> None:
        """What each recorded since the last time, into the inboxes of those who read it."""
        for service, readers in READ_BY.items():
            while True:
                rows = await self.rows(
                    "select id, topic, key, headers, value from outbox where id > $1 order by id limit $2",
                    self.read_up_to.get(service, 0),
                    READ_AT_ONCE,
                    service=service,
                )
                if not rows:
                    break
                records = [Record(row.topic, 0, row.id, row.key, row.value, unpack(row.headers)) for row in rows]
                await self.reads(records, readers)
                self.read_up_to[service] = rows[-1].id

    async def reads(self, records: list[Record], readers: Iterable[str] = READERS) -> None:
        for service in readers:
            inbox = Inbox(READERS[service], service)
            await self.do(lambda uow, inbox=inbox: inbox.take(records, uow), service)  # type: ignore[misc]

    async def letters_go(self) -> int:
        """Everything that may go today has gone, and every stage that may open is open. How often there was anything."""
        messenger = Messenger(self.stores["notifications"], dict.fromkeys(("email", "text"), self._send), settings())
        looks = 0
        while await messenger.look():
            await messenger.settle()
            looks += 1
        return looks

    async def _send(self, post: Post) -> Answer:
        assert self.today is not None
        self.sent.setdefault(UUID(post.message_id), []).append(self.today)
        return Answer(datetime.now(UTC), 1, 250)

    async def rows(self, sql: str, *args: Any, service: str = "membership") -> list[Any]:
        async with self.stores[service].unit() as uow:
            return list(await uow.rows(sql, *args))

    async def from_now_on(self) -> None:
        """What was recorded before this moment is no news."""
        for service in self.stores:
            (row,) = await self.rows("select coalesce(max(id), 0) as last from outbox", service=service)
            self.forgotten[service] = row.last

    async def facts(self) -> list[Fact]:
        """What the three recorded that have facts of their own, in the order of each; notifications passes on."""
        found = []
        for service in READ_BY:
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


@pytest.fixture(scope="package", autouse=True)
def mail_goes_out() -> Iterator[None]:
    """What each letter says of how it is sent; nothing waits for others of its moment, since the days pass in no time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONSORTIA_SMTP_HOST", "127.0.0.1")  # no letter gets that far: the channel is the test's own
        patch.setenv("CONSORTIA_MESSAGE_SETTLE_SECONDS", "0")
        settings.cache_clear()
        yield
    settings.cache_clear()


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
    read_up_to: dict[str, int]
    forgotten: dict[str, int]


@pytest.fixture(scope="package")
def prepared(databases: Databases, mail_goes_out: None) -> Iterator[Prepared]:
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
            here.read_up_to, here.forgotten = dict(prepared.read_up_to), dict(prepared.forgotten)
            stack.push_async_callback(here.close)
            return here

        yield make
    for each in made:
        databases.drop(each)
